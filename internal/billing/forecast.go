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
	Total    money.Amount
	// After is what is left of the balance when all up to the end of the month is
	// paid from it; below zero it is missing.
	After money.Amount
}

// NewForecast adds up by month what falls due from an instant on, month by month in
// its zone. What falls due later than that is left out.
func NewForecast(balance money.Amount, dues []Due, from time.Time, months int) ([]Month, error) {
	zero := money.Of(0, balance.Currency)
	all := make([]Month, months)
	year, month, _ := from.Date()
	for n := range all {
		all[n] = Month{Manual: zero, Auto: zero, Total: zero,
			From: time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, from.Location()),
			To:   time.Date(year, month+time.Month(n+1), 1, 0, 0, 0, 0, from.Location())}
	}
	all[0].From = from
	for _, d := range dues {
		for n := range all {
			if d.At.Before(all[n].From) || !d.At.Before(all[n].To) {
				continue
			}
			sum := &all[n].Manual
			if d.Mode == renewal.Auto {
				sum = &all[n].Auto
			}
			var err error
			if *sum, err = sum.Add(d.Amount); err != nil {
				return nil, fmt.Errorf("add up a month: %w", err)
			}
		}
	}
	left := balance
	for n := range all {
		var err error
		if all[n].Total, err = all[n].Manual.Add(all[n].Auto); err != nil {
			return nil, fmt.Errorf("add up a month: %w", err)
		}
		if left, err = left.Sub(all[n].Total); err != nil {
			return nil, fmt.Errorf("take a month off the balance: %w", err)
		}
		all[n].After = left
	}
	return all, nil
}
