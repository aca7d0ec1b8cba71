package app

import (
	"context"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
)

// SetCreditLimit sets how much the actor's account may owe; the text is an amount
// in its currency. A limit below what is owed is refused.
func (a *App) SetCreditLimit(ctx context.Context, who Actor, text string) (w billing.Wallet, err error) {
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if w, err = tx.LockWallet(who.AccountID); err != nil {
			return noSuchAccount(err, who.AccountID)
		}
		limit, err := typedAmountOrNone("limit", text, w.Balance.Currency, MaximumGrant)
		if err != nil {
			return err
		}
		ok, err := tx.SetCreditLimit(who.AccountID, limit)
		if err != nil {
			return err
		}
		if !ok {
			return fault.Field("limit", "%s is owed on the credit line, so its limit cannot be %s. Nothing was changed.", w.CreditUsed, limit)
		}
		was := w.CreditLimit
		w.CreditLimit = limit
		return a.audit(tx, who, now, "credit limit", "wallet "+who.AccountID, was.String(), limit.String())
	})
	if err == nil {
		a.Wake()
	}
	return w, err
}

// RepayCredit pays what is owed on the credit line from the balance, once for each
// key, and tells how the wallet stands then. Nothing repays it by itself: money that comes
// in is there for what it was meant for.
func (a *App) RepayCredit(ctx context.Context, who Actor, text, key string) (w billing.Wallet, err error) {
	_, err = a.once(ctx, who.AccountID, asked(key, "repay credit", text), func(tx *store.Tx, now time.Time) (string, error) {
		if w, err = tx.LockWallet(who.AccountID); err != nil {
			return "", noSuchAccount(err, who.AccountID)
		}
		owed, err := owedOf(tx, who.AccountID, w)
		if err != nil {
			return "", err
		}
		amount, err := typedAmount("repay", text, w.Balance.Currency, MaximumGrant)
		switch {
		case err != nil:
			return "", err
		case w.CreditUsed.IsZero():
			return "", fault.Field("repay", "Nothing is owed on the credit line.")
		case owed.IsZero():
			return "", fault.Field("repay", "%s of the credit line is held by a card payment whose outcome is not known yet. Repay it once it is.", w.CreditUsed)
		case amount.Minor > owed.Minor:
			return "", fault.Field("repay", "%s is owed on the credit line, not %s.", owed, amount)
		case amount.Minor > w.Balance.Minor:
			return "", fault.Field("repay", "The balance is %s, which does not cover %s.", w.Balance, amount)
		}
		if ok, err := tx.Debit(who.AccountID, amount); err != nil || !ok {
			return "", changedMeanwhile(err)
		}
		e := billing.Entry{ID: a.newID(now), Kind: billing.Settlement, At: now}
		return "repaid", a.settled(tx, who, e, w, amount, store.Posting{Book: billing.BookCash, Amount: negative(amount)})
	})
	if err != nil {
		return w, err
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		w, err = tx.Wallet(who.AccountID)
		return err
	})
	return w, err
}

// RecordRepayment records a bank transfer that pays the credit line back; what it
// brings beyond what is owed goes to the balance. A reference is booked once for
// each account; the value date is YYYY-MM-DD.
func (a *App) RecordRepayment(ctx context.Context, who Actor, amount money.Amount, valueDate, reference string) (w billing.Wallet, err error) {
	if reference, err = transfer(amount, valueDate, reference); err != nil {
		return w, err
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if err := arrived(tx, who.AccountID, valueDate, now); err != nil {
			return err
		}
		if w, err = tx.LockWallet(who.AccountID); err != nil {
			return noSuchAccount(err, who.AccountID)
		}
		if w.CreditUsed.IsZero() {
			return fault.New(fault.Conflict, "Nothing is owed on the credit line. Record the transfer with perennial deposit.")
		}
		if amount.Currency != w.Balance.Currency {
			return fault.Field("amount", "This wallet is in %s, not %s.", w.Balance.Currency, amount.Currency)
		}
		owed, err := owedOf(tx, who.AccountID, w)
		if err != nil {
			return err
		}
		if owed.IsZero() {
			return fault.New(fault.Conflict, "%s of the credit line is held by a card payment whose outcome is not known yet, and nothing is owed besides. Record the transfer with perennial deposit.", w.CreditUsed)
		}
		owed.Minor = min(amount.Minor, owed.Minor)
		more := money.Of(amount.Minor-owed.Minor, amount.Currency)
		postings := []store.Posting{{Book: billing.BookBank, Amount: negative(amount)}}
		if !more.IsZero() {
			if err := tx.Credit(who.AccountID, more); err != nil {
				return err
			}
			postings = append(postings, store.Posting{Book: billing.BookCash, Amount: more})
		}
		e := billing.Entry{ID: a.newID(now), Kind: billing.Settlement, At: now, ValueDate: valueDate, Reference: reference}
		return a.settled(tx, who, e, w, owed, postings...)
	})
	if store.IsDuplicate(err) {
		return w, bookedAlready(err, reference)
	}
	if err != nil {
		return w, err
	}
	a.Wake()
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		w, err = tx.Wallet(who.AccountID)
		return err
	})
	return w, err
}

// owedOf is what can be repaid of a locked wallet's credit line. What a payment that
// the gateway has not decided holds of it may go back, and is not owed before.
func owedOf(tx *store.Tx, accountID string, w billing.Wallet) (money.Amount, error) {
	held, err := tx.CreditHeld(accountID)
	return money.Of(w.CreditUsed.Minor-held, w.CreditUsed.Currency), err
}

// settled gives an amount of the credit line back, with the ledger transaction and
// the audit row. The other postings are its opposite; w is the wallet before.
func (a *App) settled(tx *store.Tx, who Actor, e billing.Entry, w billing.Wallet, amount money.Amount, others ...store.Posting) error {
	if ok, err := tx.UseCredit(who.AccountID, negative(amount)); err != nil || !ok {
		return changedMeanwhile(err)
	}
	if err := tx.Post(who.AccountID, e, append(others, store.Posting{Book: billing.BookCredit, Amount: amount})...); err != nil {
		return err
	}
	if err := a.watchBalance(tx, who.AccountID, e.ID, e.At); err != nil {
		return err
	}
	left := money.Of(w.CreditUsed.Minor-amount.Minor, amount.Currency)
	return a.audit(tx, who, e.At, string(e.Kind), "wallet "+who.AccountID, w.CreditUsed.String(), left.String())
}

func negative(a money.Amount) money.Amount { return money.Of(-a.Minor, a.Currency) }

// changedMeanwhile is an error, or that of a wallet which was locked and is all the
// same not what it was.
func changedMeanwhile(err error) error {
	if err == nil {
		err = fault.New(fault.Conflict, "The wallet has changed meanwhile. Nothing was charged; open the page again.")
	}
	return err
}
