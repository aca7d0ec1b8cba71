package app

import (
	"context"
	"fmt"

	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Bar is what stands around every page.
type Bar struct {
	Urgent  int // units on any tab that are expired or expire within 7 days
	Balance money.Amount
	// CreditLeft pays beside the balance for what a paused task lacks.
	CreditLeft money.Amount
	Unread     int
	// ToSettle counts payments about which the card gateway and the records differ.
	ToSettle int
	Task     renewal.Task // the account's open task; its ID is empty where there is none
}

// Bar reads what stands around every page of a person. The count of urgent units
// may be two seconds old.
func (a *App) Bar(ctx context.Context, person SignedIn) (b Bar, err error) {
	id := person.Account.ID
	if _, b.Urgent, err = a.TabCounts(ctx, id); err != nil {
		return b, fmt.Errorf("count what is urgent: %w", err)
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		w, err := tx.Wallet(id)
		if err != nil {
			return err
		}
		b.Balance, b.CreditLeft = w.Balance, w.CreditLeft()
		if b.Unread, err = tx.Unread(id, person.User.NoticesReadAt); err != nil {
			return err
		}
		if b.ToSettle, err = tx.CountDiscrepancies(id); err != nil {
			return err
		}
		b.Task, err = tx.OpenTask(id)
		return ignoreNone(err)
	})
	if err != nil {
		return b, fmt.Errorf("read the bar: %w", err)
	}
	return b, nil
}

// OpenTask finds the account's open task, and the task that a page has seen last
// where that is another one by now. The ID of what does not exist is empty.
func (a *App) OpenTask(ctx context.Context, accountID, seenID string) (open, seen renewal.Task, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if open, err = tx.OpenTask(accountID); ignoreNone(err) != nil {
			return err
		}
		if seen = open; seenID == "" || seenID == open.ID {
			return nil
		}
		seen, err = tx.Task(accountID, seenID)
		return ignoreNone(err)
	})
	if err != nil {
		return open, seen, fmt.Errorf("find the open task: %w", err)
	}
	return open, seen, nil
}
