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

// cardOnFile is the card that every top-up is charged to, as long as accounts save
// none of their own.
const cardOnFile = "tok_visa_4242"

func topUpCharge(p billing.Payment) gateway.Charge {
	return gateway.Charge{Card: cardOnFile, Amount: p.Amount, Description: "Top-up " + p.ID}
}

// MaximumTopUp is the largest single top-up, in whole units of the currency.
const MaximumTopUp = 10_000_000

// TopUpInput is what the top-up form sends.
type TopUpInput struct {
	Amount   string // as typed
	ReturnTo string // a path of this console
	Key      string
}

// TopUp charges the gateway and adds the amount to the balance. The attempt and
// its key are committed before the gateway is called; where the outcome stays
// unknown, the payment says so and HealPayments asks until it is known.
func (a *App) TopUp(ctx context.Context, who Actor, in TopUpInput) (billing.Payment, error) {
	if a.Gateway == nil {
		return billing.Payment{}, fault.New(fault.Unavailable, "No card gateway is configured. Pay by bank transfer: the operator records it.")
	}
	if err := a.mayCharge(ctx, who.AccountID); err != nil {
		return billing.Payment{}, err
	}
	r := asked(in.Key, "top up", in.Amount, in.ReturnTo)
	id, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		balance, err := tx.Balance(who.AccountID)
		if err != nil {
			return "", err
		}
		amount, err := topUpAmount(in.Amount, balance.Currency)
		if err != nil {
			return "", err
		}
		p := billing.Payment{ID: a.newID(now), AccountID: who.AccountID, Purpose: billing.ForTopUp,
			State: billing.PaymentCreated, Amount: amount, CreatedAt: now, CreatedBy: who.Name, ReturnTo: in.ReturnTo}
		p.GatewayKey = "top-up-" + p.ID
		if err := tx.InsertPayment(p); err != nil {
			return "", err
		}
		return p.ID, a.audit(tx, who, now, "top up", "payment "+p.ID, "", string(p.State))
	})
	if err != nil {
		return billing.Payment{}, err
	}
	// Whoever closes the browser now does not leave the outcome unknown.
	ctx = context.WithoutCancel(ctx)
	p, err := a.payment(ctx, who.AccountID, id)
	if err != nil || p.State.Settled() {
		return p, err
	}
	if err := a.settle(ctx, p); err != nil {
		a.Log.WarnContext(ctx, "top-up is not settled", "payment", id, "err", err)
	}
	return a.payment(ctx, who.AccountID, id)
}

func sentence(err error) string {
	s := err.Error()
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
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

// HealPayments asks the gateway about payments whose outcome is not known.
func (a *App) HealPayments(ctx context.Context) (more bool, err error) {
	if a.Gateway == nil {
		return false, nil
	}
	var open []billing.Payment
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		open, err = tx.OpenPayments(a.Clock.Now().Add(-askAgainAfter), 10)
		return err
	})
	if err != nil {
		return false, err
	}
	var errs []error
	for _, p := range open {
		err := a.mayCharge(ctx, p.AccountID)
		if err == nil {
			err = a.settle(ctx, p)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("settle payment %s: %w", p.ID, err))
		}
	}
	return false, errors.Join(errs...)
}

// mayCharge asks whether the books of an account allow that money is moved.
func (a *App) mayCharge(ctx context.Context, accountID string) error {
	if a.MayCharge == nil {
		return nil
	}
	return a.MayCharge(ctx, accountID)
}

// settle takes a payment as far as the gateway's answers allow: prepare, commit
// the id, capture, book. Each step begins from what is committed, so a crash
// between any two of them, or two processes at once, lead to the same end.
func (a *App) settle(ctx context.Context, p billing.Payment) error {
	if p.State == billing.PaymentCreated {
		id, err := a.Gateway.Prepare(ctx, p.GatewayKey, topUpCharge(p))
		if errors.Is(err, gateway.ErrInvalid) || errors.Is(err, gateway.ErrNoCard) || errors.Is(err, gateway.ErrKeyReused) {
			// Prepare moves nothing, so a definite refusal ends the attempt.
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
		return a.capture(ctx, p)
	}
	return a.conclude(ctx, p, result)
}

func (a *App) capture(ctx context.Context, p billing.Payment) error {
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
	if err := result.Verify(p.GatewayID, p.GatewayKey, topUpCharge(p)); err != nil {
		return errors.Join(err, a.askedNow(ctx, p))
	}
	switch result.State {
	case gateway.Captured:
		return a.Store.Write(ctx, func(tx *store.Tx) error {
			now := a.Clock.Now()
			done := p
			done.State, done.SettledAt = billing.PaymentCaptured, now
			ok, err := tx.MovePayment(done, p.State, now)
			if err != nil || !ok {
				return err // another process booked it
			}
			who := Actor{AccountID: p.AccountID, Name: p.CreatedBy, RequestID: p.ID}
			return a.book(tx, who, p.AccountID, billing.Entry{Kind: billing.TopUp, At: now, Reference: p.GatewayID,
				PaymentID: p.ID, Amount: p.Amount}, billing.BookGateway, now)
		})
	case gateway.Declined:
		return a.decline(ctx, p, string(result.DeclineReason))
	}
	return nil
}

func (a *App) decline(ctx context.Context, p billing.Payment, why string) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		done := p
		done.State, done.Reason, done.SettledAt = billing.PaymentDeclined, why, now
		ok, err := tx.MovePayment(done, p.State, now)
		if err != nil || !ok {
			return err
		}
		return a.audit(tx, worker(p.AccountID), now, "decline", "payment "+p.ID, string(p.State), why)
	})
}

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
			return fmt.Errorf("payment %s is no longer %s", p.ID, p.State)
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
