package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Due is what the units of one service, mode and term that expire together cost.
type Due struct {
	At      time.Time // in the billing zone
	Mode    renewal.Mode
	Service string // code
	Period  renewal.Period
	Units   int
	Amount  money.Amount
}

// byDay adds up what falls due on the same day of the billing zone, in the same mode
// and for the same term, at the beginning of the day. An estate has many instants at
// which something falls due and few days.
func byDay(dues []Due) ([]Due, error) {
	type kind struct {
		day    time.Time
		mode   renewal.Mode
		period renewal.Period
	}
	places := map[kind]int{}
	var all []Due
	for _, d := range dues {
		year, month, day := d.At.Date()
		d.At, d.Service = renewal.Midnight(year, month, day, d.At.Location()), ""
		k := kind{d.At, d.Mode, d.Period}
		n, ok := places[k]
		if !ok {
			places[k] = len(all)
			all = append(all, d)
			continue
		}
		all[n].Units += d.Units
		var err error
		if all[n].Amount, err = all[n].Amount.Add(d.Amount); err != nil {
			return nil, fmt.Errorf("add up a day: %w", err)
		}
	}
	return all, nil
}

// falls calls fall with each instant before until at which it falls due: its own,
// and then again after each term, since whatever falls due is taken to be renewed.
func (d Due) falls(until time.Time, fall func(at time.Time, again bool) error) error {
	anchor, zone := d.At.Day(), d.At.Location()
	for at := d.At; at.Before(until); at = renewal.AddTerm(anchor, at, d.Period, zone).In(zone) {
		if err := fall(at, at.After(d.At)); err != nil {
			return err
		}
	}
	return nil
}

// Runway tells how far a balance reaches over what falls due.
type Runway struct {
	Total     money.Amount // of all that falls due
	ShortFrom time.Time    // the beginning of the first day that is not covered; zero: all are
}

// NewRunway pays what falls due before an instant, day by day of the billing zone
// and again after each term, until the balance ends.
func NewRunway(balance money.Amount, dues []Due, until time.Time) (Runway, error) {
	r := Runway{Total: money.Of(0, balance.Currency)}
	dues, err := byDay(dues)
	if err != nil {
		return Runway{}, err
	}
	days := map[time.Time]money.Amount{}
	for _, d := range dues {
		err := d.falls(until, func(at time.Time, _ bool) (err error) {
			sum, ok := days[at]
			if !ok {
				sum.Currency = balance.Currency
			}
			days[at], err = sum.Add(d.Amount)
			return err
		})
		if err != nil {
			return Runway{}, fmt.Errorf("add up a day: %w", err)
		}
	}
	for _, day := range slices.SortedFunc(maps.Keys(days), time.Time.Compare) {
		if r.Total, err = r.Total.Add(days[day]); err != nil {
			return Runway{}, fmt.Errorf("add up what falls due: %w", err)
		}
		if r.ShortFrom.IsZero() && r.Total.Minor > balance.Minor {
			r.ShortFrom = day
		}
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
