package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"sync"
	"time"

	"perennial/internal/clock"
)

// recent keeps answers that are costly to find and may be a little old, by account
// and by what was asked of it. An answer is found once for all who ask meanwhile:
// otherwise a page that takes longer than its figures are good for would be counted
// by everybody at once. Keys may hold what people typed, so there are never more than
// recentKept of them, each of the same size.
type recent[T any] struct {
	clock clock.Clock
	good  time.Duration // how long an answer may be used
	// stale is how long an answer may be used while apart finds the next one. People
	// wait for the next one where it is no longer than good.
	stale time.Duration
	apart *apart

	mu   sync.Mutex
	kept map[recentKey]*finding[T]
}

// recentKept is how many answers are kept at most.
const recentKept = 256

// recentKey is an account and the hash of what was asked of it.
type recentKey struct {
	account string
	asked   [sha256.Size]byte
}

// finding is one answer, and whether the next one is being found.
type finding[T any] struct {
	answer T
	known  bool
	at     time.Duration // when it was known
	done   chan struct{} // closed when the search that is under way has ended; nil where none is
}

func newRecent[T any](c clock.Clock, good time.Duration) *recent[T] {
	return &recent[T]{clock: c, good: good, kept: map[recentKey]*finding[T]{}}
}

// newStale returns a recent that has apart find the next answer while the old one is
// in use.
func newStale[T any](c clock.Clock, good, stale time.Duration, apart *apart) *recent[T] {
	r := newRecent[T](c, good)
	r.stale, r.apart = stale, apart
	return r
}

// search finds an answer.
type search[T any] func(context.Context) (T, error)

// get returns what is kept, or what find finds. Of find's failures nothing is kept;
// each caller who waited then looks for the answer.
func (r *recent[T]) get(ctx context.Context, account, asked string, find search[T]) (answer T, err error) {
	key := recentKey{account, sha256.Sum256([]byte(asked))}
	for {
		f, answer, ok := r.look(key, find)
		if ok {
			return answer, nil
		}
		wait, begun := r.begin(f)
		if begun {
			return r.search(ctx, key, f, find)
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return answer, fmt.Errorf("wait for a count: %w", ctx.Err())
		}
		// Whoever drops answers has dropped this one after it was asked for, or never.
		if answer, ok := r.use(f, r.good); ok {
			return answer, nil
		}
	}
}

// soFar returns what is kept, and has apart find what is not. It reports whether
// there is an answer.
func (r *recent[T]) soFar(account, asked string, find search[T]) (answer T, ok bool) {
	key := recentKey{account, sha256.Sum256([]byte(asked))}
	f, answer, ok := r.look(key, find)
	if !ok {
		r.searchApart(key, f, find)
	}
	return answer, ok
}

// drop forgets the answers about an account. Searches that have begun go on for those
// who wait for them, and nobody who asks from now on gets their answers.
func (r *recent[T]) drop(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.kept, func(key recentKey, _ *finding[T]) bool { return key.account == account })
}

// look returns the finding of a key, and its answer where it may be used.
func (r *recent[T]) look(key recentKey, find search[T]) (f *finding[T], answer T, ok bool) {
	r.mu.Lock()
	f = r.kept[key]
	if f == nil {
		r.makeRoom()
		f = &finding[T]{}
		r.kept[key] = f
	}
	r.mu.Unlock()
	if answer, ok = r.use(f, r.good); ok {
		return f, answer, true
	}
	if answer, ok = r.use(f, r.stale); ok {
		r.searchApart(key, f, find)
	}
	return f, answer, ok
}

// use returns an answer that is younger than an age.
func (r *recent[T]) use(f *finding[T], age time.Duration) (answer T, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.known && r.clock.Monotonic()-f.at < age {
		return f.answer, true
	}
	return answer, false
}

// begin makes the caller the one who searches, or returns what to wait for.
func (r *recent[T]) begin(f *finding[T]) (wait <-chan struct{}, begun bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.done != nil {
		return f.done, false
	}
	f.done = make(chan struct{})
	return f.done, true
}

// makeRoom forgets answers that nobody waits for: what is old, and where that does
// not help, all of them. An answer costs as much as a page.
func (r *recent[T]) makeRoom() {
	for _, fresh := range []bool{false, true} {
		if len(r.kept) < recentKept {
			return
		}
		maps.DeleteFunc(r.kept, func(_ recentKey, f *finding[T]) bool {
			return f.done == nil && (fresh || r.clock.Monotonic()-f.at >= r.good)
		})
	}
}

func (r *recent[T]) searchApart(key recentKey, f *finding[T], find search[T]) {
	r.apart.do(func(ctx context.Context) error {
		if _, begun := r.begin(f); !begun {
			return nil
		}
		_, err := r.search(ctx, key, f, find)
		return err
	})
}

func (r *recent[T]) search(ctx context.Context, key recentKey, f *finding[T], find search[T]) (answer T, err error) {
	found := false
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		close(f.done)
		f.done = nil
		if found {
			f.answer, f.known, f.at = answer, true, r.clock.Monotonic()
		} else if !f.known && r.kept[key] == f {
			delete(r.kept, key)
		}
	}()
	answer, err = find(ctx)
	found = err == nil
	return answer, err
}
