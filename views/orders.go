package views

import (
	"net/url"
	"slices"
	"time"

	"perennial/internal/bidi"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// OrderRow is an order with its payment, its task and the people behind them.
type OrderRow struct {
	billing.Order
	Payment     billing.Payment // that captured it, or is under way, or was the last; no ID: none
	TaskNumber  int
	PreparedBy  string
	ConfirmedBy string
	Refund      billing.Refunding
}

// OrderLook is what a person looks for among orders or renewals. Dates are
// YYYY-MM-DD in the billing zone, inclusive.
type OrderLook struct {
	Status            billing.OrderStatus // 0: all
	Query             string
	From, To          string
	Services, Regions []string // of the history only
}

// OrdersPage lists orders or, with History, the renewals that were made here.
type OrdersPage struct {
	History  bool
	Look     OrderLook
	Rows     []OrderRow
	Newer    renewal.Cursor
	Older    renewal.Cursor
	Waiting  int // orders that wait for payment, on all pages
	Matching int // renewals that match, and what was paid for them
	Paid     money.Amount
	Now      time.Time
	Zone     *time.Location
	MayPay   bool
	Sources  map[string]string // names of coupons and cards
	Notices  []string          // filters that were dropped
	Services []ui.Option
	Regions  []ui.Option
}

// Values writes what is looked for as a query string.
func (l OrderLook) Values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"status": l.Status.Code(), "q": l.Query, "from": l.From, "to": l.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	for name, codes := range map[string][]string{"service": l.Services, "region": l.Regions} {
		if len(codes) > 0 {
			v[name] = codes
		}
	}
	return v
}

// path is the address of the list for what is looked for.
func (p OrdersPage) path(v url.Values) string {
	if p.History {
		return HistoryPath(v)
	}
	return OrdersPath(v)
}

// with is the address of the list from its beginning after a change.
func (p OrdersPage) with(change func(*OrderLook)) string {
	l := p.Look
	l.Services, l.Regions = slices.Clone(l.Services), slices.Clone(l.Regions)
	change(&l)
	return p.path(l.Values())
}

func (p OrdersPage) first() string { return p.with(func(*OrderLook) {}) }

// cleared keeps the status: that is a tab.
func (p OrdersPage) cleared() string {
	return p.path(OrderLook{Status: p.Look.Status}.Values())
}

func (p OrdersPage) export() string {
	if p.History {
		return HistoryExportPath(p.Look.Values())
	}
	return OrdersExportPath(p.Look.Values())
}

func (p OrdersPage) page(name string, at renewal.Cursor) string {
	if at.IsZero() {
		return ""
	}
	v := p.Look.Values()
	v.Set(name, at.String())
	return p.path(v)
}

func (p OrdersPage) pager() ui.PagerArgs {
	what := ui.Plural(len(p.Rows), "order", "orders")
	if p.History {
		what = ui.Count(len(p.Rows)) + " of " + renewals(p.Matching)
	}
	args := ui.PagerArgs{Summary: what + " shown", Prev: p.page("before", p.Newer), Next: p.page("after", p.Older), Target: "#results"}
	if args.Prev != "" {
		args.First = p.first()
	}
	return args
}

func (p OrdersPage) tabs() ui.TabsArgs {
	args := ui.TabsArgs{Name: "Order statuses", Target: "#results"}
	tab := func(label string, s billing.OrderStatus) {
		args.Tabs = append(args.Tabs, ui.Tab{Label: label, Current: p.Look.Status == s, Href: p.with(func(l *OrderLook) { l.Status = s }),
			Count: p.Waiting, Counted: s == billing.PendingPayment})
	}
	tab("All orders", 0)
	for _, s := range billing.OrderStatuses {
		tab(orderTitles[s], s)
	}
	return args
}

// orderTitles are the statuses as people read them.
var orderTitles = map[billing.OrderStatus]string{
	billing.PendingPayment: "Pending payment", billing.Processing: "Processing", billing.OrderCompleted: "Completed", billing.OrderCancelled: "Cancelled",
}

// tokens are the filters that are applied.
func (p OrdersPage) tokens() []ui.TokenArgs {
	var all []ui.TokenArgs
	add := func(label, value string, without func(*OrderLook)) {
		all = append(all, ui.TokenArgs{Label: label, Value: value, Remove: p.with(without), Target: "#results"})
	}
	l := p.Look
	if l.Query != "" {
		add("Contains", l.Query, func(l *OrderLook) { l.Query = "" })
	}
	if l.From != "" {
		add("From", l.From, func(l *OrderLook) { l.From = "" })
	}
	if l.To != "" {
		add("To", l.To, func(l *OrderLook) { l.To = "" })
	}
	services, regions := labels(p.Services), labels(p.Regions)
	for _, code := range l.Services {
		add("Service type", nameOf(services, code), func(l *OrderLook) { l.Services = without(l.Services, code) })
	}
	for _, code := range l.Regions {
		add("Region", nameOf(regions, code), func(l *OrderLook) { l.Regions = without(l.Regions, code) })
	}
	return all
}

func nameOf(names map[string]string, code string) string {
	if name := names[code]; name != "" {
		return bidi.Isolate(name)
	}
	return code
}

func without(all []string, one string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == one })
}

// payable tells whether a row can be ticked.
func (p OrdersPage) payable(o OrderRow) bool { return p.MayPay && !p.History && o.Waits(p.Now) }

// ticks tells whether any row can be.
func (p OrdersPage) ticks() bool { return slices.ContainsFunc(p.Rows, p.payable) }

// datesTitle says what the dates are of.
func (p OrdersPage) datesTitle() string {
	if p.History {
		return "Renewed"
	}
	return "Ordered"
}

// legTitle is what pays.
func legTitle(l billing.Leg, names map[string]string) string {
	switch l.Kind {
	case billing.FromCoupon, billing.FromCard:
		return nameOf(names, l.Source)
	case billing.FromCredit:
		return "Credit line"
	}
	return "Balance"
}

// primary is the line of the instance that the order is listed under.
func (o OrderRow) primary() billing.OrderLine { return o.Lines[0] }

// more counts the associated resources of an order.
func (o OrderRow) more() string {
	if n := len(o.Lines) - 1; n > 0 {
		return "with " + ui.Count(n) + " associated"
	}
	return ""
}
