package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// runwayAhead is how far a runway looks.
const runwayAhead = 365 * renewal.Day

// runway tells how far the balance reaches over the renewals that are known. What
// falls due may be a minute old; the balance is fresh.
func (a *App) runway(ctx context.Context, accountID string, balance money.Amount) (billing.Runway, error) {
	due, err := a.due(ctx, accountID)
	if err != nil {
		return billing.Runway{}, err
	}
	now := a.Clock.Now()
	return billing.NewRunway(balance, manualFrom(due, now), now.Add(runwayAhead))
}

// manualFrom are the dues of manual renewals from an instant on.
func manualFrom(due []billing.Due, from time.Time) []billing.Due {
	return slices.DeleteFunc(slices.Clone(due), func(d billing.Due) bool {
		return d.Mode != renewal.Manual || !d.At.Add(store.Quarter).After(from)
	})
}

// due lists what falls due from the beginning of today on. It may be a minute old.
func (a *App) due(ctx context.Context, accountID string) ([]billing.Due, error) {
	due, err := a.dues.get(ctx, accountID, "", func(ctx context.Context) (due []billing.Due, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			due, err = dueOf(tx, accountID, a.Clock.Now())
			return err
		})
		return due, err
	})
	if err != nil {
		return nil, fmt.Errorf("add up what falls due: %w", err)
	}
	return due, nil
}

// dueOf is an estimate: the discount of a unit is that of its primary's service at
// its expiry, and is rounded once for all that expire together.
func dueOf(tx *store.Tx, accountID string, now time.Time) ([]billing.Due, error) {
	acc, err := tx.Account(accountID)
	if err != nil {
		return nil, err
	}
	discounts, err := discountsOf(tx, acc)
	if err != nil {
		return nil, err
	}
	var all []billing.Due
	for _, mode := range []renewal.Mode{renewal.Manual, renewal.Auto} {
		rows, err := tx.DueRenewals(accountID, mode, midnight(now, acc.Zone), now.Add(runwayAhead))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			list := money.Of(r.List, money.Currency(acc.Currency))
			all = append(all, billing.Due{At: r.At.In(acc.Zone), Mode: mode, Service: r.Service, Period: r.Period, Units: r.Units,
				Amount: list.Share(10_000 - billing.BestRate(discounts, r.Service, r.At))})
		}
	}
	return all, nil
}

// midnight is when the day began in a zone.
func midnight(now time.Time, zone *time.Location) time.Time {
	year, month, day := now.In(zone).Date()
	return renewal.Midnight(year, month, day, zone)
}
