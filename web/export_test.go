package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/views/ui"
)

// Route is what the tests of the table see of a route.
type Route struct {
	Method, Path string
	Who          account.Role
	Poll, Bare   bool
}

// Routes lists the table.
func Routes() []Route {
	var all []Route
	for _, r := range table() {
		all = append(all, Route{r.method, r.path, r.who, r.poll, r.bare})
	}
	return all
}

// SafeNext is safeNext.
var SafeNext = safeNext

// NewPatient makes the console with other times in which bodies have to arrive, and with
// a form that is worked on for longer than a form may take to arrive.
func NewPatient(d Deps, form, upload, stop time.Duration) (http.Handler, error) {
	return serve(d, patience{form: form, upload: upload, stop: stop}, append(table(),
		route{method: http.MethodPost, path: "/probe/long", who: public, bare: true, handle: func(_ *server, c *call) error {
			if _, err := c.values("a"); err != nil {
				return err
			}
			work, cancel := context.WithTimeout(context.WithoutCancel(c.ctx()), 4*form)
			defer cancel()
			select {
			case <-work.Done():
				return c.String(http.StatusOK, "done")
			case <-c.ctx().Done():
				return c.ctx().Err()
			}
		}}))
}

// NewWithProbes makes the console with pages that misbehave in every way a page can.
func NewWithProbes(d Deps) (http.Handler, error) {
	probe := func(path string, handle func(*server, *call) error) route {
		return route{method: http.MethodGet, path: "/probe/" + path, who: account.Viewer, handle: handle}
	}
	polled := probe("poll", showProbe)
	polled.poll = true
	long := probe("gate.csv", showProbe)
	return serve(d, patient, append(table(), polled, long,
		probe("page", showProbe),
		probe("deadline", deadline), probe("deadline.csv", deadline),
		probe("late", func(*server, *call) error { return fmt.Errorf("read: %w", context.DeadlineExceeded) }),
		probe("gate", func(_ *server, c *call) error {
			Gate.Inside <- struct{}{}
			<-Gate.Open
			return c.String(http.StatusOK, "through")
		}),
		probe("panic", func(*server, *call) error { panic("secret of the program") }),
		probe("half", func(_ *server, c *call) error {
			_, err := c.Response().Write([]byte("first line\n"))
			return fmt.Errorf("the rest is lost: %w", err)
		}),
		probe("render", func(_ *server, c *call) error {
			return c.show(page{title: "Broken", body: templ.Join(text("half a page"), broken)})
		}),
		probe("fault/:name", func(_ *server, c *call) error {
			f := map[string]*fault.Error{
				"invalid":     fault.New(fault.Invalid, "Sentence."),
				"forbidden":   fault.New(fault.Forbidden, "Sentence."),
				"notfound":    fault.New(fault.NotFound, "Sentence.").With("Way out", "/renewals"),
				"conflict":    fault.New(fault.Conflict, "Sentence."),
				"toomany":     {Kind: fault.TooMany, Message: "Sentence.", RetryAfter: 30},
				"toolarge":    fault.New(fault.TooLarge, "Sentence."),
				"unavailable": fault.New(fault.Unavailable, "Sentence."),
				"internal":    fault.New(fault.Internal, "Sentence."),
			}[c.Param("name")]
			return fmt.Errorf("do the thing: %w", f)
		}),
		probe("param/:name", func(_ *server, c *call) error {
			value, err := c.param("name")
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, value)
		}),
		probe("values", showValues),
		route{method: http.MethodPost, path: "/probe/values", who: account.Viewer, handle: showValues, body: 1 << 10},
		route{method: http.MethodPost, path: "/probe/flash", who: account.Viewer, handle: func(_ *server, c *call) error {
			c.flash(ui.Flash{Kind: ui.OK, Text: "It is <done>.", Label: "See", Href: "/renewals"})
			c.flash(ui.Flash{Kind: ui.Warn, Text: "And more."})
			return c.see("/probe/page")
		}},
	))
}

// deadline answers whether the request ends by itself.
func deadline(_ *server, c *call) error {
	_, ends := c.ctx().Deadline()
	return c.String(http.StatusOK, fmt.Sprint(ends))
}

// Gate is where the probe /probe/gate says that it is at work, and waits.
var Gate = struct{ Inside, Open chan struct{} }{make(chan struct{}, 100), make(chan struct{})}

// Turns is turns.
type Turns struct{ *turns }

// NewTurns is newTurns.
func NewTurns() Turns { return Turns{newTurns()} }

// Enter is enter.
func (t Turns) Enter(ctx context.Context, who string) (func(), error) { return t.enter(ctx, who) }

// People is how many have a turn or wait for one.
func (t Turns) People() int { t.mu.Lock(); defer t.mu.Unlock(); return len(t.all) }

func showProbe(_ *server, c *call) error {
	return c.show(page{title: "Probe", body: text("the whole body"), part: text("the part")})
}

func showValues(_ *server, c *call) error {
	in, err := c.values("a", "b")
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, in.Encode())
}

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

var broken = templ.ComponentFunc(func(context.Context, io.Writer) error { return errors.New("cannot be drawn") })
