package views

import (
	"perennial/internal/billing"
	"perennial/internal/money"
)

// entryTitle says what a ledger transaction was for.
func entryTitle(e billing.Entry) string {
	of := func(words string) string {
		if e.Task == 0 {
			return words
		}
		return words + " " + TaskNumber(e.Task)
	}
	topUp := e.Purpose == billing.ForTopUp
	switch e.Kind {
	case billing.Deposit:
		return "Bank transfer"
	case billing.TopUp:
		return "Top-up"
	case billing.Renewal:
		return of("Renewal")
	case billing.Grant:
		return "Coupon granted"
	case billing.Settlement:
		return "Credit line paid back"
	case billing.Refund:
		if topUp {
			return "Top-up given back"
		}
		return of("Refund")
	case billing.Hold:
		if topUp {
			return "Top-up to be given back"
		}
		return of("Held for")
	case billing.Release:
		if topUp {
			return "Top-up kept"
		}
		return of("Released from")
	}
	return string(e.Kind)
}

// entryNote says what a title leaves open.
func entryNote(e billing.Entry) string {
	topUp := e.Purpose == billing.ForTopUp
	switch {
	case e.Kind == billing.Hold && topUp:
		return "Held until the gateway has given it back."
	case e.Kind == billing.Hold:
		return "Held until the card's payment is decided."
	case e.Kind == billing.Release && topUp:
		return "The gateway refused to give it back."
	case e.Kind == billing.Release && e.RefundID != "":
		return "An instance could not be renewed any more."
	case e.Kind == billing.Release:
		return "The card was declined, so nothing was spent."
	case e.Kind == billing.Refund && !topUp && e.Card.IsZero():
		return "By bank transfer: an instance could not be renewed any more."
	case e.Kind == billing.Refund && !topUp:
		return "To the card: an instance could not be renewed any more."
	case e.Kind == billing.Refund:
		return "To the card that it came from."
	case e.Kind == billing.Settlement && e.ValueDate == "":
		return "From the balance."
	case e.Kind == billing.Settlement:
		return "By bank transfer."
	}
	return ""
}

// entryHref is the page of what a ledger transaction was for, or nothing.
func entryHref(e billing.Entry) string {
	switch {
	case e.TaskID != "":
		return TaskPath(e.TaskID)
	case e.Purpose == billing.ForTopUp:
		return TopUpStatusPath(e.PaymentID)
	case e.Kind == billing.Grant:
		return CouponPath(e.Reference)
	case e.OrderID != "":
		return OrderPath(e.OrderID)
	}
	return ""
}

// entryReference is the reference as far as the title does not say it already.
func entryReference(e billing.Entry) string {
	if e.Kind == billing.Renewal && e.TaskID != "" && e.Card.IsZero() {
		return ""
	}
	return e.Reference
}

// part is what a ledger transaction moved beside the balance.
type part struct {
	label  string
	amount money.Amount
}

func entryParts(e billing.Entry) (all []part) {
	for _, p := range []part{{"Coupons", e.Coupons}, {"Credit line", e.Credit}, {"Card", e.Card}} {
		if !p.amount.IsZero() {
			all = append(all, p)
		}
	}
	return all
}
