package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// cardJourney is a task of three units which a coupon, the balance and the card pay
// together.
var cardJourney = []deed{
	{"fund", func(_ context.Context, _ *app.App, w *testkit.World) error {
		if number(w, "SELECT COUNT(*) FROM coupon WHERE account_id = $1", w.Account.ID) == 0 {
			w.Coupon("coupon", 300)
		}
		w.Write(func(tx *store.Tx) error { _, err := tx.PreferCard(w.Account.ID, testkit.VisaCard.ID); return err })
		return nil
	}},
	journey[0], journey[1],
	{"confirm", func(ctx context.Context, a *app.App, w *testkit.World) error {
		return a.Confirm(ctx, w.Buyer, app.ConfirmInput{TaskID: latest(w).ID, Key: "confirm", Seen: renewal.Seen{Version: 2, Total: 3250, Due: 2950}})
	}},
	{"pay", payByCard},
}

// payByCard works until the task is completed: where the outcome of a payment was
// not known, somebody continues once it is.
func payByCard(ctx context.Context, a *app.App, w *testkit.World) error {
	for range 60 {
		more, err := a.WorkTasks(ctx)
		if err != nil {
			return err
		}
		if _, err := a.WorkPayments(ctx); err != nil && !errors.Is(err, gateway.ErrUnknown) && !errors.Is(err, gateway.ErrRefused) {
			return err
		}
		switch task := latest(w); {
		case task.State == renewal.Completed:
			return nil
		case task.State == renewal.Suspended && task.Pause != renewal.PauseUnknown:
			if err := a.Continue(ctx, w.Buyer, seenNow(w, task.ID)); err != nil && fault.KindOf(err) != fault.Conflict {
				return err
			}
		case !more:
			w.Clock.Advance(time.Minute) // a lease's time, and the pause before the gateway is asked again
		}
	}
	return errors.New("the task does not come to its end")
}

// moneyOutcome is what a journey leaves of money and expiries, however often it was
// paused on the way.
func moneyOutcome(w *testkit.World) (all []string) {
	w.Helper()
	for _, query := range []string{
		`SELECT 'task ' || state || ' ' || CAST(renewed AS TEXT) || ' ' || CAST(spent AS TEXT) FROM task WHERE account_id = $1`,
		`SELECT 'item ' || CAST(number AS TEXT) || ' ' || state || ' ' || CAST(fee AS TEXT) FROM item WHERE account_id = $1 ORDER BY number`,
		`SELECT 'instance ' || id || ' ' || CAST(expires_at AS TEXT) FROM instance WHERE account_id = $1 ORDER BY id`,
		`SELECT 'leg ' || CAST(o.item AS TEXT) || ' ' || g.kind || ' ' || CAST(g.amount AS TEXT) FROM purchase_order o JOIN leg g
			ON g.account_id = o.account_id AND g.order_id = o.id AND g.payment_id = o.payment_id WHERE o.account_id = $1 AND o.status = 5 ORDER BY 1`,
		`SELECT 'captured ' || CAST(charged AS TEXT) FROM payment WHERE account_id = $1 AND state = 'captured' ORDER BY 1`,
		`SELECT 'book ' || book || ' ' || CAST(SUM(amount) AS TEXT) FROM ledger_entry WHERE account_id = $1 GROUP BY book ORDER BY 1`,
		`SELECT 'balance ' || CAST(balance AS TEXT) FROM wallet WHERE account_id = $1`,
		`SELECT 'coupon ' || CAST(remaining AS TEXT) FROM coupon WHERE account_id = $1`,
	} {
		all = append(all, lines(w, query, w.Account.ID)...)
	}
	return all
}

// Every operation of a journey by card goes wrong in every way, on the database and
// at the gateway: the end is that of a journey without fault, and the bank has
// captured once what we say it has.
func TestPromise09RestartAnywhereByCard(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		t.Parallel()
		b := newBank(t)
		var w *testkit.World
		var server *app.App
		f, doom := &testkit.Faults{}, &mortal{Reader: rand.Reader}
		another := func() {
			w = testkit.NewWorld(t, engine, testkit.WithGateway(b.Gateway))
			server, doom.Clock = besideWith(w, "", f), w.Clock
		}
		another()
		process := func(owner string) *app.App {
			d := server.Deps
			d.Owner, d.Clock, d.Rand, d.Gateway = owner, doom, doom, b.Gateway
			return app.New(d)
		}
		all, many, some := 5, 17, 61
		if engine == testkit.Postgres {
			all, many, some = 41, 97, 211
		}
		if *proof {
			all, many, some = 1, 1, 1
		}
		ways := append(waysToFail(t, engine, f, doom, all, many, some), waysOfTheBank(b)...)

		faultless := tenant(t, w, "faultless")
		travel(t, faultless, cardJourney, crashes{name: "no fault", arm: func(int, func()) {}, disarm: func() bool { return false }}, 0, process)
		want := moneyOutcome(faultless)
		if !slices.Contains(want, "task completed 3 3250") || !slices.Contains(want, "captured 1450") || !slices.Contains(want, "coupon 0") {
			t.Fatalf("a journey without fault ends as\n%s", strings.Join(want, "\n"))
		}
		injected, longest, journeys := 0, 0, 1
		for _, way := range ways {
			for n := 1; ; n += way.every {
				one := tenant(t, w, fmt.Sprintf("%s %d", way.name, n))
				struck := travel(t, one, cardJourney, way, n, process)
				journeys++
				same(t, fmt.Sprintf("%s, occasion %d", way.name, n), moneyOutcome(one), want)
				if captures := len(b.Captures()); captures != journeys {
					t.Fatalf("%s, occasion %d: the bank has captured %d times in %d journeys", way.name, n, captures, journeys)
				}
				if !struck {
					longest = max(longest, n)
					break
				}
				if injected++; injected%journeysAWorld == 0 {
					another()
				}
			}
			if t.Failed() {
				break
			}
		}
		t.Logf("%d ways, %d faults injected, up to %d occasions a journey, %d captures", len(ways), injected, longest-1, len(b.Captures()))
	})
}

// waysOfTheBank let the n-th call of a journey to the bank go wrong.
func waysOfTheBank(b *bank) []crashes {
	var ways []crashes
	for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetBefore, sandbox.ResetAfter, sandbox.Busy,
		sandbox.Garbage, sandbox.WrongID, sandbox.WrongAmount} {
		var left atomic.Int64
		ways = append(ways, crashes{name: "bank " + string(mood), every: 1,
			arm: func(n int, _ func()) {
				left.Store(int64(n))
				hook := func(r *http.Request) {
					if left.Add(-1) == 0 {
						b.Queue(callOf(r), mood)
					}
				}
				b.ask.Store(&hook)
			},
			disarm: func() bool { b.ask.Store(nil); return left.Load() <= 0 }})
	}
	return ways
}

func callOf(r *http.Request) sandbox.Call {
	switch {
	case r.Method == http.MethodGet:
		return sandbox.CallGet
	case strings.HasSuffix(r.URL.Path, "/capture"):
		return sandbox.CallCapture
	}
	return sandbox.CallPrepare
}
