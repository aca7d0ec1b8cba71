package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Message is a notice as the console shows it.
type Message struct {
	notice.Entry
	Notice notice.Notice
	Unread bool
	Past   bool // the task has gone on since, so what the message asks for is done
}

// Messages is one page of what an account was told, newest first.
type Messages struct {
	Rows   []Message
	Around Around
	Unread int // on all pages
}

// Notices reads one page of what a person's account was told. A row whose facts
// cannot be read is left out and logged: the others are worth more.
func (a *App) Notices(ctx context.Context, person SignedIn, at Place) (m Messages, err error) {
	since := person.User.NoticesReadAt
	var entries []notice.Entry
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		if m.Unread, err = tx.Unread(person.Account.ID, since); err != nil {
			return err
		}
		entries, err = tx.Entries(person.Account.ID, at.After, at.Before, rowsAPage+1)
		return err
	})
	if err != nil {
		return Messages{}, fmt.Errorf("read notices: %w", err)
	}
	entries, m.Around = pageOf(entries, at, entryCursor)
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		m.Rows = nil
		for _, e := range entries {
			n, err := notice.Read(e.Kind, e.Facts)
			if err != nil {
				a.Log.ErrorContext(ctx, "a notice cannot be read", "entry", e.ID, "err", err)
				continue
			}
			t, err := tx.Task(person.Account.ID, n.About().TaskID)
			if ignoreNone(err) != nil {
				return err
			}
			m.Rows = append(m.Rows, Message{e, n, e.CreatedAt.After(since), past(n, e.CreatedAt, t)})
		}
		return nil
	})
	if err != nil {
		return Messages{}, fmt.Errorf("read the tasks of notices: %w", err)
	}
	return m, nil
}

// past tells whether a task has left the state in which a notice, told at the
// given instant, asks for something.
func past(n notice.Notice, told time.Time, t renewal.Task) bool {
	switch n.(type) {
	case notice.TaskReady, notice.TaskExpiring:
		return t.State != renewal.Ready
	case notice.TaskSuspended:
		return t.State != renewal.Suspended || t.SuspendedAt.After(told)
	}
	return false
}

func entryCursor(e notice.Entry) renewal.Cursor {
	return renewal.Cursor{Number: e.CreatedAt.UnixMilli(), ID: e.ID}
}

// ReadNotices keeps that a person has read what the account was told up to an
// instant, which is that of the newest message the person saw: what came
// since stays unread. It never goes back, and never into the future.
func (a *App) ReadNotices(ctx context.Context, who Actor, upTo time.Time) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		if now := a.Clock.Now(); upTo.After(now) {
			upTo = now
		}
		return tx.ReadNotices(who.AccountID, who.UserID, upTo)
	})
	if err != nil {
		return fmt.Errorf("mark notices as read: %w", err)
	}
	return nil
}

// Outbox reads one page of the account's outbox, newest first.
func (a *App) Outbox(ctx context.Context, accountID string, at Place) (entries []notice.Entry, around Around, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		entries, err = tx.Entries(accountID, at.After, at.Before, rowsAPage+1)
		return err
	})
	if err != nil {
		return nil, around, fmt.Errorf("read the outbox: %w", err)
	}
	entries, around = pageOf(entries, at, entryCursor)
	return entries, around, nil
}
