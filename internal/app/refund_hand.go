package app

import (
	"context"
	"slices"
	"strings"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
)

// gatewayRefused is what gateway.ErrTooMuch means, for people: it is the only
// refusal that settles a refund.
const gatewayRefused = "The gateway refused to give the money back: it is more than is left there of the payment, so some of it went back outside of this console."

// HeldRefunds lists, of every account, what the gateway refused to give back of
// units that could not be renewed. It is held until RefundByHand.
func (a *App) HeldRefunds(ctx context.Context) (all []billing.Refunding, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err = tx.HeldRefunds()
		return err
	})
	return all, err
}

// ByHandInput says what the operator gave back.
type ByHandInput struct {
	PaymentID string
	OrderID   string
	Reference string // the gateway's, or the bank's
	Transfer  bool   // by bank transfer; else on the gateway's own pages
}

// RefundByHand records, once, that the operator gave back by hand what the gateway
// had refused to give back of an order.
func (a *App) RefundByHand(ctx context.Context, who Actor, in ByHandInput) (f billing.Refunding, err error) {
	in.Reference = strings.TrimSpace(in.Reference)
	if in.Reference == "" || len(in.Reference) > 100 || !printable(in.Reference) {
		return f, fault.Field("by-hand", "A reference of up to 100 characters on one line is needed: it leads to where the money went back.")
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		// Two operators who record the same wait for each other here.
		if _, err := tx.LockWallet(who.AccountID); err != nil {
			return noSuchAccount(err, who.AccountID)
		}
		refunds, err := tx.Refunds(who.AccountID, in.PaymentID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(refunds, func(f billing.Refunding) bool { return f.OrderID == in.OrderID && in.OrderID != "" })
		if n < 0 {
			return fault.New(fault.NotFound, "Nothing of order %q is to be given back of payment %q in this account. Run perennial doctor for what is.", in.OrderID, in.PaymentID)
		}
		if f = refunds[n]; f.State != billing.RefundRefused {
			return fault.New(fault.Conflict, "%s Nothing was changed.", byHandStates[f.State])
		}
		was := f.State
		f.State, f.SettledAt = billing.RefundDone, now
		if ok, err := tx.MoveRefund(f, was, now); err != nil || !ok {
			return changedMeanwhile(err)
		}
		p, err := tx.Payment(who.AccountID, f.PaymentID)
		if err != nil {
			return err
		}
		to := store.Posting{Book: billing.BookGateway, Amount: f.Charged}
		if in.Transfer {
			to.Book = billing.BookBank
		}
		if err := tx.Post(f.AccountID, billing.Entry{ID: a.newID(now), Kind: billing.Refund, At: now, PaymentID: p.ID, RefundID: f.ID,
			TaskID: p.TaskID, Reference: in.Reference}, store.Posting{Book: billing.BookHolding, Amount: money.Of(-f.Charged.Minor, f.Charged.Currency)}, to); err != nil {
			return err
		}
		return a.audit(tx, who, now, "refund", "payment "+p.ID, string(was), string(f.State)+" by hand, "+in.Reference)
	})
	return f, err
}

var byHandStates = map[billing.RefundState]string{
	billing.RefundCreated: "The gateway is still being asked to give this money back.",
	billing.RefundDone:    "This money was given back already.",
}
