package app_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
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

// What was found before a change is not what people get who ask after it, not even
// where it was being found meanwhile; others' answers stay.
func TestDroppedAnswersAreFoundAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := app.NewRecent(clock.NewManual(testkit.Start), time.Minute)
		ask := func(account string, find func() (string, error)) string {
			got, err := r.Get(t.Context(), account, find)
			if err != nil {
				t.Error(err)
			}
			return got
		}
		says := func(answer string) func() (string, error) {
			return func() (string, error) { return answer, nil }
		}
		ask("globex", says("theirs"))
		end, before := make(chan error), make(chan string, 2)
		for range 2 {
			go func() { before <- ask("acme", func() (string, error) { return "old", <-end }) }()
		}
		synctest.Wait()
		r.Drop("acme")
		if got := ask("acme", says("new")); got != "new" {
			t.Errorf("asked after the change: %q", got)
		}
		close(end)
		for range 2 {
			if got := <-before; got != "old" {
				t.Errorf("asked before the change: %q", got)
			}
		}
		if got := ask("acme", says("newer")); got != "new" {
			t.Errorf("the answer from before the change has come over the new one: %q", got)
		}
		if got := ask("globex", says("newer")); got != "theirs" {
			t.Errorf("another account's answer: %q", got)
		}
	})
}

// An old answer is used while the next one is found, once for everybody; one that is
// too old is waited for.
func TestAnOldAnswerIsUsedWhileTheNextIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := clock.NewManual(testkit.Start), &bytes.Buffer{}
		r := app.NewStale(c, time.Minute, time.Hour, slog.New(slog.NewTextHandler(log, nil)))
		defer r.Close()
		asked, answers := 0, make(chan string, 1)
		find := func() (string, error) {
			asked++
			if a := <-answers; a != "" {
				return a, nil
			}
			return "", errors.New("the count failed")
		}
		want := func(step, answer string, searches int) {
			t.Helper()
			got, err := r.Get(t.Context(), "acme", find)
			synctest.Wait()
			if got != answer || err != nil || asked != searches {
				t.Errorf("%s: %q after %d searches, %v; want %q after %d", step, got, asked, err, answer, searches)
			}
		}
		answers <- "first"
		want("nothing is known", "first", 1)
		c.Advance(time.Minute)
		want("old", "first", 2)
		want("old, and the next is being found", "first", 2)
		answers <- ""
		synctest.Wait()
		if !strings.Contains(log.String(), "the count failed") {
			t.Errorf("the log says %q", log)
		}
		want("old, after a failure", "first", 3)
		answers <- "second"
		synctest.Wait()
		want("found apart", "second", 3)
		c.Advance(time.Hour)
		answers <- "third"
		want("too old", "third", 4)
	})
}

// Whoever does not wait gets what there is, and an answer is found for the next.
func TestAnAnswerIsFoundForWhoDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := app.NewStale(clock.NewManual(testkit.Start), time.Minute, time.Hour, slog.Default())
		f := &finder{end: make(chan error, 1)}
		for range 2 {
			if got, ok := r.SoFar("acme", f.find); ok {
				t.Errorf("got %q before it was found", got)
			}
			synctest.Wait()
		}
		f.end <- nil
		synctest.Wait()
		if got, ok := r.SoFar("acme", f.find); !ok || got != "found" || f.asked != 1 {
			t.Errorf("got %q, %t after %d searches", got, ok, f.asked)
		}
		r.Close()
		r.Drop("acme")
		if _, ok := r.SoFar("acme", f.find); ok || f.asked != 1 {
			t.Errorf("searched after the end: %d", f.asked)
		}
	})
}
