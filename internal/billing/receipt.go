package billing

import (
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Receipt is what a task has paid, added up in three places: its orders, the legs
// of its payments, and the ledger.
type Receipt struct {
	Orders   int
	List     money.Amount
	Discount money.Amount
	Fee      money.Amount
	// Kinds are the discounts of the orders' lines, one for each kind.
	Kinds    []KindSum
	Legs     []Leg // one for each source, over all orders
	Payments int
	Captured money.Amount // what the payments took
	Refunded money.Amount // and what of it was given back
	Ledger   money.Amount // signed change of the cash balance
}

// KindSum is the sum of all discounts of one kind.
type KindSum struct {
	Kind   string
	Amount money.Amount
}

// TakenOff sums what discounts take off the list prices of those items that can be
// renewed, by kind. Their list prices add up to an amount, so these do, too.
func TakenOff(items []renewal.Item) []KindSum {
	var sums []KindSum
	for _, kind := range DiscountKinds {
		sum := KindSum{Kind: kind}
		for _, i := range items {
			if i.State == renewal.ItemBlocked {
				continue
			}
			for _, l := range i.Lines {
				if l.DiscountKind == kind && !l.Discount.IsZero() {
					sum.Amount = money.Of(sum.Amount.Minor+l.Discount.Minor, l.Discount.Currency)
				}
			}
		}
		if !sum.Amount.IsZero() {
			sums = append(sums, sum)
		}
	}
	return sums
}

// AddsUp tells whether orders, payments, legs and ledger agree to the minor unit
// (promise 14).
func (r Receipt) AddsUp() bool {
	off, legs, cash := int64(0), int64(0), int64(0)
	for _, k := range r.Kinds {
		off += k.Amount.Minor
	}
	for _, l := range r.Legs {
		if legs += l.Amount.Minor; l.Kind == FromBalance {
			cash += l.Amount.Minor
		}
	}
	return r.List.Minor-r.Discount.Minor == r.Fee.Minor && off == r.Discount.Minor &&
		r.Captured.Minor-r.Refunded.Minor == r.Fee.Minor && legs == r.Fee.Minor && r.Ledger.Minor == -cash
}

// Earlier is a renewal of an instance that was paid here before.
type Earlier struct {
	InstanceID string
	NewExpiry  time.Time
	OrderID    string
	TaskID     string // empty where no task made it
	TaskNumber int
	By         string // who confirmed it
	At         time.Time
	Fee        money.Amount
}
