package app_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func (h *history) any(t *rapid.T) *app.App { return rapid.SampledFrom(h.apps).Draw(t, "server") }

func (h *history) open() (task renewal.Task, ok bool) {
	h.Read(func(tx *store.Tx) (err error) {
		task, err = tx.OpenTask(h.Account.ID)
		ok = err == nil
		if store.IsNone(err) {
			err = nil
		}
		return err
	})
	return task, ok
}

// onTask is something that a person does with the open task, if there is one.
func (h *history) onTask(name string, do func(*rapid.T, *app.App, renewal.Task) error) func(*rapid.T) {
	return func(t *rapid.T) {
		if task, ok := h.open(); ok {
			may(t, name, do(t, h.any(t), task))
		}
	}
}

// seen is what a page shows now, or an older or wrong one.
func (h *history) seen(t *rapid.T, task renewal.Task) app.ConfirmInput {
	in := app.ConfirmInput{TaskID: task.ID, Key: h.App.NewKey(), Seen: testkit.Seen(task)}
	if r, err := h.App.Review(h.Context(), h.Account.ID, task.ID, renewal.Look{Size: 10}); err == nil {
		in.Seen.Due = r.Plan.Due.Minor
	}
	if rapid.IntRange(0, 9).Draw(t, "stale") == 0 {
		in.Seen.Version--
	}
	return in
}

func (h *history) start(t *rapid.T, a *app.App) {
	n := int(h.count("SELECT COUNT(*) FROM instance WHERE account_id = $1 AND mode = 'manual' AND parent_id = ''"))
	_, err := a.Start(h.Context(), h.Buyer, app.StartInput{Filter: testkit.Everything, Count: n, Key: h.App.NewKey()})
	may(t, "start", err)
}

func (h *history) work(t *rapid.T, a *app.App) {
	_, err := a.WorkTasks(h.Context())
	may(t, "work", err)
}

func (h *history) payments(t *rapid.T, a *app.App) {
	_, err := a.WorkPayments(h.Context())
	may(t, "payments", err)
}

// atOnce lets both servers ask the gateway and work at the same instant. That the
// other one was faster is no fault.
func (h *history) atOnce(t *rapid.T) {
	for _, err := range together(2, func(i int) error {
		_, err := h.apps[i].WorkPayments(h.Context())
		if err != nil && !errors.Is(err, app.ErrOvertaken) {
			return err
		}
		_, err = h.apps[i].WorkTasks(h.Context())
		return err
	}) {
		may(t, "at once", err)
	}
}

// renew is a person who goes all the way, so that not only beginnings are met.
func (h *history) renew(t *rapid.T) {
	a := h.any(t)
	if _, ok := h.open(); !ok {
		h.start(t, a)
	}
	h.work(t, a)
	if task, ok := h.open(); ok {
		may(t, "confirm", a.Confirm(h.Context(), h.Buyer, h.seen(t, task)))
	}
	for range 3 {
		h.work(t, a)
		h.payments(t, h.any(t))
	}
}

// silence is a bank that falls silent over a card payment, until units that it pays
// for may have been released.
func (h *history) silence(t *rapid.T) {
	if id := h.card(t); id != "" {
		may(t, "prefer card", h.any(t).PreferCard(h.Context(), h.Owner, id, h.App.NewKey()))
	}
	mood := rapid.SampledFrom([]sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetAfter}).Draw(t, "mood")
	h.bank.SetMood(mood, rapid.SampledFrom([]sandbox.Call{sandbox.CallPrepare, sandbox.CallCapture}).Draw(t, "call"))
	if rapid.Bool().Draw(t, "by order") {
		h.order(t, rapid.SampledFrom([]string{"u5", "u6"}).Draw(t, "unit"))
		h.payOrders(t)
	} else {
		h.renew(t)
	}
	h.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Hour, 25 * time.Hour, 52 * time.Hour}).Draw(t, "for"))
	h.calm()
	for range 2 {
		h.payments(t, h.any(t))
		h.Clock.Advance(time.Minute)
	}
}

// goOn continues a task; while the outcome of a payment of it is not known, nobody can.
func (h *history) goOn(t *rapid.T, a *app.App, task renewal.Task) error {
	err := a.Continue(h.Context(), h.Buyer, h.seen(t, task))
	if n := h.openOf("task_id", task.ID); err == nil && n > 0 {
		t.Fatalf("the task was continued with %d payments open", n)
	}
	return err
}

// stop ends a task: no payment of it begins later, and none is given up whose
// outcome is not known.
func (h *history) stop(t *rapid.T, a *app.App, task renewal.Task) error {
	if rapid.Bool().Draw(t, "not really") {
		return nil
	}
	open := h.count("SELECT COUNT(*) FROM payment WHERE account_id = $1 AND state = 'unknown' AND task_id = $2", task.ID)
	err := a.Cancel(h.Context(), h.Owner, app.CancelInput{TaskID: task.ID, Version: task.Version, Key: h.App.NewKey()})
	if err != nil {
		return err
	}
	if task.State == renewal.Suspended && open > 0 {
		t.Fatalf("a task that waits for %s was ended with %d payments open", task.Pause, open)
	}
	h.stopped[task.ID] = h.count("SELECT COUNT(*) FROM payment WHERE account_id = $1 AND task_id = $2", task.ID)
	return nil
}

// card draws one of the cards that were not removed, or nothing.
func (h *history) card(t *rapid.T) string {
	ids := lines(h.World, "SELECT id FROM card WHERE account_id = $1 AND removed_at = 0 ORDER BY added_at, token", h.Account.ID)
	return rapid.SampledFrom(append(ids, "")).Draw(t, "card")
}

func (h *history) prefer(t *rapid.T) {
	may(t, "prefer card", h.any(t).PreferCard(h.Context(), h.Owner, h.card(t), h.App.NewKey()))
}

// removeCard takes a card back, which works when nobody is charging it, and only then.
func (h *history) removeCard(t *rapid.T) {
	id := h.card(t)
	if id == "" {
		return
	}
	open := h.openOf("card_id", id)
	err := h.any(t).RemoveCard(h.Context(), h.Owner, id, h.App.NewKey())
	if refused := fault.KindOf(err) == fault.Conflict; err != nil && !refused || refused != (open > 0) {
		t.Fatalf("removing a card that %d payments are charging: %v", open, err)
	}
	if err == nil {
		h.removed[id] = h.paymentsOf(id)
	}
}

// paymentsOf counts the payments that name a card and that these books made: one that
// was entered from the gateway's list was made before they were set back.
func (h *history) paymentsOf(card string) int64 {
	return h.count(`SELECT COUNT(*) FROM payment WHERE account_id = $1 AND card_id = $2
		AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.account_id = payment.account_id AND audit.subject = 'gateway payment ' || payment.gateway_id)`, card)
}

func (h *history) order(t *rapid.T, unit string) {
	found, err := h.App.Instance(h.Context(), h.Account.ID, unit)
	if err == nil {
		_, err = h.any(t).PlaceOrder(h.Context(), h.Buyer, app.PlaceInput{InstanceID: unit, Fee: found.Quote.Fee.Minor, Key: h.App.NewKey()})
	}
	may(t, "order", err)
}

func (h *history) payOrders(t *rapid.T) {
	ids := lines(h.World, "SELECT id FROM purchase_order WHERE account_id = $1 AND status = 6 ORDER BY id LIMIT 2", h.Account.ID)
	p, err := h.App.Paying(h.Context(), h.Account.ID, ids)
	if err == nil {
		_, err = h.any(t).PayOrders(h.Context(), h.Buyer, app.PayInput{OrderIDs: ids, Total: p.Plan.Total.Minor, Due: p.Plan.Due.Minor, Key: h.App.NewKey()})
	}
	may(t, "pay orders", err)
}

// watch looks at the deadlines: no order waits longer for payment than it may.
func (h *history) watch(t *rapid.T) {
	_, err := h.any(t).WatchDeadlines(h.Context())
	may(t, "deadlines", err)
	if n := h.count("SELECT COUNT(*) FROM purchase_order WHERE account_id = $1 AND status = 6 AND expires_at <= $2", h.Clock.Now().UnixMilli()); n > 0 {
		t.Fatalf("%d orders wait for payment though their time is over", n)
	}
}

// imported is a file of the provider that moves a unit to another tab, unless
// somebody is about to renew it: an import refuses to touch that one.
func (h *history) imported(t *rapid.T) {
	id := fmt.Sprint("u", rapid.IntRange(0, 6).Draw(t, "unit"))
	mode := rapid.SampledFrom([]renewal.Mode{renewal.Manual, renewal.Manual, renewal.Auto}).Draw(t, "mode")
	h.Write(func(tx *store.Tx) error {
		u, err := tx.Unit(h.Account.ID, id)
		if err != nil || u.Intent != "" {
			return err
		}
		u.Mode = mode
		return tx.UpdateInstance(h.Account.ID, store.Imported{Instance: u.Instance, ListFee: testkit.UnitPrice})
	})
}

func (h *history) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){}
	for _, some := range []map[string]func(*rapid.T){h.taskActions(), h.moneyActions(), h.worldActions()} {
		for name, do := range some {
			all[name] = do
		}
	}
	return all
}

// taskActions are what people do with tasks and orders, and what the worker does.
func (h *history) taskActions() map[string]func(*rapid.T) {
	ctx := h.Context()
	return map[string]func(*rapid.T){
		"start": func(t *rapid.T) { h.start(t, h.any(t)) },
		"work": func(t *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(t, "steps") {
				h.work(t, h.any(t))
			}
		},
		"renew":      h.renew,
		"renew also": h.renew,
		"payments":   func(t *rapid.T) { h.payments(t, h.any(t)) },
		"at once":    h.atOnce,
		"deadlines":  h.watch,
		"confirm": h.onTask("confirm", func(t *rapid.T, a *app.App, task renewal.Task) error {
			return a.Confirm(ctx, h.Buyer, h.seen(t, task))
		}),
		"continue":   h.onTask("continue", h.goOn),
		"stop":       h.onTask("stop", h.stop),
		"order":      func(t *rapid.T) { h.order(t, fmt.Sprint("u", rapid.IntRange(0, 6).Draw(t, "unit"))) },
		"pay orders": h.payOrders,
		"forget an order": func(t *rapid.T) {
			if rapid.Bool().Draw(t, "not really") {
				return
			}
			h.order(t, fmt.Sprint("u", rapid.IntRange(0, 4).Draw(t, "unit")))
			h.Clock.Advance(billing.PayWithin)
			h.watch(t)
		},
		"cancel order": func(t *rapid.T) {
			for _, id := range lines(h.World, "SELECT id FROM purchase_order WHERE account_id = $1 AND status = 6 ORDER BY id LIMIT 1", h.Account.ID) {
				may(t, "cancel order", h.any(t).CancelOrder(ctx, h.Buyer, id, h.App.NewKey()))
			}
		},
	}
}

// moneyActions are what people and the operator do with the wallet.
func (h *history) moneyActions() map[string]func(*rapid.T) {
	ctx := h.Context()
	return map[string]func(*rapid.T){
		"deposit": func(t *rapid.T) {
			minor := rapid.Int64Range(1, 2500).Draw(t, "cents")
			h.Deposit(minor)
			h.paidIn += minor
		},
		"top up": func(t *rapid.T) {
			_, err := h.any(t).TopUp(ctx, h.Buyer, app.TopUpInput{Amount: "7.50", Key: h.App.NewKey()})
			may(t, "top up", err)
		},
		"refund": func(t *rapid.T) {
			for _, id := range lines(h.World, "SELECT id FROM payment WHERE account_id = $1 AND purpose = 'top_up' ORDER BY id DESC LIMIT 1", h.Account.ID) {
				_, err := h.any(t).RefundTopUp(ctx, operator(h.World), id)
				may(t, "refund", err)
			}
		},
		"coupon": func(t *rapid.T) {
			minor := rapid.Int64Range(1, 1500).Draw(t, "cents")
			h.Coupon(h.App.NewKey(), minor, func(c *billing.Coupon) {
				c.SingleUse = rapid.Bool().Draw(t, "single use")
				c.Minimum = usd(rapid.Int64Range(0, 1200).Draw(t, "minimum"))
				c.Until = h.Clock.Now().Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
			})
			h.granted += minor
		},
		"freeze coupons": func(t *rapid.T) {
			frozen := rapid.Bool().Draw(t, "frozen")
			for _, id := range lines(h.World, "SELECT id FROM coupon WHERE account_id = $1", h.Account.ID) {
				h.Write(func(tx *store.Tx) error { _, err := tx.FreezeCoupon(h.Account.ID, id, frozen); return err })
			}
		},
		"credit limit": func(t *rapid.T) {
			_, err := h.any(t).SetCreditLimit(ctx, operator(h.World), rapid.SampledFrom([]string{"0", "4.00", "15.00", "25.00"}).Draw(t, "limit"))
			may(t, "credit limit", err)
		},
		"repay": func(t *rapid.T) {
			_, err := h.any(t).RepayCredit(ctx, h.Buyer, rapid.SampledFrom([]string{"1.00", "4.00"}).Draw(t, "amount"), h.App.NewKey())
			may(t, "repay", err)
		},
		"repayment": func(t *rapid.T) {
			minor := rapid.Int64Range(1, 900).Draw(t, "cents")
			_, err := h.any(t).RecordRepayment(ctx, operator(h.World), usd(minor), "2026-11-20", h.App.NewKey())
			if err == nil {
				h.paidIn += minor
			}
			may(t, "repayment", err)
		},
		"prefer card": h.prefer,
		"remove card": h.removeCard,
		"add card": func(t *rapid.T) {
			token := rapid.SampledFrom([]string{sandbox.Visa, sandbox.Mastercard, sandbox.NoFunds}).Draw(t, "token")
			_, err := h.any(t).AddCard(ctx, h.Owner, app.CardInput{Session: h.enter(t, token), Key: h.App.NewKey()})
			may(t, "add card", err)
		},
	}
}

// enter enters a card at the gateway and returns the session.
func (h *history) enter(t *rapid.T, token string) string {
	page, err := h.App.EnterCard(h.Context(), h.Owner, "http://127.0.0.1/", h.App.NewKey())
	may(t, "enter a card", err)
	if err != nil {
		return "" // ten within an hour
	}
	_, session, _ := strings.Cut(page, "session=")
	if _, err := h.bank.Pick(session, token); err != nil {
		t.Fatal(err)
	}
	return session
}

// worldActions are what nobody asked for.
func (h *history) worldActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"silence":      h.silence,
		"silence also": h.silence,
		"decline":      func(*rapid.T) { h.bank.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture) },
		"calm":         func(*rapid.T) { h.calm() },
		"mood": func(t *rapid.T) {
			call := rapid.SampledFrom([]sandbox.Call{sandbox.CallPrepare, sandbox.CallCapture, sandbox.CallGet, sandbox.CallRefund}).Draw(t, "call")
			h.bank.SetMood(rapid.SampledFrom([]sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetAfter,
				sandbox.Garbage, sandbox.WrongAmount, sandbox.Busy}).Draw(t, "mood"), call)
		},
		"import": h.imported,
		"prices": func(t *rapid.T) { h.Prices(rapid.SampledFrom([]int64{90, 100, 110}).Draw(t, "percent")) },
		"clock": func(t *rapid.T) {
			h.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Minute, time.Minute, time.Hour, time.Hour, 25 * time.Hour, 73 * time.Hour,
				billing.PayWithin, -2 * time.Hour}).Draw(t, "by"))
		},
		"crash": func(t *rapid.T) {
			h.apps[rapid.IntRange(0, 1).Draw(t, "which")] = h.Another(h.owner())
		},
	}
}

// happenings are what histories are about; where none ever had one, they prove
// nothing about it.
var happenings = []struct{ what, rows string }{
	{"units renewed by tasks", "purchase_order WHERE status = 5 AND task_id <> ''"},
	{"orders paid", "purchase_order WHERE status = 5 AND task_id = ''"},
	{"orders not paid in time", "purchase_order WHERE status = 4 AND why = 'unpaid'"},
	{"tasks stopped", "task WHERE state = 'cancelled'"},
	{"card payments captured", "payment WHERE state = 'captured' AND charged > 0"},
	{"declined", "payment WHERE state = 'declined' AND reason <> 'lapsed'"},
	{"given up for a lost unit", "payment WHERE state = 'declined' AND reason = 'lapsed'"},
	{"lost units given back", "refund WHERE order_id <> ''"},
	{"top-ups given back", "refund WHERE order_id = ''"},
	{"legs on credit", "leg WHERE kind = 'credit'"},
	{"legs on coupons", "leg WHERE kind = 'coupon'"},
	{"cards removed", "card WHERE removed_at > 0"},
}
