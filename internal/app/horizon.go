package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"perennial/internal/inventory"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// horizonFor is how old a horizon may be: counting it walks the index.
const horizonFor = time.Minute

// Horizon is how many units expire on each day around today.
type Horizon struct {
	Today     time.Time // the midnight that began the day, in the billing zone
	Days      []int     // the first one lies HorizonPast days before today
	Retention renewal.Retention
}

// Horizon counts what expires on each day of those that match, whatever the filter
// says of their expiry. It may be a minute old.
func (a *App) Horizon(ctx context.Context, accountID string, f renewal.Filter) (Horizon, error) {
	f = f.AnyTime()
	h, err := a.horizons.get(ctx, accountID, f.Values().Encode(), func(ctx context.Context) (h Horizon, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			h, err = horizonOf(tx, accountID, f, a.Clock.Now())
			return err
		})
		return h, err
	})
	if err != nil {
		return h, fmt.Errorf("count what expires by day: %w", err)
	}
	return h, nil
}

func horizonOf(tx *store.Tx, accountID string, f renewal.Filter, now time.Time) (Horizon, error) {
	acc, err := tx.Account(accountID)
	if err != nil {
		return Horizon{}, err
	}
	h := Horizon{
		Today: midnight(now, acc.Zone), Retention: retentionOf(acc),
		Days: make([]int, renewal.HorizonPast+renewal.HorizonAhead),
	}
	shown := renewal.Span{From: h.day(0), To: h.day(len(h.Days))}
	scope := scopeOf(acc, f, now)
	scope.Spans = renewal.Within(scope.Spans, shown)
	buckets, err := tx.Horizon(scope)
	if err != nil {
		return h, err
	}
	// Days are counted where each has 24 hours.
	year, month, day := h.Today.Date()
	first := time.Date(year, month, day-renewal.HorizonPast, 0, 0, 0, 0, time.UTC)
	for _, b := range buckets {
		y, m, d := b.At.In(acc.Zone).Date()
		n := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(first) / renewal.Day)
		// A quarter of an hour may begin before the first day where a zone's offset is odd.
		h.Days[max(n, 0)] += b.Units
	}
	return h, nil
}

// day is the midnight that begins the nth of the days.
func (h Horizon) day(n int) time.Time { return h.Today.AddDate(0, 0, n-renewal.HorizonPast) }

// ExportHorizon writes the horizon as CSV, a line a day.
func (a *App) ExportHorizon(ctx context.Context, accountID string, f renewal.Filter, to io.Writer) error {
	h, err := a.Horizon(ctx, accountID, f)
	if err != nil {
		return err
	}
	var rows [][]inventory.Cell
	for n, units := range h.Days {
		rows = append(rows, []inventory.Cell{inventory.Text(h.day(n).Format(time.DateOnly)), inventory.Number(int64(units))})
	}
	return exportAll(to, []string{"expires_on", "instances"}, rows, func(row []inventory.Cell) []inventory.Cell { return row })
}
