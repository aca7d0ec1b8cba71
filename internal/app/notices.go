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
	Past   bool // what it is about has gone on since, so what the message asks for is done
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
			done, err := past(tx, person.Account.ID, n, e.CreatedAt)
			if err != nil {
				return err
			}
			m.Rows = append(m.Rows, Message{e, n, e.CreatedAt.After(since), done})
		}
		return nil
	})
	if err != nil {
		return Messages{}, fmt.Errorf("read the tasks of notices: %w", err)
	}
	return m, nil
}

// past tells whether what a notice, told at the given instant, asks for is done:
// its task has left that state, or the balance has risen again.
func past(tx *store.Tx, accountID string, n notice.Notice, told time.Time) (bool, error) {
	about, ok := n.(notice.AboutTask)
	if !ok {
		w, err := tx.Wallet(accountID)
		return !w.Low(), err
	}
	t, err := tx.Task(accountID, about.About().TaskID)
	if ignoreNone(err) != nil {
		return false, err
	}
	switch n.(type) {
	case notice.TaskReady, notice.TaskExpiring:
		return t.State != renewal.Ready, nil
	case notice.TaskSuspended:
		return t.State != renewal.Suspended || t.SuspendedAt.After(told), nil
	}
	return false, nil
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
