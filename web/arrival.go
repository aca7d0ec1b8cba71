package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"perennial/internal/clock"
)

// patience is how long the bodies of requests may take to arrive.
type patience struct {
	form   time.Duration // one that anybody may send
	upload time.Duration // a file, once it is known that the person may send one
	stop   time.Duration // any, once the server is stopping
}

var patient = patience{form: 30 * time.Second, upload: 10 * time.Minute, stop: 2 * time.Second}

// arrival is the body of a request while it arrives. Its deadline is set on the connection
// and by the machine's clock: the console's own clock may show another day.
type arrival struct {
	body    io.ReadCloser
	control *http.ResponseController
	clock   clock.Clock

	mu    sync.Mutex
	ended bool // it is there or being cut, and nothing moves its deadline any more
}

// within sets by when the body has to be there.
func (a *arrival) within(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ended {
		a.deadline(a.clock.Now().Add(d))
	}
}

// cut sets by when the body has to be there, and keeps others from extending it.
func (a *arrival) cut(d time.Duration) {
	a.within(d)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
}

// arrived removes the deadline: one that passes later would cancel the work on the request.
func (a *arrival) arrived() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	a.deadline(time.Time{})
}

// deadline sets the deadline of the connection. A recorder in a test has none, and ignores it.
func (a *arrival) deadline(at time.Time) { _ = a.control.SetReadDeadline(at) }

func (a *arrival) Read(b []byte) (int, error) {
	n, err := a.body.Read(b)
	if errors.Is(err, io.EOF) {
		a.arrived()
	}
	return n, err
}

func (a *arrival) Close() error { return a.body.Close() }

// arrives bounds the time in which a body arrives, and cuts it soon after the server is
// asked to stop: otherwise one slow file keeps the server from stopping while it refuses
// everybody else. The caller calls stop at the end of the request.
func (c *call) arrives(r *http.Request) (stop func() bool) {
	s := c.server
	c.body = &arrival{body: r.Body, control: http.NewResponseController(c.Response()), clock: s.wall}
	r.Body = c.body
	c.body.within(s.patience.form)
	return context.AfterFunc(s.Stopping, func() { c.body.cut(s.patience.stop) })
}
