// Package web is the console over HTTP: it reads requests, asks app, and renders
// views. It is the only importer of Echo and of gorilla/sessions, so that
// another framework is this package's work alone. It decides nothing about
// renewals or money.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/labstack/echo/v4"

	"perennial/internal/app"
	"perennial/internal/clock"
)

// Deps is what the console is served with.
type Deps struct {
	App   *app.App
	Clock clock.Clock
	Log   *slog.Logger
	// PublicURL is the origin at which people open the console. Cookies and
	// Strict-Transport-Security follow its scheme.
	PublicURL *url.URL
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Metrics counts the answers. New makes its own where it is nil.
	Metrics *Metrics
	// Ready returns a fault where the server knows that its database cannot be used,
	// with a sentence for strangers; nil: it knows nothing.
	Ready func() error
	// Stopping is done when the server is asked to stop; nil: never.
	Stopping context.Context
	// SessionKeys are the secrets of the cookies: the first signs, all are
	// accepted, so that a new one can be put in front.
	SessionKeys [][]byte
	// SendsMails reports that mails are sent; otherwise they stay in the outbox.
	SendsMails bool
	// Sandbox tells that this is a demonstration: the card gateway moves no real
	// money, and the gallery is open.
	Sandbox bool
}

// server is the console with what its handlers share.
type server struct {
	Deps
	sessions *browserSessions
	turns    *turns
	routes   map[string]route // by method and pattern
	wall     clock.Clock      // the machine's, for deadlines of connections
	patience patience
	readying chan struct{} // a place for each who asks whether the database can be used
}

// New makes the console's handler.
func New(d Deps) (http.Handler, error) { return serve(d, patient, table()) }

func serve(d Deps, p patience, routes []route) (http.Handler, error) {
	if d.Stopping == nil {
		d.Stopping = context.Background()
	}
	if d.Metrics == nil {
		d.Metrics = NewMetrics()
	}
	s := &server{Deps: d, turns: newTurns(), routes: map[string]route{}, wall: clock.NewSystem(), patience: p,
		readying: make(chan struct{}, mostReadying)}
	var err error
	if s.sessions, err = newBrowserSessions(d.App, d.SessionKeys, s.secure()); err != nil {
		return nil, err
	}
	e := echo.New()
	e.IPExtractor = addresses(d.TrustedProxies)
	e.HTTPErrorHandler = s.lastResort
	e.Use(s.steps())
	for _, r := range routes {
		s.register(e, r)
	}
	return e, nil
}

// chain is the way of every request, from the outside in.
func (s *server) chain() []middleware {
	return []middleware{
		s.logged,     // one line and one count for each answer
		s.answered,   // errors and panics become a page or a part
		s.secured,    // headers of every answer
		s.addressed,  // the public name, and no other
		s.limited,    // size of the body, and the time it takes
		s.bounded,    // time
		s.sameOrigin, // nothing is changed from another site
		s.compressed, // gzip
		s.resumed,    // the session, and with it person and account
		s.permitted,  // the role that the route needs
		s.fair,       // not too much at once
	}
}

// step is what a request passes through; a middleware makes one around the next.
type (
	step       func(*call) error
	middleware func(next step) step
)

// steps runs the chain as Echo wants it. Echo asks for every request again, so the
// chain is built before.
func (s *server) steps() echo.MiddlewareFunc {
	run := step(func(c *call) error { return c.handle(c) })
	chain := s.chain()
	for n := len(chain) - 1; n >= 0; n-- {
		run = chain[n](run)
	}
	return func(handle echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			return run(&call{Context: c, server: s, id: s.App.NewKey(), handle: handle, route: s.routes[c.Request().Method+" "+c.Path()]})
		}
	}
}

// register adds a route to Echo. HEAD is answered wherever GET is.
func (s *server) register(e *echo.Echo, r route) {
	methods := []string{r.method}
	if r.method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	for _, method := range methods {
		s.routes[method+" "+r.path] = r
		e.Add(method, r.path, func(c echo.Context) error { return r.handle(s, c.(*call)) })
	}
}

// secure tells whether people reach the console over TLS.
func (s *server) secure() bool { return s.PublicURL.Scheme == "https" }
