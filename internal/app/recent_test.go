package app_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/testkit"
)

// finder is a search that ends when it is told to.
type finder struct {
	asked int
	end   chan error
}

func (f *finder) find() (string, error) {
	f.asked++
	return "found", <-f.end
}

// However many people ask while a count is under way, it is made once.
func TestOneCountForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, f := app.NewRecent(clock.NewManual(testkit.Start), time.Minute), &finder{end: make(chan error)}
		answers := make(chan string, 5)
		for range 5 {
			go func() {
				got, err := r.Get(t.Context(), "acme", f.find)
				if err != nil {
					t.Error(err)
				}
				answers <- got
			}()
		}
		synctest.Wait()
		if f.asked != 1 {
			t.Fatalf("%d counts are under way at once", f.asked)
		}
		close(f.end)
		for range 5 {
			if got := <-answers; got != "found" {
				t.Errorf("answered %q", got)
			}
		}
		if f.asked != 1 {
			t.Errorf("counted %d times", f.asked)
		}
	})
}

// Who waited for a count that failed counts anew; who gives up waiting gets the
// reason, and the count goes on.
func TestAFailedCountIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, f := app.NewRecent(clock.NewManual(testkit.Start), time.Minute), &finder{end: make(chan error)}
		impatient, giveUp := context.WithCancel(t.Context())
		errs := make(chan error, 3)
		ask := func(ctx context.Context) {
			_, err := r.Get(ctx, "acme", f.find)
			errs <- err
		}
		broken := errors.New("the first count failed")
		go ask(t.Context())
		synctest.Wait()
		go ask(t.Context())
		go ask(impatient)
		synctest.Wait()
		giveUp()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up heard %v", err)
		}
		f.end <- broken
		if err := <-errs; !errors.Is(err, broken) {
			t.Errorf("who counted heard %v", err)
		}
		f.end <- nil
		if err := <-errs; err != nil {
			t.Errorf("who waited heard %v", err)
		}
		if f.asked != 2 {
			t.Errorf("counted %d times", f.asked)
		}
	})
}

// A count is good for its time and for its key, and a failure or a panic leaves
// nothing behind.
func TestCountsAgeAndDoNotMix(t *testing.T) {
	c := clock.NewManual(testkit.Start)
	r := app.NewRecent(c, time.Minute)
	ask := func(key, answer string) string {
		got, err := r.Get(t.Context(), key, func() (string, error) { return answer, nil })
		if err != nil {
			t.Error(err)
		}
		return got
	}
	for _, step := range []struct {
		key, answer, want string
		after             time.Duration
	}{
		{"acme", "1", "1", 0}, {"acme", "2", "1", time.Minute - 1}, {"globex", "3", "3", 0},
		{"acme", "4", "4", 1}, {"globex", "5", "3", time.Minute - 2}, {"globex", "6", "6", 1},
	} {
		c.Advance(step.after)
		if got := ask(step.key, step.answer); got != step.want {
			t.Errorf("%+v: answered %q", step, got)
		}
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = r.Get(t.Context(), "initech", func() (string, error) { panic("the engine is broken") })
	}()
	if r.Len() != 2 {
		t.Errorf("%d answers are kept", r.Len())
	}
	if got := ask("initech", "7"); got != "7" {
		t.Errorf("after a panic: %q", got)
	}
}

// Filters that people type do not fill the memory.
func TestCountsAreKeptForSoManyKeysOnly(t *testing.T) {
	r, found := app.NewRecent(clock.NewManual(testkit.Start), time.Minute), func() (string, error) { return "found", nil }
	for n := range 1_000 {
		if _, err := r.Get(t.Context(), strconv.Itoa(n), found); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.Len(); n > 256 {
		t.Errorf("%d answers are kept", n)
	}
}
