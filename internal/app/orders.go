package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// PlaceInput is what the form sends that orders the renewal of one unit.
type PlaceInput struct {
	InstanceID string
	Fee        int64 // minor units, as it stood on the page
	Key        string
}

// PlaceOrder orders the renewal of one unit by one term. The order waits seven days
// for payment, and until then nothing else renews the unit.
func (a *App) PlaceOrder(ctx context.Context, who Actor, in PlaceInput) (orderID string, err error) {
	r := asked(in.Key, "place order", in.InstanceID, in.Fee)
	return a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		// Orders are numbered by who holds this lock.
		acc, err := tx.LockAccount(who.AccountID)
		if err != nil {
			return "", err
		}
		units, err := tx.LockUnits(acc.ID, []string{in.InstanceID})
		if err != nil {
			return "", err
		}
		u := units[in.InstanceID]
		if u.ID != in.InstanceID || u.ParentID != "" {
			return "", fault.New(fault.NotFound, "There is no such instance in this account.")
		}
		rows, err := priceRows(tx, acc, []renewal.Unit{u}, now)
		if err != nil {
			return "", err
		}
		row := rows[0]
		switch {
		case row.Blocked != "":
			return "", blockedFault(u, row.Blocked)
		case row.Quote.Fee.Minor > in.Fee:
			return "", fault.New(fault.Conflict, "The price rose to %s since this page was shown. Nothing was ordered.", row.Quote.Fee)
		}
		number, err := tx.NextOrderNumber(acc.ID)
		if err != nil {
			return "", err
		}
		o := billing.Order{ID: fmt.Sprintf("RO-%05d", number), AccountID: acc.ID, Status: billing.PendingPayment, List: row.Quote.List,
			Discount: row.Quote.Discount, Fee: row.Quote.Fee, CreatedAt: now, CreatedBy: who.Name, ExpiresAt: now.Add(billing.PayWithin),
			Lines: orderLines(u, row.Quote, row.NewExpiry)}
		if err := tx.InsertOrders([]billing.Order{o}); err != nil {
			return "", err
		}
		if err := intend(tx, o, renewal.OrderPending); err != nil {
			return "", err
		}
		return o.ID, a.audit(tx, who, now, "order", "order "+o.ID, "", o.Fee.String())
	})
}

// blockedFault says why a unit cannot be renewed now, with the order that stands in
// the way where it is ours.
func blockedFault(u renewal.Unit, why renewal.Reason) error {
	f := fault.New(fault.Conflict, "%s Nothing was ordered.", why.Sentence())
	if u.Intent == why && u.IntentOrder != "" {
		return f.With("Open the order", "/orders/"+u.IntentOrder)
	}
	return f
}

// intend makes an order the only one that may renew its instances.
func intend(tx *store.Tx, o billing.Order, why renewal.Reason) error {
	for _, l := range o.Lines {
		ok, err := tx.Intend(o.AccountID, l.InstanceID, l.OldExpiry, why, o.ID)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("intend to renew %s: its expiry moved while it was locked", l.InstanceID)
		}
	}
	return nil
}

// CancelOrder cancels an order that waits for payment.
func (a *App) CancelOrder(ctx context.Context, who Actor, orderID, key string) error {
	_, err := a.once(ctx, who.AccountID, asked(key, "cancel order", orderID), func(tx *store.Tx, now time.Time) (string, error) {
		orders, err := tx.LockOrders(who.AccountID, []string{orderID})
		if err != nil {
			return "", err
		}
		o, ok := orders[orderID]
		if !ok {
			return "", noOrder()
		}
		if o.Status != billing.PendingPayment {
			return "", notWaiting(o)
		}
		return o.ID, a.cancelOrder(tx, who, o, billing.CancelledByPerson, now)
	})
	return err
}

func (a *App) cancelOrder(tx *store.Tx, who Actor, o billing.Order, why billing.OrderWhy, now time.Time) error {
	from := o.Status
	o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, why
	if err := moveOrder(tx, o, from); err != nil {
		return err
	}
	if err := endIntents(tx, o); err != nil {
		return err
	}
	return a.audit(tx, who, now, "cancel order", "order "+o.ID, from.String(), string(why))
}

// expireOrders cancels orders that nobody has paid within seven days.
func (a *App) expireOrders(ctx context.Context) error {
	const atOnce = 100
	var due []store.OrderRef
	err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.OrdersUnpaidBy(a.Clock.Now(), atOnce)
		return err
	})
	errs := []error{err}
	for _, ref := range due {
		errs = append(errs, a.Store.Write(ctx, func(tx *store.Tx) error {
			now := a.Clock.Now()
			orders, err := tx.LockOrders(ref.AccountID, []string{ref.ID})
			o := orders[ref.ID]
			if err != nil || o.Status != billing.PendingPayment || now.Before(o.ExpiresAt) {
				return err
			}
			return a.cancelOrder(tx, worker(ref.AccountID), o, billing.CancelledUnpaid, now)
		}))
	}
	return errors.Join(errs...)
}

func noOrder() error { return fault.New(fault.NotFound, "There is no such order in this account.") }

func notWaiting(o billing.Order) error {
	if o.Status == billing.Processing {
		return fault.New(fault.Conflict, "Order %s is being paid. Its outcome is not known yet.", o.ID)
	}
	return fault.New(fault.Conflict, "Order %s is %s and does not wait for payment.", o.ID, o.Status)
}
