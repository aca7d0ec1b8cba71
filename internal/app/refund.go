package app

import (
	"context"
	"errors"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/money"
	"perennial/internal/store"
)

// refundOrder gives back an order of a captured payment whose unit cannot be
// extended any more: the order is cancelled, its wallet legs go back at once, and
// the gateway is asked for the rest once this is committed.
func (a *App) refundOrder(tx *store.Tx, who Actor, p billing.Payment, lost lostOrder, now time.Time) error {
	o := lost.Order
	if o.Status == billing.Processing {
		o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledRefunded
		if err := a.endOrder(tx, who, o, billing.Processing, now); err != nil {
			return err
		}
	}
	taken := zeroOf(o.Fee)
	for _, l := range o.Legs {
		taken.Minor += l.Amount.Minor
	}
	if taken.IsZero() {
		return nil // an order that cost nothing, or that took nothing from the card
	}
	f := billing.Refunding{ID: a.newID(now), AccountID: p.AccountID, PaymentID: p.ID, OrderID: o.ID, State: billing.RefundCreated,
		Amount: taken, Charged: cardLeg(o), Reason: lost.why.Sentence(), CreatedAt: now, CreatedBy: who.Name}
	f.GatewayKey = refundKey(p, o.ID)
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
	if err := a.awaitCharge(ctx, f.AccountID); err != nil {
		// The refunds of others are not kept waiting behind it.
		return errors.Join(err, a.refundAskedNow(ctx, f))
	}
	p, err := a.payment(ctx, f.AccountID, f.PaymentID)
	if err != nil {
		return err
	}
	_, err = a.Gateway.Refund(ctx, p.GatewayID, f.GatewayKey, f.Charged)
	// An earlier call may have given the money back although its answer was lost.
	// Of all refusals only this one says that it did not, and never will.
	definite := errors.Is(err, gateway.ErrTooMuch)
	return errors.Join(err, a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		done := f
		switch {
		case err == nil:
			done.State, done.SettledAt = billing.RefundDone, now
		case definite:
			done.State, done.SettledAt, done.Reason = billing.RefundRefused, now, f.Reason+" "+gatewayRefused
		}
		ok, err := tx.MoveRefund(done, f.State, now)
		if err != nil || !ok || done.State == billing.RefundCreated {
			return err
		}
		if err := a.audit(tx, worker(f.AccountID), now, "refund", "payment "+f.PaymentID, string(f.State), string(done.State)); err != nil {
			return err
		}
		switch {
		case done.State == billing.RefundDone:
			return a.postRefund(tx, p, f, now)
		case f.OrderID == "":
			return a.holdTopUp(tx, p, f, billing.Release, now)
		}
		return nil // what no balance gave stays held until RefundByHand
	}))
}

// postRefund enters money that the gateway gave back; it was held since its payment
// was captured.
func (a *App) postRefund(tx *store.Tx, p billing.Payment, f billing.Refunding, now time.Time) error {
	from := store.Posting{Book: billing.BookHolding, Amount: money.Of(-f.Charged.Minor, f.Charged.Currency)}
	return tx.Post(f.AccountID, billing.Entry{ID: a.newID(now), Kind: billing.Refund, At: now, PaymentID: p.ID, RefundID: f.ID,
		TaskID: p.TaskID, Reference: p.GatewayID}, from, store.Posting{Book: billing.BookGateway, Amount: f.Charged})
}

// refundAsked is the reason of a refund that the operator asked for.
const refundAsked = "The operator gave this top-up back."

// RefundTopUp gives a captured top-up of the actor's account back to the card that
// it came from, once. The money is held at once, so that nothing else spends it;
// the gateway is asked when that is committed, here or by a server that has one.
func (a *App) RefundTopUp(ctx context.Context, who Actor, paymentID string) (f billing.Refunding, err error) {
	if err := a.awaitCharge(ctx, who.AccountID); err != nil {
		return f, err
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		p, err := refundable(tx, who.AccountID, paymentID)
		if err != nil {
			return err
		}
		f = billing.Refunding{ID: a.newID(now), AccountID: p.AccountID, PaymentID: p.ID, State: billing.RefundCreated,
			Amount: p.Amount, Charged: p.Charged, Reason: refundAsked, CreatedAt: now, CreatedBy: who.Name}
		f.GatewayKey = refundKey(p, "")
		if err := tx.InsertRefund(f); err != nil {
			return err
		}
		if err := a.holdTopUp(tx, p, f, billing.Hold, now); err != nil {
			return err
		}
		return a.audit(tx, who, now, "refund", "payment "+p.ID, "", string(f.State))
	})
	if err != nil || a.Gateway == nil {
		return f, err
	}
	if err := a.giveBack(context.WithoutCancel(ctx), f); err != nil {
		a.Log.WarnContext(ctx, "refund is not settled", "refund", f.ID, "err", err)
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Refunds(f.AccountID, f.PaymentID)
		if err == nil {
			f = all[0]
		}
		return err
	})
	return f, NotKnownYet(err)
}

// refundable finds a top-up that can be given back. The wallet is locked, so that
// its balance stays what is looked at.
func refundable(tx *store.Tx, accountID, paymentID string) (billing.Payment, error) {
	w, err := tx.LockWallet(accountID)
	if err != nil {
		return billing.Payment{}, noSuchAccount(err, accountID)
	}
	p, err := tx.Payment(accountID, paymentID)
	if store.IsNone(err) {
		return p, fault.New(fault.NotFound, "There is no such payment in this account.")
	}
	if err != nil {
		return p, err
	}
	refunds, err := tx.Refunds(accountID, paymentID)
	switch {
	case err != nil:
		return p, err
	case p.Purpose != billing.ForTopUp:
		return p, fault.New(fault.Invalid, "This payment renewed instances. Only a top-up can be given back.")
	case p.State != billing.PaymentCaptured:
		return p, fault.New(fault.Conflict, "This top-up is %s, so there is nothing to give back.", topUpStates[p.State])
	case len(refunds) > 0:
		return p, fault.New(fault.Conflict, "%s Nothing was changed.", refundStates[refunds[0].State])
	case w.Balance.Minor < p.Amount.Minor:
		return p, fault.New(fault.Conflict, "The balance is %s and does not hold the %s of this top-up any more. Nothing was changed.", w.Balance, p.Amount)
	}
	return p, nil
}

var topUpStates = map[billing.PaymentState]string{
	billing.PaymentCreated: "not known yet", billing.PaymentPrepared: "not known yet", billing.PaymentUnknown: "not known yet",
	billing.PaymentDeclined: "declined",
}

var refundStates = map[billing.RefundState]string{
	billing.RefundCreated: "This top-up is being given back already.",
	billing.RefundDone:    "This top-up was given back already.",
	billing.RefundRefused: "The gateway has refused to give this top-up back.",
}

// holdTopUp takes a top-up that is given back from the balance and holds it, or
// releases it where the gateway refused.
func (a *App) holdTopUp(tx *store.Tx, p billing.Payment, f billing.Refunding, kind billing.EntryKind, now time.Time) (err error) {
	amount := f.Amount
	if kind == billing.Release {
		amount = negative(amount)
		err = tx.Credit(p.AccountID, f.Amount)
	} else if ok, debitErr := tx.Debit(p.AccountID, amount); debitErr != nil || !ok {
		err = changedMeanwhile(debitErr)
	}
	if err != nil {
		return err
	}
	e := billing.Entry{ID: a.newID(now), Kind: kind, At: now, PaymentID: p.ID, RefundID: f.ID, Reference: p.GatewayID}
	if err := tx.Post(p.AccountID, e, store.Posting{Book: billing.BookCash, Amount: negative(amount)},
		store.Posting{Book: billing.BookHolding, Amount: amount}); err != nil {
		return err
	}
	return a.watchBalance(tx, p.AccountID, e.ID, now)
}
