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
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

var histories = flag.Int("histories", 0, "random histories on each engine; 0 runs what fits into the suite")

// historiesInSuite is how many histories run with every test, by engine.
var historiesInSuite = map[string]int{testkit.SQLite: 300, testkit.Postgres: 100}

// enoughHistories is how many histories meet everything that they are about.
const enoughHistories = 300

// historiesAWorld is how many accounts, one a history, share a database: the checks
// of all accounts grow with it.
const historiesAWorld = 20

// history is one account to which anything may happen, in any order, and a model of
// its money that knows no more than what people did.
type history struct {
	*testkit.World
	bank    *bank
	apps    []*app.App // two servers; a crash puts a new one in the place of another
	births  int
	paidIn  int64 // bank transfers: deposits, and repayments of the credit line
	granted int64 // coupons
	units   map[string]time.Time
	stopped map[string]int64 // how many payments a task had when a person ended it
	removed map[string]int64 // how many payments named a card when it was removed
}

func newHistory(t *testing.T, w *testkit.World, b *bank, n int) *history {
	t.Helper()
	h := &history{World: tenant(t, w, fmt.Sprint("history-", n)), bank: b, units: map[string]time.Time{},
		stopped: map[string]int64{}, removed: map[string]int64{}}
	h.apps = []*app.App{w.Another(h.owner()), w.Another(h.owner())}
	// The histories before this one are at rest and let time pass.
	h.Clock.Set(testkit.Start)
	h.Prices(100)
	kept := time.Duration(app.GraceDays+app.RetentionDays) * renewal.Day
	for i, left := range []time.Duration{-40 * time.Hour, 0, 40 * time.Hour, 80 * time.Hour, 120 * time.Hour, 20*time.Hour - kept, 50*time.Hour - kept} {
		u := testkit.Unit(fmt.Sprintf("u%d", i), left)
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
	case fault.Conflict, fault.Invalid, fault.NotFound, fault.Unavailable, fault.TooMany:
		return
	}
	t.Fatalf("%s: %v", what, err)
}

// count is a number about the account.
func (h *history) count(query string, args ...any) int64 {
	h.Helper()
	return number(h.World, query, append([]any{h.Account.ID}, args...)...)
}

// openOf counts the payments without an outcome that name a task, or a card.
func (h *history) openOf(column, id string) int64 {
	h.Helper()
	return h.count("SELECT COUNT(*) FROM payment WHERE account_id = $1 AND state IN ('created', 'prepared', 'unknown') AND "+column+" = $2", id)
}

// calm lets the bank answer everything.
func (h *history) calm() {
	h.bank.SetMood(sandbox.Approve, sandbox.CallPrepare, sandbox.CallCapture, sandbox.CallGet, sandbox.CallRefund)
}

// end brings everything to rest and compares with what the bank knows.
func (h *history) end(t *rapid.T) {
	h.calm()
	for range 30 {
		h.payments(t, h.apps[0])
		_, err := h.apps[0].WorkTasks(h.Context())
		may(t, "work", err)
		h.Clock.Advance(time.Minute)
		if h.count(`SELECT (SELECT COUNT(*) FROM payment WHERE account_id = $1 AND state IN ('created', 'prepared', 'unknown'))
			+ (SELECT COUNT(*) FROM refund WHERE account_id = $1 AND state = 'created')
			+ (SELECT COUNT(*) FROM task WHERE account_id = $1 AND state IN ('generating', 'running', 'cancelling'))`) == 0 {
			break
		}
	}
	h.CheckAccount()
	if n := h.count("SELECT COUNT(*) FROM discrepancy WHERE account_id = $1 AND state IN ('open', 'returning') AND kind = 'missing'"); n != 0 {
		t.Fatalf("%d payments of the gateway are missing", n)
	}
	if open := h.count("SELECT COUNT(*) FROM payment WHERE account_id = $1 AND state IN ('created', 'prepared', 'unknown')"); open != 0 {
		t.Fatalf("%d payments are open though the gateway answers", open)
	}
	// Each captured payment is one capture of the bank, to the cent, and each refund
	// one of its refunds; and the other way round. What went back before these books
	// heard of the capture took nothing.
	all := h.amounts("SELECT gateway_key || ' ' || charged FROM payment WHERE account_id = $1 AND gateway_key <> '' AND reason <> 'returned'", t)
	ours := h.amounts("SELECT gateway_key || ' ' || charged FROM payment WHERE account_id = $1 AND state = 'captured' AND charged > 0", t)
	for _, c := range h.bank.Captures() {
		if _, mine := all[c.Key]; mine {
			agree(t, "captured", ours, c.Key, c.Amount.Minor)
		}
	}
	back := h.amounts("SELECT gateway_key || ' ' || charged FROM refund WHERE account_id = $1 AND charged > 0 AND state <> 'refused'", t)
	for _, f := range h.bank.Refunds() {
		if _, mine := back[f.Key]; mine {
			agree(t, "gave back", back, f.Key, f.Amount.Minor)
		}
	}
	if len(ours)+len(back) > 0 {
		t.Fatalf("the bank knows nothing of the payments %v and the refunds %v", ours, back)
	}
	// Money is where the model says: what came in, less what was renewed of it.
	in := h.count("SELECT COALESCE(SUM(amount), 0) FROM payment WHERE account_id = $1 AND purpose = 'top_up' AND state = 'captured'")
	out := h.count("SELECT COALESCE(SUM(amount), 0) FROM refund WHERE account_id = $1 AND order_id = '' AND state <> 'refused'")
	spent := func(kinds string) int64 {
		return h.count(`SELECT COALESCE(SUM(g.amount), 0) FROM leg g JOIN purchase_order o ON o.account_id = g.account_id AND o.id = g.order_id
			AND o.payment_id = g.payment_id WHERE g.account_id = $1 AND o.status = 5 AND g.kind IN (` + kinds + ")")
	}
	owed := h.count("SELECT credit_used FROM wallet WHERE account_id = $1")
	if want := h.paidIn + in - out - spent("'balance', 'credit'"); h.Balance()-owed != want {
		t.Fatalf("the balance is %d and %d is owed, want %d + %d - %d less what was spent: %d", h.Balance(), owed, h.paidIn, in, out, want)
	}
	if left, want := h.count("SELECT COALESCE(SUM(remaining), 0) FROM coupon WHERE account_id = $1"), h.granted-spent("'coupon'"); left != want {
		t.Fatalf("coupons have %d, want %d", left, want)
	}
	for id, n := range h.stopped {
		if now := h.count("SELECT COUNT(*) FROM payment WHERE account_id = $1 AND task_id = $2", id); now != n {
			t.Fatalf("task %s was stopped with %d payments and has %d", id, n, now)
		}
	}
	for id, n := range h.removed {
		if now := h.paymentsOf(id); now != n {
			t.Fatalf("card %s was removed when %d payments named it, and %d do", id, n, now)
		}
	}
	h.endExpiries(t)
}

// endExpiries compares every expiry with where its paid terms have brought it.
func (h *history) endExpiries(t *rapid.T) {
	for id, expiry := range h.units {
		want := expiry.UnixMilli()
		for _, line := range lines(h.World, `SELECT l.old_expiry || ' ' || l.new_expiry FROM order_line l JOIN purchase_order o ON o.account_id = l.account_id
			AND o.id = l.order_id AND o.status = 5 WHERE l.account_id = $1 AND l.instance_id = $2 ORDER BY l.old_expiry`, h.Account.ID, id) {
			var from, to int64
			if _, err := fmt.Sscan(line, &from, &to); err != nil || from != want {
				t.Fatalf("%s was renewed from %d, and expired at %d (%v)", id, from, want, err)
			}
			want = to
		}
		if got := h.count("SELECT expires_at FROM instance WHERE account_id = $1 AND id = $2", id); got != want {
			t.Fatalf("%s expires at %d, want %d", id, got, want)
		}
	}
}

// amounts reads lines of a key and an amount.
func (h *history) amounts(query string, t *rapid.T) map[string]int64 {
	all := map[string]int64{}
	for _, line := range lines(h.World, query, h.Account.ID) {
		var key string
		var minor int64
		if _, err := fmt.Sscan(line, &key, &minor); err != nil {
			t.Fatal(err)
		}
		all[key] = minor
	}
	return all
}

// agree takes a movement of the bank from those that we know of.
func agree(t *rapid.T, did string, ours map[string]int64, key string, minor int64) {
	known, ok := ours[key]
	if !ok || known != minor {
		t.Fatalf("the bank %s %d for %s, and we know of %d (%t)", did, minor, key, known, ok)
	}
	delete(ours, key)
}

// Promises 2, 8 to 14, 16 to 18 and 20: whatever happens in whatever order, the
// rules hold after every step, and at rest the bank, the ledger and the expiries
// tell the same story.
func TestPromise18RandomHistories(t *testing.T) {
	checks(t, historiesAWorld)
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		t.Parallel()
		total := historiesInSuite[engine]
		if *histories > 0 {
			total = *histories
		}
		var steps, n int
		did := make([]int64, len(happenings)) // in all worlds, so that a suite of idle histories is seen
		for n < total {
			b := newBank(t)
			w := testkit.NewWorld(t, engine, testkit.WithGateway(b.Gateway))
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
			for i, d := range happenings {
				did[i] += number(w, "SELECT COUNT(*) FROM "+d.rows)
			}
		}
		happened := ""
		for i, d := range happenings {
			happened += fmt.Sprintf(", %d %s", did[i], d.what)
			if did[i] == 0 && total >= enoughHistories {
				t.Errorf("in %d histories there were no %s", n, d.what)
			}
		}
		t.Logf("%d histories of %d steps in all%s", n, steps, happened)
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
