package web

import (
	"context"
	"net/http"
	"time"

	"perennial/internal/fault"
	"perennial/static"
)

// healthz tells that the program runs.
func (s *server) healthz(c *call) error { return c.String(http.StatusOK, "ok\n") }

// readyLimit is how long the database may take to answer who asks whether it does.
const readyLimit = 3 * time.Second

// mostReadying is how many ask at a time whether the database can be used. Where its disk
// hangs, none of them returns.
const mostReadying = 4

// readyz reports whether the program can answer people, and else why not.
func (s *server) readyz(c *call) error {
	ctx, cancel := context.WithTimeout(c.ctx(), readyLimit)
	defer cancel()
	if err := s.ready(ctx); err != nil {
		s.Log.WarnContext(c.ctx(), "not ready", "request", c.id, "error", err.Error())
		reason := "The database does not answer."
		if f, ok := fault.Of(err); ok {
			reason = f.Message
		}
		return c.String(http.StatusServiceUnavailable, reason+"\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// ready asks the database, and waits no longer than ctx also where no answer comes.
func (s *server) ready(ctx context.Context) error {
	select {
	case s.readying <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	answer := make(chan error, 1)
	go func() {
		defer func() { <-s.readying }()
		err := s.App.Ready(ctx)
		if err == nil && s.Ready != nil {
			err = s.Ready()
		}
		answer <- err
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// static serves what pages load.
func (s *server) static(c *call) error {
	assets.ServeHTTP(c.Response(), c.Request())
	return nil
}

var assets = static.Handler()
