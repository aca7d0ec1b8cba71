package app

import (
	"context"
	"errors"
	"time"

	"perennial/internal/billing"
	"perennial/internal/gateway"
	"perennial/internal/money"
	"perennial/internal/store"
)

// lostUnit is the reason of a refund of what was captured and could not be renewed.
const lostUnit = "The instance changed while the payment was under way."

// refundOrder gives back an order of a captured payment whose unit cannot be
// extended any more: the order is cancelled, its wallet legs go back at once, and
// the gateway is asked for the rest once this is committed.
func (a *App) refundOrder(tx *store.Tx, who Actor, p billing.Payment, o billing.Order, now time.Time) error {
	o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledRefunded
	if err := moveOrder(tx, o, billing.Processing); err != nil {
		return err
	}
	if err := endIntents(tx, o); err != nil {
		return err
	}
	f := billing.Refunding{ID: a.newID(now), AccountID: p.AccountID, PaymentID: p.ID, OrderID: o.ID, State: billing.RefundCreated,
		Amount: o.Fee, Charged: cardLeg(o), Reason: lostUnit, CreatedAt: now, CreatedBy: who.Name}
	f.GatewayKey = "refund-" + f.ID
	if f.Charged.IsZero() {
		f.State, f.SettledAt = billing.RefundDone, now
	}
	if err := tx.InsertRefund(f); err != nil {
		return err
	}
	if err := a.release(tx, who, p.AccountID, []billing.Order{o}, billing.BookHolding, billing.Entry{Kind: billing.Release, At: now,
		PaymentID: p.ID, RefundID: f.ID, TaskID: p.TaskID, Reference: o.ID}); err != nil {
		return err
	}
	return a.audit(tx, who, now, "refund", "payment "+p.ID, o.ID, string(f.State))
}

// giveBack asks the gateway for a refund. It is idempotent by its key, so it is
// asked again until the answer is known.
func (a *App) giveBack(ctx context.Context, f billing.Refunding) error {
	p, err := a.payment(ctx, f.AccountID, f.PaymentID)
	if err != nil {
		return err
	}
	_, err = a.Gateway.Refund(ctx, p.GatewayID, f.GatewayKey, f.Charged)
	definite := errors.Is(err, gateway.ErrRefused) && !errors.Is(err, gateway.ErrBusy) && !errors.Is(err, gateway.ErrUnauthorized)
	return errors.Join(err, a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		done := f
		switch {
		case err == nil:
			done.State, done.SettledAt = billing.RefundDone, now
		case definite:
			done.State, done.SettledAt, done.Reason = billing.RefundRefused, now, f.Reason+" The gateway refused to give the money back."
		}
		ok, err := tx.MoveRefund(done, now)
		if err != nil || !ok || done.State != billing.RefundDone {
			return err
		}
		if err := a.audit(tx, worker(f.AccountID), now, "refund", "payment "+f.PaymentID, string(f.State), string(done.State)); err != nil {
			return err
		}
		return a.postRefund(tx, p, f, now)
	}))
}

// postRefund enters money that the gateway gave back; it was held since its payment
// was captured.
func (a *App) postRefund(tx *store.Tx, p billing.Payment, f billing.Refunding, now time.Time) error {
	from := store.Posting{Book: billing.BookHolding, Amount: money.Of(-f.Charged.Minor, f.Charged.Currency)}
	return tx.Post(f.AccountID, billing.Entry{ID: a.newID(now), Kind: billing.Refund, At: now, PaymentID: p.ID, RefundID: f.ID,
		TaskID: p.TaskID, Reference: p.GatewayID}, from, store.Posting{Book: billing.BookGateway, Amount: f.Charged})
}
