package billing

import (
	"time"

	"perennial/internal/money"
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
