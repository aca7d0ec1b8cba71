package billing

import (
	"fmt"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Due is what the units of one service, mode and term that expire together cost.
type Due struct {
	At      time.Time
	Mode    renewal.Mode
	Service string // code
	Period  renewal.Period
	Units   int
	Amount  money.Amount
}

// Runway tells how far a balance reaches over what falls due.
type Runway struct {
	Total     money.Amount // of all that falls due
	ShortFrom time.Time    // the first instant that is not covered; zero: all is
	Missing   money.Amount // what is missing for all
}

// NewRunway pays what falls due in its order until the balance ends.
func NewRunway(balance money.Amount, dues []Due) (Runway, error) {
	r := Runway{Total: money.Of(0, balance.Currency), Missing: money.Of(0, balance.Currency)}
	var err error
	for _, d := range dues {
		if r.Total, err = r.Total.Add(d.Amount); err != nil {
			return Runway{}, fmt.Errorf("add up what falls due: %w", err)
		}
		if r.ShortFrom.IsZero() && r.Total.Minor > balance.Minor {
			r.ShortFrom = d.At
		}
	}
	if !r.ShortFrom.IsZero() {
		r.Missing.Minor = r.Total.Minor - balance.Minor
	}
	return r, nil
}

// BestRate is the largest share that a discount takes off a line of a service at an
// instant.
func BestRate(discounts []Discount, service string, at time.Time) money.BasisPoints {
	best := money.BasisPoints(0)
	for _, d := range discounts {
		if d.Applies(service, at) {
			best = max(best, d.Rate)
		}
	}
	return best
}
