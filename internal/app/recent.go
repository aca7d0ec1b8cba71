package app

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"perennial/internal/clock"
)

// recent keeps answers that are costly to find and may be a little old, by
// account, or by account and tab. Whoever asks while one is being found waits for
// that one: otherwise a page that takes longer than its figures are good for would
// be counted anew by everybody at once. Keys may hold what people typed, so there
// are never more than recentKept of them.
type recent[T any] struct {
	clock clock.Clock
	good  time.Duration // how long an answer may be used

	mu   sync.Mutex
	kept map[string]*finding[T]
}

// recentKept is how many answers are kept at most.
const recentKept = 256

// finding is one answer, and whether it is being found anew.
type finding[T any] struct {
	answer T
	known  bool
	at     time.Duration // when it was known
	done   chan struct{} // closed when the search that is under way has ended; nil where none is
}

func newRecent[T any](c clock.Clock, good time.Duration) *recent[T] {
	return &recent[T]{clock: c, good: good, kept: map[string]*finding[T]{}}
}

// get answers with what is kept, or with what find finds. Of find's failures
// nothing is kept; whoever waited then looks for the answer themselves.
func (r *recent[T]) get(ctx context.Context, key string, find func() (T, error)) (answer T, err error) {
	for {
		answer, good, wait := r.look(key)
		switch {
		case good:
			return answer, nil
		case wait == nil:
			return r.search(key, find)
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return answer, fmt.Errorf("wait for a count: %w", ctx.Err())
		}
	}
}

// look returns an answer that is good, or what to wait for, or neither: then the
// caller has to search, and others wait for that.
func (r *recent[T]) look(key string) (answer T, good bool, wait <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.kept[key]
	if f == nil {
		r.makeRoom()
		f = &finding[T]{}
		r.kept[key] = f
	}
	switch {
	case f.known && r.clock.Monotonic()-f.at < r.good:
		return f.answer, true, nil
	case f.done != nil:
		return answer, false, f.done
	}
	f.done = make(chan struct{})
	return answer, false, nil
}

// makeRoom forgets answers that nobody waits for: what is old, and where that does
// not help, all of them. An answer costs as much as a page.
func (r *recent[T]) makeRoom() {
	for _, fresh := range []bool{false, true} {
		if len(r.kept) < recentKept {
			return
		}
		maps.DeleteFunc(r.kept, func(_ string, f *finding[T]) bool {
			return f.done == nil && (fresh || r.clock.Monotonic()-f.at >= r.good)
		})
	}
}

func (r *recent[T]) search(key string, find func() (T, error)) (answer T, err error) {
	found := false
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		f := r.kept[key]
		close(f.done)
		f.done = nil
		if found {
			f.answer, f.known, f.at = answer, true, r.clock.Monotonic()
		} else if !f.known {
			delete(r.kept, key)
		}
	}()
	answer, err = find()
	found = err == nil
	return answer, err
}
