package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// PayInput is what the form sends that pays orders together.
type PayInput struct {
	OrderIDs []string
	Total    int64 // minor units, as they stood on the page
	Due      int64
	Key      string
}

// PayOrders pays up to thirty orders that wait, all of them or none: from coupons,
// balance and credit line at once, or with the card. Then the payment is recorded
// first and the gateway asked after, and the payment says how it stands.
func (a *App) PayOrders(ctx context.Context, who Actor, in PayInput) (billing.Payment, error) {
	if err := a.mayCharge(ctx, who.AccountID); err != nil {
		return billing.Payment{}, err
	}
	r := asked(in.Key, "pay orders", in.OrderIDs, in.Total, in.Due)
	id, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		acc, err := tx.Account(who.AccountID)
		if err != nil {
			return "", err
		}
		wallet, err := tx.LockWallet(acc.ID)
		if err != nil {
			return "", err
		}
		orders, err := payable(tx, acc, in.OrderIDs, now)
		if err != nil {
			return "", err
		}
		funds, err := a.fundsOf(tx, acc.ID, wallet, now)
		if err != nil {
			return "", err
		}
		plan, err := planOrders(orders, funds, now)
		if err != nil {
			return "", err
		}
		switch {
		case plan.Total.Minor != in.Total:
			return "", fault.New(fault.Conflict, "The orders come to %s now. Nothing was charged.", plan.Total)
		case plan.Due.Minor > in.Due:
			return "", fault.New(fault.Conflict, "Coupons pay less than this page said: %s is due now. Nothing was charged.", plan.Due)
		case !plan.Shortfall.IsZero():
			return "", fault.New(fault.Conflict, "The balance is %s short. Nothing was charged.", plan.Shortfall)
		}
		return a.payOrders(tx, who, acc, orders, funds.Card, now)
	})
	if err != nil {
		return billing.Payment{}, err
	}
	return a.settleNow(ctx, who.AccountID, id)
}

// payable finds orders that wait, each checked once more: in the order of payment,
// which is that of their expiry.
func payable(tx *store.Tx, acc account.Account, ids []string, now time.Time) ([]billing.Order, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 || len(ids) > billing.OrdersAPayment {
		return nil, fault.New(fault.Invalid, "Choose 1 to %d orders to pay together.", billing.OrdersAPayment)
	}
	found, err := tx.LockOrders(acc.ID, ids)
	if err != nil {
		return nil, err
	}
	orders := make([]billing.Order, len(ids))
	heads := make([]string, len(ids))
	for n, id := range ids {
		o, ok := found[id]
		switch {
		case !ok:
			return nil, noOrder()
		case o.Status != billing.PendingPayment:
			return nil, notWaiting(o)
		case !now.Before(o.ExpiresAt):
			return nil, fault.New(fault.Conflict, "Order %s could be paid for seven days, and they are over. Nothing was charged.", id)
		}
		orders[n], heads[n] = o, o.Lines[0].InstanceID
	}
	units, err := tx.LockUnits(acc.ID, heads)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if err := stillRenews(o, units[o.Lines[0].InstanceID], now, termsOf(acc)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(orders, func(a, b billing.Order) int {
		if c := a.Lines[0].OldExpiry.Compare(b.Lines[0].OldExpiry); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return orders, nil
}

// stillRenews refuses to pay an order whose unit cannot be renewed as it was
// ordered. The order's own intent does not stand in its way, and neither does a
// price that was taken away: it was ordered at its fee.
func stillRenews(o billing.Order, u renewal.Unit, now time.Time, terms renewal.Terms) error {
	if !extendable(o, u) || len(o.Lines) != len(u.All()) {
		return fault.New(fault.Conflict, "The instance of order %s has changed since it was ordered. Cancel the order; nothing was charged.", o.ID)
	}
	u.Intent = ""
	expiry, why := renewal.Check(u, now, terms, true)
	switch {
	case why != "":
		return fault.New(fault.Conflict, "Order %s cannot be paid now. %s Nothing was charged.", o.ID, why.Sentence())
	case !expiry.Equal(o.Lines[0].NewExpiry):
		return fault.New(fault.Conflict, "Order %s would lead to another expiry now. Cancel it; nothing was charged.", o.ID)
	}
	return nil
}

// planOrders gives each order its legs.
func planOrders(orders []billing.Order, funds billing.Funds, now time.Time) (billing.Plan, error) {
	units := make([]billing.Payable, len(orders))
	for n, o := range orders {
		units[n] = o.Payable()
	}
	return billing.NewPlan(units, funds, now, func(n int, s billing.Split) { orders[n].Legs = s.Legs })
}

// payOrders pays orders whose legs are known, or records the payment that needs
// the card.
func (a *App) payOrders(tx *store.Tx, who Actor, acc account.Account, orders []billing.Order, cardID string, now time.Time) (paymentID string, err error) {
	c := money.Currency(acc.Currency)
	p := billing.Payment{ID: a.newID(now), AccountID: acc.ID, Purpose: billing.ForRenewal, State: billing.PaymentCaptured,
		Amount: money.Of(0, c), Charged: money.Of(0, c), CreatedAt: now, CreatedBy: who.Name, SettledAt: now}
	for n := range orders {
		p.Amount.Minor += orders[n].Fee.Minor // their sum was an amount in the plan
		p.Charged.Minor += cardLeg(orders[n]).Minor
		orders[n].AttemptID = p.ID
	}
	if p.Charged.IsZero() {
		return p.ID, a.payFromWallet(tx, who, p, orders, now)
	}
	p.State, p.SettledAt, p.CardID, p.GatewayKey = billing.PaymentCreated, time.Time{}, cardID, "renewal-"+p.ID
	if err := tx.InsertPayment(p, now); err != nil {
		return "", err
	}
	for _, o := range orders {
		o.Status = billing.Processing
		if err := moveOrder(tx, o, billing.PendingPayment); err != nil {
			return "", err
		}
	}
	if err := tx.InsertLegs(orders); err != nil {
		return "", err
	}
	return p.ID, a.process(tx, who, p, orders, now)
}

// payFromWallet pays orders and extends their units in one transaction.
func (a *App) payFromWallet(tx *store.Tx, who Actor, p billing.Payment, orders []billing.Order, now time.Time) error {
	if err := tx.InsertPayment(p, now); err != nil {
		return err
	}
	audits := make([]store.Audit, len(orders))
	for n := range orders {
		o := &orders[n]
		o.Status, o.PaymentID, o.PaidAt = billing.OrderCompleted, p.ID, now
		if err := moveOrder(tx, *o, billing.PendingPayment); err != nil {
			return err
		}
		if err := extend(tx, *o, now); err != nil {
			return err
		}
		audits[n] = a.auditedRenewal(who, *o, now)
	}
	if err := tx.InsertLegs(orders); err != nil {
		return err
	}
	if err := tx.InsertAudits(audits...); err != nil {
		return err
	}
	reference := orders[0].ID
	if more := len(orders) - 1; more > 0 {
		reference = fmt.Sprintf("%s and %d more", reference, more)
	}
	return a.spend(tx, who, p.AccountID, orders, billing.BookRenewals, billing.Entry{Kind: billing.Renewal, At: now, PaymentID: p.ID, Reference: reference})
}
