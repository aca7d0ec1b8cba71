package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// runwayAhead is how far a runway looks: each instance is counted once, at its next
// expiry.
const runwayAhead = 365 * renewal.Day

// runway tells how far the balance reaches over the renewals that are known. What
// falls due may be a minute old; the balance is fresh.
func (a *App) runway(ctx context.Context, accountID string, balance money.Amount) (billing.Runway, error) {
	due, err := a.dues.get(ctx, accountID, func() (due []billing.Due, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			due, err = dueOf(tx, accountID, a.Clock.Now())
			return err
		})
		return due, err
	})
	if err != nil {
		return billing.Runway{}, fmt.Errorf("add up what falls due: %w", err)
	}
	return billing.NewRunway(balance, due)
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
	rows, err := tx.DueRenewals(accountID, now, now.Add(runwayAhead))
	if err != nil {
		return nil, err
	}
	all := make([]billing.Due, 0, len(rows))
	for _, r := range rows {
		list := money.Of(r.List, money.Currency(acc.Currency))
		all = append(all, billing.Due{At: r.At, Amount: list.Share(10_000 - billing.BestRate(discounts, r.Service, r.At))})
	}
	return all, nil
}
