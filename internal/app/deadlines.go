package app

import (
	"context"
	"errors"
	"time"

	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// remindBefore is how long before its end a ready task is called to mind.
const remindBefore = 24 * time.Hour

// WatchDeadlines expires ready tasks whose 72 hours are over, reminds of those
// that will be, tells of suspended ones once a day, and cancels orders that nobody
// paid. It writes only when there is something to say.
func (a *App) WatchDeadlines(ctx context.Context) (more bool, err error) {
	now := a.Clock.Now()
	var due, suspended []renewal.Task
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		if due, err = tx.DueReady(now.Add(remindBefore)); err != nil {
			return err
		}
		suspended, err = tx.SuspendedTasks()
		return err
	})
	if err != nil {
		return false, err
	}
	more, err = a.cancelUnpaid(ctx, now)
	errs := []error{err}
	for _, t := range due {
		if now.Before(t.ExpiresAt) {
			errs = append(errs, a.remind(ctx, t))
		} else {
			errs = append(errs, a.expire(ctx, t))
		}
	}
	for _, t := range suspended {
		if day := daysSuspended(t, now); day >= 1 {
			errs = append(errs, a.remindSuspended(ctx, t, day))
		}
	}
	return more, errors.Join(errs...)
}

// daysSuspended is how many whole days a task has been suspended.
func daysSuspended(t renewal.Task, now time.Time) int {
	return int(now.Sub(t.SuspendedAt) / renewal.Day)
}

func (a *App) expire(ctx context.Context, t renewal.Task) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		t, acc, err := lockTask(tx, t.AccountID, t.ID)
		if err != nil || t.State != renewal.Ready || now.Before(t.ExpiresAt) {
			return err
		}
		t.State, t.EndedAt = renewal.ExpiredT, now
		if t, err = a.move(tx, worker(t.AccountID), t, renewal.Ready, now); err != nil {
			return err
		}
		return a.tell(tx, acc, notice.TaskExpired{Task: about(t, acc), Renewable: t.Renewable, ExpiresAt: t.ExpiresAt}, now)
	})
	if fault.KindOf(err) == fault.Conflict {
		return nil // somebody confirmed or cancelled it first
	}
	return err
}

func (a *App) remind(ctx context.Context, t renewal.Task) error {
	return a.tellOnce(ctx, t, notice.TaskExpiring{Task: notice.Task{TaskID: t.ID}}, func(tx *store.Tx, now time.Time) error {
		t, acc, err := lockTask(tx, t.AccountID, t.ID)
		if err != nil || t.State != renewal.Ready {
			return err
		}
		return a.tell(tx, acc, notice.TaskExpiring{Task: about(t, acc), Renewable: t.Renewable,
			Fee: money.Of(t.FeeMinor, money.Currency(acc.Currency)), ExpiresAt: t.ExpiresAt}, now)
	})
}

func (a *App) remindSuspended(ctx context.Context, t renewal.Task, day int) error {
	return a.tellOnce(ctx, t, notice.TaskSuspended{Task: notice.Task{TaskID: t.ID}, Since: t.SuspendedAt, Day: day}, func(tx *store.Tx, now time.Time) error {
		t, acc, err := lockTask(tx, t.AccountID, t.ID)
		if err != nil || t.State != renewal.Suspended {
			return err
		}
		// Of a suspension that has begun since, its first day is told already.
		return a.tellSuspended(tx, t, acc, daysSuspended(t, now), now)
	})
}

// tellOnce runs tell in a write transaction unless the event is in the outbox, so
// that a watch that comes by every second writes nothing.
func (a *App) tellOnce(ctx context.Context, t renewal.Task, event notice.Notice, tell func(*store.Tx, time.Time) error) error {
	told := false
	err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		told, err = tx.Told(t.AccountID, event)
		return err
	})
	if err != nil || told {
		return err
	}
	return a.Store.Write(ctx, func(tx *store.Tx) error { return tell(tx, a.Clock.Now()) })
}
