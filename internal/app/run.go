package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// unitsAPayment is how many units one wallet payment covers at most.
const unitsAPayment = 100

// WorkTasks makes one step of every task that a worker has something to do for.
// A task that fails is paused, so that it does not hold up those of others.
func (a *App) WorkTasks(ctx context.Context) (more bool, err error) {
	var jobs []store.Job
	if err := a.Store.Read(ctx, func(tx *store.Tx) error {
		jobs, err = tx.Jobs()
		return err
	}); err != nil {
		return false, err
	}
	var errs []error
	for _, j := range jobs {
		if a.paused(j.TaskID) {
			continue
		}
		again, err := a.workJob(ctx, j)
		a.settlePause(j.TaskID, err)
		if err != nil {
			errs = append(errs, fmt.Errorf("work on task %s: %w", j.TaskID, err))
		}
		more = more || again
	}
	return more, errors.Join(errs...)
}

func (a *App) workJob(ctx context.Context, j store.Job) (more bool, err error) {
	switch j.State {
	case renewal.Generating:
		return false, a.generate(ctx, j.TaskID)
	case renewal.Running:
		if err := a.mayCharge(ctx, j.AccountID); err != nil {
			return false, err
		}
	}
	return a.stepTask(ctx, j.TaskID)
}

// stepTask pays for the next units of a running task, or ends a cancelled one.
func (a *App) stepTask(ctx context.Context, id string) (more bool, err error) {
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		more = false
		t, l, err := tx.LockLeased(id)
		if err != nil {
			return err
		}
		if t.State != renewal.Running && t.State != renewal.Cancelling {
			return nil
		}
		l, mine, err := a.hold(tx, id, l)
		if err != nil || !mine {
			return err
		}
		if t.State == renewal.Running {
			more, err = a.payNext(tx, t, l.Epoch)
			return err
		}
		now := a.Clock.Now()
		t.State, t.EndedAt = renewal.CancelledT, now
		_, err = a.move(tx, worker(t.AccountID), t, renewal.Cancelling, now)
		return err
	})
	return more, ignoreLost(err)
}

// batch is one step of a running task: units to pay for and units to pass over.
type batch struct {
	task    renewal.Task
	acc     account.Account
	now     time.Time
	payment string
	paid    []charge
	refused []renewal.Item
	sum     money.Amount // fees of paid
	quoted  int64        // fees of paid and refused as they were quoted
	short   bool         // the next unit costs more than is left
}

// charge is one unit that is about to be paid and renewed.
type charge struct {
	item  renewal.Item
	unit  renewal.Unit
	quote renewal.Quote
}

// payNext pays for the longest affordable run of the next units and renews them,
// all in this transaction: legs, ledger, expiries, items, orders, audit rows and
// notice become true together or not at all.
func (a *App) payNext(tx *store.Tx, t renewal.Task, epoch int64) (more bool, err error) {
	now := a.Clock.Now()
	acc, err := tx.Account(t.AccountID)
	if err != nil {
		return false, err
	}
	items, err := tx.Waiting(t.ID, unitsAPayment, money.Currency(acc.Currency))
	if err != nil {
		return false, err
	}
	if len(items) == 0 {
		return false, a.complete(tx, t, acc, now)
	}
	balance, err := tx.LockBalance(t.AccountID)
	if err != nil {
		return false, err
	}
	b := batch{task: t, acc: acc, now: now, sum: money.Of(0, balance.Currency), payment: a.newID(now)}
	if err := a.choose(tx, &b, items, balance); err != nil {
		return false, err
	}
	if err := a.pay(tx, b, balance); err != nil {
		return false, err
	}
	if err := a.passOver(tx, b); err != nil {
		return false, err
	}
	t.Renewed += len(b.paid)
	t.NotRenewed += len(b.refused)
	t.SpentMinor += b.sum.Minor
	t.LeftMinor -= b.quoted
	if err := tx.Progress(t, epoch); err != nil {
		return false, err
	}
	if b.short {
		return false, a.suspend(tx, t, acc, now)
	}
	return true, nil
}

// choose checks the next units once more, as they are now, and plans how far the
// balance reaches.
func (a *App) choose(tx *store.Tx, b *batch, items []renewal.Item, balance money.Amount) error {
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.InstanceID
	}
	units, err := tx.LockUnits(b.acc.ID, ids)
	if err != nil {
		return err
	}
	// Unless prices changed since, the stored quotes are what the prices say.
	var prices *pricing
	if b.acc.PriceRevision != b.task.PriceRevision {
		fresh, err := pricingOf(tx, b.acc)
		if err != nil {
			return err
		}
		prices = &fresh
	}
	for _, i := range items {
		c, why, err := recheck(i, units[i.InstanceID], b.now, termsOf(b.acc), prices)
		if err != nil {
			return fmt.Errorf("check %s: %w", i.InstanceID, err)
		}
		if why != "" {
			i.Reason = why
			b.refused = append(b.refused, i)
			b.quoted += i.Fee.Minor
			continue
		}
		sum, err := b.sum.Add(c.quote.Fee)
		if err != nil {
			return err
		}
		if b.short = sum.Minor > balance.Minor; b.short {
			return nil
		}
		b.sum = sum
		b.paid = append(b.paid, c)
		b.quoted += i.Fee.Minor
	}
	return nil
}

// recheck tells whether an item can still be renewed as it was quoted, and what
// it costs now: never more than the quote, less where prices fell. prices is nil
// where they are still those of the quote.
func recheck(i renewal.Item, u renewal.Unit, now time.Time, terms renewal.Terms, prices *pricing) (charge, renewal.Reason, error) {
	if !i.Unchanged(u) {
		return charge{}, renewal.ChangedSinceReview, nil
	}
	q, priced := renewal.Quote{Lines: i.Lines, List: i.List, Discount: i.Discount, Fee: i.Fee}, true
	if prices != nil {
		var err error
		if q, priced, err = prices.quote(u); err != nil {
			return charge{}, "", err
		}
	}
	expiry, why := renewal.Check(u, now, terms, priced)
	switch {
	case why != "":
	case !expiry.Equal(i.NewExpiry):
		why = renewal.ChangedSinceReview
	case q.Fee.Minor > i.Fee.Minor:
		why = renewal.PriceIncreased
	}
	return charge{i, u, q}, why, nil
}

// pay moves the money of a batch and extends its units.
func (a *App) pay(tx *store.Tx, b batch, balance money.Amount) error {
	if len(b.paid) == 0 {
		return nil
	}
	who := worker(b.acc.ID)
	who.RequestID = b.task.ID
	if err := tx.InsertPayment(billing.Payment{ID: b.payment, AccountID: b.acc.ID, Purpose: billing.ForRenewal,
		TaskID: b.task.ID, State: billing.PaymentCaptured, Amount: b.sum, CreatedAt: b.now,
		CreatedBy: b.task.ConfirmedBy, SettledAt: b.now}); err != nil {
		return err
	}
	orders := make([]billing.Order, len(b.paid))
	audits := make([]store.Audit, 0, len(b.paid)+1)
	for n, c := range b.paid {
		o := orderOf(b, c)
		if err := extend(tx, b, c, o.ID); err != nil {
			return err
		}
		orders[n] = o
		audits = append(audits, a.audited(who, b.now, "renew", "instance "+c.unit.ID,
			c.item.OldExpiry.Format(time.RFC3339), c.item.NewExpiry.Format(time.RFC3339)))
	}
	if err := tx.InsertOrders(orders); err != nil {
		return err
	}
	if b.sum.IsZero() {
		return tx.InsertAudits(audits...)
	}
	ok, err := tx.Debit(b.acc.ID, b.sum)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("debit %s: the balance of %s is no longer there", b.sum, balance)
	}
	minus := money.Of(-b.sum.Minor, b.sum.Currency)
	if err := tx.Post(b.acc.ID, billing.Entry{ID: a.newID(b.now), Kind: billing.Renewal, At: b.now, PaymentID: b.payment,
		TaskID: b.task.ID, Reference: taskReference(b.task)},
		store.Posting{Book: billing.BookCash, Amount: minus},
		store.Posting{Book: billing.BookRenewals, Amount: b.sum}); err != nil {
		return err
	}
	after := money.Of(balance.Minor-b.sum.Minor, balance.Currency)
	return tx.InsertAudits(append(audits, a.audited(who, b.now, "pay", "payment "+b.payment, balance.String(), after.String()))...)
}

func taskReference(t renewal.Task) string { return fmt.Sprintf("RT-%04d", t.Number) }

// orderOf makes the completed order of one unit. Its ID follows from the task and
// the item, so that a second order for the same item collides.
func orderOf(b batch, c charge) billing.Order {
	o := billing.Order{
		ID: fmt.Sprintf("RN-%04d-%05d", b.task.Number, c.item.Number), AccountID: b.acc.ID, Status: billing.OrderCompleted,
		TaskID: b.task.ID, Item: c.item.Number, PaymentID: b.payment, List: c.quote.List, Discount: c.quote.Discount,
		Fee: c.quote.Fee, CreatedAt: b.now, PaidAt: b.now, Legs: billing.Legs(c.quote),
	}
	for n, i := range c.unit.All() {
		l := c.quote.Lines[n]
		o.Lines = append(o.Lines, billing.OrderLine{
			InstanceID: i.ID, Name: i.Name, ServiceCode: i.ServiceCode, ServiceName: i.ServiceName, SpecCode: i.SpecCode,
			RegionCode: i.RegionCode, RegionName: i.RegionName, Project: i.Project, Period: i.Period, Quantity: i.Quantity,
			OldExpiry: c.item.OldExpiry, NewExpiry: c.item.NewExpiry, List: l.List, Discount: l.Discount,
			DiscountKind: l.DiscountKind, Fee: l.Fee,
		})
	}
	return o
}

// extend gives every instance of a unit its new expiry and settles the item.
func extend(tx *store.Tx, b batch, c charge, orderID string) error {
	for _, i := range c.unit.All() {
		ok, err := tx.Extend(b.acc.ID, i.ID, c.item.OldExpiry, c.item.NewExpiry, b.now, orderID)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("extend %s: its expiry moved while it was locked", i.ID)
		}
	}
	ok, err := tx.FinishItem(b.task.ID, c.item.Number, renewal.ItemRenewed, "", c.quote.Fee.Minor, orderID, b.now)
	if err == nil && !ok {
		err = fmt.Errorf("finish item %d: it is no longer waiting", c.item.Number)
	}
	return err
}

// passOver settles the units of a batch that can no longer be renewed as quoted.
func (a *App) passOver(tx *store.Tx, b batch) error {
	var audits []store.Audit
	for _, i := range b.refused {
		if _, err := tx.FinishItem(b.task.ID, i.Number, renewal.ItemFailed, i.Reason, i.Fee.Minor, "", b.now); err != nil {
			return err
		}
		audits = append(audits, a.audited(worker(b.acc.ID), b.now, "pass over", fmt.Sprintf("item %s/%d", b.task.ID, i.Number),
			string(renewal.ItemWaiting), string(i.Reason)))
	}
	return tx.InsertAudits(audits...)
}

func (a *App) complete(tx *store.Tx, t renewal.Task, acc account.Account, now time.Time) error {
	from := t.State
	t.State, t.EndedAt = renewal.Completed, now
	t, err := a.move(tx, worker(t.AccountID), t, from, now)
	if err != nil {
		return err
	}
	return a.tell(tx, acc, notice.TaskCompleted{Task: about(t, acc), Renewed: t.Renewed, NotRenewed: t.NotRenewed,
		Paid: money.Of(t.SpentMinor, money.Currency(acc.Currency))}, now)
}
