package views

import (
	"time"

	"perennial/internal/bidi"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// InstancePage is one unit and what was done to it here.
type InstancePage struct {
	RenewalRow
	NewExpiry time.Time // after one more term
	Now       time.Time
	Zone      *time.Location
	Retention renewal.Retention
	Renewals  []InstanceRenewal
	// OrderKey is the key of the form that orders a renewal; empty where the reader
	// may not, or the instance cannot be renewed.
	OrderKey string
	Problem  string // why nothing was ordered
}

// InstanceRenewal is one renewal that was made here.
type InstanceRenewal struct {
	OrderID    string
	TaskID     string
	TaskNumber int
	By         string
	At         time.Time
	Period     renewal.Period
	From, To   time.Time
	Fee        money.Amount
}

func (p InstancePage) list() string { return RenewalsPath(renewal.Filter{Tab: p.Mode}.Values()) }

func (p InstancePage) head() ui.HeadArgs {
	return ui.HeadArgs{Title: p.Name, Lede: bidi.Isolate(p.ServiceName) + ", " + bidi.Isolate(p.RegionName), Crumbs: []ui.Crumb{
		{Label: p.Mode.Title(), Href: p.list()}, {Label: p.Name},
	}}
}

// line is the price of one instance of the unit.
type line struct {
	renewal.Instance
	price  renewal.Line
	priced bool
}

// lines are the instances of the unit with their prices, the primary first.
func (p InstancePage) lines() []line {
	prices := map[string]renewal.Line{}
	for _, l := range p.Quote.Lines {
		prices[l.InstanceID] = l
	}
	var all []line
	for _, i := range p.All() {
		price, ok := prices[i.ID]
		all = append(all, line{i, price, ok && p.Priced})
	}
	return all
}
