package app

import (
	"context"
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

// Get asks for an answer.
func (r Recent) Get(ctx context.Context, key string, find func() (string, error)) (string, error) {
	return r.kept.get(ctx, key, find)
}

// Len is how many answers are kept.
func (r Recent) Len() int { return len(r.kept.kept) }
