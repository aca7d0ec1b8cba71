package views

import (
	"net/url"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/views/ui"
)

// ReconcilePage lists the payments about which the card gateway and our records differ.
type ReconcilePage struct {
	Rows []DiscrepancyRow // the oldest first
	Zone *time.Location
	// CheckedAt is when the gateway's payments were last compared; zero: not yet.
	CheckedAt time.Time
	NewKey    func() string
}

// DiscrepancyRow is one payment that waits for a decision.
type DiscrepancyRow struct {
	billing.Discrepancy
	Why   string // why it did not enter itself, in words
	TopUp bool
	Units []billing.PaidUnit // empty in a top-up, and where the gateway does not say
}

// ReconcilePath lists payments that wait for a decision.
func ReconcilePath() string { return "/admin/reconcile" }

// ReconcilePaymentPath settles one of them by POST.
func ReconcilePaymentPath(id string) string { return "/admin/reconcile/" + url.PathEscape(id) }

// checked says when the gateway was last compared.
func (p ReconcilePage) checked() string {
	if p.CheckedAt.IsZero() {
		return "The gateway's payments have not been compared yet."
	}
	return "Last compared on " + ui.Stamp(p.CheckedAt, p.Zone) + "."
}

// title names what the payment is.
func (r DiscrepancyRow) title() string {
	switch {
	case r.Kind == billing.RefundedThere:
		return "Refunded at the gateway"
	case r.Kind == billing.UnknownThere:
		return "Not known to the gateway"
	case r.Kind == billing.Differs:
		return "Different at the gateway"
	case r.TopUp:
		return "Top-up missing in our records"
	}
	return "Payment missing in our records"
}

// means says what that means for the account, and what can be done.
func (r DiscrepancyRow) means() string {
	switch r.Kind {
	case billing.RefundedThere:
		return "The gateway refunded " + r.Refunded.String() + " of this payment, and less is in our records. Ask your administrator to settle it."
	case billing.UnknownThere:
		return "Our records say that the card was charged, and the gateway does not know this payment. Ask your administrator to settle it."
	case billing.Differs:
		return "The gateway has this payment with another amount or outcome. Nothing is charged in this account until your administrator has settled it."
	}
	if r.State == billing.DiscrepancyReturning {
		return "The gateway is asked to refund it. This page shows it until the gateway confirms."
	}
	return r.Why + " Nothing is charged in this account until you decide."
}

func (r DiscrepancyRow) badge() (ui.Kind, ui.IconName, string) {
	switch {
	case r.State == billing.DiscrepancyReturning:
		return ui.Info, ui.IconRenewals, "Refunding"
	case r.Kind.Blocks():
		return ui.Bad, ui.IconLock, "Blocks payments"
	}
	return ui.Warn, ui.IconAlert, "To settle"
}

// decides reports whether a person of the account can enter or refund the payment.
func (r DiscrepancyRow) decides() bool {
	return r.Kind == billing.Missing && r.State == billing.DiscrepancyOpen
}

// enters reports whether the gateway says enough to enter the payment.
func (r DiscrepancyRow) enters() bool { return r.decides() && (r.TopUp || len(r.Units) > 0) }

// legs sums what the units take from each source, in the order in which they pay.
func (r DiscrepancyRow) legs() []billing.Leg {
	var sums []billing.Leg
	for _, kind := range billing.LegKinds {
		sum := billing.Leg{Kind: kind, Amount: money.Of(0, r.Amount.Currency)}
		for _, u := range r.Units {
			for _, l := range u.Legs {
				if l.Kind == kind {
					sum.Amount.Minor += l.Amount.Minor
				}
			}
		}
		if !sum.Amount.IsZero() {
			sums = append(sums, sum)
		}
	}
	return sums
}

var legNames = map[billing.LegKind]string{
	billing.FromCoupon: "Coupons", billing.FromBalance: "Balance", billing.FromCredit: "Credit line", billing.FromCard: "Card",
}
