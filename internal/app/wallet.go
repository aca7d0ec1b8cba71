package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// rowsAPage is how many rows the lists of the wallet, the notifications and the
// outbox show at once.
const rowsAPage = 50

// declinedShown is for how long the wallet shows that a top-up was declined.
const declinedShown = 7 * renewal.Day

// Place is where a page of a newest-first list begins or ends: after a row, before
// one, or at the newest where both are zero.
type Place struct {
	After  renewal.Cursor
	Before renewal.Cursor
}

// Around are the neighbours of a page; a zero cursor says that there is none.
type Around struct {
	Newer renewal.Cursor // as Place.Before
	Older renewal.Cursor // as Place.After
}

// pageOf cuts rows, of which there is one more than a page where the list goes on,
// and finds the neighbours.
func pageOf[T any](rows []T, at Place, cursor func(T) renewal.Cursor) ([]T, Around) {
	more := len(rows) > rowsAPage
	backwards := !at.Before.IsZero()
	switch {
	case more && backwards:
		rows = rows[len(rows)-rowsAPage:]
	case more:
		rows = rows[:rowsAPage]
	}
	var around Around
	if len(rows) == 0 {
		return rows, around
	}
	if backwards && more || !backwards && !at.After.IsZero() {
		around.Newer = cursor(rows[0])
	}
	if backwards || more {
		around.Older = cursor(rows[len(rows)-1])
	}
	return rows, around
}

// TopUpAttempt is a top-up that did not reach the balance.
type TopUpAttempt struct {
	billing.Payment
	Why string // the gateway's reason in words, where it declined
}

// Wallet is what an account can spend, with the ledger behind it.
type Wallet struct {
	billing.Wallet
	Runway   billing.Runway
	Coupons  int             // how many could pay for a renewal now
	InCoupon money.Amount    // what those have left
	Owed     money.Amount    // of the credit line; the rest of what is used is held by a payment
	Card     billing.Card    // the one that renewals are charged to; zero: none
	Entries  []billing.Entry // newest first
	Around   Around
	Open     []TopUpAttempt // asked for, outcome not known yet
	Declined []TopUpAttempt // of the last days
	// CanTopUp tells whether a gateway is configured.
	CanTopUp bool
}

// Wallet reads one page of an account's wallet.
func (a *App) Wallet(ctx context.Context, accountID string, at Place) (w Wallet, err error) {
	var attempts []billing.Payment
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		if err := w.funds(tx, accountID, a.Clock.Now()); err != nil {
			return err
		}
		if attempts, err = tx.TopUpsNotBooked(accountID, a.Clock.Now().Add(-declinedShown), rowsAPage); err != nil {
			return err
		}
		w.Entries, err = tx.Ledger(accountID, at.After, at.Before, rowsAPage+1)
		return err
	})
	if err != nil {
		return Wallet{}, fmt.Errorf("read the wallet: %w", err)
	}
	if w.Runway, err = a.runway(ctx, accountID, w.Balance); err != nil {
		return Wallet{}, err
	}
	w.CanTopUp = a.Gateway != nil
	w.Entries, w.Around = pageOf(w.Entries, at, func(e billing.Entry) renewal.Cursor {
		return renewal.Cursor{Number: e.At.UnixMilli(), ID: e.ID}
	})
	for _, p := range attempts {
		if p.State == billing.PaymentDeclined {
			w.Declined = append(w.Declined, attempt(p))
		} else {
			w.Open = append(w.Open, attempt(p))
		}
	}
	return w, nil
}

// funds reads what the account can spend.
func (w *Wallet) funds(tx *store.Tx, accountID string, now time.Time) (err error) {
	if w.Wallet, err = tx.Wallet(accountID); err != nil {
		return err
	}
	if w.Owed, err = owedOf(tx, accountID, w.Wallet); err != nil {
		return err
	}
	cards, err := tx.Cards(accountID)
	if err != nil {
		return err
	}
	w.Card = billing.Card{}
	if len(cards) > 0 && cards[0].Preferred {
		w.Card = cards[0]
	}
	coupons, err := tx.SpendableCoupons(accountID, now)
	w.Coupons, w.InCoupon = 0, money.Of(0, w.Balance.Currency)
	for _, c := range coupons {
		if err == nil && c.Standing(now) == billing.CouponPays {
			w.Coupons++
			w.InCoupon, err = w.InCoupon.Add(c.Remaining)
		}
	}
	return err
}

func attempt(p billing.Payment) TopUpAttempt {
	t := TopUpAttempt{Payment: p}
	if p.State == billing.PaymentDeclined {
		t.Why = declinedBecause(p.Reason)
	}
	return t
}

// declinedBecause puts the reason of a declined payment into words.
func declinedBecause(reason string) string {
	switch reason {
	case refusedByGateway:
		return "The gateway refused the request."
	case billing.ReasonUnrecorded:
		return "The gateway has another payment for this that is not in our records. They may come from a backup, so they are being compared with the gateway's before anything is paid again."
	case billing.ReasonGivenUp:
		return "The payment was ended before the card was charged."
	case billing.ReasonReturned:
		return "The gateway had given the money back before the payment was entered here."
	case billing.ReasonLapsed:
		return "An instance changed or was released while the gateway did not answer, so the card was not charged."
	}
	return gateway.DeclineReason(reason).Sentence()
}

// TopUpStatus is what became of one top-up.
type TopUpStatus struct {
	TopUpAttempt
	Balance money.Amount
	Refund  billing.RefundState // empty: nothing was given back
}

// TopUpStatus finds a top-up of the account.
func (a *App) TopUpStatus(ctx context.Context, accountID, id string) (s TopUpStatus, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.Payment(accountID, id)
		if err == nil && p.Purpose != billing.ForTopUp {
			err = store.ErrNone
		}
		if err != nil {
			return err
		}
		s.TopUpAttempt = attempt(p)
		refunds, err := tx.Refunds(accountID, id)
		if err != nil {
			return err
		}
		s.Refund = ""
		if len(refunds) > 0 {
			s.Refund = refunds[0].State
		}
		s.Balance, err = tx.Balance(accountID)
		return err
	})
	if store.IsNone(err) {
		err = fault.New(fault.NotFound, "There is no such top-up in this account.")
	}
	return s, err
}
