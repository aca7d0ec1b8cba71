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
}

// horizonAhead is how far a horizon reaches. Backwards it reaches as far as what
// has expired is kept.
const horizonAhead = 120 * renewal.Day

// Horizon counts what expires on each day on a tab, whatever the filters say. It
// may be a minute old.
func (a *App) Horizon(ctx context.Context, accountID string, tab renewal.Mode) (Horizon, error) {
	h, err := a.horizons.get(ctx, accountID+" "+string(tab), func() (h Horizon, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			h, err = horizonOf(tx, accountID, tab, a.Clock.Now())
			return err
		})
		return h, err
	})
	if err != nil {
		return h, fmt.Errorf("count what expires by day: %w", err)
	}
	return h, nil
}

func horizonOf(tx *store.Tx, accountID string, tab renewal.Mode, now time.Time) (Horizon, error) {
	acc, err := tx.Account(accountID)
	if err != nil {
		return Horizon{}, err
	}
	h := Horizon{Today: now.In(acc.Zone).Format(time.DateOnly), Days: map[string]int{}}
	scope := scopeOf(acc, renewal.Filter{Tab: tab}, now)
	for n := range scope.Spans {
		scope.Spans[n].To = now.Add(horizonAhead)
	}
	buckets, err := tx.Horizon(scope)
	for _, b := range buckets {
		h.Days[b.At.In(acc.Zone).Format(time.DateOnly)] += b.Units
	}
	return h, err
}
