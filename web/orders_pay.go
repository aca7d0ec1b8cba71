package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/views"
	"perennial/views/ui"
)

// placeOrder orders the renewal of an instance by one term.
func (s *server) placeOrder(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("total", "key")
	if err != nil {
		return err
	}
	fee, err := strconv.ParseInt(in.Get("total"), 10, 64)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The form does not say which fee you saw. Open the instance again; nothing was ordered.")
	}
	order, err := s.App.PlaceOrder(c.ctx(), c.actor(), app.PlaceInput{InstanceID: id, Fee: fee, Key: in.Get("key")})
	if f, ok := fault.Of(err); ok && f.Kind == fault.Conflict {
		return s.showInstance(c, http.StatusConflict, f.Message)
	}
	if err != nil {
		return err
	}
	return c.leave(views.OrderPath(order))
}

// askPayOrder and askPayOrders show what it takes to pay one order, or several.
func (s *server) askPayOrder(c *call) error  { return s.askPay(c, true) }
func (s *server) askPayOrders(c *call) error { return s.askPay(c, false) }

// payOrder and payOrders pay.
func (s *server) payOrder(c *call) error  { return s.pay(c, true) }
func (s *server) payOrders(c *call) error { return s.pay(c, false) }

// orderIDs are the orders that the request is about.
func (c *call) orderIDs(single bool, in url.Values) ([]string, error) {
	if !single {
		return in["id"], nil
	}
	id, err := c.param("id")
	return []string{id}, err
}

func (s *server) askPay(c *call, single bool) error {
	in, err := c.values("id")
	if err != nil {
		return err
	}
	ids, err := c.orderIDs(single, in)
	if err != nil {
		return err
	}
	return s.showPay(c, http.StatusOK, ids, views.PayPage{Single: single})
}

// showPay shows what it takes to pay orders now; p says why the last attempt was
// refused.
func (s *server) showPay(c *call, status int, ids []string, p views.PayPage) error {
	plan, err := s.App.Paying(c.ctx(), c.account().ID, ids)
	if err != nil {
		return err
	}
	p.Plan, p.Wallet, p.Card, p.Sources, p.Zone, p.Key = plan.Plan, plan.Wallet, plan.Card, plan.Sources, plan.Account.Zone, s.App.NewKey()
	for _, o := range plan.Orders {
		row := views.PayRow{Order: o.Order, Why: o.Why, Split: o.Split}
		if o.Why == "" {
			p.Orders = append(p.Orders, row)
		} else {
			p.Barred = append(p.Barred, row)
		}
	}
	return c.show(page{status: status, title: "Pay", nav: views.NavOrders, body: views.Pay(p)})
}

// pay pays orders, and says what became of it.
func (s *server) pay(c *call, single bool) error {
	in, err := c.values("id", "total", "due", "key")
	if err != nil {
		return err
	}
	ids, err := c.orderIDs(single, in)
	if err != nil {
		return err
	}
	total, err1 := strconv.ParseInt(in.Get("total"), 10, 64)
	due, err2 := strconv.ParseInt(in.Get("due"), 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return fault.Wrap(err, fault.Invalid, "The form does not say what you saw. Open the order again; nothing was charged.")
	}
	p, err := s.App.PayOrders(c.ctx(), c.actor(), app.PayInput{OrderIDs: ids, Total: total, Due: due, Key: in.Get("key")})
	if f, ok := fault.Of(err); ok && f.Kind == fault.Conflict {
		currency := money.Currency(c.account().Currency)
		return s.showPay(c, http.StatusConflict, ids, views.PayPage{Single: single, Problem: f.Message,
			Was: money.Of(total, currency), WasDue: money.Of(due, currency)})
	}
	if err != nil {
		return err
	}
	return s.paid(c, ids, single, p)
}

// paid leads on from a payment, however it stands.
func (s *server) paid(c *call, ids []string, single bool, p billing.Payment) error {
	after, status := views.OrderPath(ids[0]), billing.OrderCompleted
	switch p.State {
	case billing.PaymentDeclined:
		o, err := s.App.Order(c.ctx(), c.account().ID, ids[0])
		if err != nil {
			return app.NotKnownYet(err)
		}
		return s.showPay(c, http.StatusUnprocessableEntity, ids, views.PayPage{Single: single,
			Problem: "The card was declined. " + o.Declined + " Nothing was charged, and the orders wait as before."})
	case billing.PaymentCaptured:
		c.flash(ui.Flash{Kind: ui.OK, Text: views.PaidWords(p.Amount, len(ids))})
	default:
		status = billing.Processing
		c.flash(ui.Flash{Kind: ui.Warn, Text: views.UnknownWords(p.Charged)})
	}
	if len(ids) > 1 {
		after = views.OrdersPath(views.OrderLook{Status: status}.Values())
	}
	return c.leave(after)
}
