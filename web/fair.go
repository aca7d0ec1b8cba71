package web

import (
	"context"
	"strings"
	"sync"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
)

const (
	// requestLimit is how long a request may take. What a gateway has begun is not cut
	// short by it; files and imports have the server's own limit.
	requestLimit = 30 * time.Second
	// requestsAtOnce is how many requests of a person are worked on at the same time.
	requestsAtOnce = 2
	// turnLimit is how long another one waits for its turn.
	turnLimit = 10 * time.Second
)

// long reports whether a request moves a file, which may take minutes.
func (c *call) long() bool { return c.route.body > 0 || strings.HasSuffix(c.route.path, ".csv") }

// bounded gives a request its time.
func (s *server) bounded(next step) step {
	return func(c *call) error {
		whole := c.Request()
		// The page that shows an error is made after this, and needs time, too.
		defer func() { c.SetRequest(whole) }()
		ctx := c.ctx()
		if c.long() {
			ctx = app.ForFile(ctx)
		} else {
			limited, cancel := context.WithTimeout(ctx, requestLimit)
			defer cancel()
			ctx = limited
		}
		c.SetRequest(whole.WithContext(ctx))
		return next(c)
	}
}

// fair keeps one person, and one account, from taking all there is: a person's third
// request waits until one of the first two is done. What a page asks for by itself
// and files have turns of their own, so that they never keep a person waiting.
func (s *server) fair(next step) step {
	return func(c *call) error {
		if !c.signedIn() {
			return next(c)
		}
		who := c.person.User.ID
		switch {
		case c.route.poll:
			who += " polls"
		case c.long():
			who += " files"
		}
		leave, err := s.turns.enter(c.ctx(), who)
		if err != nil {
			return err
		}
		defer leave()
		c.SetRequest(c.Request().WithContext(app.ForAccount(c.ctx(), c.account().ID)))
		return next(c)
	}
}

// turns are the requests that are being worked on, by person.
type turns struct {
	mu  sync.Mutex
	all map[string]*personTurns
}

type personTurns struct {
	slots chan struct{}
	users int // who has a slot or waits for one
}

func newTurns() *turns { return &turns{all: map[string]*personTurns{}} }

// enter waits for a turn; leave must be called after it.
func (t *turns) enter(ctx context.Context, who string) (leave func(), err error) {
	t.mu.Lock()
	p := t.all[who]
	if p == nil {
		p = &personTurns{slots: make(chan struct{}, requestsAtOnce)}
		t.all[who] = p
	}
	p.users++
	t.mu.Unlock()
	gone := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if p.users--; p.users == 0 {
			delete(t.all, who)
		}
	}
	waiting, cancel := context.WithTimeout(ctx, turnLimit)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; gone() }, nil
	case <-waiting.Done():
	}
	gone()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	busy := fault.New(fault.Unavailable, "Your earlier requests are still being worked on, so this one was not carried out. Wait a few seconds and try again.")
	busy.RetryAfter = int(turnLimit.Seconds())
	return nil, busy
}
