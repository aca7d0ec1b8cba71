package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/renewal"
	"perennial/internal/store"
)

// horizonFor is how old a horizon may be: it is drawn beside every list, and
// counting it walks the index.
const horizonFor = time.Minute

// Horizon is how many units of a tab expire on each day around today.
type Horizon struct {
	Today string         // YYYY-MM-DD in the billing zone
	Days  map[string]int // by day; what expires beyond is left out
	read  time.Duration
}

// horizonAhead is how far a horizon reaches. Backwards it reaches as far as what
// has expired is kept.
const horizonAhead = 120 * renewal.Day

// Horizon counts what expires on each day on a tab, whatever the filters say. It
// may be a minute old.
func (a *App) Horizon(ctx context.Context, accountID string, tab renewal.Mode) (Horizon, error) {
	mono, key := a.Clock.Monotonic(), accountID+" "+string(tab)
	a.mu.Lock()
	h, ok := a.horizons[key]
	a.mu.Unlock()
	if ok && mono-h.read < horizonFor {
		return h, nil
	}
	h = Horizon{Days: map[string]int{}, read: mono}
	err := a.Store.Read(ctx, func(tx *store.Tx) error {
		acc, err := tx.Account(accountID)
		if err != nil {
			return err
		}
		now := a.Clock.Now()
		h.Today = now.In(acc.Zone).Format(time.DateOnly)
		scope := scopeOf(acc, renewal.Filter{Tab: tab}, now)
		for n := range scope.Spans {
			scope.Spans[n].To = now.Add(horizonAhead)
		}
		buckets, err := tx.Horizon(scope)
		for _, b := range buckets {
			h.Days[b.At.In(acc.Zone).Format(time.DateOnly)] += b.Units
		}
		return err
	})
	if err != nil {
		return h, fmt.Errorf("count what expires by day: %w", err)
	}
	a.mu.Lock()
	a.horizons[key] = h
	a.mu.Unlock()
	return h, nil
}
