package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/store"
)

// askAgainAfter is how long a payment whose outcome is not known is left alone
// before the gateway is asked again.
const askAgainAfter = 30 * time.Second

// refusedByGateway is the reason of a payment that the gateway did not take up.
const refusedByGateway = "refused"

// checkLimit is how long the check of an account's books may take.
const checkLimit = 5 * time.Minute

// paymentsAStep is how many payments one step of the worker asks about.
const paymentsAStep = 10

// WorkPayments asks the gateway for payments that the worker recorded, about those
// whose outcome is not known, and for refunds. A process that has just started asks
// about every open one at once: whoever asked before may have died over it.
func (a *App) WorkPayments(ctx context.Context) (more bool, err error) {
	if a.Gateway == nil {
		return false, nil
	}
	var open []billing.Payment
	var refunds []billing.Refunding
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		by := now
		if a.askedAll.Load() {
			by = now.Add(-askAgainAfter)
		}
		if open, err = tx.OpenPayments(by, now, paymentsAStep); err != nil {
			return err
		}
		refunds, err = tx.OpenRefunds(by, now, paymentsAStep)
		return err
	})
	if err != nil {
		return false, err
	}
	found := len(open)
	open, refunds, all := a.checked(ctx, open, refunds)
	a.askedAll.Store(a.askedAll.Load() || all && found < paymentsAStep)
	_ = a.compareOnce(ctx) // what needs it waits, and WorkReconcile returns the error
	var errs unsettled
	for _, p := range open {
		err := a.settle(ctx, p)
		a.noteSettling(ctx, p.ID, failing{kind: "payment", accountID: p.AccountID}, err)
		if err != nil {
			errs = append(errs, fmt.Errorf("settle payment %s: %w", p.ID, err))
		}
	}
	for _, f := range refunds {
		err := a.giveBack(ctx, f)
		a.noteSettling(ctx, f.ID, failing{kind: "refund", accountID: f.AccountID, paymentID: f.PaymentID}, err)
		if err != nil {
			errs = append(errs, fmt.Errorf("refund %s: %w", f.ID, err))
		}
	}
	if err := a.forgetSettled(ctx); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return false, errs
	}
	return len(open) == paymentsAStep, nil
}

// settleNow takes a payment that a person waits for as far as the gateway answers,
// and tells how it stands then.
func (a *App) settleNow(ctx context.Context, accountID, id string) (p billing.Payment, err error) {
	defer func() { err = NotKnownYet(err) }()
	// Whoever closes the browser now does not leave the outcome unknown.
	ctx = context.WithoutCancel(ctx)
	p, err = a.payment(ctx, accountID, id)
	if err != nil || p.State.Settled() {
		return p, err
	}
	a.noteSettling(ctx, id, failing{kind: "payment", accountID: accountID}, a.settle(ctx, p))
	return a.payment(ctx, accountID, id)
}

func (a *App) payment(ctx context.Context, accountID, id string) (p billing.Payment, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		p, err = tx.Payment(accountID, id)
		return err
	})
	if store.IsNone(err) {
		err = fault.New(fault.NotFound, "There is no such payment in this account.")
	}
	return p, err
}

// mayCharge asks whether the books of an account allow that money is moved.
func (a *App) mayCharge(ctx context.Context, accountID string) error {
	if a.MayCharge == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	return saidOfRequest(a.Store.Describe(a.MayCharge(ctx, accountID)))
}

// settle takes a payment as far as the gateway's answers allow: prepare, commit
// the id, capture, book. Each step begins from what is committed, so a crash
// between any two of them, or two processes at once, lead to the same end. Where
// no answer comes, the task of the payment is suspended until one does.
func (a *App) settle(ctx context.Context, p billing.Payment) error {
	if err := a.awaitCharge(ctx, p.AccountID); err != nil {
		// The payments of others are not kept waiting behind it.
		return errors.Join(err, a.askedNow(ctx, p))
	}
	err := a.takeFurther(ctx, p)
	switch {
	case errors.Is(err, errChargingWaits):
		return nil // a person decides, and pages say so
	case err == nil || errors.Is(err, gateway.ErrBusy) || errors.Is(err, errOvertaken):
		return err
	}
	return errors.Join(err, a.suspendUnknown(ctx, p))
}

func (a *App) takeFurther(ctx context.Context, p billing.Payment) error {
	if p.State == billing.PaymentCreated {
		charge, err := a.chargeOf(ctx, p)
		if err == nil {
			charge.Data = p.Data
			charge.Description, err = a.descriptionOf(ctx, p)
		}
		if err != nil {
			return err
		}
		if err := a.admitCapture(ctx, p); err != nil {
			return errors.Join(err, a.askedNow(ctx, p))
		}
		id, err := a.Gateway.Prepare(ctx, p.GatewayKey, charge)
		// Prepare moves nothing, so a definite refusal ends the attempt.
		if errors.Is(err, gateway.ErrKeyReused) {
			return errors.Join(err, a.refuseKey(ctx, p))
		}
		if errors.Is(err, gateway.ErrInvalid) || errors.Is(err, gateway.ErrNoCard) {
			return errors.Join(err, a.decline(ctx, p, refusedByGateway))
		}
		if err != nil {
			return errors.Join(err, a.askedNow(ctx, p))
		}
		if p, err = a.advance(ctx, p, billing.PaymentPrepared, id); err != nil {
			return err
		}
		return a.capture(ctx, p)
	}
	result, err := a.Gateway.Get(ctx, p.GatewayID)
	if err != nil {
		return errors.Join(err, a.askedNow(ctx, p))
	}
	if result.State == gateway.Prepared {
		// Not captured so far. The person asked for it, and capturing the same
		// id twice moves money once.
		if err := a.admitCapture(ctx, p); err != nil {
			return errors.Join(err, a.askedNow(ctx, p))
		}
		return a.capture(ctx, p)
	}
	return a.conclude(ctx, p, result)
}

// chargeOf is what a payment takes, without its description.
func (a *App) chargeOf(ctx context.Context, p billing.Payment) (c gateway.Charge, err error) {
	c.Amount = p.Charged
	if p.CardID == "" { // from before payments named their card
		return c, nil
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		card, err := tx.Card(p.AccountID, p.CardID)
		c.Card = card.Token
		return err
	})
	return c, err
}

func (a *App) capture(ctx context.Context, p billing.Payment) error {
	// Until a process has committed that it captures, the payment can be given up.
	if p.State == billing.PaymentPrepared {
		lapsed, err := a.lapsed(ctx, p)
		if err != nil {
			return err
		}
		if lapsed {
			return a.decline(ctx, p, billing.ReasonLapsed)
		}
	}
	p, err := a.advance(ctx, p, billing.PaymentUnknown, p.GatewayID)
	if err != nil {
		return err
	}
	result, err := a.Gateway.Capture(ctx, p.GatewayID)
	if err != nil {
		return err
	}
	return a.conclude(ctx, p, result)
}

// conclude books a captured payment and closes a declined one.
func (a *App) conclude(ctx context.Context, p billing.Payment, result gateway.Result) error {
	charge, err := a.chargeOf(ctx, p)
	if err == nil {
		err = result.Verify(p.GatewayID, p.GatewayKey, charge)
	}
	if err != nil {
		return errors.Join(err, a.askedNow(ctx, p))
	}
	switch result.State {
	case gateway.Captured:
		switch result.RefundedAmount.Minor {
		case 0:
			return a.book(ctx, p)
		case result.Amount.Minor:
			return a.decline(ctx, p, billing.ReasonReturned)
		}
		// Nobody here knows what the rest pays for, so the payment waits until the
		// operator has given that back, too.
		return errors.Join(fmt.Errorf("%w: payment %s: the gateway gave back %d of %d %s that are not entered here; give back the rest there",
			gateway.ErrUnknown, p.GatewayID, result.RefundedAmount.Minor, result.Amount.Minor, result.Amount.Currency), a.askedNow(ctx, p))
	case gateway.Declined:
		return a.decline(ctx, p, string(result.DeclineReason))
	}
	return nil
}

// book enters a captured payment: the balance of a top-up, or the orders that it
// pays.
func (a *App) book(ctx context.Context, p billing.Payment) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		// The task is locked before the wallet, as the worker does it.
		t, err := lockPaying(tx, p)
		if err != nil {
			return err
		}
		done := p
		done.State, done.SettledAt = billing.PaymentCaptured, now
		ok, err := tx.MovePayment(done, p.State, now)
		if err != nil || !ok {
			return err // another process booked it
		}
		who := Actor{AccountID: p.AccountID, Name: p.CreatedBy, RequestID: p.ID}
		if p.Purpose == billing.ForTopUp {
			return a.addMoney(tx, who, p.AccountID, billing.Entry{Kind: billing.TopUp, At: now, Reference: p.GatewayID,
				PaymentID: p.ID, Amount: p.Amount}, billing.BookGateway, now)
		}
		return a.bookRenewals(tx, p, t, nil, now)
	})
	if err == nil {
		a.Wake()
	}
	return err
}

func (a *App) decline(ctx context.Context, p billing.Payment, why string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		t, err := lockPaying(tx, p)
		if err != nil {
			return err
		}
		done := p
		done.State, done.Reason, done.SettledAt = billing.PaymentDeclined, why, now
		ok, err := tx.MovePayment(done, p.State, now)
		if err != nil || !ok {
			return err
		}
		if err := a.audit(tx, worker(p.AccountID), now, "decline", "payment "+p.ID, string(p.State), why); err != nil {
			return err
		}
		if p.Purpose == billing.ForTopUp {
			return nil
		}
		return a.letGo(tx, p, t, why, now)
	})
	if err == nil {
		a.Wake()
	}
	return err
}

// errOvertaken means that another process has taken a payment further.
var errOvertaken = errors.New("another process has taken the payment further")

// advance commits a step of a payment before the next call to the gateway.
func (a *App) advance(ctx context.Context, p billing.Payment, to billing.PaymentState, gatewayID string) (billing.Payment, error) {
	next := p
	next.State, next.GatewayID = to, gatewayID
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		ok, err := tx.MovePayment(next, p.State, now)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("payment %s is no longer %s: %w", p.ID, p.State, errOvertaken)
		}
		return nil
	})
	return next, err
}

// askedNow keeps when the gateway was last asked, so that it is not asked without pause.
func (a *App) askedNow(ctx context.Context, p billing.Payment) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.MovePayment(p, p.State, a.Clock.Now())
		return err
	})
}
