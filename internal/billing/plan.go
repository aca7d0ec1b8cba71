package billing

import (
	"fmt"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// LegKind is a source of money.
type LegKind string

// The sources, in the order in which they are drawn on.
const (
	Coupon  LegKind = "coupon"
	Balance LegKind = "balance"
	Credit  LegKind = "credit"
	Card    LegKind = "card"
)

// Leg is one source's part of a payment.
type Leg struct {
	Kind   LegKind
	Amount money.Amount
}

// Funds are what an account can spend.
type Funds struct {
	Balance money.Amount
}

// Plan says how far the funds reach over fees that are paid in this order.
type Plan struct {
	Covered   int          // units that are paid in full
	Total     money.Amount // fees of all units
	Due       money.Amount // Total less coupons
	Spent     money.Amount // fees of the covered units
	Shortfall money.Amount // what is missing for all units
}

// NewPlan walks the fees in the order of payment and stops at the first that the
// funds cannot pay: nothing later is paid in its place, because what expires
// first is paid first. Fees are not negative.
func NewPlan(fees []money.Amount, f Funds) (Plan, error) {
	zero := money.Of(0, f.Balance.Currency)
	p := Plan{Total: zero, Spent: zero, Shortfall: zero}
	var err error
	for _, fee := range fees {
		if p.Total, err = p.Total.Add(fee); err != nil {
			return Plan{}, fmt.Errorf("add up fees: %w", err)
		}
		if p.Total.Minor <= f.Balance.Minor {
			p.Covered++
			p.Spent = p.Total
		}
	}
	p.Due = p.Total
	if p.Due.Minor > f.Balance.Minor {
		if p.Shortfall, err = p.Due.Sub(f.Balance); err != nil {
			return Plan{}, err
		}
	}
	return p, nil
}

// Legs splits the fee of one covered unit over the sources.
func Legs(q renewal.Quote) []Leg {
	if q.Fee.IsZero() {
		return nil
	}
	return []Leg{{Balance, q.Fee}}
}
