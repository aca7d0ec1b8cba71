package web

import (
	"context"
	"net/http"
	"time"

	"perennial/static"
)

// healthz tells that the program runs.
func (s *server) healthz(c *call) error { return c.String(http.StatusOK, "ok\n") }

// readyLimit is how long the database may take to answer who asks whether it does.
const readyLimit = 3 * time.Second

// readyz tells whether the program can answer people: the database is there.
func (s *server) readyz(c *call) error {
	ctx, cancel := context.WithTimeout(c.ctx(), readyLimit)
	defer cancel()
	if err := s.App.Ready(ctx); err != nil {
		s.Log.WarnContext(c.ctx(), "not ready", "request", c.id, "error", err.Error())
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// static serves what pages load.
func (s *server) static(c *call) error {
	assets.ServeHTTP(c.Response(), c.Request())
	return nil
}

var assets = static.Handler()
