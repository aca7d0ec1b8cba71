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
		return false, a.generate(ctx, j)
	case renewal.Running:
		if err := a.mayCharge(ctx, j.AccountID); err != nil {
			return false, ignoreUnsound(a.refuse("", err))
		}
		if wait, err := a.ChargingWait(ctx, j.AccountID); err != nil || wait != "" {
			return false, a.refuse(string(wait), err)
		}
	}
	return a.stepTask(ctx, j)
}

// stepTask pays for the next units of a running task, or ends a cancelled one.
// While the card gateway decides about a payment of the task, its units are in
// flight and there is nothing to do: what it answers goes on from there.
func (a *App) stepTask(ctx context.Context, j store.Job) (more bool, err error) {
	asks := false
	err = a.Store.WriteUnlessLocked(ctx, func(tx *store.Tx) error {
		more, asks = false, false
		t, l, err := tx.LockLeasedNow(j.AccountID, j.TaskID)
		if err != nil {
			return a.busyElsewhere(tx, j.AccountID, j.TaskID, err)
		}
		if t.State != renewal.Running && t.State != renewal.Cancelling {
			return nil
		}
		l, mine, err := a.hold(tx, t.AccountID, t.ID, l)
		if err != nil || !mine {
			return err
		}
		if _, err := tx.OpenPaymentOf(t.AccountID, t.ID); !store.IsNone(err) {
			return err
		}
		if t.State == renewal.Running {
			more, asks, err = a.payNext(tx, t, l.Epoch)
			return err
		}
		now := a.Clock.Now()
		t.State, t.EndedAt = renewal.CancelledT, now
		_, err = a.move(tx, worker(t.AccountID), t, renewal.Cancelling, now)
		return err
	})
	if err == nil && asks {
		a.Wake()
	}
	return more, ignoreLost(err)
}

// batch is one step of a running task: units to pay for and units to pass over.
type batch struct {
	task    renewal.Task
	acc     account.Account
	now     time.Time
	paid    []charge
	refused []renewal.Item
	due     int64 // what paid takes beside coupons
	byCard  bool  // paid needs the card, each of it
	run     billing.CardRun
	pause   renewal.Pause // why nothing after it can be paid
}

// charge is one unit that is about to be paid and renewed.
type charge struct {
	item  renewal.Item
	unit  renewal.Unit
	quote renewal.Quote
	legs  []billing.Leg
}

// payNext pays for the longest affordable run of the next units and renews them,
// all in this transaction: legs, ledger, expiries, items, orders, audit rows and
// notice become true together or not at all. Where units need the card, their
// payment is recorded only, and asks says that the gateway is to be asked.
func (a *App) payNext(tx *store.Tx, t renewal.Task, epoch int64) (more, asks bool, err error) {
	now := a.Clock.Now()
	acc, err := tx.Account(t.AccountID)
	if err != nil {
		return false, false, err
	}
	items, err := tx.Waiting(t.AccountID, t.ID, billing.UnitsACharge, money.Currency(acc.Currency))
	if err != nil {
		return false, false, err
	}
	if len(items) == 0 {
		return false, false, a.complete(tx, t, acc, now)
	}
	wallet, err := tx.LockWallet(t.AccountID)
	if err != nil {
		return false, false, err
	}
	if wait, err := blocked(tx, t.AccountID); err != nil || wait != "" {
		return false, false, err
	}
	funds, err := a.fundsOf(tx, t.AccountID, wallet, now)
	if err != nil {
		return false, false, err
	}
	b := batch{task: t, acc: acc, now: now}
	if err := choose(tx, &b, items, billing.NewPlanner(funds, now)); err != nil {
		return false, false, err
	}
	if b.byCard && !a.reconciled() {
		// What a card pays is asked for once the gateway's payments are known.
		return false, false, a.refuse(refusedGateway, nil)
	}
	if err := a.passOver(tx, b); err != nil {
		return false, false, err
	}
	for _, i := range b.refused {
		t.LeftMinor -= i.Fee.Minor
	}
	t.NotRenewed += len(b.refused)
	if b.byCard {
		t.DueMinor = min(t.DueMinor, t.LeftMinor)
		if err := tx.Progress(t, epoch); err != nil {
			return false, false, err
		}
		return false, true, a.attemptBatch(tx, b, funds.Card)
	}
	if err := a.payBatch(tx, b); err != nil {
		return false, false, err
	}
	for _, c := range b.paid {
		t.Renewed++
		t.SpentMinor += c.quote.Fee.Minor
		t.LeftMinor -= c.item.Fee.Minor
	}
	t.DueMinor = min(t.DueMinor-b.due, t.LeftMinor)
	if err := tx.Progress(t, epoch); err != nil {
		return false, false, err
	}
	if b.pause != "" {
		return false, false, a.suspend(tx, t, acc, b.pause, "", now)
	}
	return true, false, nil
}

// choose checks the next units once more, as they are now, and takes those that
// the funds cover and that are paid in one way: from the wallet, or with the card.
func choose(tx *store.Tx, b *batch, items []renewal.Item, planner *billing.Planner) error {
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
	hold, err := quotesHold(tx, b.acc, b.task, b.now)
	if err != nil {
		return err
	}
	if !hold {
		fresh, err := pricingOf(tx, b.acc, b.now)
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
			continue
		}
		if !b.take(c, planner) {
			return nil
		}
	}
	return nil
}

// take adds a unit to the batch if it can be paid with the others.
func (b *batch) take(c charge, planner *billing.Planner) bool {
	u := billing.Payable{Item: c.item.Number, InstanceID: c.item.InstanceID, Service: c.item.ServiceCode, Kinds: billing.KindsOf(c.quote), Fee: c.quote.Fee}
	s := planner.Next(u)
	due := c.quote.Fee.Minor - s.Coupon().Minor
	switch {
	case !s.Missing.IsZero():
		b.pause = renewal.PauseShort
	case b.due+due > b.task.DueMinor:
		b.pause = renewal.PauseConsent
	case len(b.paid) > 0 && s.ByCard() != b.byCard:
	case s.ByCard() && !b.run.Admit(u, s):
	default:
		c.legs, b.byCard = s.Legs, s.ByCard()
		b.paid = append(b.paid, c)
		b.due += due
		return true
	}
	return false
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
	return charge{item: i, unit: u, quote: q}, why, nil
}

func taskReference(t renewal.Task) string { return fmt.Sprintf("RT-%04d", t.Number) }

// passOver settles the units of a batch that can no longer be renewed as quoted.
func (a *App) passOver(tx *store.Tx, b batch) error {
	var audits []store.Audit
	for _, i := range b.refused {
		if _, err := tx.FinishItem(b.task.AccountID, b.task.ID, i.Number, renewal.ItemFailed, i.Reason, i.Fee.Minor, "", b.now); err != nil {
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
