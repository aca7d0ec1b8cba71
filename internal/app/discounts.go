package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
)

// DiscountInput says what a new discount is to be. Days are YYYY-MM-DD in the
// billing zone, both included.
type DiscountInput struct {
	ID       string // empty: made here
	Kind     billing.DiscountKind
	Name     string
	Rate     int      // hundredths of a percent
	From     string   // empty: from now on
	Until    string   // empty: without end
	Services []string // empty: all
}

// GrantDiscount gives the actor's account a discount. It counts the price revision
// up, so that what was quoted before is checked again.
func (a *App) GrantDiscount(ctx context.Context, who Actor, in DiscountInput) (d billing.Discount, err error) {
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.LockAccount(who.AccountID)
		if err != nil {
			return noSuchAccount(err, who.AccountID)
		}
		if in.ID == "" {
			in.ID = a.newID(now)
		}
		d = billing.Discount{ID: in.ID, Kind: in.Kind, Name: in.Name, Rate: money.BasisPoints(in.Rate), Services: onlyOnce(in.Services)}
		if err := knownKinds("kind", []billing.DiscountKind{in.Kind}); err != nil {
			return err
		}
		if in.Rate < 1 || in.Rate > 10_000 {
			return fault.Field("rate", "A discount is more than 0 and at most 100 percent.")
		}
		if d.From, d.Until, err = granted(tx, acc, grant{in.ID, in.Name, in.From, in.Until, in.Services}, true, now); err != nil {
			return err
		}
		if err := tx.InsertDiscount(acc.ID, d, now); err != nil {
			return err
		}
		if err := tx.CountPriceRevision(acc.ID); err != nil {
			return err
		}
		return a.audit(tx, who, now, "grant", "discount "+d.ID, "", fmt.Sprintf("%s %d.%02d%%", d.Kind, d.Rate/100, d.Rate%100))
	})
	if store.IsDuplicate(err) {
		err = fault.Wrap(err, fault.Conflict, "There is already a discount %s in this account. Nothing was changed.", in.ID)
	}
	return d, err
}

// EndDiscount ends a discount of the actor's account now. Quotes that rest on it
// are made again before anything is charged.
func (a *App) EndDiscount(ctx context.Context, who Actor, id string) (d billing.Discount, err error) {
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.LockAccount(who.AccountID)
		if err != nil {
			return noSuchAccount(err, who.AccountID)
		}
		all, err := tx.Discounts(acc.ID)
		if err != nil {
			return err
		}
		d = billing.Discount{}
		for _, one := range all {
			if one.ID == id {
				d = one
			}
		}
		if d.ID == "" {
			return fault.New(fault.NotFound, "There is no discount %s in this account.", id)
		}
		ok, err := tx.EndDiscount(acc.ID, id, now)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "The discount %s ended before now. Nothing was changed.", id)
		}
		was := until(d, acc.Zone)
		d.Until = now
		if err := tx.CountPriceRevision(acc.ID); err != nil {
			return err
		}
		return a.audit(tx, who, now, "end", "discount "+id, was, until(d, acc.Zone))
	})
	return d, err
}

// until says in an audit row when a discount ends.
func until(d billing.Discount, zone *time.Location) string {
	if d.Until.IsZero() {
		return "without end"
	}
	return "until " + d.Until.In(zone).Format(time.RFC3339)
}

// DiscountList lists what the account was granted beside the discount of its
// contract, for the operator.
func (a *App) DiscountList(ctx context.Context, accountID string) (all []billing.Discount, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err = tx.Discounts(accountID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list discounts: %w", err)
	}
	return all, nil
}
