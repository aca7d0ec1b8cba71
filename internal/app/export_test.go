package app

import (
	"context"
	"time"

	"perennial/internal/clock"
)

// SetMost makes files larger than n bytes too large, in place of MaxUpload.
func (s *Uploads) SetMost(n int64) { s.most = n }

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
