package views

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"perennial/internal/bidi"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// OrderPage is one order with all that happened to it.
type OrderPage struct {
	OrderRow
	Attempts []billing.Payment // to pay it, the first one first
	EndedBy  string            // who cancelled it
	Declined string            // why the last card payment was, in words
	Problem  string            // why it cannot be paid, while it waits
	Now      time.Time
	Zone     *time.Location
	Sources  map[string]string
	MayPay   bool
	Role     string
}

// cancelledShort and cancelledMeans say why an order was cancelled.
var (
	cancelledShort = map[billing.OrderWhy]string{
		billing.CancelledByPerson: "by a person", billing.CancelledUnpaid: "not paid in seven days",
		billing.CancelledDeclined: "card declined", billing.CancelledUnrecorded: "paid by another order", billing.CancelledRefunded: "paid back",
	}
	cancelledMeans = map[billing.OrderWhy]string{
		billing.CancelledByPerson:   "Nothing was charged for it. Its instances can be renewed otherwise.",
		billing.CancelledUnpaid:     "Nobody paid it within seven days. Nothing was charged for it, and its instances can be renewed otherwise.",
		billing.CancelledDeclined:   "Its card payment was declined, and nothing was charged for it.",
		billing.CancelledUnrecorded: "Its instance was paid for by another payment that was missing in our records. Nothing was charged for this order.",
		billing.CancelledRefunded:   "It was paid, and its instances could not be renewed any more. The money went back to where it came from.",
	}
)

func (p OrderPage) title() string { return "Order " + p.ID }

// lede says who made the order and where it came from.
func (p OrderPage) lede() string {
	return bidi.IsolateAll([]string{p.primary().Name, p.primary().ServiceName, p.primary().RegionName})
}

// said is what is announced when the page changes by itself.
func (p OrderPage) said() string { return p.title() + ": " + orderTitles[p.Status] }

// kinds sums the discounts of the order by kind.
func (p OrderPage) kinds() []billing.KindSum { return kindSums(p.Lines) }

func kindSums(lines []billing.OrderLine) []billing.KindSum {
	var sums []billing.KindSum
	for _, l := range lines {
		if l.Discount.IsZero() {
			continue
		}
		at := slices.IndexFunc(sums, func(s billing.KindSum) bool { return s.Kind == l.DiscountKind })
		if at < 0 {
			sums = append(sums, billing.KindSum{Kind: l.DiscountKind, Amount: money.Of(0, l.Discount.Currency)})
			at = len(sums) - 1
		}
		sums[at].Amount.Minor += l.Discount.Minor
	}
	return sums
}

// event is one line of what happened to an order.
type event struct {
	at   time.Time
	what string
	who  string
	id   string // of a payment, or the gateway's
}

// events are what happened to the order, the first first.
func (p OrderPage) events() []event {
	ordered := "Ordered"
	if p.TaskID != "" {
		ordered = "Ordered by task " + TaskNumber(p.TaskNumber)
	}
	all := []event{{p.CreatedAt, ordered, cmp.Or(p.CreatedBy, p.PreparedBy), ""}}
	for _, a := range p.Attempts {
		if a.Charged.IsZero() {
			continue
		}
		all = append(all, event{a.CreatedAt, nameOf(p.Sources, a.CardID) + " asked for " + a.Charged.String(), a.CreatedBy, a.GatewayID})
		if a.State == billing.PaymentDeclined {
			all = append(all, event{a.SettledAt, "Declined, nothing was charged", "", a.GatewayID})
		}
	}
	if !p.PaidAt.IsZero() {
		all = append(all, event{p.PaidAt, "Paid and renewed", p.Payment.CreatedBy, p.PaymentID})
	}
	if !p.EndedAt.IsZero() {
		all = append(all, event{p.EndedAt, "Cancelled, " + cancelledShort[p.Why], p.EndedBy, ""})
	}
	if p.Refund.State == billing.RefundDone {
		all = append(all, event{p.Refund.SettledAt, p.Refund.Amount.String() + " went back", "", ""})
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	return all
}

// PayPage asks before orders are paid together.
type PayPage struct {
	Orders  []PayRow // that can be paid, in the order of payment
	Barred  []PayRow // that cannot
	Plan    billing.Plan
	Wallet  billing.Wallet
	Card    billing.Card
	Sources map[string]string
	Zone    *time.Location
	Key     string
	Single  bool // the address is that of one order
	Problem string
	// Was and WasDue are what the reader saw, where that has changed.
	Was, WasDue money.Amount
}

// PayRow is an order that somebody wants to pay.
type PayRow struct {
	billing.Order
	Why   string // why it cannot be paid
	Split billing.Split
}

func (p PayPage) title() string {
	if len(p.Orders) == 1 {
		return "Pay order " + p.Orders[0].ID
	}
	if len(p.Orders) == 0 && len(p.Barred) == 1 {
		return "Order " + p.Barred[0].ID
	}
	return "Pay " + ui.Plural(len(p.Orders), "order", "orders")
}

// action is where the form goes.
func (p PayPage) action() string {
	if p.Single && len(p.Orders) == 1 {
		return OrderPayPath(p.Orders[0].ID)
	}
	return OrdersPayPath(nil)
}

// here is the page with the orders that can be paid.
func (p PayPage) here() string {
	if p.Single && len(p.Orders) == 1 {
		return OrderPayPath(p.Orders[0].ID)
	}
	v := url.Values{}
	for _, o := range p.Orders {
		v.Add("id", o.ID)
	}
	return OrdersPayPath(v)
}

// back leads to where the reader came from.
func (p PayPage) back() string {
	switch {
	case p.Single && len(p.Orders) == 1:
		return OrderPath(p.Orders[0].ID)
	case p.Single && len(p.Barred) == 1:
		return OrderPath(p.Barred[0].ID)
	}
	return OrdersPath(url.Values{"status": {billing.PendingPayment.Code()}})
}

func (p PayPage) short() bool { return !p.Plan.Shortfall.IsZero() }

func (p PayPage) list() money.Amount {
	sum := money.Of(0, p.Plan.Total.Currency)
	for _, o := range p.Orders {
		sum.Minor += o.List.Minor // as the plan adds up what is left of them
	}
	return sum
}

func (p PayPage) kinds() []billing.KindSum {
	var lines []billing.OrderLine
	for _, o := range p.Orders {
		lines = append(lines, o.Lines...)
	}
	return kindSums(lines)
}

func (p PayPage) leg(k billing.LegKind) money.Amount {
	return money.Of(p.Plan.Legs[k].Minor, p.Plan.Total.Currency)
}

func (p PayPage) afterwards() money.Amount {
	return money.Of(p.Wallet.Balance.Minor-p.leg(billing.FromBalance).Minor, p.Wallet.Balance.Currency)
}

// changed tells whether the reader saw another sum.
func (p PayPage) changed() bool {
	return p.Problem != "" && p.WasDue.Currency != "" && (p.Was != p.Plan.Total || p.WasDue != p.Plan.Due)
}

// problems are what stands above the form.
func (p PayPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	return []ui.FieldError{{Text: p.Problem}}
}

// OrderCancelPage asks before an order is cancelled.
type OrderCancelPage struct {
	Order   billing.Order
	Key     string
	Problem string
	Page    bool
}

func (p OrderCancelPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	return []ui.FieldError{{Text: p.Problem}}
}

// PaidWords say what was paid and renewed.
func PaidWords(amount money.Amount, orders int) string {
	return ui.Plural(orders, "order", "orders") + " paid with " + amount.String() + ", " + ui.Plural(orders, "instance", "instances") + " renewed."
}

// UnknownWords say that the outcome of a card payment is not known.
func UnknownWords(amount money.Amount) string {
	return "The gateway was asked for " + amount.String() + ", and it is not known yet whether it was charged. Nothing is charged twice: this is checked until it is known, and nothing else pays or renews meanwhile."
}

// remedyOf is what a person can do about what keeps an instance from being renewed,
// and the page here on which it is done; the provider's own orders have none.
func remedyOf(i renewal.Instance, why renewal.Reason) (text, href string) {
	text, href = remedyFor(why, i.Intent, i.IntentOrder)
	if href == "" && why == renewal.OrderPending && i.Hold == why {
		text = "Pay or cancel the order at the provider"
	}
	return text, href
}

// remedyFor is the same for a reason that was found earlier, with the intent that
// the instance has now.
func remedyFor(why, intent renewal.Reason, order string) (text, href string) {
	switch {
	case order == "" || intent != why:
		return why.Remedy(), ""
	case why == renewal.RenewalInProgress:
		return "Open the order", OrderPath(order)
	}
	return why.Remedy(), OrderPath(order)
}

func orderQuery(s billing.OrderStatus) url.Values { return OrderLook{Status: s}.Values() }

// change is a sum that the reader saw beside what it is now.
type change struct {
	what    string
	was, is money.Amount
}

func (p PayPage) changes() []change {
	return []change{{"Fee", p.Was, p.Plan.Total}, {"Due after coupons", p.WasDue, p.Plan.Due}}
}
