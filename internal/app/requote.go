package app

import (
	"slices"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// requote looks the prices of a waiting task up again where the account's prices
// or discount changed since they were quoted. A fall is kept and passed on. Where
// any unit rose, the new quotes are kept with a new version and rose is true: a
// person must see them before anything is charged. A unit that lost its price
// keeps its quote; the task then keeps its price revision and the time of its
// quotes, too, so that the unit is looked at again, and refused, when it is about to
// be charged.
func (a *App) requote(tx *store.Tx, who Actor, t renewal.Task, acc account.Account, now time.Time) (_ renewal.Task, rose bool, err error) {
	if hold, err := quotesHold(tx, acc, t, now); err != nil || hold {
		return t, false, err
	}
	prices, err := pricingOf(tx, acc, now)
	if err != nil {
		return t, false, err
	}
	items, err := tx.Waiting(t.AccountID, t.ID, renewal.MaximumUnits, prices.currency)
	if err != nil {
		return t, false, err
	}
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.InstanceID
	}
	units, err := tx.Units(acc.ID, ids)
	if err != nil {
		return t, false, err
	}
	if err := tx.ForgetRequotes(t.AccountID, t.ID); err != nil {
		return t, false, err
	}
	was := t.FeeMinor
	current := true // every quote is what the present prices say
	for n, i := range items {
		// What changed otherwise is passed over as changed_since_review later.
		u, ok := units[i.InstanceID]
		if !ok || !i.Unchanged(u) {
			current = false
			continue
		}
		q, priced, err := prices.quote(u)
		if err != nil {
			return t, false, fault.Wrap(err, fault.Conflict, "The new price of %s does not fit into an amount.", i.InstanceID)
		}
		current = current && priced
		if !priced || (q.Fee == i.Fee && q.List == i.List && sameKinds(q.Lines, i.Lines)) {
			continue
		}
		rose = rose || q.Fee.Minor > i.Fee.Minor
		if err := tx.RequoteItem(t.AccountID, t.ID, i.Number, q); err != nil {
			return t, false, err
		}
		items[n].Lines = q.Lines
		if t, err = shifted(t, i, q); err != nil {
			return t, false, fault.Wrap(err, fault.Conflict, "The new fees do not fit into one sum.")
		}
	}
	if current {
		t.QuotedAt, t.PriceRevision = now, acc.PriceRevision
	}
	if t, err = a.keepRequote(tx, t, items, rose, now); err != nil {
		return t, false, err
	}
	return t, rose, a.audit(tx, who, now, "requote", "task "+t.ID, money.Of(was, prices.currency).String(), money.Of(t.FeeMinor, prices.currency).String())
}

// keepRequote keeps what follows from the new quotes of the items that are left.
func (a *App) keepRequote(tx *store.Tx, t renewal.Task, items []renewal.Item, rose bool, now time.Time) (renewal.Task, error) {
	switch t.State {
	case renewal.Ready:
		if err := tx.KeepTaskDiscounts(t.AccountID, t.ID, billing.TakenOff(items)); err != nil {
			return t, err
		}
	case renewal.Suspended:
		plan, err := a.planOf(tx, t, now, nil)
		if err != nil {
			return t, err
		}
		t.Shortfall, t.Reconfirm = plan.Shortfall.Minor, t.Reconfirm || rose
	}
	return tx.Requoted(t)
}

// sameKinds tells whether two quotes take off discounts of the same kinds: coupons
// may depend on them.
func sameKinds(a, b []renewal.Line) bool {
	return slices.EqualFunc(a, b, func(x, y renewal.Line) bool { return x.DiscountKind == y.DiscountKind })
}

// shifted moves the totals of a task by the difference of one item's quotes.
func shifted(t renewal.Task, i renewal.Item, q renewal.Quote) (renewal.Task, error) {
	list, err := q.List.Sub(i.List)
	if err != nil {
		return t, err
	}
	fee, err := q.Fee.Sub(i.Fee)
	if err != nil {
		return t, err
	}
	for total, by := range map[*int64]money.Amount{&t.ListMinor: list, &t.FeeMinor: fee, &t.LeftMinor: fee} {
		sum, err := by.Add(money.Of(*total, by.Currency))
		if err != nil {
			return t, err
		}
		*total = sum.Minor
	}
	return t, nil
}

func roseFault() error {
	return fault.New(fault.Conflict, "Prices rose since this page was shown. Nothing was confirmed and nothing was charged. Check the new fee, then confirm again.")
}
