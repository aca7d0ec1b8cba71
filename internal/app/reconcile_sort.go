package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// sorting sorts the units of a payment into orders that fit the books and those that
// do not.
type sorting struct {
	app *App
	tx  *store.Tx
	entering
	task    paying
	acc     account.Account
	card    string
	payment string
	now     time.Time

	items  map[string]renewal.Item // of the task, by instance
	prices *pricing
	taken  map[string]billing.Order // orders that wait for payment, by instance
	orders []billing.Order
	fresh  []billing.Order // those of orders that the books did not have
	unfit  []lostOrder
	ofTask int
}

func (s *sorting) sort() error {
	ids := make([]string, len(s.data.Units))
	for n, u := range s.data.Units {
		ids[n] = u.InstanceID
	}
	units, err := s.tx.LockUnits(s.acc.ID, ids)
	if err != nil {
		return err
	}
	if err := s.readItems(); err != nil {
		return err
	}
	if err := s.readWaiting(units); err != nil {
		return err
	}
	for _, u := range s.data.Units {
		unit, known := units[u.InstanceID]
		why := s.fits(u, unit, known)
		if why != "" && !s.parts {
			return doesNotFit{why}
		}
		if why != "" {
			err = s.addUnfit(u, unit)
		} else {
			err = s.addOrder(u, unit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readItems finds the items of the task that wait.
func (s *sorting) readItems() error {
	s.items = map[string]renewal.Item{}
	if s.task.ID == "" {
		return nil
	}
	waiting, err := s.tx.Waiting(s.task.AccountID, s.task.ID, renewal.MaximumUnits, money.Currency(s.acc.Currency))
	for _, i := range waiting {
		s.items[i.InstanceID] = i
	}
	return err
}

// readWaiting finds the orders that wait for payment of the payment's units.
func (s *sorting) readWaiting(units map[string]renewal.Unit) error {
	s.taken = map[string]billing.Order{}
	var ids []string
	for _, u := range units {
		if u.IntentOrder != "" {
			ids = append(ids, u.IntentOrder)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	orders, err := s.tx.LockOrders(s.acc.ID, ids)
	for id, u := range units {
		if o, ok := orders[u.IntentOrder]; ok {
			s.taken[id] = o
		}
	}
	return err
}

// fits returns why a unit cannot be renewed as the payment says, or nothing.
func (s *sorting) fits(u billing.PaidUnit, unit renewal.Unit, known bool) billing.DiscrepancyWhy {
	o, ordered := s.taken[u.InstanceID]
	switch {
	case !known || unit.ParentID != "":
		return billing.WhyInstance
	case slices.ContainsFunc(unit.All(), func(i renewal.Instance) bool { return !i.ExpiresAt.Equal(u.OldExpiry) }):
		return billing.WhyInstance
	case ordered && o.Status != billing.PendingPayment:
		return billing.WhyOrder
	}
	return ""
}

// addOrder finds or makes the order of a unit that fits.
func (s *sorting) addOrder(u billing.PaidUnit, unit renewal.Unit) error {
	if o, ok := s.taken[u.InstanceID]; ok {
		if o.Fee == u.Fee && o.Lines[0].NewExpiry.Equal(u.NewExpiry) && s.now.Before(o.ExpiresAt) {
			o.AttemptID, o.Legs, o.Status = s.payment, s.legs(u), billing.Processing
			s.orders = append(s.orders, o)
			return nil
		}
		// It would renew the unit a second time, or for another price.
		ended := o
		ended.Status, ended.EndedAt, ended.Why = billing.OrderCancelled, s.now, billing.CancelledUnrecorded
		if err := s.app.endOrder(s.tx, s.by, ended, billing.PendingPayment, s.now); err != nil {
			return err
		}
	}
	o := billing.Order{AccountID: s.acc.ID, Status: billing.Processing, AttemptID: s.payment, Fee: u.Fee, List: u.Fee,
		Discount: zeroOf(u.Fee), CreatedAt: s.data.CreatedAt, CreatedBy: s.data.CreatedBy, Legs: s.legs(u)}
	if i, ok := s.items[u.InstanceID]; ok && i.OldExpiry.Equal(u.OldExpiry) && i.NewExpiry.Equal(u.NewExpiry) && u.Fee.Minor <= i.Fee.Minor {
		o.TaskID, o.Item, o.ID = s.task.ID, i.Number, orderID(s.task.Number, i)
		s.ofTask++
	} else if err := s.number(&o); err != nil {
		return err
	}
	quote, err := s.quote(u, unit)
	if err != nil {
		return err
	}
	o.List, o.Discount, o.Lines = quote.List, quote.Discount, orderLines(unit, quote, u.NewExpiry)
	s.orders, s.fresh = append(s.orders, o), append(s.fresh, o)
	return nil
}

// number numbers an order that no task made.
func (s *sorting) number(o *billing.Order) error {
	number, err := s.tx.NextOrderNumber(s.acc.ID)
	o.ID, o.ExpiresAt = fmt.Sprintf("RO-%05d", number), o.CreatedAt.Add(billing.PayWithin)
	return err
}

// quote finds lines that add up to the fee: those of the item, those of today's
// prices, or one line that has all of it.
func (s *sorting) quote(u billing.PaidUnit, unit renewal.Unit) (renewal.Quote, error) {
	if i, ok := s.items[u.InstanceID]; ok && i.Fee == u.Fee && len(i.Lines) == len(unit.All()) {
		return renewal.Quote{Lines: i.Lines, List: i.List, Discount: i.Discount, Fee: i.Fee}, nil
	}
	if s.prices == nil {
		p, err := pricingOf(s.tx, s.acc, s.now)
		if err != nil {
			return renewal.Quote{}, err
		}
		s.prices = &p
	}
	if q, priced, err := s.prices.quote(unit); err != nil || priced && q.Fee == u.Fee {
		return q, err
	}
	zero := zeroOf(u.Fee)
	q := renewal.Quote{List: u.Fee, Discount: zero, Fee: u.Fee}
	for n := range unit.All() {
		line := renewal.Line{List: zero, Discount: zero, Fee: zero}
		if n == 0 {
			line.List, line.Fee = u.Fee, u.Fee
		}
		q.Lines = append(q.Lines, line)
	}
	return q, nil
}

// legs are those of a unit, with the card as these books know it.
func (s *sorting) legs(u billing.PaidUnit) []billing.Leg {
	legs := slices.Clone(u.Legs)
	for n := range legs {
		if legs[n].Kind == billing.FromCard {
			legs[n].Source = s.card
		}
	}
	return legs
}

// addUnfit makes a cancelled order of a unit that does not fit, whose card leg is
// refunded. Its wallet legs were never taken in these books.
func (s *sorting) addUnfit(u billing.PaidUnit, unit renewal.Unit) error {
	o := billing.Order{AccountID: s.acc.ID, Status: billing.OrderCancelled, AttemptID: s.payment, Fee: u.Fee, List: u.Fee, Discount: zeroOf(u.Fee),
		CreatedAt: s.data.CreatedAt, CreatedBy: s.data.CreatedBy, EndedAt: s.now, Why: billing.CancelledRefunded}
	o.Legs = slices.DeleteFunc(s.legs(u), func(l billing.Leg) bool { return l.Kind != billing.FromCard })
	if err := s.number(&o); err != nil {
		return err
	}
	line := billing.OrderLine{InstanceID: u.InstanceID, Name: u.InstanceID, Period: renewal.Month, Quantity: 1, OldExpiry: u.OldExpiry, NewExpiry: u.NewExpiry,
		List: u.Fee, Discount: zeroOf(u.Fee), Fee: u.Fee}
	if unit.ID != "" {
		line.Name, line.ServiceCode, line.ServiceName, line.SpecCode = unit.Name, unit.ServiceCode, unit.ServiceName, unit.SpecCode
		line.RegionCode, line.RegionName, line.Project, line.Period = unit.RegionCode, unit.RegionName, unit.Project, unit.Period
	}
	o.Lines = []billing.OrderLine{line}
	s.fresh = append(s.fresh, o)
	s.unfit = append(s.unfit, lostOrder{o, renewal.ChangedSinceReview})
	return nil
}

// insert keeps the orders that the books did not have, and the legs of all.
func (s *sorting) insert() error {
	slices.SortFunc(s.orders, func(x, y billing.Order) int { return strings.Compare(x.ID, y.ID) })
	if err := s.tx.InsertOrders(s.fresh); err != nil {
		return err
	}
	var audits []store.Audit
	for _, o := range s.fresh {
		if o.TaskID == "" {
			audits = append(audits, s.app.audited(s.by, s.now, "place", "order "+o.ID, "", billing.PendingPayment.Code()))
		}
		if o.TaskID == "" && o.Status == billing.OrderCancelled {
			audits = append(audits, s.app.orderAudits(s.by, []billing.Order{o}, billing.Processing, o.Status, s.now)...)
		}
	}
	var took []billing.Order
	for _, o := range s.orders {
		if o.TaskID != "" {
			if err := s.tx.NameOrder(s.task.AccountID, s.task.ID, o.Item, o.ID); err != nil {
				return err
			}
		} else {
			audits = append(audits, s.app.orderAudits(s.by, []billing.Order{o}, billing.PendingPayment, billing.Processing, s.now)...)
		}
		if slices.ContainsFunc(s.fresh, func(f billing.Order) bool { return f.ID == o.ID }) {
			continue
		}
		if ok, err := s.tx.TakeOrder(o, s.now); err != nil || !ok {
			return changedMeanwhile(err)
		}
		took = append(took, o)
	}
	if err := s.tx.InsertLegs(took); err != nil {
		return err
	}
	return s.tx.InsertAudits(audits...)
}
