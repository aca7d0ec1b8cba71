package web_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"perennial/internal/fault"
	"perennial/internal/testkit"
	"perennial/web"
)

// twin is the same browser for a request at the same time.
func (b *browser) twin() *browser {
	twin := *b
	twin.cookies = maps.Clone(b.cookies)
	return &twin
}

// Twenty clicks of a person are worked on two at a time. Nobody else waits for them,
// nor do the polls and files of the person, and in the end each is answered.
func TestAPersonHasTwoRequestsAtOnce(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	var err error
	c.handler, err = web.NewWithProbes(c.deps)
	w.Must(err)
	clicker, other := c.signedIn(t, w.Viewer), c.signedIn(t, w.Buyer)
	const clicks = 20
	var all sync.WaitGroup
	answers := make(chan int, clicks)
	for range clicks {
		twin := clicker.twin()
		all.Go(func() { answers <- twin.get("/probe/gate").Code })
	}
	<-web.Gate.Inside
	<-web.Gate.Inside
	for _, b := range []struct {
		from *browser
		path string
	}{{other, "/probe/page"}, {clicker, "/probe/poll"}, {clicker, "/probe/gate.csv"}, {clicker, "/healthz"}, {c.browser(t), "/sign-in"}} {
		if got := b.from.twin().get(b.path); got.Code != http.StatusOK {
			t.Errorf("%s meanwhile: %d", b.path, got.Code)
		}
	}
	if n := len(web.Gate.Inside); n != 0 {
		t.Errorf("%d requests of the person at once", 2+n)
	}
	for range clicks {
		web.Gate.Open <- struct{}{}
	}
	all.Wait()
	for range clicks {
		if code := <-answers; code != http.StatusOK {
			t.Errorf("a click was answered %d", code)
		}
	}
	for range clicks - 2 {
		<-web.Gate.Inside
	}
}

// Who waits in vain for ten seconds is told when to come again.
func TestAWaitForATurnIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := web.NewTurns()
		first, err1 := turns.Enter(t.Context(), "li")
		second, err2 := turns.Enter(t.Context(), "li")
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		wait := func(limit time.Duration) error { // by the bubble's own clock
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_, err := turns.Enter(ctx, "li")
			return err
		}
		if err := wait(10*time.Second - 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before ten seconds: %v", err)
		}
		if f, ok := fault.Of(wait(10*time.Second + 1)); !ok || f.Kind != fault.Unavailable || f.RetryAfter != 10 {
			t.Errorf("after ten seconds: %v", f)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := turns.Enter(gone, "li"); !errors.Is(err, context.Canceled) {
			t.Errorf("a browser that went away: %v", err)
		}
		first()
		third, err := turns.Enter(t.Context(), "li")
		if err != nil {
			t.Fatal(err)
		}
		second()
		third()
		if n := turns.People(); n != 0 {
			t.Errorf("%d people are remembered", n)
		}
	})
}

// A request does not wait for a database for ever; only files take their time.
func TestARequestEnds(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	var err error
	c.handler, err = web.NewWithProbes(c.deps)
	w.Must(err)
	b := c.signedIn(t, w.Viewer)
	for path, want := range map[string]string{"/probe/deadline": "true", "/probe/deadline.csv": "false"} {
		if got := b.get(path).Body.String(); got != want {
			t.Errorf("%s: ends by itself %s, want %s", path, got, want)
		}
	}
	if late := b.get("/probe/late"); late.Code != http.StatusServiceUnavailable {
		t.Errorf("what took too long was answered %d", late.Code)
	}
}
