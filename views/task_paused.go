package views

import (
	"strings"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// paused says what a suspended task waits for.
func (p TaskPage) paused() string {
	switch p.Task.Pause {
	case renewal.PauseDeclined:
		if p.Task.Unrecorded() {
			return "Paused: the gateway has a payment that is not in our records."
		}
		if card := p.declined(); card != "" {
			return "Paused: the payment by " + card + " did not go through."
		}
		return "Paused: the card payment did not go through."
	case renewal.PauseUnknown:
		if pay, ok := p.open(); ok {
			return "Paused: the outcome of a card payment of " + pay.Charged.String() + " for " + instances(p.Flight) + " is not known yet."
		}
		return "Paused: the outcome of a card payment is not known yet."
	case renewal.PauseSettled:
		return "Paused: the card payment went through."
	case renewal.PauseConsent:
		return "Paused: coupons pay less than was agreed to."
	}
	if p.short() {
		return "Paused: balance is " + p.Plan.Shortfall.String() + " short."
	}
	if p.Plan.CardCharges > 0 {
		return "Paused: the wallet and the card now cover what is left."
	}
	return "Paused: the wallet now covers what is left."
}

func (p TaskPage) pausedKind() ui.Kind {
	switch {
	case p.Task.Pause == renewal.PauseSettled:
		return ui.OK
	case p.Task.Pause == renewal.PauseUnknown || p.Task.Pause == renewal.PauseConsent:
		return ui.Warn
	case p.short() || p.Task.Pause == renewal.PauseDeclined:
		return ui.Bad
	}
	return ui.OK
}

// pausedMeans says what that means for the units and the money.
func (p TaskPage) pausedMeans() string {
	means := ui.Count(p.Task.Renewed) + " renewed, " + ui.Count(p.Task.Left()) + " left. Renewed instances keep their new expiry dates."
	switch p.Task.Pause {
	case renewal.PauseDeclined:
		if p.Task.Unrecorded() {
			return p.DeclinedWhy + " Nothing was charged for what remains. " + means + " You can continue once our records have been compared with the gateway's. This takes a minute or two."
		}
		return p.DeclinedWhy + " Nothing was charged for what is left. " + means + " Choose another card or top up, then continue."
	case renewal.PauseUnknown:
		return means + " " + p.flight() + " The gateway is asked until it answers; until then these instances cannot be renewed or paid again, and this task can be neither continued nor ended."
	case renewal.PauseSettled:
		if p.Task.Left() == 0 {
			return "The gateway confirmed the payment. " + instances(p.Task.Renewed) + " renewed, none left. Continue completes the task and charges nothing."
		}
		return "The gateway confirmed the payment. " + means
	case renewal.PauseConsent:
		return means + " A coupon has expired, was frozen or was spent elsewhere since this was confirmed, so it must be confirmed again."
	}
	if p.consent() {
		means += " Prices may have changed since this was confirmed, so it must be confirmed again."
	}
	return means
}

// open is the card payment whose outcome is not known yet.
func (p TaskPage) open() (billing.Payment, bool) {
	if p.Flight == 0 || len(p.Cards) == 0 {
		return billing.Payment{}, false
	}
	return p.Cards[len(p.Cards)-1], true
}

// declined names the card whose payment did not go through, while the task waits for
// another one.
func (p TaskPage) declined() string {
	if n := len(p.Cards); n > 0 && p.Task.Pause == renewal.PauseDeclined {
		return p.source(p.Cards[n-1].CardID)
	}
	return ""
}

// anotherCard tells whether a card other than the declined one pays from now on.
func (p TaskPage) anotherCard() bool {
	n := len(p.Cards)
	return n > 0 && p.Card.ID != "" && p.Card.ID != p.Cards[n-1].CardID
}

// flight says what a card is being asked for.
func (p TaskPage) flight() string {
	pay, ok := p.open()
	if !ok {
		return ""
	}
	return p.source(pay.CardID) + " was asked for " + pay.Charged.String() + " for " + instances(p.Flight) + "."
}

// source names a coupon or card.
func (p TaskPage) source(id string) string {
	return nameOf(p.Sources, id)
}

// legWords is a leg within a sentence: what pays and how much.
func (p TaskPage) legWords(l billing.Leg) string { return p.legTitle(l) + " " + l.Amount.String() }

// legTitle is what pays.
func (p TaskPage) legTitle(l billing.Leg) string {
	switch l.Kind {
	case billing.FromCoupon, billing.FromCard:
		return p.source(l.Source)
	case billing.FromCredit:
		return "credit line"
	}
	return "balance"
}

// waitsForCard tells whether nobody can do anything until the gateway answers.
func (p TaskPage) waitsForCard() bool { return p.Task.Pause == renewal.PauseUnknown }

// offersTopUp tells whether money is what the task lacks.
func (p TaskPage) offersTopUp() bool {
	return p.short() || p.offersCard()
}

// offersCard tells whether another card would help.
func (p TaskPage) offersCard() bool {
	return p.Task.Pause == renewal.PauseDeclined && p.Lacking.Minor > 0 && !p.anotherCard()
}

// mayContinue tells whether the next unit can be paid, or only the end is missing.
func (p TaskPage) mayContinue() bool { return p.Plan.Covered > 0 || p.Task.Left() == 0 }

// couponsInSum is how many coupons a sum lists one by one.
const couponsInSum = 5

// firstCoupons are the coupons that stand in the sum, and what the others pay
// together for how many units; 0 units: there are no others.
func (p TaskPage) firstCoupons() (first []billing.Spending, units int, rest money.Amount) {
	first = p.Plan.Coupons
	if len(first) <= couponsInSum {
		return first, 0, rest
	}
	rest = p.amount(0)
	for _, s := range first[couponsInSum-1:] {
		units, rest.Minor = units+s.Units, rest.Minor+s.Amount.Minor
	}
	return first[:couponsInSum-1], units, rest
}

// cardCharges says which card pays and how often it is charged. The line breaks
// between the two only.
func (p TaskPage) cardCharges() string {
	whole := func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }
	return whole(p.Card.String()) + ", " + whole(ui.Plural(p.Plan.CardCharges, "charge", "charges"))
}
