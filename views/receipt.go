package views

import (
	"strings"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// charges are the card payments that were captured.
func (p TaskPage) charges() []billing.Payment {
	var all []billing.Payment
	for _, c := range p.Cards {
		if c.State == billing.PaymentCaptured {
			all = append(all, c)
		}
	}
	return all
}

func refundTitle(f billing.Refunding) string {
	switch f.State {
	case billing.RefundDone:
		return "Given back, order"
	case billing.RefundRefused:
		return "Not given back yet, contact support, order"
	}
	return "Being given back, order"
}

// estimateLine is a part of what was confirmed and not paid.
type estimateLine struct {
	label string
	less  money.Amount
}

// estimate explains why less was paid than was confirmed: units that were passed
// over, by reason, units that were not attempted, and prices that fell. It is
// empty where just what was confirmed was paid.
func (p TaskPage) estimate() []estimateLine {
	var lines []estimateLine
	rest := p.Task.FeeMinor - p.Task.SpentMinor
	add := func(label string, minor int64) {
		if minor > 0 {
			lines = append(lines, estimateLine{label, p.amount(minor)})
			rest -= minor
		}
	}
	for _, reason := range renewal.Reasons() {
		units, fee := 0, int64(0)
		for _, t := range p.Tallies {
			if t.State == renewal.ItemFailed && t.Reason == reason {
				units, fee = units+t.Units, fee+t.Fee.Minor
			}
		}
		add(ui.Plural(units, "instance", "instances")+" passed over, "+strings.ReplaceAll(string(reason), "_", " "), fee)
	}
	add(ui.Plural(p.Task.Left(), "instance", "instances")+" not attempted", p.Task.LeftMinor)
	add("Prices that fell, passed on", rest)
	return lines
}

// addends are what adds up to the sum of the receipt.
func (p TaskPage) addends() string {
	r := p.Receipt
	sum := ui.Plural(r.Orders, "order", "orders") + " and " + ui.Plural(r.Payments, "payment", "payments")
	if r.Refunded.Minor > 0 {
		sum += " less " + r.Refunded.String() + " of refunds"
	}
	return sum
}
