package app_test

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

var histories = flag.Int("histories", 0, "random histories on each engine; 0 runs what fits into the suite")

// historiesInSuite is how many histories run with every test, by engine.
var historiesInSuite = map[string]int{testkit.SQLite: 60, testkit.Postgres: 15}

// historiesAWorld is how many accounts, one a history, share a database: the checks
// of all accounts grow with it.
const historiesAWorld = 20

// history is one account to which anything may happen, in any order, and a model of
// its money that knows no more than what people did.
type history struct {
	*testkit.World
	bank   *bank
	apps   []*app.App // two servers; a crash puts a new one in the place of another
	births int
	paidIn int64 // deposits
	units  map[string]time.Time
}

func newHistory(t *testing.T, w *testkit.World, b *bank, n int) *history {
	t.Helper()
	h := &history{World: tenant(t, w, fmt.Sprint("history-", n)), bank: b, units: map[string]time.Time{}}
	h.apps = []*app.App{w.Another(h.owner()), w.Another(h.owner())}
	h.Prices(100)
	for i := range 5 {
		u := testkit.Unit(fmt.Sprintf("u%d", i), time.Duration(i-1)*40*time.Hour)
		if i == 1 {
			u.Associated = append(u.Associated, testkit.Disk(u, "u1-disk"))
		}
		for _, one := range u.All() {
			h.units[one.ID] = one.ExpiresAt
		}
		h.Add(u)
	}
	return h
}

func (h *history) owner() string {
	h.births++
	return fmt.Sprintf("%s-%d", h.Account.ID, h.births)
}

// may lets pass what a person is told and what a gateway does; anything else is a
// fault of ours.
func may(t *rapid.T, what string, err error) {
	if err == nil || errors.Is(err, gateway.ErrUnknown) || errors.Is(err, gateway.ErrRefused) {
		return
	}
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid, fault.NotFound, fault.Unavailable:
		return
	}
	t.Fatalf("%s: %v", what, err)
}

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

func (h *history) actions() map[string]func(*rapid.T) {
	ctx := h.Context()
	onTask := func(name string, do func(t *rapid.T, a *app.App, task renewal.Task) error) func(*rapid.T) {
		return func(t *rapid.T) {
			if task, ok := h.open(); ok {
				may(t, name, do(t, h.any(t), task))
			}
		}
	}
	return map[string]func(*rapid.T){
		"start": func(t *rapid.T) {
			n := int(number(h.World, "SELECT COUNT(*) FROM instance WHERE account_id = $1 AND mode = 'manual' AND parent_id = ''", h.Account.ID))
			_, err := h.any(t).Start(ctx, h.Buyer, app.StartInput{Filter: testkit.Everything, Count: n, Key: h.App.NewKey()})
			may(t, "start", err)
		},
		"work": func(t *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(t, "steps") {
				_, err := h.any(t).WorkTasks(ctx)
				may(t, "work", err)
			}
		},
		// A person who goes all the way, so that not only beginnings are met.
		"renew": func(t *rapid.T) {
			a := h.any(t)
			if _, ok := h.open(); !ok {
				n := int(number(h.World, "SELECT COUNT(*) FROM instance WHERE account_id = $1 AND mode = 'manual' AND parent_id = ''", h.Account.ID))
				_, err := a.Start(ctx, h.Buyer, app.StartInput{Filter: testkit.Everything, Count: n, Key: h.App.NewKey()})
				may(t, "start", err)
			}
			_, err := a.WorkTasks(ctx)
			may(t, "work", err)
			if task, ok := h.open(); ok {
				may(t, "confirm", a.Confirm(ctx, h.Buyer, h.seen(t, task)))
			}
			for range 3 {
				_, err := a.WorkTasks(ctx)
				may(t, "work", err)
				_, err = h.any(t).WorkPayments(ctx)
				may(t, "payments", err)
			}
		},
		"work again": func(t *rapid.T) { _, err := h.any(t).WorkTasks(ctx); may(t, "work", err) },
		"payments":   func(t *rapid.T) { _, err := h.any(t).WorkPayments(ctx); may(t, "payments", err) },
		"deadlines":  func(t *rapid.T) { _, err := h.any(t).WatchDeadlines(ctx); may(t, "deadlines", err) },
		"confirm": onTask("confirm", func(t *rapid.T, a *app.App, task renewal.Task) error {
			return a.Confirm(ctx, h.Buyer, h.seen(t, task))
		}),
		"continue": onTask("continue", func(t *rapid.T, a *app.App, task renewal.Task) error {
			return a.Continue(ctx, h.Buyer, h.seen(t, task))
		}),
		"cancel": onTask("cancel", func(t *rapid.T, a *app.App, task renewal.Task) error {
			if rapid.IntRange(0, 2).Draw(t, "really") > 0 {
				return nil
			}
			return a.Cancel(ctx, h.Owner, app.CancelInput{TaskID: task.ID, Version: task.Version, Key: h.App.NewKey()})
		}),
		"deposit": func(t *rapid.T) {
			minor := rapid.Int64Range(1, 2500).Draw(t, "cents")
			h.Deposit(minor)
			h.paidIn += minor
		},
		"top up": func(t *rapid.T) {
			_, err := h.any(t).TopUp(ctx, h.Buyer, app.TopUpInput{Amount: "7.50", Key: h.App.NewKey()})
			may(t, "top up", err)
		},
		"coupon": func(t *rapid.T) {
			h.Coupon(h.App.NewKey(), rapid.Int64Range(1, 1500).Draw(t, "cents"), func(c *billing.Coupon) {
				c.SingleUse = rapid.Bool().Draw(t, "single use")
				c.Minimum = usd(rapid.Int64Range(0, 1200).Draw(t, "minimum"))
				c.Until = h.Clock.Now().Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
			})
		},
		"freeze coupons": func(t *rapid.T) {
			frozen := rapid.Bool().Draw(t, "frozen")
			for _, id := range lines(h.World, "SELECT id FROM coupon WHERE account_id = $1", h.Account.ID) {
				h.Write(func(tx *store.Tx) error { _, err := tx.FreezeCoupon(h.Account.ID, id, frozen); return err })
			}
		},
		"prices": func(t *rapid.T) { h.Prices(rapid.SampledFrom([]int64{90, 100, 110}).Draw(t, "percent")) },
		"card": func(t *rapid.T) {
			id := rapid.SampledFrom([]string{"", testkit.VisaCard.ID, testkit.VisaCard.ID}).Draw(t, "card")
			may(t, "card", h.any(t).PreferCard(ctx, h.Owner, id, h.App.NewKey()))
		},
		"mood": func(t *rapid.T) {
			call := rapid.SampledFrom([]sandbox.Call{sandbox.CallPrepare, sandbox.CallCapture, sandbox.CallGet}).Draw(t, "call")
			h.bank.SetMood(rapid.SampledFrom([]sandbox.Mood{sandbox.Approve, sandbox.Approve, sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetAfter,
				sandbox.Garbage, sandbox.WrongAmount, sandbox.Busy, sandbox.Decline("do_not_honor")}).Draw(t, "mood"), call)
		},
		"clock": func(t *rapid.T) {
			h.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Minute, time.Minute, time.Hour, 25 * time.Hour, 73 * time.Hour, -2 * time.Hour}).Draw(t, "by"))
		},
		"crash": func(t *rapid.T) {
			h.apps[rapid.IntRange(0, 1).Draw(t, "which")] = h.Another(h.owner())
		},
		"order": func(t *rapid.T) {
			id := fmt.Sprint("u", rapid.IntRange(0, 4).Draw(t, "unit"))
			found, err := h.App.Instance(ctx, h.Account.ID, id)
			if err == nil {
				_, err = h.any(t).PlaceOrder(ctx, h.Buyer, app.PlaceInput{InstanceID: id, Fee: found.Quote.Fee.Minor, Key: h.App.NewKey()})
			}
			may(t, "order", err)
		},
		"pay orders": func(t *rapid.T) {
			ids := lines(h.World, "SELECT id FROM purchase_order WHERE account_id = $1 AND status = 6 ORDER BY id LIMIT 2", h.Account.ID)
			p, err := h.App.Paying(ctx, h.Account.ID, ids)
			if err == nil {
				_, err = h.any(t).PayOrders(ctx, h.Buyer, app.PayInput{OrderIDs: ids, Total: p.Plan.Total.Minor, Due: p.Plan.Due.Minor, Key: h.App.NewKey()})
			}
			may(t, "pay orders", err)
		},
		"cancel order": func(t *rapid.T) {
			for _, id := range lines(h.World, "SELECT id FROM purchase_order WHERE account_id = $1 AND status = 6 ORDER BY id LIMIT 1", h.Account.ID) {
				may(t, "cancel order", h.any(t).CancelOrder(ctx, h.Buyer, id, h.App.NewKey()))
			}
		},
	}
}

// end brings everything to rest and compares with what the bank knows.
func (h *history) end(t *rapid.T) {
	h.bank.SetMood(sandbox.Approve, sandbox.CallPrepare, sandbox.CallCapture, sandbox.CallGet, sandbox.CallRefund)
	for range 30 {
		_, err := h.apps[0].WorkPayments(h.Context())
		may(t, "payments", err)
		_, err = h.apps[0].WorkTasks(h.Context())
		may(t, "work", err)
		h.Clock.Advance(time.Minute)
	}
	h.CheckAccount()
	n := func(query string) int64 { return number(h.World, query, h.Account.ID) }
	if open := n("SELECT COUNT(*) FROM payment WHERE account_id = $1 AND state IN ('created', 'prepared', 'unknown')"); open != 0 {
		t.Fatalf("%d payments are open though the gateway answers", open)
	}
	// Each captured payment is one capture of the bank, to the cent, and the other way round.
	keys := map[string]int64{}
	for _, line := range lines(h.World, "SELECT gateway_key || ' ' || charged FROM payment WHERE account_id = $1 AND state = 'captured' AND charged > 0", h.Account.ID) {
		var key string
		var minor int64
		if _, err := fmt.Sscan(line, &key, &minor); err != nil {
			t.Fatal(err)
		}
		keys[key] = minor
	}
	ours := map[string]bool{}
	for _, key := range lines(h.World, "SELECT gateway_key FROM payment WHERE account_id = $1 AND gateway_key <> ''", h.Account.ID) {
		ours[key] = true
	}
	for _, c := range h.bank.Captures() {
		if !ours[c.Key] {
			continue
		}
		if keys[c.Key] != c.Amount.Minor {
			t.Fatalf("the bank captured %s for %s, and we know of %d", c.Amount, c.Key, keys[c.Key])
		}
		delete(keys, c.Key)
	}
	if len(keys) > 0 {
		t.Fatalf("the bank knows nothing of %v", keys)
	}
	// Money is where the model says: what was paid in, less what the balance paid.
	topUps := n("SELECT COALESCE(SUM(amount), 0) FROM payment WHERE account_id = $1 AND purpose = 'top_up' AND state = 'captured'")
	spent := n("SELECT COALESCE(SUM(g.amount), 0) FROM leg g JOIN purchase_order o ON o.account_id = g.account_id AND o.id = g.order_id AND o.payment_id = g.payment_id WHERE g.account_id = $1 AND g.kind = 'balance'")
	if want := h.paidIn + topUps - spent; h.Balance() != want {
		t.Fatalf("the balance is %d, want %d + %d - %d", h.Balance(), h.paidIn, topUps, spent)
	}
	// Every expiry is where its paid terms have brought it.
	for id, expiry := range h.units {
		want := expiry.UnixMilli()
		for _, line := range lines(h.World, "SELECT l.old_expiry || ' ' || l.new_expiry FROM order_line l JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id AND o.status = 5 WHERE l.account_id = $1 AND l.instance_id = '"+id+"' ORDER BY l.old_expiry", h.Account.ID) {
			var from, to int64
			if _, err := fmt.Sscan(line, &from, &to); err != nil || from != want {
				t.Fatalf("%s was renewed from %d, and expired at %d (%v)", id, from, want, err)
			}
			want = to
		}
		if got := n("SELECT expires_at FROM instance WHERE account_id = $1 AND id = '" + id + "'"); got != want {
			t.Fatalf("%s expires at %d, want %d", id, got, want)
		}
	}
}

// Promises 2, 8 to 14, 16 to 18 and 20: whatever happens in whatever order, the
// rules hold after every step, and at rest the bank, the ledger and the expiries
// tell the same story.
func TestPromise18RandomHistories(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		left := historiesInSuite[engine]
		if *histories > 0 {
			left = *histories
		}
		steps, n := 0, 0
		var did [3]int64 // what happened in all worlds, so that a suite of idle histories is seen
		for left > 0 {
			part := min(left, historiesAWorld)
			left -= part
			b := newBank(t)
			w := testkit.NewWorld(t, engine, testkit.WithGateway(b.Gateway))
			checks(t, part)
			rapid.Check(t, func(r *rapid.T) {
				n++
				h := newHistory(t, w, b, n)
				actions := h.actions()
				actions[""] = func(*rapid.T) {
					if steps++; steps%4 == 0 {
						h.CheckAccount()
					}
				}
				r.Repeat(actions)
				h.end(r)
				if t.Failed() {
					r.FailNow()
				}
			})
			for i, query := range []string{"SELECT COUNT(*) FROM purchase_order WHERE status = 5",
				"SELECT COUNT(*) FROM payment WHERE state = 'captured' AND charged > 0", "SELECT COUNT(*) FROM payment WHERE state = 'declined'"} {
				did[i] += number(w, query)
			}
		}
		t.Logf("%d histories of %d steps in all, with %d renewed, %d card payments captured, %d declined", n, steps, did[0], did[1], did[2])
	})
}

// checks sets how often rapid checks a property, until the test ends.
func checks(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	was := f.Value.String()
	t.Cleanup(func() { _ = f.Value.Set(was) })
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
}
