package views

import (
	"perennial/internal/billing"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// paused says what a suspended task waits for.
func (p TaskPage) paused() string {
	switch p.Task.Pause {
	case renewal.PauseDeclined:
		return "Paused: the card payment did not go through."
	case renewal.PauseUnknown:
		return "Paused: the outcome of a card payment is not known yet."
	case renewal.PauseSettled:
		return "Paused: the card payment went through."
	case renewal.PauseConsent:
		return "Paused: coupons pay less than was agreed to."
	}
	if p.short() {
		return "Paused: balance is " + p.Plan.Shortfall.String() + " short."
	}
	return "Paused: the balance now covers what is left."
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
		return p.DeclinedWhy + " Nothing was charged for what is left. " + means
	case renewal.PauseUnknown:
		return p.flight() + " The gateway is asked until it answers; until then these instances cannot be renewed or paid again, and this task can be neither continued nor ended."
	case renewal.PauseSettled:
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
	if name := p.Sources[id]; name != "" {
		return name
	}
	return id
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
	return p.short() || p.Task.Pause == renewal.PauseDeclined && p.Lacking.Minor > 0
}
