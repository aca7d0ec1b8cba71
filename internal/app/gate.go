package app

import (
	"context"
	"errors"
	"fmt"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/store"
)

// ChargingWait is the code of what an account's charging waits for; empty: nothing.
type ChargingWait string

// What charging waits for.
const (
	WaitReconcile   ChargingWait = "reconcile"   // the gateway's payments have to be compared with the books
	WaitAccept      ChargingWait = "accept"      // the books are older than they were, and no gateway knows what they lack
	WaitDiscrepancy ChargingWait = "discrepancy" // a payment of the gateway has to be settled by a person
)

// reconciled reports whether the gateway's payments were compared with the books
// since this server started and since the database was last unreachable.
func (a *App) reconciled() bool {
	return a.compared.Load() == a.Store.Interruptions()+1
}

// ChargingWait returns what charging of an account from its wallet waits for. What a
// card pays waits for the comparison with the gateway in any case.
func (a *App) ChargingWait(ctx context.Context, accountID string) (wait ChargingWait, err error) {
	age, err := a.age(ctx)
	switch {
	case err != nil:
		return "", err
	case age.Other(), a.Gateway == nil && age.Older():
		return WaitAccept, nil
	case a.Gateway != nil && !a.reconciled() && (age.Older() || !age.Known || age.Partial):
		return WaitReconcile, nil
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		wait, err = blocked(tx, accountID)
		return err
	})
	return wait, err
}

// blocked returns what the books themselves say that charging waits for.
func blocked(tx *store.Tx, accountID string) (ChargingWait, error) {
	due, open, err := tx.Blocked(accountID)
	switch {
	case err != nil:
		return "", err
	case due:
		return WaitReconcile, nil
	case open > 0:
		return WaitDiscrepancy, nil
	}
	return "", nil
}

// notBlocked is blocked as a fault, for transactions that charge.
func notBlocked(tx *store.Tx, accountID string) error {
	wait, err := blocked(tx, accountID)
	if err == nil {
		err = waitFault(wait)
	}
	return err
}

func waitFault(wait ChargingWait) error {
	switch wait {
	case WaitReconcile:
		return fault.New(fault.Unavailable, "Payments are on hold until our records have been compared with the card gateway's. This request charged nothing. Try again in a minute.")
	case WaitAccept:
		return fault.New(fault.Unavailable, "Payments are on hold: our records are older than they have been. This request charged nothing. The operator has to run perennial reconcile.")
	case WaitDiscrepancy:
		return fault.New(fault.Unavailable, "Payments are on hold: the card gateway has a payment that is not in our records. This request charged nothing. An owner of this account can settle it.").
			With("Review payments", "/admin/reconcile")
	}
	return nil
}

// age compares the books with the marks once, and again after the database was
// unreachable. Books without marks and without a gateway are what they are.
func (a *App) age(ctx context.Context) (store.Age, error) {
	a.aging.Lock()
	defer a.aging.Unlock()
	seen := a.Store.Interruptions() + 1
	if a.agedAt == seen {
		return a.booksAge, nil
	}
	// Also a backup that is taken before any money moves has to know whose it is.
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.KeepInstallation()
		return err
	})
	if err != nil {
		return store.Age{}, err
	}
	age, err := a.Store.Age(ctx)
	if err == nil && !age.Known && a.Gateway == nil {
		age.Known, err = true, a.Store.AcceptAge(ctx)
	}
	if err != nil {
		return age, fmt.Errorf("compare the records with their marks: %w", err)
	}
	for _, s := range age.Setbacks {
		a.Log.ErrorContext(ctx, "the records are older than they were; nothing is charged until they are reconciled",
			"account", s.AccountID, "records", s.Held, "were", s.Records, "newest", s.Newest, "other_installation", s.Other)
	}
	a.booksAge, a.agedAt = age, seen
	return age, nil
}

// acceptAge takes the books as they are, from now on.
func (a *App) acceptAge(ctx context.Context) error {
	if err := a.Store.AcceptAge(ctx); err != nil {
		return fmt.Errorf("write the marks of the records: %w", err)
	}
	a.aging.Lock()
	defer a.aging.Unlock()
	a.booksAge = store.Age{Known: true}
	return nil
}

// admitCard refuses to charge a card before the gateway's payments were compared.
// Where that has not happened yet, it is done now.
func (a *App) admitCard(ctx context.Context, accountID string) error {
	if err := a.compareOnce(ctx); errors.Is(err, store.ErrTrouble) {
		return saidOfRequest(err)
	} else if err != nil {
		return a.refuse(refusedGateway, gatewayDown())
	}
	return a.admitCharge(ctx, accountID)
}

func gatewayDown() error {
	return fault.New(fault.Unavailable, "The card gateway cannot be reached. This request charged nothing. Try again in a minute.")
}

// compareOnce compares the gateway's payments with the books where that has not
// happened yet. Orders that the wallet pays do not need it.
func (a *App) compareOnce(ctx context.Context) error {
	if a.Gateway == nil || a.reconciled() {
		return nil
	}
	// Whoever has waited for a comparison takes its outcome: behind a silent gateway
	// each would wait for the time-outs of all before it.
	ended := a.comparisons.Load()
	a.comparing.Lock()
	defer a.comparing.Unlock()
	err := a.comparedErr
	if a.comparisons.Load() == ended {
		_, err = a.reconcile(ctx)
	}
	if err != nil {
		a.Log.WarnContext(ctx, "the payments of the gateway are not compared", "err", err)
	}
	return err
}

// admitCharge refuses to move money of an account while that has to wait. A
// comparison that it waits for is made now.
func (a *App) admitCharge(ctx context.Context, accountID string) error {
	wait, err := a.ChargingWait(ctx, accountID)
	if err == nil && wait == WaitReconcile && a.Gateway != nil {
		if _, err := a.Reconcile(ctx); err != nil {
			a.Log.WarnContext(ctx, "the payments of the gateway are not compared", "err", err)
			return a.refuse(string(wait), waitFault(wait))
		}
		wait, err = a.ChargingWait(ctx, accountID)
	}
	if err != nil {
		return saidOfRequest(err)
	}
	return a.refuse(string(wait), waitFault(wait))
}

// admitCapture refuses to capture a payment that was recorded before: books that were
// set back may hold one whose instances another payment has paid for since.
func (a *App) admitCapture(ctx context.Context, p billing.Payment) error {
	if !a.reconciled() {
		return a.refuse(refusedGateway, fmt.Errorf("payment %s: %w", p.ID, errNotReconciled))
	}
	wait, err := a.ChargingWait(ctx, p.AccountID)
	if err == nil && wait != "" {
		err = a.refuse(string(wait), fmt.Errorf("payment %s: %w: %s", p.ID, errChargingWaits, wait))
	}
	return err
}

// errChargingWaits means that a payment stays as it is until charging may go on.
var errChargingWaits = errors.New("charging waits")

// BooksAge compares the books with the marks that are kept outside of them.
func (a *App) BooksAge(ctx context.Context) (store.Age, error) { return a.Store.Age(ctx) }

// AcceptBooks takes books that are older than they were as they are, and returns what
// they lack.
func (a *App) AcceptBooks(ctx context.Context) (store.Age, error) {
	age, err := a.Store.Age(ctx)
	if err != nil {
		return age, err
	}
	if a.Gateway == nil {
		// There is nothing to compare with, and a person takes the books as they are.
		err = a.Store.Write(ctx, func(tx *store.Tx) error {
			r, err := tx.Reconciliation()
			if err == nil {
				err = tx.Reconciled(r, a.Clock.Now())
			}
			return err
		})
		if err != nil {
			return age, err
		}
	}
	return age, a.acceptAge(ctx)
}

// booksOf returns why a running task of an account waits, or BooksSound.
func (a *App) booksOf(ctx context.Context, accountID string) account.Books {
	if state := a.Books(ctx, accountID); state != account.BooksSound {
		return state
	}
	wait, err := a.ChargingWait(ctx, accountID)
	if err != nil {
		a.Log.WarnContext(ctx, "what charging waits for is not known", "account", accountID, "err", err)
	}
	return waitingBooks[wait]
}

var waitingBooks = map[ChargingWait]account.Books{
	"": account.BooksSound, WaitReconcile: account.BooksBehind, WaitAccept: account.BooksOlder, WaitDiscrepancy: account.BooksDiffer,
}
