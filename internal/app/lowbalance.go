package app

import (
	"context"
	"time"

	"perennial/internal/notice"
	"perennial/internal/store"
)

// watchBalance tells the account once each time its balance falls below its mark,
// in the transaction of the spending. It is called after whatever changed the
// balance; entryID is the ledger transaction of the change.
func (a *App) watchBalance(tx *store.Tx, accountID, entryID string, now time.Time) error {
	w, err := tx.Wallet(accountID)
	if err != nil || w.Low() == w.LowTold {
		return err
	}
	if err := tx.SetLowTold(accountID, w.Low()); err != nil || !w.Low() {
		return err
	}
	acc, err := tx.Account(accountID)
	if err != nil {
		return err
	}
	return a.tell(tx, acc, notice.LowBalance{Wallet: notice.Wallet{Zone: acc.ZoneName}, EntryID: entryID,
		Balance: w.Balance, Mark: w.LowMark, CreditLeft: w.CreditLeft()}, now)
}

// SetLowMark sets the balance below which the actor's account is warned; nothing
// typed, or nothing as an amount, ends the warnings. Whoever sets a mark sees how
// the balance stands to it, so that alone sends no message.
func (a *App) SetLowMark(ctx context.Context, who Actor, text, key string) error {
	_, err := a.once(ctx, who.AccountID, asked(key, "low mark", text), func(tx *store.Tx, now time.Time) (string, error) {
		w, err := tx.LockWallet(who.AccountID)
		if err != nil {
			return "", err
		}
		was := w.LowMark
		w.LowMark.Minor = 0
		if text != "" {
			if w.LowMark, err = typedAmountOrNone("mark", text, was.Currency, MaximumGrant); err != nil {
				return "", err
			}
		}
		if err := tx.SetLowMark(who.AccountID, w.LowMark, w.Low()); err != nil {
			return "", err
		}
		return "set", a.audit(tx, who, now, "low mark", "wallet "+who.AccountID, was.String(), w.LowMark.String())
	})
	return err
}
