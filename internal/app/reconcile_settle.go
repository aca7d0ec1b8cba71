package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// releaseUnrecorded lets a person continue a task whose key the gateway had refused:
// what it knows is entered by now, or blocks the account until a person has settled it.
func (a *App) releaseUnrecorded(ctx context.Context, ref store.OrderRef) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		t, l, err := tx.LockLeased(ref.AccountID, ref.ID)
		if err != nil || !t.Unrecorded() {
			return err
		}
		return a.suspendOrRepause(tx, paying{t, l.Epoch}, renewal.PauseSettled, "", a.Clock.Now())
	})
}

// refuseKey gives up a payment whose key the gateway knows with something else: these
// books are older than the gateway's, and nothing is charged before both are compared.
func (a *App) refuseKey(ctx context.Context, p billing.Payment) error {
	a.compared.Store(0)
	if err := a.Store.Write(ctx, func(tx *store.Tx) error { return tx.ReconcileDue() }); err != nil {
		return err
	}
	return a.decline(ctx, p, billing.ReasonUnrecorded)
}

// Discrepancies lists what a person of the account has to settle, or of all accounts
// where the actor's is empty.
func (a *App) Discrepancies(ctx context.Context, accountID string) (all []billing.Discrepancy, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err = tx.OpenDiscrepancies(accountID)
		return err
	})
	return all, err
}

// ComparedAt is when the gateway's payments were last compared with the books, or the
// zero time.
func (a *App) ComparedAt(ctx context.Context) (at time.Time, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.Reconciliation()
		at = r.CheckedAt
		return err
	})
	return at, err
}

// UnitsOf returns what a payment pays as the gateway keeps it, or false where it does
// not say.
func UnitsOf(d billing.Discrepancy) (billing.PaymentData, bool) {
	data, err := billing.ReadPaymentData(d.Data, d.Amount.Currency, "")
	return data, err == nil
}

// openDiscrepancy finds a discrepancy that waits for a person of the account. The
// operator, whose actor has no account, finds those of all.
func (a *App) openDiscrepancy(ctx context.Context, who Actor, gatewayID string) (d billing.Discrepancy, err error) {
	all, err := a.Discrepancies(ctx, who.AccountID)
	if err != nil {
		return d, err
	}
	for _, d := range all {
		if d.GatewayID == gatewayID {
			return d, nil
		}
	}
	return d, fault.New(fault.NotFound, "No payment %s waits for a decision here.", gatewayID)
}

// EnterPayment enters a captured payment that did not enter itself. With parts, the
// units that fit are entered, and the card's part of the others is refunded.
func (a *App) EnterPayment(ctx context.Context, who Actor, gatewayID string, parts bool) error {
	d, err := a.openDiscrepancy(ctx, who, gatewayID)
	if err != nil {
		return err
	}
	data, ok := UnitsOf(d)
	if d.State == billing.DiscrepancyReturning {
		return fault.New(fault.Conflict, "The gateway is being asked to refund this payment, so it cannot be entered.")
	}
	if d.Kind != billing.Missing || !ok {
		return fault.New(fault.Conflict, "The gateway does not say what this payment paid for, so it cannot be entered. Refund it, or record it as settled.")
	}
	if a.Gateway == nil {
		return noGateway()
	}
	g, err := a.Gateway.Get(ctx, d.GatewayID)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The card gateway cannot be reached. Nothing was changed. Try again in a minute.")
	}
	who.AccountID = data.AccountID
	err = a.enter(ctx, entering{result: g, data: data, by: who, parts: parts})
	if not, ok := errors.AsType[doesNotFit](err); ok {
		return fault.New(fault.Conflict, "%s Nothing was changed.", WhyNotEntered(not.why))
	}
	if err == nil {
		a.Wake()
	}
	return err
}

// WhyNotEntered says why a payment did not enter itself.
func WhyNotEntered(why billing.DiscrepancyWhy) string {
	if s, ok := whyNotEntered[why]; ok {
		return s
	}
	return "The gateway's payment and our records differ."
}

var whyNotEntered = map[billing.DiscrepancyWhy]string{
	billing.WhyNoData:       "The gateway does not say what this payment paid for.",
	billing.WhyIdentity:     "The payment was made for other records than these, but renews instances that are here.",
	billing.WhyNoAccount:    "The payment belongs to an account that does not exist here.",
	billing.WhyPartRefunded: "A part of this payment was refunded at the gateway.",
	billing.WhyAmounts:      "The instances of this payment do not add up to its amount.",
	billing.WhyInstance:     "At least one instance is gone, or its expiration time is no longer what was paid for.",
	billing.WhyOrder:        "Another order for at least one instance is being paid.",
	billing.WhyWallet:       "The balance, credit line, or coupons no longer cover their part of this payment.",
}

// ReturnPayment has the gateway refund a captured payment that is not entered. The
// gateway is asked until it answers.
func (a *App) ReturnPayment(ctx context.Context, who Actor, gatewayID string) error {
	d, err := a.openDiscrepancy(ctx, who, gatewayID)
	if err != nil {
		return err
	}
	if d.Kind != billing.Missing {
		return fault.New(fault.Conflict, "Only a payment that is missing in our records can be refunded here.")
	}
	if d.State == billing.DiscrepancyOpen {
		if err := a.moveDiscrepancy(ctx, who, d, billing.DiscrepancyReturning, ""); err != nil {
			return err
		}
	}
	if a.Gateway == nil {
		return nil // a command: the server asks
	}
	if err := a.returnPayments(ctx); err != nil {
		a.Log.WarnContext(ctx, "a payment is not refunded yet", "payment", gatewayID, "err", err)
	}
	return nil
}

// DismissDiscrepancy records that a person has settled a discrepancy in another way,
// with a reference that leads to how.
func (a *App) DismissDiscrepancy(ctx context.Context, who Actor, gatewayID, reference string) error {
	reference = strings.TrimSpace(reference)
	if reference == "" || len(reference) > 100 || !printable(reference) {
		return fault.Field("reference", "A reference of up to 100 characters on one line is needed.")
	}
	d, err := a.openDiscrepancy(ctx, who, gatewayID)
	if err != nil {
		return err
	}
	return a.moveDiscrepancy(ctx, who, d, billing.DiscrepancyDismissed, reference)
}

func (a *App) moveDiscrepancy(ctx context.Context, who Actor, d billing.Discrepancy, to billing.DiscrepancyState, reference string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now, from := a.Clock.Now(), d.State
		next := d
		next.State, next.Reference = to, reference
		if next.Settled() {
			next.SettledAt, next.SettledBy = now, who.Name
		}
		if ok, err := tx.MoveDiscrepancy(next, from); err != nil || !ok {
			return changedMeanwhile(err)
		}
		if to == billing.DiscrepancyDismissed && d.Kind == billing.Missing {
			// What its key stands for at the gateway is settled, so nothing else can
			// be paid under it.
			if err := tx.SpendKey(d.GatewayKey, now); err != nil {
				return err
			}
		}
		who.AccountID = d.AccountID
		return a.audit(tx, who, now, "reconcile", "gateway payment "+d.GatewayID, string(from), strings.TrimSpace(string(to)+" "+reference))
	})
	if err == nil {
		a.Wake()
	}
	return err
}

// returnPayments asks the gateway to refund the payments that persons decided to
// return. The key follows from the payment, so that no repetition refunds twice.
func (a *App) returnPayments(ctx context.Context) error {
	all, err := a.Discrepancies(ctx, "")
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range all {
		if d.State == billing.DiscrepancyReturning {
			errs = append(errs, a.returnPayment(ctx, d))
		}
	}
	return errors.Join(errs...)
}

func (a *App) returnPayment(ctx context.Context, d billing.Discrepancy) error {
	_, err := a.Gateway.Refund(ctx, d.GatewayID, "return-"+d.GatewayKey, d.Left())
	if errors.Is(err, gateway.ErrInvalid) || errors.Is(err, gateway.ErrNotFound) || errors.Is(err, gateway.ErrKeyReused) {
		// It will not be refunded in this way, so a person decides again.
		err = fmt.Errorf("refund the unrecorded payment %s: %w", d.GatewayID, err)
		return errors.Join(err, a.moveDiscrepancy(ctx, worker(d.AccountID), d, billing.DiscrepancyOpen, ""))
	}
	if err != nil && !errors.Is(err, gateway.ErrTooMuch) {
		return fmt.Errorf("refund the unrecorded payment %s: %w", d.GatewayID, err)
	}
	g, err := a.Gateway.Get(ctx, d.GatewayID)
	if err != nil {
		return fmt.Errorf("refund the unrecorded payment %s: %w", d.GatewayID, err)
	}
	d.Refunded = g.RefundedAmount
	to := billing.DiscrepancyReturned
	if g.RefundedAmount != g.Amount {
		to = billing.DiscrepancyOpen // a part went back in another way: a person decides about the rest
	}
	return a.moveDiscrepancy(ctx, worker(d.AccountID), d, to, "")
}

// SettleInput is what the operator found out about a payment whose outcome the gateway
// does not say.
type SettleInput struct {
	PaymentID string
	Captured  bool
	Reference string // where the operator looked: the gateway's or the bank's reference
}

// SettleByHand records what a person found out about a payment that the gateway has
// forgotten or cannot be asked about.
func (a *App) SettleByHand(ctx context.Context, who Actor, in SettleInput) error {
	in.Reference = strings.TrimSpace(in.Reference)
	if in.Reference == "" || len(in.Reference) > 100 || !printable(in.Reference) {
		return fault.Field("reference", "A reference of up to 100 characters on one line is needed: it says where you looked.")
	}
	p, err := a.payment(ctx, who.AccountID, in.PaymentID)
	if err != nil {
		return err
	}
	if p.State.Settled() {
		return fault.New(fault.Conflict, "This payment is %s. Nothing was changed.", p.State)
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		became := "not captured"
		if in.Captured {
			became = "captured"
		}
		return a.audit(tx, who, a.Clock.Now(), "settle", "payment "+p.ID, string(p.State), became+" "+in.Reference)
	})
	if err != nil {
		return err
	}
	if !in.Captured {
		// Should the gateway know better, the comparison of all its payments finds it.
		// It is due first: a crash before the payment ends must not lose that.
		if err := a.Store.Write(ctx, func(tx *store.Tx) error { return tx.ReconcileDue() }); err != nil {
			return err
		}
		return a.decline(ctx, p, billing.ReasonGivenUp)
	}
	if p.GatewayID == "" {
		p, err = a.advance(ctx, p, billing.PaymentUnknown, in.Reference)
	}
	if err == nil {
		err = a.book(ctx, p)
	}
	return err
}

// giveUpUnsent ends the payment that a suspended task waits for, where it was never
// sent: nothing was asked of the gateway but a name for it, so no money can have moved.
// A process that is about to send it is overtaken.
func (a *App) giveUpUnsent(tx *store.Tx, who Actor, t renewal.Task, now time.Time) (renewal.Task, error) {
	if t.State != renewal.Suspended || t.Pause != renewal.PauseUnknown {
		return t, nil
	}
	p, err := tx.OpenPaymentOf(t.AccountID, t.ID)
	if store.IsNone(err) || err == nil && p.State.Sent() {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if err := a.endUnsent(tx, who, p, now); err != nil {
		return t, err
	}
	t.Pause, t.Why = renewal.PauseDeclined, billing.ReasonGivenUp
	return t, nil
}

// endUnsent ends a payment that was never sent, with the orders that it was for.
func (a *App) endUnsent(tx *store.Tx, who Actor, p billing.Payment, now time.Time) error {
	done := p
	done.State, done.Reason, done.SettledAt = billing.PaymentDeclined, billing.ReasonGivenUp, now
	if ok, err := tx.MovePayment(done, p.State, now); err != nil || !ok {
		return changedMeanwhile(err)
	}
	if err := a.audit(tx, who, now, "give up", "payment "+p.ID, string(p.State), string(done.State)); err != nil {
		return err
	}
	return a.letGo(tx, p, paying{}, billing.ReasonGivenUp, now)
}

// OpenPayments lists the payments of all accounts whose outcome is not settled.
func (a *App) OpenPayments(ctx context.Context) (all []billing.Payment, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err = tx.OpenGatewayPayments()
		return err
	})
	return all, err
}
