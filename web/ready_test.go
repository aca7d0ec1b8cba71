package web_test

import (
	"net/http"
	"testing"

	"perennial/internal/fault"
	"perennial/internal/testkit"
	"perennial/web"
)

// A balancer leaves a server alone whose database cannot be used, and reads why. A
// database that does not answer at all is such a one within seconds.
func TestReadyz_SaysWhyTheServerIsNotReady(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	var ready func() error
	c := newConsole(t, w, func(d *web.Deps) { d.Ready = func() error { return ready() } })
	b := c.browser(t)
	hang := make(chan struct{})
	defer close(hang)
	for _, one := range []struct {
		ready func() error
		code  int
		body  string
	}{
		{func() error { return nil }, http.StatusOK, "ready\n"},
		{func() error { return fault.New(fault.Unavailable, "The disk is full.") }, http.StatusServiceUnavailable, "The disk is full.\n"},
		{func() error { <-hang; return nil }, http.StatusServiceUnavailable, "The database does not answer.\n"},
	} {
		ready = one.ready
		if a := b.get("/readyz"); a.Code != one.code || a.Body.String() != one.body {
			t.Errorf("%d %q, want %d %q", a.Code, a.Body, one.code, one.body)
		}
		if a := b.get("/healthz"); a.Code != http.StatusOK {
			t.Errorf("healthz: %d", a.Code)
		}
	}
}
