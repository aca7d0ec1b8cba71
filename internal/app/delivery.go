package app

import (
	"context"
	"fmt"

	"perennial/internal/fault"
	"perennial/internal/notice"
	"perennial/internal/store"
)

// OutboxEntry finds a row of the account's outbox.
func (a *App) OutboxEntry(ctx context.Context, accountID, id string) (e notice.Entry, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		e, err = tx.Entry(accountID, id)
		return err
	})
	if store.IsNone(err) {
		err = fault.New(fault.NotFound, "There is no such mail in this account.")
	}
	return e, err
}

// RetryMail queues a dead mail again, for the recipients that it has not reached.
// A mail that waits or was sent already stays as it is, so that a second press
// changes nothing; retried tells whether this one did.
func (a *App) RetryMail(ctx context.Context, who Actor, id string) (retried bool, err error) {
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if _, err := tx.Entry(who.AccountID, id); err != nil {
			return err
		}
		if retried, err = tx.RetryEntry(who.AccountID, id, now); err != nil || !retried {
			return err
		}
		return a.audit(tx, who, now, "retry", "mail "+id, string(notice.Dead), string(notice.Queued))
	})
	if store.IsNone(err) {
		return false, fault.New(fault.NotFound, "There is no such mail in this account.")
	}
	if err != nil {
		return false, fmt.Errorf("retry mail %s: %w", id, err)
	}
	if retried {
		a.Wake()
	}
	return retried, nil
}
