package app

import (
	"cmp"
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

// OrderToPay is an order that somebody wants to pay.
type OrderToPay struct {
	billing.Order
	Why   string // why it cannot be paid, in words; empty where it can
	Split billing.Split
	unit  renewal.Unit
}

// Paying is what a person must know who pays orders together, as it stands at one instant.
type Paying struct {
	Account account.Account
	Now     time.Time
	Orders  []OrderToPay // in the order of payment; those that cannot be paid are last
	// Plan is for those that can be paid.
	Plan   billing.Plan
	Wallet billing.Wallet
	Card   billing.Card // that pays what nothing else does; its ID is empty where none
	// Sources name the coupons and cards of legs.
	Sources map[string]string
}

// Payable are the IDs of the orders that can be paid.
func (p Paying) Payable() []string {
	var ids []string
	for _, o := range p.Orders {
		if o.Why == "" {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// Paying plans the payment of orders of the account together.
func (a *App) Paying(ctx context.Context, accountID string, ids []string) (p Paying, err error) {
	if ids, err = distinctOrders(ids); err != nil {
		return p, err
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		p = Paying{Now: a.Clock.Now()}
		if p.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		if p.Sources, err = sourceNames(tx, accountID); err != nil {
			return err
		}
		orders, err := tx.Orders(accountID, ids)
		if err != nil {
			return err
		}
		if p.Wallet, err = tx.Wallet(accountID); err != nil {
			return err
		}
		units, err := tx.Units(accountID, primaries(orders))
		if err != nil {
			return err
		}
		return a.planOrders(tx, &p, ids, orders, units)
	})
	if err != nil {
		return p, fmt.Errorf("plan the payment of orders: %w", err)
	}
	return p, nil
}

// planOrders checks orders against their units as they are now, and plans how they
// are paid. p has account, instant and wallet.
func (a *App) planOrders(tx *store.Tx, p *Paying, ids []string, orders map[string]billing.Order, units map[string]renewal.Unit) error {
	for _, id := range ids {
		o, ok := orders[id]
		if !ok {
			return noOrder()
		}
		u := units[o.Lines[0].InstanceID]
		p.Orders = append(p.Orders, OrderToPay{Order: o, unit: u, Why: unpayable(o, u, termsOf(p.Account), p.Now)})
	}
	// What expires first is paid first, as in a task.
	slices.SortFunc(p.Orders, func(x, y OrderToPay) int {
		if payable := x.Why == ""; payable != (y.Why == "") {
			if payable {
				return -1
			}
			return +1
		}
		return cmp.Or(x.Lines[0].OldExpiry.Compare(y.Lines[0].OldExpiry),
			strings.Compare(x.Lines[0].InstanceID, y.Lines[0].InstanceID))
	})
	var payable []billing.Payable
	for _, o := range p.Orders {
		if o.Why == "" {
			payable = append(payable, o.Payable())
		}
	}
	funds, err := a.fundsOf(tx, p.Account.ID, p.Wallet, p.Now)
	if err != nil {
		return err
	}
	if funds.Card != "" {
		if p.Card, err = tx.Card(p.Account.ID, funds.Card); err != nil {
			return err
		}
	}
	p.Plan, err = billing.NewPlan(payable, funds, p.Now, func(n int, s billing.Split) { p.Orders[n].Split = s })
	return err
}

// unpayable says why an order cannot be paid, or nothing. Its price is agreed on;
// everything else is checked as it is now.
func unpayable(o billing.Order, u renewal.Unit, terms renewal.Terms, now time.Time) string {
	if why := notWaiting(o, now); why != "" {
		return why
	}
	if !extendable(o, u) || len(u.All()) != len(o.Lines) {
		return "Order " + o.ID + " cannot be paid: the instance changed after it was placed. Cancel it and place another one."
	}
	u.Intent = "" // its own
	expiry, why := renewal.Check(u, now, terms, true)
	switch {
	case why != "":
		return "Order " + o.ID + " cannot be paid. " + why.Sentence()
	case !expiry.Equal(o.Lines[0].NewExpiry):
		return "Order " + o.ID + " cannot be paid: a renewal would give another expiry than it says. Cancel it and place another one."
	}
	return ""
}

// PayInput is what the form that pays orders sends.
type PayInput struct {
	OrderIDs []string
	Total    int64 // fees as the page said, in minor units
	Due      int64 // what was left after coupons
	Key      string
}

// PayOrders pays orders together, all or none: from coupons, balance and credit
// line in this transaction, or, where that does not reach, with the card. That
// attempt is committed before the gateway is asked, and the answer says how it
// stands: captured, declined (the orders wait again), or not known yet, while
// nothing else can pay or renew them.
func (a *App) PayOrders(ctx context.Context, who Actor, in PayInput) (billing.Payment, error) {
	ids, err := distinctOrders(in.OrderIDs)
	if err != nil {
		return billing.Payment{}, err
	}
	if err := a.awaitCharge(ctx, who.AccountID); err != nil {
		return billing.Payment{}, err
	}
	if err := a.admitCharge(ctx, who.AccountID); err != nil {
		return billing.Payment{}, err
	}
	_ = a.compareOnce(ctx) // payOrders refuses a card that has to wait
	r := asked(in.Key, "pay orders", ids, in.Total, in.Due)
	id, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		p := Paying{Now: now}
		if p.Account, err = tx.Account(who.AccountID); err != nil {
			return "", err
		}
		orders, err := tx.LockOrders(who.AccountID, ids)
		if err != nil {
			return "", err
		}
		if p.Wallet, err = tx.LockWallet(who.AccountID); err != nil {
			return "", err
		}
		if err := notBlocked(tx, who.AccountID); err != nil {
			return "", err
		}
		units, err := tx.LockUnits(who.AccountID, primaries(orders))
		if err != nil {
			return "", err
		}
		if err := a.planOrders(tx, &p, ids, orders, units); err != nil {
			return "", err
		}
		if err := p.admits(in); err != nil {
			return "", err
		}
		return a.payOrders(tx, who, p)
	})
	if err != nil {
		return billing.Payment{}, err
	}
	return a.settleNow(ctx, who.AccountID, id)
}

// admits refuses a payment that is not what the page said, or that the money does
// not cover.
func (p Paying) admits(in PayInput) error {
	for _, o := range p.Orders {
		if o.Why != "" {
			return fault.New(fault.Conflict, "%s Nothing was charged.", o.Why)
		}
	}
	if p.Plan.Total.Minor > in.Total || p.Plan.Due.Minor > in.Due {
		return fault.New(fault.Conflict, "More is due than this page said: %s instead of %s. Nothing was charged. Check the amount, then pay.",
			p.Plan.Due, money.Of(in.Due, p.Plan.Due.Currency))
	}
	if !p.Plan.Shortfall.IsZero() {
		return fault.New(fault.Conflict, "The money is %s short. Nothing was charged. Top up, then pay.", p.Plan.Shortfall)
	}
	return nil
}

// payOrders pays planned orders from the wallet and extends their units, or records
// the attempt to pay them with the card. It answers with the ID of the payment.
func (a *App) payOrders(tx *store.Tx, who Actor, p Paying) (string, error) {
	c := p.Plan.Total.Currency
	pay := billing.Payment{ID: a.newID(p.Now), AccountID: who.AccountID, Purpose: billing.ForRenewal, State: billing.PaymentCaptured,
		Amount: p.Plan.Total, Charged: money.Of(p.Plan.Legs[billing.FromCard].Minor, c), CreatedAt: p.Now, CreatedBy: who.Name, SettledAt: p.Now}
	status := billing.OrderCompleted
	if !pay.Charged.IsZero() {
		status = billing.Processing
	}
	orders := make([]billing.Order, len(p.Orders))
	for n, one := range p.Orders {
		o := one.Order
		o.Status, o.AttemptID, o.Legs = status, pay.ID, one.Split.Legs
		if status == billing.OrderCompleted {
			o.PaymentID, o.PaidAt = pay.ID, p.Now
		}
		orders[n] = o
	}
	if status == billing.Processing && !a.reconciled() {
		return "", a.refuse(refusedGateway, gatewayDown())
	}
	if status == billing.Processing {
		pay.State, pay.SettledAt, pay.CardID = billing.PaymentCreated, time.Time{}, p.Card.ID
		var err error
		if pay.GatewayKey, err = ordersKey(tx, p.Orders); err != nil {
			return "", err
		}
		if pay.Data, err = dataOf(tx, pay, orders); err != nil {
			return "", err
		}
	}
	if err := tx.InsertPayment(pay, p.Now); err != nil {
		return "", err
	}
	for _, o := range orders {
		if ok, err := tx.TakeOrder(o, p.Now); err != nil || !ok {
			return "", taken(o, err)
		}
	}
	if err := tx.InsertLegs(orders); err != nil {
		return "", err
	}
	if err := tx.InsertAudits(a.orderAudits(who, orders, billing.PendingPayment, status, p.Now)...); err != nil {
		return "", err
	}
	if status == billing.Processing {
		return pay.ID, a.process(tx, who, pay, orders, p.Now)
	}
	return pay.ID, a.renewPaid(tx, who, pay, orders, p.Now)
}

// taken is the fault of an order that somebody else was faster with.
func taken(o billing.Order, err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "Order %s no longer waits for payment. Nothing was charged.", o.ID)
}

// renewPaid extends the units of orders that the wallet pays, and spends it.
func (a *App) renewPaid(tx *store.Tx, who Actor, p billing.Payment, orders []billing.Order, now time.Time) error {
	audits := make([]store.Audit, len(orders))
	for n, o := range orders {
		if err := extend(tx, o, now); err != nil {
			return err
		}
		audits[n] = a.auditedRenewal(who, o, now)
	}
	if err := tx.InsertAudits(audits...); err != nil {
		return err
	}
	return a.spend(tx, who, who.AccountID, orders, billing.BookRenewals, billing.Entry{Kind: billing.Renewal, At: now,
		PaymentID: p.ID, Reference: orderReference(orders)})
}

// orderReference names orders in the ledger.
func orderReference(orders []billing.Order) string {
	if len(orders) == 1 {
		return orders[0].ID
	}
	return fmt.Sprintf("%s and %d more", orders[0].ID, len(orders)-1)
}

// distinctOrders are the orders that one payment is for, each once.
func distinctOrders(ids []string) ([]string, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		return nil, fault.New(fault.Invalid, "No order is selected.")
	case len(ids) > billing.OrdersAPayment:
		return nil, fault.New(fault.Invalid, "%d orders are selected. At most %d can be paid together.", len(ids), billing.OrdersAPayment)
	}
	return ids, nil
}

// primaries are the primary instances of orders.
func primaries(orders map[string]billing.Order) []string {
	ids := make([]string, 0, len(orders))
	for _, o := range orders {
		ids = append(ids, o.Lines[0].InstanceID)
	}
	slices.Sort(ids)
	return ids
}
