package app

import (
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// payBatch pays a batch from the wallet and extends its units.
func (a *App) payBatch(tx *store.Tx, b batch) error {
	if len(b.paid) == 0 {
		return nil
	}
	who := worker(b.acc.ID)
	who.RequestID = b.task.ID
	p := a.paymentOf(b)
	p.State, p.SettledAt = billing.PaymentCaptured, b.now
	if err := tx.InsertPayment(p, b.now); err != nil {
		return err
	}
	orders := make([]billing.Order, len(b.paid))
	audits := make([]store.Audit, len(b.paid))
	for n, c := range b.paid {
		o := orderOf(b, c)
		o.Status, o.PaymentID, o.PaidAt = billing.OrderCompleted, p.ID, b.now
		if err := extend(tx, o, b.now); err != nil {
			return err
		}
		if err := finishItem(tx, o, b.now); err != nil {
			return err
		}
		orders[n] = o
		audits[n] = a.auditedRenewal(who, o, b.now)
	}
	if err := tx.InsertOrders(orders); err != nil {
		return err
	}
	if err := tx.InsertAudits(audits...); err != nil {
		return err
	}
	return a.spend(tx, who, b.acc.ID, orders, billing.BookRenewals, billing.Entry{Kind: billing.Renewal, At: b.now,
		PaymentID: p.ID, TaskID: b.task.ID, Reference: taskReference(b.task)})
}

// attemptBatch records the payment of a batch that needs the card: its orders are
// being processed, its units are meant for them alone, and its wallet legs are
// held. No gateway is called here: that happens once this is committed.
func (a *App) attemptBatch(tx *store.Tx, b batch, cardID string) error {
	who := worker(b.acc.ID)
	who.RequestID = b.task.ID
	p := a.paymentOf(b)
	p.State, p.CardID = billing.PaymentCreated, cardID
	orders := make([]billing.Order, len(b.paid))
	for n, c := range b.paid {
		orders[n] = orderOf(b, c)
		orders[n].Status, orders[n].AttemptID = billing.Processing, p.ID
		for _, l := range c.legs {
			if l.Kind == billing.FromCard {
				p.Charged.Minor += l.Amount.Minor
			}
		}
		if err := tx.NameOrder(b.task.AccountID, b.task.ID, c.item.Number, orders[n].ID); err != nil {
			return err
		}
	}
	var err error
	if p.GatewayKey, err = batchKey(tx, b.task, b.paid[0].item.Number); err != nil {
		return err
	}
	if p.Data, err = dataOf(tx, p, orders); err != nil {
		return err
	}
	// It is asked for at once, not only when it has been open for a while.
	if err := tx.InsertPayment(p, time.Time{}); err != nil {
		return err
	}
	if err := tx.InsertOrders(orders); err != nil {
		return err
	}
	return a.process(tx, who, p, orders, b.now)
}

// process makes orders the ones that a payment is about to pay, and holds what
// they take from the wallet.
func (a *App) process(tx *store.Tx, who Actor, p billing.Payment, orders []billing.Order, now time.Time) error {
	for _, o := range orders {
		if err := intend(tx, o, renewal.RenewalInProgress); err != nil {
			return err
		}
	}
	if err := a.spend(tx, who, p.AccountID, orders, billing.BookHolding, billing.Entry{Kind: billing.Hold, At: now,
		PaymentID: p.ID, TaskID: p.TaskID, Reference: orders[0].ID}); err != nil {
		return err
	}
	return a.audit(tx, who, now, "ask for", "payment "+p.ID, "", string(p.State))
}

// paymentOf begins the payment of a batch.
func (a *App) paymentOf(b batch) billing.Payment {
	c := money.Currency(b.acc.Currency)
	p := billing.Payment{ID: a.newID(b.now), AccountID: b.acc.ID, Purpose: billing.ForRenewal, TaskID: b.task.ID,
		Amount: money.Of(0, c), Charged: money.Of(0, c), CreatedAt: b.now, CreatedBy: b.task.ConfirmedBy}
	for _, one := range b.paid {
		p.Amount.Minor += one.quote.Fee.Minor // at most the total of the task, which is an amount
	}
	return p
}

// orderOf makes the order of one unit. Its ID follows from the task, the item and
// the order that was made for it before, so that a second one for the same item
// collides.
func orderOf(b batch, c charge) billing.Order {
	o := billing.Order{
		ID: orderID(b.task.Number, c.item), AccountID: b.acc.ID, TaskID: b.task.ID, Item: c.item.Number, List: c.quote.List,
		Discount: c.quote.Discount, Fee: c.quote.Fee, CreatedAt: b.now, CreatedBy: b.task.ConfirmedBy, Legs: c.legs,
	}
	o.Lines = orderLines(c.unit, c.quote, c.item.NewExpiry)
	return o
}

// orderID numbers the orders of an item: RN-0007-00012, and RN-0007-00012-2 after
// that one was declined.
func orderID(task int, i renewal.Item) string {
	base := fmt.Sprintf("RN-%04d-%05d", task, i.Number)
	if i.OrderID == "" {
		return base
	}
	before := 1
	// What follows the base is the number of a later attempt, or nothing.
	_, _ = fmt.Sscanf(i.OrderID, base+"-%d", &before)
	return fmt.Sprintf("%s-%d", base, before+1)
}

func orderLines(u renewal.Unit, q renewal.Quote, newExpiry time.Time) []billing.OrderLine {
	lines := make([]billing.OrderLine, 0, len(q.Lines))
	for n, i := range u.All() {
		l := q.Lines[n]
		lines = append(lines, billing.OrderLine{
			InstanceID: i.ID, Name: i.Name, ServiceCode: i.ServiceCode, ServiceName: i.ServiceName, SpecCode: i.SpecCode,
			RegionCode: i.RegionCode, RegionName: i.RegionName, Project: i.Project, Period: i.Period, Quantity: i.Quantity,
			OldExpiry: i.ExpiresAt, NewExpiry: newExpiry, List: l.List, Discount: l.Discount,
			DiscountKind: l.DiscountKind, Fee: l.Fee,
		})
	}
	return lines
}

// extend gives every instance of an order its new expiry.
func extend(tx *store.Tx, o billing.Order, now time.Time) error {
	for _, l := range o.Lines {
		ok, err := tx.Extend(o.AccountID, l.InstanceID, l.OldExpiry, l.NewExpiry, now, o.ID)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("extend %s: its expiry moved while it was locked", l.InstanceID)
		}
	}
	return nil
}

// finishItem settles the item that a completed order belongs to, if a task made it.
func finishItem(tx *store.Tx, o billing.Order, now time.Time) error {
	if o.TaskID == "" {
		return nil
	}
	ok, err := tx.FinishItem(o.AccountID, o.TaskID, o.Item, renewal.ItemRenewed, "", o.Fee.Minor, o.ID, now)
	if err == nil && !ok {
		err = fmt.Errorf("finish item %d: it is no longer waiting", o.Item)
	}
	return err
}

func (a *App) auditedRenewal(who Actor, o billing.Order, now time.Time) store.Audit {
	primary := o.Lines[0]
	return a.audited(who, now, "renew", "instance "+primary.InstanceID, primary.OldExpiry.Format(time.RFC3339), primary.NewExpiry.Format(time.RFC3339))
}
