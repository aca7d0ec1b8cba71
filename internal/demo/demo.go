// Package demo makes the demonstration account: an invented company with an
// estate of instances, a price book, a balance and coupons. All of it follows from a
// seed, a size and an instant, so that the same command shows the same pages
// everywhere. It writes the two CSV formats and knows no database: the estate
// comes in through the ordinary import.
package demo

import (
	"perennial/internal/account"
	"perennial/internal/money"
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
