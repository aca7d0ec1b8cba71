// Package billing holds the rules of paying: which discount applies, from which
// sources a unit is paid and in what order, what states an order has, and what
// is written into the ledger. It is pure, and it knows renewal only as something
// with lines and a fee.
package billing

import (
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Contract is the kind of a discount agreed with the account. Of all discounts
// that apply to a line the largest is taken; they do not add up.
const Contract = "contract"

// Discount is a price reduction that an account has been granted.
type Discount struct {
	Kind string
	Rate money.BasisPoints
}

// Quote prices a unit: list prices from the book, each line less its single best
// discount, rounded half up once per line. It reports false where a line has no
// price in the account's currency.
func Quote(u renewal.Unit, book renewal.PriceBook, c money.Currency, discounts []Discount) (renewal.Quote, bool, error) {
	lines, ok, err := renewal.ListLines(u, book, c)
	if err != nil || !ok {
		return renewal.Quote{}, false, err
	}
	for i := range lines {
		applyBest(&lines[i], discounts)
	}
	q, err := renewal.Sum(lines, c)
	return q, err == nil, err
}

func applyBest(l *renewal.Line, discounts []Discount) {
	for _, d := range discounts {
		// The fee is what is rounded, so the discount is the rest: a half
		// minor unit always goes to the fee.
		fee := l.List.Share(10_000 - d.Rate)
		if less := l.List.Minor - fee.Minor; less > l.Discount.Minor {
			l.Fee, l.Discount, l.DiscountKind = fee, money.Of(less, l.List.Currency), d.Kind
		}
	}
}
