package app

import (
	"context"
	"errors"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/store"
)

// Unsound is why no money of an account is moved: its books are not known to be
// sound. Err is the fault that a person sees.
type Unsound struct {
	Books account.Books
	// Done is closed when the check that is under way ends; nil where none is.
	Done <-chan struct{}
	Err  error
}

func (u *Unsound) Error() string { return u.Err.Error() }

func (u *Unsound) Unwrap() error { return u.Err }

// checkPatience is how long a person waits for the check of an account.
const checkPatience = 10 * time.Second

// awaitCharge is mayCharge for a person: it waits, for a bounded time, while the
// books of the account are being checked.
func (a *App) awaitCharge(ctx context.Context, accountID string) error {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	for {
		err := a.mayCharge(ctx, accountID)
		u, ok := errors.AsType[*Unsound](err)
		if !ok || u.Done == nil {
			return a.refuse("", err)
		}
		select {
		case <-u.Done:
		case <-ctx.Done():
			return a.refuse("", err)
		}
	}
}

// Books returns why money of an account is not moved, or BooksSound.
func (a *App) Books(ctx context.Context, accountID string) account.Books {
	if u, ok := errors.AsType[*Unsound](a.mayCharge(ctx, accountID)); ok {
		return u.Books
	}
	return account.BooksSound
}

// ignoreUnsound drops the error of an account whose books are not known to be sound.
// The check reports that once and wakes the worker when it changes.
func ignoreUnsound(err error) error {
	if _, ok := errors.AsType[*Unsound](err); ok {
		return nil
	}
	return err
}

// checked leaves out the payments and refunds of accounts whose books are being
// checked, so that nobody else's are kept waiting. They are due again when the check
// has ended; all is false where one was left out.
func (a *App) checked(ctx context.Context, open []billing.Payment, refunds []billing.Refunding) (_ []billing.Payment, _ []billing.Refunding, all bool) {
	due := func(accountID string) bool {
		u, ok := errors.AsType[*Unsound](a.mayCharge(ctx, accountID))
		return !ok || u.Done == nil && u.Books != account.BooksChecking
	}
	var payments []billing.Payment
	for _, p := range open {
		if due(p.AccountID) {
			payments = append(payments, p)
		}
	}
	var returns []billing.Refunding
	for _, f := range refunds {
		if due(f.AccountID) {
			returns = append(returns, f)
		}
	}
	return payments, returns, len(payments) == len(open) && len(returns) == len(refunds)
}

// refundAskedNow keeps when a refund was last due, so that it is not tried without pause.
func (a *App) refundAskedNow(ctx context.Context, f billing.Refunding) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.MoveRefund(f, f.State, a.Clock.Now())
		return err
	})
}
