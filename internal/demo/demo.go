// Package demo makes the demonstration account: an invented company with an
// estate of instances, a price book and a balance. All of it follows from a
// seed, a size and an instant, so that the same command shows the same pages
// everywhere. It writes the two CSV formats and knows no database: the estate
// comes in through the ordinary import.
package demo

import (
	"fmt"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// The demonstration account.
const (
	AccountName      = "Acme Group"
	Email            = "finance@acme.example"
	Zone             = "Asia/Shanghai"
	Currency         = money.Currency("USD")
	ContractDiscount = money.BasisPoints(1500)
	DefaultUnits     = 12_480
	DefaultSeed      = uint64(20)
)

// Password signs every demonstration user in. It is printed at each start, and
// everybody knows it.
const Password = "evergreen-orchard-42"

// Person is a user of the demonstration account.
type Person struct {
	Name  string
	Email string
	Role  account.Role
}

// People are the users of the demonstration account, the owner first.
func People() []Person {
	return []Person{
		{"Wei Chen", "wei.chen@acme.example", account.Owner},
		{"Li Na", "li.na@acme.example", account.Buyer},
		{"Sam Ortiz", "sam.ortiz@acme.example", account.Viewer},
	}
}

// Discounts are what the account was granted.
func Discounts() []billing.Discount {
	return []billing.Discount{{Kind: billing.Contract, Rate: ContractDiscount}}
}

// covered is the share of the next 30 days' renewals that the opening balance
// pays for: the task of those who try it runs dry nine tenths of the way.
const covered = money.BasisPoints(9_000)

// Deposit is the opening balance: nine tenths of what it costs to renew the
// units on the Manual Renewals tab that expire within 30 days and can be renewed,
// and never nothing, however small the estate.
func (e *Estate) Deposit() (money.Amount, error) {
	book := e.Prices()
	terms := renewal.Terms{Zone: e.zone, Retention: renewal.DefaultRetention}
	sum := money.Of(0, Currency)
	for u := range e.Units() {
		if u.Mode != renewal.Manual || u.ExpiresAt.Before(e.now) || !u.ExpiresAt.Before(e.now.Add(renewal.Within30.Window())) {
			continue
		}
		quote, priced, err := billing.Quote(u, book, Currency, Discounts(), e.now)
		if err != nil {
			return money.Amount{}, fmt.Errorf("price %s: %w", u.ID, err)
		}
		if _, why := renewal.Check(u, e.now, terms, priced); why != "" {
			continue
		}
		if sum, err = sum.Add(quote.Fee); err != nil {
			return money.Amount{}, fmt.Errorf("add up fees: %w", err)
		}
	}
	if sum.IsZero() {
		return money.Of(10_000, Currency), nil
	}
	return sum.Share(covered), nil
}
