package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"perennial/views"
	"perennial/views/ui"
)

// page is the answer of a handler to a person who is signed in.
type page struct {
	status int // 0: 200
	title  string
	nav    views.NavKey
	// body is the page without its shell. part is what htmx gets instead, where
	// that is less than the body.
	body    templ.Component
	part    templ.Component
	refresh views.Refresh
}

// show answers with the page, or with its part when htmx asks for one. Messages
// that wait are shown with either, but not with what a page asks for by itself:
// it may be about to be left.
func (c *call) show(p page) error {
	if p.status == 0 {
		p.status = http.StatusOK
	}
	if !c.part() {
		shell, err := c.server.shell(c, p)
		if err != nil {
			return err
		}
		return c.render(p.status, views.Layout(shell, p.body))
	}
	body := p.part
	if body == nil {
		body = p.body
	}
	if !c.route.poll {
		if flashes := c.takeFlashes(); len(flashes) > 0 {
			body = templ.Join(body, views.FlashPart(flashes))
		}
	}
	return c.render(p.status, body)
}

// bare answers with a page that has no shell.
func (c *call) bare(status int, title string, body templ.Component) error {
	return c.render(status, views.Bare(views.Frame{Title: title, Theme: c.theme()}, body))
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a component into a buffer first: an error half-way must not leave
// half a page behind a status of 200. A body that does not arrive cancels the
// request's context, and the person is still told why.
func (c *call) render(status int, body templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := body.Render(context.WithoutCancel(c.ctx()), b); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	return c.Blob(status, echo.MIMETextHTMLCharsetUTF8, b.Bytes())
}

// file answers with a CSV file of the day, named so, that write writes. An error
// before the first byte is answered like any other.
func (c *call) file(name string, write func(to io.Writer) error) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8; header=present")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+"-"+ui.Day(c.server.Clock.Now(), c.account().Zone)+`.csv"`)
	err := write(c.Response())
	if err != nil && !c.Response().Committed {
		h.Del(echo.HeaderContentDisposition)
	}
	return err
}
