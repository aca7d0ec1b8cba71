package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// PlaceInput is what the form that places an order sends.
type PlaceInput struct {
	InstanceID string
	Fee        int64 // what the page said that it costs, in minor units
	Key        string
}

// PlaceOrder orders the renewal of one unit by one term, and answers with the ID of
// the order. Nothing is charged: the order waits for payment, keeps its price, and
// keeps its instances from being renewed otherwise, until it is paid, cancelled or
// PayWithin is over. A price that rose since the page was read is a Conflict.
func (a *App) PlaceOrder(ctx context.Context, who Actor, in PlaceInput) (string, error) {
	r := asked(in.Key, "place an order for "+in.InstanceID, in.Fee)
	return a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		// As an import does, before its units.
		acc, err := tx.LockAccount(who.AccountID)
		if err != nil {
			return "", err
		}
		row, err := orderable(tx, acc, in, now)
		if err != nil {
			return "", err
		}
		number, err := tx.NextOrderNumber(acc.ID)
		if err != nil {
			return "", err
		}
		o := billing.Order{
			ID: fmt.Sprintf("RO-%05d", number), AccountID: acc.ID, Status: billing.PendingPayment, List: row.Quote.List,
			Discount: row.Quote.Discount, Fee: row.Quote.Fee, CreatedAt: now, CreatedBy: who.Name, ExpiresAt: now.Add(billing.PayWithin),
			Lines: orderLines(row.Unit, row.Quote, row.NewExpiry),
		}
		if err := tx.InsertOrders([]billing.Order{o}); err != nil {
			return "", err
		}
		if err := intend(tx, o, renewal.OrderPending); err != nil {
			return "", err
		}
		return o.ID, a.audit(tx, who, now, "place", "order "+o.ID, "", o.Status.Code())
	})
}

// orderable finds the unit that an order is for, and refuses where it cannot be
// renewed or costs more than the page said.
func orderable(tx *store.Tx, acc account.Account, in PlaceInput, now time.Time) (Row, error) {
	units, err := tx.LockUnits(acc.ID, []string{in.InstanceID})
	if err != nil {
		return Row{}, err
	}
	u, ok := units[in.InstanceID]
	if !ok || u.ParentID != "" {
		return Row{}, fault.New(fault.NotFound, "There is no such instance in this account.")
	}
	rows, err := priceRows(tx, acc, []renewal.Unit{u}, now)
	if err != nil {
		return Row{}, err
	}
	switch row := rows[0]; {
	case row.Blocked != "":
		return Row{}, fault.New(fault.Conflict, "No order was placed. %s", row.Blocked.Sentence())
	case row.Quote.Fee.Minor > in.Fee:
		return Row{}, fault.New(fault.Conflict, "No order was placed: the fee rose and is %s now. Check it, then place the order again.", row.Quote.Fee)
	default:
		return row, nil
	}
}

// CancelOrder cancels an order that waits for payment: its instances may be renewed
// otherwise again.
func (a *App) CancelOrder(ctx context.Context, who Actor, id, key string) error {
	_, err := a.once(ctx, who.AccountID, asked(key, "cancel order "+id), func(tx *store.Tx, now time.Time) (string, error) {
		o, err := lockOrder(tx, who.AccountID, id)
		if err != nil {
			return "", err
		}
		if o.Status != billing.PendingPayment {
			return "", fault.New(fault.Conflict, "%s Nothing was cancelled.", notWaiting(o, now))
		}
		o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledByPerson
		return o.ID, a.endOrder(tx, who, o, billing.PendingPayment, now)
	})
	return err
}

// lockOrder finds an order of the account that this transaction will change.
func lockOrder(tx *store.Tx, accountID, id string) (billing.Order, error) {
	all, err := tx.LockOrders(accountID, []string{id})
	if err != nil {
		return billing.Order{}, err
	}
	o, ok := all[id]
	if !ok {
		return o, noOrder()
	}
	return o, nil
}

func noOrder() error { return fault.New(fault.NotFound, "There is no such order in this account.") }

// notWaiting says of an order that does not wait for payment how it stands; it is
// empty where it waits.
func notWaiting(o billing.Order, now time.Time) string {
	switch {
	case o.Status == billing.Processing:
		return "Order " + o.ID + " is being paid, and its outcome is not known yet."
	case o.Status == billing.OrderCompleted:
		return "Order " + o.ID + " has been paid."
	case o.Status == billing.OrderCancelled:
		return "Order " + o.ID + " was cancelled."
	case !o.Waits(now):
		return "Order " + o.ID + " was not paid within seven days."
	}
	return ""
}

// unpaidAStep is how many orders one look at the deadlines cancels.
const unpaidAStep = 100

// cancelUnpaid cancels orders that nobody paid within PayWithin. One that is being
// paid is left alone, however long that takes.
func (a *App) cancelUnpaid(ctx context.Context, now time.Time) (more bool, err error) {
	var due []store.OrderRef
	if err := a.Store.Read(ctx, func(tx *store.Tx) error {
		due, err = tx.OrdersUnpaidBy(now, unpaidAStep)
		return err
	}); err != nil {
		return false, err
	}
	for _, ref := range due {
		err := a.Store.Write(ctx, func(tx *store.Tx) error {
			now := a.Clock.Now()
			o, err := lockOrder(tx, ref.AccountID, ref.ID)
			if err != nil || o.Status != billing.PendingPayment || o.Waits(now) {
				return err
			}
			o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledUnpaid
			return a.endOrder(tx, worker(o.AccountID), o, billing.PendingPayment, now)
		})
		if err != nil {
			return false, fmt.Errorf("cancel the unpaid order %s: %w", ref.ID, err)
		}
	}
	return len(due) == unpaidAStep, nil
}
