package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// paying is the task that a payment renews units of, with the epoch of its lease;
// the task of one that pays for orders of no task has no ID.
type paying struct {
	renewal.Task
	epoch int64
}

// lockPaying locks the task of a payment, if it has one. Who holds that lock is
// alone with the task, so what the gateway answered is entered whoever has the lease.
func lockPaying(tx *store.Tx, p billing.Payment) (paying, error) {
	if p.TaskID == "" {
		return paying{}, nil
	}
	t, l, err := tx.LockLeased(p.AccountID, p.TaskID)
	return paying{t, l.Epoch}, err
}

// bookRenewals completes the orders of a captured payment: units get their new
// expiry, and what was held is spent. An order whose unit can no longer be
// extended is not charged: its wallet legs go back at once and the rest by refund.
// unfit are further orders of the payment, which are cancelled already.
func (a *App) bookRenewals(tx *store.Tx, p billing.Payment, t paying, unfit []lostOrder, now time.Time) error {
	orders, err := tx.LockUnderWay(p.AccountID, p.ID)
	if err != nil {
		return err
	}
	renewed, lost, err := sortOut(tx, p.AccountID, orders, now, tx.LockUnits)
	if err != nil {
		return err
	}
	lost = append(lost, unfit...)
	quoted, err := tx.QuotedFees(p.AccountID, t.ID, orders)
	if err != nil {
		return err
	}
	who := worker(p.AccountID)
	who.RequestID = p.ID
	if p.TaskID != "" {
		who.RequestID = p.TaskID
	}
	audits := a.orderAudits(who, renewed, billing.Processing, billing.OrderCompleted, now)
	for _, o := range renewed {
		o.Status, o.PaymentID, o.PaidAt = billing.OrderCompleted, p.ID, now
		if err := moveOrder(tx, o, billing.Processing); err != nil {
			return err
		}
		if err := extend(tx, o, now); err != nil {
			return err
		}
		if err := finishItem(tx, o, now); err != nil {
			return err
		}
		audits = append(audits, a.auditedRenewal(who, o, now))
	}
	if err := tx.InsertAudits(audits...); err != nil {
		return err
	}
	if err := a.postCapture(tx, who, p, renewed, lost, now); err != nil {
		return err
	}
	for _, o := range lost {
		if err := a.refundOrder(tx, who, p, o, now); err != nil {
			return err
		}
	}
	t.LeftMinor -= quoted
	return a.settleTask(tx, t, renewed, lost, now)
}

func moveOrder(tx *store.Tx, o billing.Order, from billing.OrderStatus) error {
	ok, err := tx.MoveOrder(o, from)
	if err == nil && !ok {
		err = fmt.Errorf("order %s is no longer %d", o.ID, from)
	}
	return err
}

// postCapture enters what the gateway captured and what was held: spent for the
// units that were renewed, held for the refund of those that were lost.
func (a *App) postCapture(tx *store.Tx, who Actor, p billing.Payment, renewed []billing.Order, lost []lostOrder, now time.Time) error {
	c := p.Amount.Currency
	fees := money.Of(0, c)
	for _, o := range renewed {
		fees.Minor += o.Fee.Minor
	}
	toRefund := money.Of(0, c)
	for _, o := range lost {
		toRefund.Minor += cardLeg(o.Order).Minor
	}
	// What all orders take is amount; charged of it came through the gateway.
	held := money.Of(-(fees.Minor-(p.Charged.Minor-toRefund.Minor))+toRefund.Minor, c)
	postings := []store.Posting{{Book: billing.BookGateway, Amount: money.Of(-p.Charged.Minor, c)}}
	if !held.IsZero() {
		postings = append(postings, store.Posting{Book: billing.BookHolding, Amount: held})
	}
	if !fees.IsZero() {
		postings = append(postings, store.Posting{Book: billing.BookRenewals, Amount: fees})
	}
	balance, err := tx.Balance(p.AccountID)
	if err != nil {
		return err
	}
	if err := tx.Post(p.AccountID, billing.Entry{ID: a.newID(now), Kind: billing.Renewal, At: now, PaymentID: p.ID,
		TaskID: p.TaskID, Reference: p.GatewayID}, postings...); err != nil {
		return err
	}
	return a.audit(tx, who, now, "pay", "payment "+p.ID, balance.String(), balance.String())
}

// cardLeg is what an order takes from the card.
func cardLeg(o billing.Order) money.Amount {
	for _, l := range o.Legs {
		if l.Kind == billing.FromCard {
			return l.Amount
		}
	}
	return money.Of(0, o.Fee.Currency)
}

// letGo undoes what a declined payment held: the wallet legs go back, and the
// units may be renewed by others. The orders of a task are cancelled, since its
// next attempt makes new ones; others wait for payment again.
func (a *App) letGo(tx *store.Tx, p billing.Payment, t paying, why string, now time.Time) error {
	orders, err := tx.LockUnderWay(p.AccountID, p.ID)
	if err != nil {
		return err
	}
	who := worker(p.AccountID)
	who.RequestID = p.ID
	if err := a.release(tx, who, p.AccountID, orders, billing.BookHolding, billing.Entry{Kind: billing.Release, At: now,
		PaymentID: p.ID, TaskID: p.TaskID, Reference: orders[0].ID}); err != nil {
		return err
	}
	if why == billing.ReasonUnrecorded {
		if err := tx.ReleaseKey(p.AccountID, p.ID); err != nil {
			return err
		}
	}
	if p.TaskID == "" {
		return a.waitAgain(tx, who, orders, now)
	}
	for _, o := range orders {
		o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledDeclined
		if err := a.endOrder(tx, who, o, billing.Processing, now); err != nil {
			return err
		}
	}
	if t.ID == "" || why == billing.ReasonLapsed && t.State == renewal.Running {
		return nil // the worker passes over what was lost, and pays for the rest
	}
	return a.suspendOrRepause(tx, t, renewal.PauseDeclined, why, now)
}

// waitAgain has orders of no task wait for payment once more. One whose time is over
// by now, or whose unit is no longer what it says, is cancelled.
func (a *App) waitAgain(tx *store.Tx, who Actor, orders []billing.Order, now time.Time) error {
	still, lost, err := sortOut(tx, who.AccountID, orders, now, tx.LockUnits)
	if err != nil {
		return err
	}
	for _, o := range lost {
		o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledDeclined
		if err := a.endOrder(tx, who, o.Order, billing.Processing, now); err != nil {
			return err
		}
	}
	for _, o := range still {
		if !now.Before(o.ExpiresAt) {
			o.Status, o.EndedAt, o.Why = billing.OrderCancelled, now, billing.CancelledUnpaid
			if err := a.endOrder(tx, who, o, billing.Processing, now); err != nil {
				return err
			}
			continue
		}
		o.Status = billing.PendingPayment
		if err := moveOrder(tx, o, billing.Processing); err != nil {
			return err
		}
		if err := intend(tx, o, renewal.OrderPending); err != nil {
			return err
		}
		if err := tx.InsertAudits(a.orderAudits(who, []billing.Order{o}, billing.Processing, o.Status, now)...); err != nil {
			return err
		}
	}
	return nil
}

// endOrder cancels an order and lets others renew its instances.
func (a *App) endOrder(tx *store.Tx, who Actor, o billing.Order, from billing.OrderStatus, now time.Time) error {
	if err := moveOrder(tx, o, from); err != nil {
		return err
	}
	for _, l := range o.Lines {
		if err := tx.EndIntent(o.AccountID, l.InstanceID, o.ID); err != nil {
			return err
		}
	}
	return tx.InsertAudits(a.orderAudits(who, []billing.Order{o}, from, o.Status, now)...)
}

// intend keeps everybody else from the instances of an order.
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

// orderAudits are the audit rows of orders that changed. What happens to the order
// of a task is the task's own history.
func (a *App) orderAudits(who Actor, orders []billing.Order, from, to billing.OrderStatus, now time.Time) []store.Audit {
	audits := make([]store.Audit, 0, 2*len(orders))
	for _, o := range orders {
		if o.TaskID == "" {
			audits = append(audits, a.audited(who, now, orderActs[to], "order "+o.ID, from.Code(), to.Code()))
		}
	}
	return audits
}

// orderActs are the actions of audit rows about orders, by what became of them.
var orderActs = map[billing.OrderStatus]string{
	billing.PendingPayment: "wait", billing.Processing: "ask for", billing.OrderCompleted: "pay", billing.OrderCancelled: "cancel",
}

// settleTask brings a task up to date with a payment that was booked. A running
// task goes on; a suspended one says that the outcome is known now.
func (a *App) settleTask(tx *store.Tx, t paying, renewed []billing.Order, lost []lostOrder, now time.Time) error {
	if t.ID == "" {
		return nil
	}
	due := int64(0)
	for _, o := range renewed {
		if o.TaskID == "" {
			continue
		}
		t.Renewed++
		t.SpentMinor += o.Fee.Minor
		due += o.Fee.Minor - couponLeg(o).Minor
	}
	for _, o := range lost {
		if o.TaskID == "" {
			continue
		}
		t.NotRenewed++
		if _, err := tx.FinishItem(o.AccountID, t.ID, o.Item, renewal.ItemFailed, o.why, o.Fee.Minor, o.ID, now); err != nil {
			return err
		}
	}
	t.DueMinor = min(t.DueMinor-due, t.LeftMinor)
	if err := tx.Progress(t.Task, t.epoch); err != nil {
		return err
	}
	if t.State != renewal.Suspended {
		return nil
	}
	return a.suspendOrRepause(tx, t, renewal.PauseSettled, "", now)
}

func couponLeg(o billing.Order) money.Amount {
	for _, l := range o.Legs {
		if l.Kind == billing.FromCoupon {
			return l.Amount
		}
	}
	return money.Of(0, o.Fee.Currency)
}

// suspendUnknown suspends the running task of a payment whose outcome is not known.
func (a *App) suspendUnknown(ctx context.Context, p billing.Payment) error {
	if p.TaskID == "" {
		return nil
	}
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		t, err := lockPaying(tx, p)
		if err != nil || t.State != renewal.Running {
			return err
		}
		// It may have been settled by another process meanwhile.
		if now, err := tx.Payment(p.AccountID, p.ID); err != nil || now.State.Settled() {
			return err
		}
		return a.suspendOrRepause(tx, t, renewal.PauseUnknown, "", a.Clock.Now())
	})
}

// suspendOrRepause suspends a running task, or changes what a suspended one waits
// for; one that a person stops is left to end.
func (a *App) suspendOrRepause(tx *store.Tx, t paying, p renewal.Pause, why string, now time.Time) error {
	switch t.State {
	case renewal.Running:
		acc, err := tx.Account(t.AccountID)
		if err != nil {
			return err
		}
		return a.suspend(tx, t.Task, acc, p, why, now)
	case renewal.Suspended:
		if t.Pause == renewal.PauseSettled && p == renewal.PauseSettled {
			_, err := tx.Requoted(t.Task) // people were told
			return err
		}
		was := t.Pause
		t.Pause, t.Why = p, why
		acc, err := tx.Account(t.AccountID)
		if err != nil {
			return err
		}
		if t.Task, err = tx.Requoted(t.Task); err != nil {
			return err
		}
		if err := a.audit(tx, worker(t.AccountID), now, "pause", "task "+t.ID, string(was), string(p)); err != nil {
			return err
		}
		return a.tellSuspended(tx, t.Task, acc, 0, now)
	}
	return nil
}
