package app

import (
	"context"
	"time"

	"perennial/internal/billing"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// lostOrder is an order whose unit cannot be renewed any more as it says.
type lostOrder struct {
	billing.Order
	why renewal.Reason
}

// sortOut tells orders whose units can still be renewed as they say from the others.
func sortOut(tx *store.Tx, accountID string, orders []billing.Order, now time.Time,
	read func(string, []string) (map[string]renewal.Unit, error)) (still []billing.Order, lost []lostOrder, err error) {
	acc, err := tx.Account(accountID)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(orders))
	for n, o := range orders {
		ids[n] = o.Lines[0].InstanceID
	}
	units, err := read(accountID, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range orders {
		if why := lostBecause(o, units[o.Lines[0].InstanceID], retentionOf(acc), now); why != "" {
			lost = append(lost, lostOrder{o, why})
		} else {
			still = append(still, o)
		}
	}
	return still, lost, nil
}

// lostBecause tells why an order would be paid for in vain, or nothing.
func lostBecause(o billing.Order, u renewal.Unit, kept renewal.Retention, now time.Time) renewal.Reason {
	switch {
	case !extendable(o, u):
		return renewal.ChangedSinceReview
	case kept.StatusAt(u.ExpiresAt, now) == renewal.Released:
		return renewal.ReleasedInstance
	case !o.Lines[0].NewExpiry.After(now):
		return renewal.StillExpired
	}
	return ""
}

// lapsed tells whether a payment would take money for a unit that cannot be renewed
// any more: the gateway may have been silent for days.
func (a *App) lapsed(ctx context.Context, p billing.Payment) (lapsed bool, err error) {
	if p.Purpose != billing.ForRenewal {
		return false, nil
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		orders, err := tx.OrdersUnderWay(p.AccountID, p.ID)
		if err != nil {
			return err
		}
		_, lost, err := sortOut(tx, p.AccountID, orders, a.Clock.Now(), tx.Units)
		lapsed = len(lost) > 0
		return err
	})
	return lapsed, err
}

// extendable tells whether every line of an order names an instance of the unit
// that still expires when it was quoted and that this order means to renew.
func extendable(o billing.Order, u renewal.Unit) bool {
	if u.ID == "" {
		return false
	}
	byID := map[string]renewal.Instance{}
	for _, i := range u.All() {
		byID[i.ID] = i
	}
	for _, l := range o.Lines {
		i, ok := byID[l.InstanceID]
		if !ok || !i.ExpiresAt.Equal(l.OldExpiry) || i.IntentOrder != o.ID {
			return false
		}
	}
	return true
}
