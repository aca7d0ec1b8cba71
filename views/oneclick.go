package views

import (
	"net/url"
	"slices"

	"perennial/internal/renewal"
	"perennial/views/ui"
)

// OneClickPage asks before a task is prepared: the dialog of the Renewals page,
// and a page of its own without scripts.
type OneClickPage struct {
	Filter renewal.Filter
	Names  renewal.Names
	Count  int
	Recent int    // of them renewed here within 30 days
	Unpaid int    // of them with an order pending payment, so that they cannot be renewed
	Email  string // of the account
	Open   renewal.Task
	Offers []OneClickOffer
	Key    string
	// Problem is why the last attempt did not start a task.
	Problem string
	Page    bool
}

// OneClickOffer is a narrower filter that fits one task.
type OneClickOffer struct {
	Words  string
	Filter renewal.Filter
	Count  int
}

func (p OneClickPage) title() string {
	switch {
	case p.Open.ID != "":
		return "Task " + TaskNumber(p.Open.Number) + " is open"
	case p.Count == 0:
		return "There is nothing to renew"
	case p.tooMany():
		return ui.Count(p.Count) + " instances are too many for one task"
	}
	return "Prepare a one-click renewal for " + instances(p.Count) + "?"
}

func (p OneClickPage) tooMany() bool { return p.Count > renewal.MaximumUnits }

func (p OneClickPage) dialog() ui.DialogArgs {
	return ui.DialogArgs{Title: p.title(), Close: p.list(p.Filter), Page: p.Page}
}

func (p OneClickPage) list(f renewal.Filter) string { return RenewalsPath(f.Values()) }

func (p OneClickPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	return []ui.FieldError{{Text: p.Problem}}
}

// withoutRecent asks the same again without what was renewed here lately.
func (p OneClickPage) withoutRecent() string {
	f := p.Filter
	f.Renewed = renewal.Hide
	return OneClickNewPath(f.Values())
}

// withoutUnpaid asks the same again without what waits for payment.
func (p OneClickPage) withoutUnpaid() string {
	f := p.Filter
	f.HideUnpaid = true
	return OneClickNewPath(f.Values())
}

// unpaidWords says how much of the scope waits for payment.
func unpaidWords(p OneClickPage) string {
	if p.Count == 1 {
		return "It has an order pending payment, and is not renewed."
	}
	if p.Unpaid == 1 {
		return "1 of them has an order pending payment, and is not renewed."
	}
	return ui.Count(p.Unpaid) + " of them have orders pending payment, and are not renewed."
}

// field is one hidden field of the form.
type field struct{ name, value string }

// scope is the filter as the fields of a form.
func (p OneClickPage) scope() []field { return fieldsOf(p.Filter.Values()) }

func fieldsOf(v url.Values) []field {
	var fields []field
	for name, values := range v {
		for _, value := range values {
			fields = append(fields, field{name, value})
		}
	}
	slices.SortStableFunc(fields, func(a, b field) int {
		switch {
		case a.name < b.name:
			return -1
		case a.name > b.name:
			return 1
		}
		return 0
	})
	return fields
}

// leave is the way to a scope without them.
func (p OneClickPage) leave() string {
	if p.Count == 1 {
		return "Leave it out"
	}
	return "Leave them out"
}

// recentWords says how much of the scope was renewed here lately.
func recentWords(p OneClickPage) string {
	if p.Count == 1 {
		return "It was renewed here in the last 30 days."
	}
	if p.Recent == 1 {
		return "1 of them was renewed here in the last 30 days."
	}
	return ui.Count(p.Recent) + " of them were renewed here in the last 30 days."
}
