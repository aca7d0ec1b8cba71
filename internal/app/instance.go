package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Instance is one unit with what was done to it here.
type Instance struct {
	Row
	Account   account.Account
	Retention renewal.Retention
	Now       time.Time
	Renewals  []Renewed
}

// Renewed is one renewal made here: what one order did to the unit.
type Renewed struct {
	store.Extension              // of the primary instance
	Fee             money.Amount // of the whole unit
}

// Instance finds a unit by the ID of its primary instance, or of an associated
// resource. Released ones are found too: their renewals stay on record.
func (a *App) Instance(ctx context.Context, accountID, id string) (found Instance, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		found.Now = a.Clock.Now()
		if found.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		found.Retention = retentionOf(found.Account)
		u, err := tx.Unit(accountID, id)
		if err == nil && u.ParentID != "" {
			u, err = tx.Unit(accountID, u.ParentID)
		}
		if store.IsNone(err) {
			return fault.New(fault.NotFound, "There is no such instance in this account.")
		}
		if err != nil {
			return err
		}
		rows, err := priceRows(tx, found.Account, []renewal.Unit{u}, found.Now)
		if err != nil {
			return err
		}
		found.Row = rows[0]
		found.Renewals, err = renewalsOf(tx, accountID, u)
		return err
	})
	if err != nil {
		return found, fmt.Errorf("find the instance %s: %w", id, err)
	}
	return found, nil
}

func renewalsOf(tx *store.Tx, accountID string, u renewal.Unit) ([]Renewed, error) {
	var ids []string
	for _, i := range u.All() {
		ids = append(ids, i.ID)
	}
	lines, err := tx.Extensions(accountID, ids)
	if err != nil {
		return nil, err
	}
	var all []Renewed
	for _, l := range lines {
		if last := len(all) - 1; last < 0 || all[last].OrderID != l.OrderID {
			all = append(all, Renewed{Extension: l, Fee: money.Of(0, l.Fee.Currency)})
		}
		r := &all[len(all)-1]
		if l.InstanceID == u.ID {
			r.Extension = l
		}
		if r.Fee, err = r.Fee.Add(l.Fee); err != nil {
			return nil, err
		}
	}
	return all, nil
}
