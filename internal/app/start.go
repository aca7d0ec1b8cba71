package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// StartInput is what the One-Click Renew dialog sends.
type StartInput struct {
	Filter renewal.Filter
	Count  int // how many the dialog said
	Key    string
}

// Start opens a one-click renewal task for what the filter matches and lets the
// worker prepare it. Where a task is open already, that one is returned.
func (a *App) Start(ctx context.Context, who Actor, in StartInput) (taskID string, err error) {
	if in.Filter.Tab != renewal.Manual {
		return "", manualOnly()
	}
	scope := in.Filter.Values().Encode()
	r := asked(in.Key, "start", scope, in.Count)
	return a.open(ctx, who, r, func(tx *store.Tx, now time.Time) (renewal.Task, error) {
		acc, err := tx.Account(who.AccountID)
		if err != nil {
			return renewal.Task{}, err
		}
		n, err := tx.Count(scopeOf(acc, in.Filter, now))
		switch {
		case err != nil:
		case n == 0:
			err = fault.New(fault.Conflict, "Nothing matches these filters, so there is nothing to renew.")
		case n > renewal.MaximumUnits:
			err = fault.New(fault.Conflict, "%s instances match, and one task takes at most %s.", money.Group(fmt.Sprint(n)), money.Group(fmt.Sprint(renewal.MaximumUnits)))
		case n != in.Count:
			err = fault.New(fault.Conflict, "%s instances match now, not %s. Check the new number, then prepare again.", money.Group(fmt.Sprint(n)), money.Group(fmt.Sprint(in.Count)))
		}
		return renewal.Task{Scope: scope}, err
	})
}

// StartFromLeft opens a task of exactly the units that an ended task left.
func (a *App) StartFromLeft(ctx context.Context, who Actor, sourceID, key string) (taskID string, err error) {
	r := asked(key, "start from "+sourceID)
	return a.open(ctx, who, r, func(tx *store.Tx, _ time.Time) (renewal.Task, error) {
		source, err := tx.Task(who.AccountID, sourceID)
		switch {
		case store.IsNone(err):
			err = noTask()
		case err != nil:
		case source.Left() == 0:
			err = fault.New(fault.Conflict, "This task left nothing to prepare.")
		}
		return renewal.Task{Scope: source.Scope, SourceTask: sourceID}, err
	})
}

// open inserts the task that define describes, unless one is open.
func (a *App) open(ctx context.Context, who Actor, r store.Request, define func(*store.Tx, time.Time) (renewal.Task, error)) (string, error) {
	id, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		if t, err := tx.OpenTask(who.AccountID); err == nil {
			return "", alreadyOpen(t.ID)
		} else if !store.IsNone(err) {
			return "", err
		}
		t, err := define(tx, now)
		if err != nil {
			return "", err
		}
		t.ID, t.AccountID, t.State, t.Version = a.newID(now), who.AccountID, renewal.Generating, 1
		t.CreatedAt, t.CreatedBy = now, who.Name
		if t.Number, err = tx.InsertTask(t); err != nil {
			return "", err
		}
		return t.ID, a.audit(tx, who, now, "start", "task "+t.ID, "", string(t.State))
	})
	if err == nil {
		a.Wake()
	}
	return id, err
}

// AlreadyOpen is the fault of starting a task while one is open.
type AlreadyOpen struct{ TaskID string }

func (AlreadyOpen) Error() string { return "a task is already open" }

func alreadyOpen(taskID string) error {
	return fault.Wrap(AlreadyOpen{taskID}, fault.Conflict, "A renewal task is already open for this account. One task is prepared and confirmed at a time.")
}

func noTask() error { return fault.New(fault.NotFound, "There is no such task in this account.") }
