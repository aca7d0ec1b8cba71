package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// orders is how many renewals were ordered one by one before anybody looks: most
// of them are paid, two are cancelled, and some wait.
const (
	orders    = 18
	paid      = 12
	cancelled = 2
)

// renewed is the bank reference of the money that paid for them.
const renewed = "Single renewals"

// order lets the buyer renew a few units that expire in a month or two, so that
// there are orders and a history to look at. A start that was interrupted leaves
// what there is.
func (e *Estate) order(ctx context.Context, a *app.App) error {
	buyer := People()[1]
	who := app.Actor{AccountID: AccountID, Name: buyer.Name, Email: buyer.Email, Role: buyer.Role}
	var placed []string
	sum := money.Of(0, Currency)
	for u := range e.later() {
		if len(placed) == orders {
			break
		}
		i, err := a.Instance(ctx, AccountID, u.ID)
		if err != nil {
			return err
		}
		id, err := a.PlaceOrder(ctx, who, app.PlaceInput{InstanceID: u.ID, Fee: i.Quote.Fee.Minor, Key: "demonstration order " + u.ID})
		if fault.KindOf(err) == fault.Conflict {
			continue // it cannot be renewed
		}
		if err != nil {
			return err
		}
		if placed = append(placed, id); len(placed) <= paid {
			if sum, err = sum.Add(i.Quote.Fee); err != nil {
				return err
			}
		}
	}
	if len(placed) < orders {
		return nil // a small estate
	}
	err := a.Deposit(ctx, app.Operator(AccountID), AccountID, sum, e.now.In(e.zone).Format(time.DateOnly), renewed)
	if err == nil {
		err = payAll(ctx, a, who, placed[:paid], paid/2)
	}
	for n := range cancelled {
		if err == nil {
			err = a.CancelOrder(ctx, who, placed[paid+n], fmt.Sprintf("demonstration cancellation %d", n))
		}
	}
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// payAll pays orders, so many together.
func payAll(ctx context.Context, a *app.App, who app.Actor, ids []string, together int) error {
	for some := range slices.Chunk(ids, together) {
		p, err := a.Paying(ctx, AccountID, some)
		if err != nil {
			return err
		}
		in := app.PayInput{OrderIDs: some, Total: p.Plan.Total.Minor, Due: p.Plan.Due.Minor, Key: "demonstration payment " + some[0]}
		if _, err := a.PayOrders(ctx, who, in); err != nil {
			return err
		}
	}
	return nil
}

// later are units that somebody might renew ahead of time: no task that those who
// try it start is likely to have them.
func (e *Estate) later() func(func(renewal.Unit) bool) {
	from, to := e.now.Add(40*renewal.Day), e.now.Add(75*renewal.Day)
	return func(yield func(renewal.Unit) bool) {
		for u := range e.Units() {
			if u.Mode == renewal.Manual && !u.ExpiresAt.Before(from) && u.ExpiresAt.Before(to) && !yield(u) {
				return
			}
		}
	}
}
