package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/store"
)

// sources sums legs by where they come from, in the order of their books. Legs on
// a card are left out: the gateway moves them.
func sources(orders []billing.Order) []billing.Leg {
	sums := map[billing.Book]billing.Leg{}
	for _, o := range orders {
		for _, l := range o.Legs {
			if l.Kind == billing.FromCard {
				continue
			}
			sum := sums[billing.BookOf(l)]
			sum.Kind, sum.Source = l.Kind, l.Source
			sum.Amount = money.Of(sum.Amount.Minor+l.Amount.Minor, l.Amount.Currency)
			sums[billing.BookOf(l)] = sum
		}
	}
	legs := make([]billing.Leg, 0, len(sums))
	for _, book := range slices.Sorted(maps.Keys(sums)) {
		legs = append(legs, sums[book])
	}
	return legs
}

// spend takes the wallet legs of orders from coupons, balance and credit line into
// a book, with one ledger transaction and one audit row. Each source is debited by
// a condition in its statement: what is not there is not spent.
func (a *App) spend(tx *store.Tx, who Actor, accountID string, orders []billing.Order, into billing.Book, e billing.Entry) error {
	return a.shift(tx, who, accountID, sources(orders), into, e, +1)
}

// release gives wallet legs of orders back out of a book.
func (a *App) release(tx *store.Tx, who Actor, accountID string, orders []billing.Order, from billing.Book, e billing.Entry) error {
	return a.shift(tx, who, accountID, sources(orders), from, e, -1)
}

func (a *App) shift(tx *store.Tx, who Actor, accountID string, legs []billing.Leg, other billing.Book, e billing.Entry, sign int64) error {
	if len(legs) == 0 {
		return nil
	}
	before, err := tx.Balance(accountID)
	if err != nil {
		return err
	}
	postings := make([]store.Posting, 0, len(legs)+1)
	total := money.Of(0, before.Currency)
	for _, l := range legs {
		taken := money.Of(sign*l.Amount.Minor, l.Amount.Currency)
		if err := draw(tx, accountID, l, taken, e.At); err != nil {
			return err
		}
		postings = append(postings, store.Posting{Book: billing.BookOf(l), Amount: money.Of(-taken.Minor, taken.Currency)})
		total.Minor += taken.Minor
	}
	e.ID = a.newID(e.At)
	if err := tx.Post(accountID, e, append(postings, store.Posting{Book: other, Amount: total})...); err != nil {
		return err
	}
	if err := a.watchBalance(tx, accountID, e.ID, e.At); err != nil {
		return err
	}
	after, err := tx.Balance(accountID)
	if err != nil {
		return err
	}
	return a.audit(tx, who, e.At, moved(e.Kind), "payment "+e.PaymentID, before.String(), after.String())
}

// moved is the action of the audit row beside a ledger transaction.
func moved(k billing.EntryKind) string {
	if k == billing.Renewal {
		return "pay"
	}
	return string(k)
}

// errNotThere means that a source has less than is to be taken from it.
var errNotThere = errors.New("it is no longer there")

// draw takes an amount from one source; a negative amount goes back to it.
func draw(tx *store.Tx, accountID string, l billing.Leg, taken money.Amount, now time.Time) (err error) {
	ok := true
	switch {
	case l.Kind == billing.FromCoupon:
		ok, err = tx.UseCoupon(accountID, l.Source, taken, now)
	case l.Kind == billing.FromCredit:
		ok, err = tx.UseCredit(accountID, taken)
	case taken.Minor < 0:
		err = tx.Credit(accountID, money.Of(-taken.Minor, taken.Currency))
	default:
		ok, err = tx.Debit(accountID, taken)
	}
	if err == nil && !ok {
		err = fmt.Errorf("draw %s from %s: %w", taken, billing.BookOf(l), errNotThere)
	}
	return err
}
