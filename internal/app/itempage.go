package app

import (
	"slices"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// The groups of a list whose units deserve a second look. They stand before the
// rest, each in the order of payment.
const (
	GroupNone  = 0 // the list has no groups
	GroupAgain = 1 // renewed here within 30 days
	GroupSoon  = 2 // the new expiry is less than 7 days away
	GroupRest  = 3
)

// ItemRow is one unit of a list of a task.
type ItemRow struct {
	renewal.Item
	Group     int
	Uncovered bool             // the money does not reach it
	Legs      []billing.Leg    // how it would be paid, while that waits for a person
	Order     *billing.Order   // that renewed it, nil where none did
	Earlier   *billing.Earlier // the renewal within 30 days before, nil where there was none
	// Intent and IntentOrder are what keeps the instance from being renewed now, for
	// units whose reason was an order.
	Intent      renewal.Reason
	IntentOrder string
}

// ItemPage is one page of a list of a task.
type ItemPage struct {
	Look     renewal.Look // with the list that is shown
	Matching int
	Rows     []ItemRow
	Previous renewal.Place // pass as Before; zero on the first page
	Next     renewal.Place // pass as After; zero on the last page
}

// defaultList is the list that a state suggests.
func defaultList(t renewal.Task) renewal.ItemList {
	switch {
	case t.State == renewal.Ready && t.Renewable == 0:
		return renewal.ListBlocked
	case t.State == renewal.Suspended:
		return renewal.ListLeft
	case !t.State.Open() && t.Renewed > 0:
		return renewal.ListRenewed
	}
	return renewal.ListRenewable
}

func (r *Review) list(tx *store.Tx, look renewal.Look) (p ItemPage, err error) {
	if look.List == "" {
		look.List = defaultList(r.Task)
	}
	p.Look = look
	p.Matching = r.matching(look)
	if look.List == renewal.ListServices || p.Matching == 0 {
		return p, nil
	}
	found, err := r.page(tx, look)
	if err != nil {
		return p, err
	}
	p.cut(found)
	return p, r.dress(tx, p.Rows)
}

// scope is what a list holds.
func (r *Review) scope(look renewal.Look) store.ItemScope {
	at := r.secondLookAt()
	s := store.ItemScope{AccountID: r.Task.AccountID, TaskID: r.Task.ID, Service: look.Service,
		Since: at.Add(-renewal.RecentRenewal), Until: at.Add(renewal.SoonAgain)}
	renewable := []renewal.ItemState{renewal.ItemWaiting, renewal.ItemRenewed, renewal.ItemFailed}
	switch look.List {
	case renewal.ListBlocked:
		s.States, s.Reason = []renewal.ItemState{renewal.ItemBlocked}, look.Reason
	case renewal.ListRenewed:
		s.States = []renewal.ItemState{renewal.ItemRenewed}
	case renewal.ListFailed:
		s.States, s.Reason = []renewal.ItemState{renewal.ItemFailed}, look.Reason
	case renewal.ListLeft:
		s.States = []renewal.ItemState{renewal.ItemWaiting}
	case renewal.ListUncovered:
		s.States, s.From = []renewal.ItemState{renewal.ItemWaiting}, r.Stop.Number
	case renewal.ListChanged:
		s.States, s.Changed = renewable, true
	case renewal.ListAgain:
		s.States, s.Again = renewable, renewal.Only
	case renewal.ListSoon:
		s.States, s.Soon = renewable, renewal.Only
	default:
		s.States = renewable
	}
	return s
}

// matching counts what a list holds, from the tallies.
func (r *Review) matching(look renewal.Look) (n int) {
	if look.List == renewal.ListUncovered {
		if r.Stop.Number == 0 {
			return 0
		}
		return r.Task.Left() - r.Plan.Covered
	}
	s := r.scope(look)
	for _, t := range r.Tallies {
		switch {
		case !slices.Contains(s.States, t.State), s.Reason != "" && s.Reason != t.Reason, s.Service != "" && s.Service != t.ServiceCode:
		case s.Changed:
			n += t.Changed
		case s.Again == renewal.Only:
			n += t.Again
		case s.Soon == renewal.Only:
			n += t.Soon
		default:
			n += t.Units
		}
	}
	return n
}

// group is a part of a list, in the order in which the parts stand.
type group struct {
	number int
	scope  store.ItemScope
	units  int // at most so many: whoever has found them need not read to the end
}

// groups divides the list from which a person decides.
func (r *Review) groups(look renewal.Look) []group {
	s := r.scope(look)
	againUnits, soonUnits := r.secondLooks()
	decides := r.Task.State == renewal.Ready && look.List == renewal.ListRenewable ||
		r.Task.NeedsConsent(r.Now) && look.List == renewal.ListLeft
	if !decides || againUnits+soonUnits == 0 {
		return []group{{GroupNone, s, r.matching(look)}}
	}
	again, soon, rest := s, s, s
	again.Again = renewal.Only
	soon.Again, soon.Soon = renewal.Hide, renewal.Only
	rest.Again, rest.Soon = renewal.Hide, renewal.Hide
	return []group{{GroupAgain, again, againUnits}, {GroupSoon, soon, soonUnits}, {GroupRest, rest, r.matching(look)}}
}

// secondLooks counts the waiting units that deserve one.
func (r *Review) secondLooks() (again, soon int) {
	for _, t := range r.Tallies {
		if t.State == renewal.ItemWaiting {
			again, soon = again+t.Again, soon+t.Soon
		}
	}
	return again, soon
}

// page reads one unit more than a page holds, at the end that the reading goes to.
func (r *Review) page(tx *store.Tx, look renewal.Look) ([]ItemRow, error) {
	groups := r.groups(look)
	backwards := look.Before != (renewal.Place{})
	from := look.After
	if backwards {
		from = look.Before
		slices.Reverse(groups)
	}
	var rows []ItemRow
	for _, g := range groups {
		passed := g.number < from.Group
		if backwards {
			passed = g.number > from.Group
		}
		want := min(g.units, look.Size+1-len(rows))
		if passed || want == 0 {
			continue
		}
		after, before := 0, 0
		switch {
		case backwards && g.number == from.Group:
			before = from.Number
		case backwards:
			before = renewal.MaximumUnits + 1
		case g.number == from.Group:
			after = from.Number
		}
		items, err := tx.Items(g.scope, after, before, want, r.Balance.Currency)
		if err != nil {
			return nil, err
		}
		part := make([]ItemRow, len(items))
		for n, i := range items {
			part[n] = ItemRow{Item: i, Group: g.number}
		}
		if backwards {
			rows = append(part, rows...)
		} else {
			rows = append(rows, part...)
		}
	}
	return rows, nil
}

// cut drops the extra unit by which the page says that there is more, and sets
// the places of the neighbouring pages.
func (p *ItemPage) cut(rows []ItemRow) {
	more := len(rows) > p.Look.Size
	backwards := p.Look.Before != (renewal.Place{})
	switch {
	case more && backwards:
		rows = rows[1:]
	case more:
		rows = rows[:p.Look.Size]
	}
	p.Rows = rows
	if len(rows) == 0 {
		return
	}
	first, last := rows[0], rows[len(rows)-1]
	if more && backwards || !backwards && p.Look.After != (renewal.Place{}) {
		p.Previous = renewal.Place{Group: first.Group, Number: first.Number}
	}
	if more && !backwards || backwards {
		p.Next = renewal.Place{Group: last.Group, Number: last.Number}
	}
}

// dress adds to rows what stands in other tables.
func (r *Review) dress(tx *store.Tx, rows []ItemRow) error {
	for n := range rows {
		rows[n].Legs = r.Splits[rows[n].Number].Legs
		rows[n].Uncovered = r.Stop.Number > 0 && rows[n].State == renewal.ItemWaiting && rows[n].Number >= r.Stop.Number
	}
	if err := addOrders(tx, r.Task.AccountID, rows, r.Balance.Currency); err != nil {
		return err
	}
	if err := addIntents(tx, r.Task.AccountID, rows); err != nil {
		return err
	}
	since := r.secondLookAt().Add(-renewal.RecentRenewal)
	var ids []string
	for _, row := range rows {
		if !row.RenewedAt.Before(since) {
			ids = append(ids, row.InstanceID)
		}
	}
	earlier, err := tx.Earlier(r.Task.AccountID, ids, since, r.Balance.Currency)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		for n := range rows {
			// Of several renewals the one that led to the quoted expiry.
			if rows[n].InstanceID == e.InstanceID && rows[n].OldExpiry.Equal(e.NewExpiry) {
				rows[n].Earlier = &e
			}
		}
	}
	return nil
}

// addIntents adds the orders of ours that are in the way of units.
func addIntents(tx *store.Tx, accountID string, rows []ItemRow) error {
	var ids []string
	for _, row := range rows {
		if row.Reason == renewal.OrderPending || row.Reason == renewal.RenewalInProgress {
			ids = append(ids, row.InstanceID)
		}
	}
	units, err := tx.Units(accountID, ids)
	for n := range rows {
		if u, ok := units[rows[n].InstanceID]; ok {
			rows[n].Intent, rows[n].IntentOrder = u.Intent, u.IntentOrder
		}
	}
	return err
}

// addOrders adds to renewed units the orders that renewed them, with their legs.
func addOrders(tx *store.Tx, accountID string, rows []ItemRow, c money.Currency) error {
	var ids []string
	for _, row := range rows {
		if row.OrderID != "" {
			ids = append(ids, row.OrderID)
		}
	}
	orders, err := tx.PaidOrders(accountID, ids, c)
	if err != nil {
		return err
	}
	for n := range rows {
		if o, ok := orders[rows[n].OrderID]; ok {
			rows[n].Order = &o
		}
	}
	return nil
}
