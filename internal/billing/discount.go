// Package billing holds the rules of paying: which discount applies, from which
// sources a unit is paid and in what order, what states an order has, and what
// is written into the ledger. It is pure, and it knows renewal only as something
// with lines and a fee.
package billing

import (
	"slices"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// DiscountKind says who grants a discount. Of all discounts that apply to a line
// the largest is taken; they do not add up.
type DiscountKind = string

// The kinds of discount. They are stored in lines and never renamed.
const (
	Contract    DiscountKind = "contract"    // agreed with the account
	Partner     DiscountKind = "partner"     // granted by a reseller
	Promotional DiscountKind = "promotional" // for a time, and often for some services
)

// DiscountKinds lists the kinds in the order in which equal discounts are taken.
var DiscountKinds = []DiscountKind{Contract, Partner, Promotional}

// Discount is a price reduction that an account has been granted.
type Discount struct {
	ID       string
	Kind     DiscountKind
	Name     string
	Rate     money.BasisPoints
	From     time.Time // zero: since ever
	Until    time.Time // exclusive; zero: without end
	Services []string  // codes that it covers; empty: all
}

// Applies tells whether the discount reduces a line of the service at an instant.
func (d Discount) Applies(service string, at time.Time) bool {
	return !at.Before(d.From) && (d.Until.IsZero() || at.Before(d.Until)) && covers(d.Services, service)
}

func covers(services []string, service string) bool {
	return len(services) == 0 || slices.Contains(services, service)
}

// DiscountsMoved tells whether a discount begins or ends after one instant and
// not after another, so that quotes of the first may not hold at the second.
func DiscountsMoved(discounts []Discount, after, until time.Time) bool {
	moved := func(t time.Time) bool { return t.After(after) && !t.After(until) }
	return slices.ContainsFunc(discounts, func(d Discount) bool { return moved(d.From) || moved(d.Until) })
}

// Quote prices a unit at an instant: list prices from the book, each line less its
// single best discount, rounded half up once per line. It reports false where a
// line has no price in the account's currency.
func Quote(u renewal.Unit, book renewal.PriceBook, c money.Currency, discounts []Discount, at time.Time) (renewal.Quote, bool, error) {
	lines, ok, err := renewal.ListLines(u, book, c)
	if err != nil || !ok {
		return renewal.Quote{}, false, err
	}
	for i, one := range u.All() {
		applyBest(&lines[i], one.ServiceCode, discounts, at)
	}
	q, err := renewal.Sum(lines, c)
	return q, err == nil, err
}

// applyBest takes the largest discount in minor units; of equal ones the first.
func applyBest(l *renewal.Line, service string, discounts []Discount, at time.Time) {
	for _, d := range discounts {
		if !d.Applies(service, at) {
			continue
		}
		// The fee is what is rounded, so the discount is the rest: a half
		// minor unit always goes to the fee.
		fee := l.List.Share(10_000 - d.Rate)
		if less := l.List.Minor - fee.Minor; less > l.Discount.Minor {
			l.Fee, l.Discount, l.DiscountKind = fee, money.Of(less, l.List.Currency), d.Kind
		}
	}
}
