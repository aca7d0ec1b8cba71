package billing

import (
	"fmt"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Month is what falls due in one calendar month of the billing zone.
type Month struct {
	From, To time.Time // half-open
	Manual   money.Amount
	Auto     money.Amount
	Again    money.Amount // what was renewed in an earlier month for a term that ends in this one
	Total    money.Amount
	// After is what is left of the balance when all up to the end of the month is
	// paid from it; below zero it is missing.
	After money.Amount
}

// NewForecast adds up by month what falls due from an instant on, month by month in
// its zone. Whatever falls due is taken to be renewed for its term, at the same fee,
// and falls due again. What falls due later than the last month is left out.
func NewForecast(balance money.Amount, dues []Due, from time.Time, months int) ([]Month, error) {
	zero := money.Of(0, balance.Currency)
	all := make([]Month, months)
	year, month, _ := from.Date()
	for n := range all {
		all[n] = Month{Manual: zero, Auto: zero, Again: zero, Total: zero,
			From: renewal.Midnight(year, month+time.Month(n), 1, from.Location()),
			To:   renewal.Midnight(year, month+time.Month(n+1), 1, from.Location())}
	}
	all[0].From = from
	dues, err := byDay(dues)
	if err != nil {
		return nil, err
	}
	for _, d := range dues {
		err := d.falls(all[months-1].To, func(at time.Time, again bool) error { return add(all, d, at, again) })
		if err != nil {
			return nil, fmt.Errorf("add up a month: %w", err)
		}
	}
	left := balance
	for n := range all {
		if all[n].Total, err = all[n].Manual.Add(all[n].Auto); err == nil {
			all[n].Total, err = all[n].Total.Add(all[n].Again)
		}
		if err != nil {
			return nil, fmt.Errorf("add up a month: %w", err)
		}
		if left, err = left.Sub(all[n].Total); err != nil {
			return nil, fmt.Errorf("take a month off the balance: %w", err)
		}
		all[n].After = left
	}
	return all, nil
}

// add enters what falls due at an instant in its month, if that is one of all.
func add(all []Month, d Due, at time.Time, again bool) (err error) {
	for n := range all {
		if at.Before(all[n].From) || !at.Before(all[n].To) {
			continue
		}
		sum := &all[n].Manual
		switch {
		case again:
			sum = &all[n].Again
		case d.Mode == renewal.Auto:
			sum = &all[n].Auto
		}
		*sum, err = sum.Add(d.Amount)
		return err
	}
	return nil
}
