package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/views"
)

const notFound = "There is no such page here, or it belongs to another account."

// whoCan says in words who has a role at least.
var whoCan = map[account.Role]string{
	account.Viewer: "Viewers, buyers and owners",
	account.Buyer:  "Buyers and owners",
	account.Owner:  "Owners",
}

// kinds are the status and the title of each kind of fault.
var kinds = map[fault.Kind]struct {
	status int
	title  string
}{
	fault.Internal:        {http.StatusInternalServerError, "Internal error"},
	fault.Invalid:         {http.StatusUnprocessableEntity, "This cannot be used as it is"},
	fault.Unauthenticated: {http.StatusUnauthorized, "Not signed in"},
	fault.Forbidden:       {http.StatusForbidden, "Not allowed"},
	fault.NotFound:        {http.StatusNotFound, "Not found"},
	fault.Conflict:        {http.StatusConflict, "This has changed"},
	fault.TooMany:         {http.StatusTooManyRequests, "Too many attempts"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "Too large"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "Not available at the moment"},
}

// answered is the one funnel: whatever a handler returns or panics with becomes a
// page or a part here.
func (s *server) answered(next step) step {
	return func(c *call) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				err = s.answer(c, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		if err := next(c); err != nil {
			return s.answer(c, err)
		}
		return nil
	}
}

// answer turns an error into what the person sees. Only the sentence of a fault
// is shown; everything else goes to the log.
func (s *server) answer(c *call, err error) error {
	e := s.describe(c, err)
	if e.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(c.ctx(), "request failed", "request", c.id, "error", err.Error())
	}
	if c.Response().Committed {
		// Half an answer is out, such as a long CSV: break the connection, so
		// that nobody takes it for the whole.
		panic(http.ErrAbortHandler)
	}
	if fault.KindOf(err) == fault.Unauthenticated {
		return c.askToSignIn()
	}
	if f, ok := fault.Of(err); ok && f.RetryAfter > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	return c.showFault(e)
}

// describe says what to show for an error.
func (s *server) describe(c *call, err error) views.ErrorPage {
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch h.Code {
		case http.StatusNotFound:
			err = fault.New(fault.NotFound, notFound)
		case http.StatusMethodNotAllowed:
			return views.ErrorPage{Status: h.Code, Title: "Not done this way", Message: "This address does not answer to " + c.Request().Method + "."}
		}
	}
	if errors.Is(err, errWrongHost) {
		return views.ErrorPage{Status: http.StatusMisdirectedRequest, Title: "Wrong address", Message: "This console is at " + s.PublicURL.String() + ". Open it there."}
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		limit := fmt.Sprintf("%d KiB", tooLarge.Limit>>10)
		if tooLarge.Limit >= 1<<20 {
			limit = fmt.Sprintf("%d MiB", tooLarge.Limit>>20)
		}
		err = fault.New(fault.TooLarge, "This is larger than the %s that are accepted here.", limit)
	}
	if errors.Is(err, context.Canceled) && c.ctx().Err() != nil {
		err = fault.Wrap(err, fault.Invalid, "The request was given up.")
	}
	f, ok := fault.Of(err)
	if !ok && errors.Is(err, context.DeadlineExceeded) {
		f, ok = fault.Wrap(err, fault.Unavailable, "This took too long and was stopped. Try again in a few seconds."), true
	}
	if !ok {
		return views.ErrorPage{Status: http.StatusInternalServerError, Title: kinds[fault.Internal].title, Reference: c.id,
			Message: "Something went wrong here. It was logged; name the reference to whoever runs this console."}
	}
	k := kinds[f.Kind]
	e := views.ErrorPage{Status: k.status, Title: k.title, Message: f.Message, RemedyLabel: f.Remedy.Label, RemedyHref: f.Remedy.Href}
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		e.Reference = c.id
	}
	return e
}

// showFault answers with the error: in the person's shell where there is one. When
// the server itself is in trouble, or the request has ended, the shell is not tried, as
// it would ask the database again.
func (c *call) showFault(e views.ErrorPage) error {
	body := views.Fault(e)
	if c.part() {
		return c.render(e.Status, body)
	}
	if c.signedIn() && e.Status < http.StatusInternalServerError && c.ctx().Err() == nil {
		shell, err := c.server.shell(c, page{title: e.Title})
		if err == nil {
			return c.render(e.Status, views.Layout(shell, body))
		}
		c.server.Log.ErrorContext(c.ctx(), "an error page has no shell", "request", c.id, "error", err.Error())
	}
	return c.bare(e.Status, e.Title, body)
}

// askToSignIn leads to the sign-in page and back: a page by redirect, a part by
// telling htmx to load the page.
func (c *call) askToSignIn() error {
	if c.part() {
		h := c.Response().Header()
		h.Set("HX-Redirect", views.SignInPath(c.cameFrom(c.Request().Header.Get("HX-Current-URL"))))
		return c.render(http.StatusUnauthorized, templ.NopComponent)
	}
	if c.unsafe() {
		return c.see(views.SignInPath(c.cameFrom(c.Request().Referer())))
	}
	at := c.at()
	return c.see(views.SignInPath(safeNext(at.RequestURI(), "")))
}

// cameFrom is the path of a page of this console, or nothing.
func (c *call) cameFrom(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != c.server.PublicURL.Host {
		return ""
	}
	return safeNext(u.RequestURI(), "")
}

// lastResort is for what went wrong outside the funnel, when nothing more can be
// shown.
func (s *server) lastResort(err error, c echo.Context) {
	s.Log.ErrorContext(c.Request().Context(), "an error could not be shown", "error", err.Error())
	if !c.Response().Committed {
		http.Error(c.Response(), "Internal error", http.StatusInternalServerError)
	}
}
