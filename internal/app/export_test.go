package app

import (
	"context"
	"log/slog"
	"os"
	"time"

	"perennial/internal/clock"
)

// SetMost makes files larger than n bytes too large, in place of MaxUpload.
func (s *Uploads) SetMost(n int64) { s.most = n }

// SetMostOfAll makes n bytes the most that all files have together.
func (s *Uploads) SetMostOfAll(n int64) { s.mostOfAll = n }

// SetFree lets the disk have n free bytes.
func (s *Uploads) SetFree(n uint64) { s.free = func(*os.File) (uint64, error) { return n, nil } }

// Recent is what an App keeps its counts in, for its tests.
type Recent struct{ kept *recent[string] }

// NewRecent makes one.
func NewRecent(c clock.Clock, good time.Duration) Recent {
	return Recent{newRecent[string](c, good)}
}

// NewStale makes one whose answers are used while the next are found, and Close ends
// the search for those.
func NewStale(c clock.Clock, good, stale time.Duration, log *slog.Logger) Recent {
	return Recent{newStale[string](c, good, stale, newApart(log))}
}

// Close ends searches that nobody waits for.
func (r Recent) Close() { r.kept.apart.close() }

// Get asks for an answer.
func (r Recent) Get(ctx context.Context, account string, find func() (string, error)) (string, error) {
	return r.kept.get(ctx, account, "count", func(context.Context) (string, error) { return find() })
}

// SoFar asks for an answer without waiting for it.
func (r Recent) SoFar(account string, find func() (string, error)) (string, bool) {
	return r.kept.soFar(account, "count", func(context.Context) (string, error) { return find() })
}

// Drop forgets what is known of an account.
func (r Recent) Drop(account string) { r.kept.drop(account) }

// Len is how many answers are kept.
func (r Recent) Len() int { return len(r.kept.kept) }

// ErrOvertaken is errOvertaken.
var ErrOvertaken = errOvertaken
