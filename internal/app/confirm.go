package app

import (
	"context"
	"time"

	"perennial/internal/fault"
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

// Continue resumes a suspended task at the first unit that is not finished.
func (a *App) Continue(ctx context.Context, who Actor, in ConfirmInput) error {
	return a.set(ctx, who, "continue", in, func(tx *store.Tx, t renewal.Task, now time.Time) error {
		if err := t.Continue(now, in.Seen); err != nil {
			return err
		}
		return enough(tx, t)
	})
}

// enough refuses to resume a task that would pause again at its next unit.
func enough(tx *store.Tx, t renewal.Task) error {
	balance, err := tx.Balance(t.AccountID)
	if err != nil {
		return err
	}
	next, err := tx.Waiting(t.ID, 1, balance.Currency)
	if err != nil || len(next) == 0 || next[0].Fee.Minor <= balance.Minor {
		return err
	}
	return fault.New(fault.Conflict, "The balance of %s still does not cover the next instance, which costs %s. Top up first.", balance, next[0].Fee).
		With("Top up", "/wallet/top-up")
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

func (a *App) run(tx *store.Tx, who Actor, t renewal.Task, now time.Time) error {
	from := t.State
	if from == renewal.Ready || t.NeedsConsent(now) {
		t.ConfirmedAt, t.ConfirmedBy, t.ConfirmedEmail, t.Reconfirm = now, who.Name, who.Email, false
	}
	t.State, t.SuspendedAt, t.Shortfall, t.Why = renewal.Running, time.Time{}, 0, ""
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
