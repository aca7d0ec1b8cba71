package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// orders lists the orders of the account.
func (s *server) orders(c *call) error { return s.showOrders(c, false) }

// history lists every renewal that was made here.
func (s *server) history(c *call) error { return s.showOrders(c, true) }

func (s *server) showOrders(c *call, history bool) error {
	at, err := c.place()
	if err != nil {
		return err
	}
	look, notices := c.orderLook(history)
	// A form sends its empty fields too. The address keeps what says something.
	if address := listPath(history)(look.Values()); hasEmpty(c.query()) && c.part() {
		c.Response().Header().Set("HX-Replace-Url", address)
	} else if hasEmpty(c.query()) && len(notices) == 0 {
		return c.see(address)
	}
	l, err := s.App.Orders(c.ctx(), c.account().ID, orderFilter(look, history, c.account().Zone), at)
	if err != nil {
		return err
	}
	p := views.OrdersPage{
		History: history, Look: look, Newer: l.Around.Newer, Older: l.Around.Older, Waiting: l.Waiting, Matching: l.Matching, Paid: l.Paid,
		Now: l.Now, Zone: l.Account.Zone, MayPay: c.person.User.Role.Covers(account.Buyer), Sources: l.Sources, Notices: notices,
	}
	for _, row := range l.Rows {
		p.Rows = append(p.Rows, views.OrderRow(row))
	}
	if !history {
		return c.show(page{title: "Orders", nav: views.NavOrders, body: views.Orders(p)})
	}
	facets, err := s.App.Facets(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	p.Services, p.Regions = options(facets.Services), options(facets.Regions)
	return c.show(page{title: "History", nav: views.NavHistory, body: views.History(p)})
}

func listPath(history bool) func(url.Values) string {
	if history {
		return views.HistoryPath
	}
	return views.OrdersPath
}

// orderLook is what a query string looks for, with what was dropped of it.
func (c *call) orderLook(history bool) (l views.OrderLook, notices []string) {
	q := c.query()
	l.Query = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, q.Get("q")))
	if code := q.Get("status"); code != "" && !history {
		if l.Status = billing.OrderStatusOf(code); l.Status == 0 {
			notices = append(notices, "There is no order status "+quoted(code)+".")
		}
	}
	for name, to := range map[string]*string{"from": &l.From, "to": &l.To} {
		day := q.Get(name)
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			notices = append(notices, quoted(day)+" is not a date. Dates are written 2026-11-22.")
			continue
		}
		*to = day
	}
	if history {
		l.Services, l.Regions = chosen(q["service"]), chosen(q["region"])
	}
	if l.From != "" && l.To != "" && l.To < l.From {
		notices = append(notices, "The range ends before it begins, so its end was not used.")
		l.To = ""
	}
	return l, notices
}

// quoted shortens what somebody typed.
func quoted(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40])
	}
	return "“" + text + "”"
}

// chosen are the codes that a form sent, without the empty ones.
func chosen(codes []string) []string {
	var all []string
	for _, code := range codes {
		if code != "" && len(all) < codesAtOnce {
			all = append(all, code)
		}
	}
	return all
}

// codesAtOnce is how many codes of one filter are used.
const codesAtOnce = 50

// orderFilter makes a look definite: days are those of the billing zone.
func orderFilter(l views.OrderLook, history bool, zone *time.Location) billing.OrderFilter {
	f := billing.OrderFilter{Renewed: history, Status: l.Status, Query: l.Query, Services: l.Services, Regions: l.Regions}
	day := func(text string, add int) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return time.Time{}
		}
		year, month, d := at.Date()
		return renewal.Midnight(year, month, d+add, zone)
	}
	f.From, f.To = day(l.From, 0), day(l.To, 1)
	return f
}

// exportOrders and exportHistory answer with the filtered list as a file.
func (s *server) exportOrders(c *call) error  { return s.exportList(c, false) }
func (s *server) exportHistory(c *call) error { return s.exportList(c, true) }

func (s *server) exportList(c *call, history bool) error {
	look, notices := c.orderLook(history)
	if len(notices) > 0 { // a file has no place to say that it holds more than was asked for
		return c.leave(listPath(history)(nil) + "?" + c.Request().URL.RawQuery)
	}
	name := "orders"
	if history {
		name = "history"
	}
	return c.file(name, func(to io.Writer) error {
		return s.App.ExportOrders(c.ctx(), c.account().ID, orderFilter(look, history, c.account().Zone), to)
	})
}

// order is the page of one order, in whatever status it is.
func (s *server) order(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	o, err := s.App.Order(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	u := c.person.User
	p := page{title: "Order " + o.ID, nav: views.NavOrders, body: views.Order(views.OrderPage{
		OrderRow: views.OrderRow(o.OrderRow), Attempts: o.Attempts, EndedBy: o.EndedBy, Declined: o.Declined, Problem: o.Problem,
		Now: o.Now, Zone: o.Account.Zone, Sources: o.Sources, MayPay: u.Role.Covers(account.Buyer), Role: roleWords[u.Role],
	})}
	if o.Status == billing.Processing {
		p.refresh = views.Refresh{After: 5, Live: views.OrderLivePath(o.ID)}
	}
	return c.show(p)
}

// askCancelOrder asks before an order is cancelled.
func (s *server) askCancelOrder(c *call) error { return s.showCancelOrder(c, http.StatusOK, "") }

func (s *server) showCancelOrder(c *call, status int, problem string) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	o, err := s.App.Order(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	if c.unsafe() {
		c.aim("#dialog", "innerHTML")
	}
	if o.Status != billing.PendingPayment && problem == "" {
		status, problem = http.StatusConflict, "This order does not wait for payment."
	}
	return c.show(page{status: status, title: "Cancel order " + o.ID, nav: views.NavOrders, body: views.OrderCancel(views.OrderCancelPage{
		Order: o.Order, Key: s.App.NewKey(), Problem: problem, Page: !c.part()})})
}

// cancelOrder cancels an order that waits for payment.
func (s *server) cancelOrder(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("key")
	if err != nil {
		return err
	}
	err = s.App.CancelOrder(c.ctx(), c.actor(), id, in.Get("key"))
	if f, ok := fault.Of(err); ok && f.Kind == fault.Conflict {
		return s.showCancelOrder(c, http.StatusConflict, f.Message)
	}
	if err != nil {
		return err
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: "Order " + id + " is cancelled. Nothing was charged for it."})
	return c.leave(views.OrderPath(id))
}
