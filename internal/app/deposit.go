package app

import (
	"context"
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
)

// Deposit records a bank transfer that the operator has seen on a statement. A
// reference is booked once for each account; the value date is YYYY-MM-DD.
func (a *App) Deposit(ctx context.Context, who Actor, accountID string, amount money.Amount, valueDate, reference string) error {
	reference, err := transfer(amount, valueDate, reference)
	if err != nil {
		return err
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if err := arrived(tx, accountID, valueDate, now); err != nil {
			return err
		}
		return a.addMoney(tx, who, accountID, billing.Entry{Kind: billing.Deposit, At: now, ValueDate: valueDate,
			Reference: reference, Amount: amount}, billing.BookBank, now)
	})
	if store.IsDuplicate(err) {
		return bookedAlready(err, reference)
	}
	return err
}

// transfer checks what is said of a bank transfer, and returns its reference
// without blanks around it: one that was copied does not make another transfer.
func transfer(amount money.Amount, valueDate, reference string) (string, error) {
	if amount.Minor <= 0 {
		return "", fault.Field("amount", "The amount must be more than nothing.")
	}
	reference = strings.TrimSpace(reference)
	if reference == "" || len(reference) > 100 || !printable(reference) {
		return "", fault.Field("reference", "A bank reference of up to 100 characters on one line is needed: it keeps a transfer from being booked twice.")
	}
	if _, err := time.Parse(time.DateOnly, valueDate); err != nil {
		return "", fault.Field("value-date", "%q is not a date such as 2026-11-23.", valueDate)
	}
	return reference, nil
}

// arrived refuses a transfer that the bank does not have yet.
func arrived(tx *store.Tx, accountID, valueDate string, now time.Time) error {
	acc, err := tx.Account(accountID)
	if err != nil {
		return noSuchAccount(err, accountID)
	}
	// Dates in this form are in the order of the calendar.
	if today := now.In(acc.Zone).Format(time.DateOnly); valueDate > today {
		return fault.Field("value-date", "The bank has this money on %s, and today is %s. Record it when it is there: it can be spent at once.", valueDate, today)
	}
	return nil
}

func bookedAlready(err error, reference string) error {
	return fault.Wrap(err, fault.Conflict, "The reference %s is booked already. Nothing was changed.", reference)
}

// addMoney adds money that came from a book to the balance, with its ledger
// transaction and audit row.
func (a *App) addMoney(tx *store.Tx, who Actor, accountID string, e billing.Entry, from billing.Book, now time.Time) error {
	wallet, err := tx.LockWallet(accountID)
	if store.IsNone(err) {
		return fault.New(fault.NotFound, "There is no account %s.", accountID)
	}
	if err != nil {
		return err
	}
	if err := tx.Credit(accountID, e.Amount); err != nil {
		return err
	}
	e.ID = a.newID(now)
	if err := tx.Post(accountID, e, store.Posting{Book: billing.BookCash, Amount: e.Amount},
		store.Posting{Book: from, Amount: negative(e.Amount)}); err != nil {
		return err
	}
	if err := a.watchBalance(tx, accountID, e.ID, now); err != nil {
		return err
	}
	after, err := tx.Balance(accountID)
	if err != nil {
		return err
	}
	who.AccountID = accountID
	return a.audit(tx, who, now, string(e.Kind), "wallet "+accountID, wallet.Balance.String(), after.String())
}
