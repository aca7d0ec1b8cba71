package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"perennial/internal/account"
	"perennial/internal/app"
)

// call is one request on its way through the chain and a handler, with the person
// who made it.
type call struct {
	echo.Context
	server *server
	id     string // of the request: in the log, in audit rows, and on error pages
	route  route  // zero where no route matches
	handle echo.HandlerFunc
	person app.SignedIn
	ended  bool // the browser brought a session that has ended
	read   *app.Bar
	body   *arrival // nil where the request brings none
}

// ctx is the request's context, which ends when the browser goes away.
func (c *call) ctx() context.Context { return c.Request().Context() }

// signedIn tells whether the person is known.
func (c *call) signedIn() bool { return c.person.User.ID != "" }

// actor is who does what this request asks for.
func (c *call) actor() app.Actor { return c.person.Actor }

// account is the account of the person.
func (c *call) account() account.Account { return c.person.Account }

// part tells whether htmx wants a part of the page. Boosted links and history
// also send HX-Request, so that header says nothing.
func (c *call) part() bool { return c.Request().Header.Get("HX-Request-Type") == "partial" }

// unsafe tells whether the request may change something.
func (c *call) unsafe() bool {
	m := c.Request().Method
	return m != http.MethodGet && m != http.MethodHead && m != http.MethodOptions
}

// at returns the address of the page; for a poll, the address of the page that polls.
func (c *call) at() url.URL {
	at := *c.Request().URL
	if c.route.poll {
		at.Path, at.RawPath = strings.TrimSuffix(at.Path, "/live"), strings.TrimSuffix(at.RawPath, "/live")
	}
	return at
}

// see leads the browser to a page of the console by GET.
func (c *call) see(path string) error {
	c.Response().Header().Set(echo.HeaderLocation, path)
	c.Response().WriteHeader(http.StatusSeeOther)
	return nil
}

// bar is what stands around the page. A page that shows some of it in its body too
// reads it once.
func (c *call) bar() (app.Bar, error) {
	if c.read != nil {
		return *c.read, nil
	}
	bar, err := c.server.App.Bar(c.ctx(), c.person)
	if err == nil {
		c.read = &bar
	}
	return bar, err
}
