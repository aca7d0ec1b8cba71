package app

import (
	"context"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// ConfirmInput is what the confirmation form sends.
type ConfirmInput struct {
	TaskID string
	Seen   renewal.Seen
	Key    string
}

// Confirm sets a ready task running, or a suspended one that needs consent again.
// It moves no money: the worker does. When prices rose, the new quotes are kept,
// the state stays, and the fault is a Conflict.
func (a *App) Confirm(ctx context.Context, who Actor, in ConfirmInput) error {
	return a.set(ctx, who, "confirm", in, func(tx *store.Tx, t renewal.Task, now time.Time) error {
		again, err := tx.AgainWaiting(who.AccountID, t.ID, now.Add(-renewal.RecentRenewal))
		if err != nil {
			return err
		}
		return t.Confirm(now, in.Seen, again)
	})
}

// Continue resumes a suspended task at the first unit that is not finished. Where
// the outcome of a payment is not known, the gateway is asked once more first.
func (a *App) Continue(ctx context.Context, who Actor, in ConfirmInput) error {
	if err := a.askAbout(ctx, who.AccountID, in.TaskID); err != nil {
		return err
	}
	return a.set(ctx, who, "continue", in, func(tx *store.Tx, t renewal.Task, now time.Time) error {
		return t.Continue(now, in.Seen)
	})
}

// askAbout asks the gateway about the payment that a task waits for. What it
// answers changes the task, so that whoever clicked sees how it stands now.
func (a *App) askAbout(ctx context.Context, accountID, taskID string) error {
	if a.Gateway == nil {
		return nil
	}
	var p billing.Payment
	err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.OpenPaymentOf(accountID, taskID)
		return ignoreNone(err)
	})
	if err == nil && p.ID != "" {
		_, err = a.settleNow(ctx, accountID, p.ID)
	}
	return err
}

// set takes a task to running, once for each key.
func (a *App) set(ctx context.Context, who Actor, route string, in ConfirmInput, ask func(*store.Tx, renewal.Task, time.Time) error) error {
	r := asked(in.Key, route+" "+in.TaskID, in.Seen)
	var refused error
	_, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		refused = nil
		t, acc, err := lockTask(tx, who.AccountID, in.TaskID)
		if err != nil {
			return "", err
		}
		if t, err = a.giveUpUnsent(tx, who, t, now); err != nil {
			return "", err
		}
		if err := ask(tx, t, now); err != nil {
			return "", err
		}
		t, rose, err := a.requote(tx, who, t, acc, now)
		if err != nil {
			return "", err
		}
		if rose {
			refused = roseFault()
			return "", nil
		}
		var next *billing.Split
		plan, err := a.planOf(tx, t, now, func(_ int, s billing.Split) {
			if next == nil {
				next = &s
			}
		})
		if err != nil {
			return "", err
		}
		if plan.Due.Minor > in.Seen.Due {
			refused = dueRoseFault(plan)
			return "", a.newDue(tx, who, t, plan, in.Seen.Due, now)
		}
		if route == "continue" && next != nil {
			if err := enough(*next, plan); err != nil {
				return "", err
			}
		}
		t.DueMinor = plan.Due.Minor
		return t.ID, a.run(tx, who, t, now)
	})
	if err == nil {
		err = refused
	}
	if err == nil {
		a.Wake()
	}
	return err
}

// enough refuses to resume a task that would pause again at its next unit.
func enough(next billing.Split, plan billing.Plan) error {
	if next.Missing.IsZero() {
		return nil
	}
	return fault.New(fault.Conflict, "The next instance still costs %s more than there is, and all that is left %s. Top up first.", next.Missing, plan.Shortfall).
		With("Top up", "/wallet/top-up")
}

// newDue gives a task a new version because coupons pay less than a page said: a
// person must see what is due now before anything is charged.
func (a *App) newDue(tx *store.Tx, who Actor, t renewal.Task, plan billing.Plan, seen int64, now time.Time) error {
	t.Reconfirm = t.Reconfirm || t.State == renewal.Suspended
	t, err := tx.Requoted(t)
	if err != nil {
		return err
	}
	return a.audit(tx, who, now, "due", "task "+t.ID, money.Of(seen, plan.Due.Currency).String(), plan.Due.String())
}

func dueRoseFault(plan billing.Plan) error {
	return fault.New(fault.Conflict, "Coupons pay less than this page said: %s is due now. Nothing was confirmed and nothing was charged. Check the amount, then confirm again.", plan.Due)
}

func (a *App) run(tx *store.Tx, who Actor, t renewal.Task, now time.Time) error {
	from := t.State
	if from == renewal.Ready || t.NeedsConsent(now) {
		t.ConfirmedAt, t.ConfirmedBy, t.Reconfirm = now, who.Name, false
		t.ConfirmedEmail, t.ConfirmedMember = who.Email, who.UserID
	}
	t.State, t.SuspendedAt, t.Shortfall, t.Pause, t.Why = renewal.Running, time.Time{}, 0, "", ""
	_, err := a.move(tx, who, t, from, now)
	return err
}

// CancelInput is what the forms that cancel, stop and end a task send.
type CancelInput struct {
	TaskID  string
	Version int
	Key     string
}

// Cancel ends a task that has not been confirmed or is suspended, and lets a
// running one finish the units in flight first. What was renewed stays renewed.
func (a *App) Cancel(ctx context.Context, who Actor, in CancelInput) error {
	r := asked(in.Key, "cancel "+in.TaskID, in.Version)
	_, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		t, _, err := lockTask(tx, who.AccountID, in.TaskID)
		if err != nil {
			return "", err
		}
		if t, err = a.giveUpUnsent(tx, who, t, now); err != nil {
			return "", err
		}
		next, err := t.Cancel(in.Version)
		if err != nil {
			return "", err
		}
		from := t.State
		t.State, t.EndedBy = next, who.Name
		if !next.Open() {
			t.EndedAt = now
		}
		_, err = a.move(tx, who, t, from, now)
		return t.ID, err
	})
	if err == nil {
		a.Wake()
	}
	return err
}
