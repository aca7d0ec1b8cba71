package app_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// paidUnits counts, by the gateway's own log, how often a card paid for each unit and
// expiry, without what was refunded as a whole.
func paidUnits(t *testing.T, b *bank) map[string]int {
	t.Helper()
	back := map[string]int64{}
	for _, r := range b.Refunds() {
		back[r.Payment] += r.Amount.Minor
	}
	times := map[string]int{}
	for _, c := range b.Captures() {
		d, err := billing.ReadPaymentData(c.Data, c.Amount.Currency, "")
		if err != nil {
			t.Fatalf("capture %s: %v", c.ID, err)
		}
		if back[c.ID] == c.Amount.Minor {
			continue
		}
		for _, u := range d.Units {
			times[fmt.Sprint(u.InstanceID, " from ", u.OldExpiry.UnixMilli())]++
		}
	}
	return times
}

// wantPaidOnce fails where a card paid for a unit more than once.
func wantPaidOnce(t *testing.T, b *bank) {
	t.Helper()
	for unit, times := range paidUnits(t, b) {
		if times != 1 {
			t.Errorf("a card paid %d times for %s", times, unit)
		}
	}
}

// finish continues a task until it is completed.
func finish(w *testkit.World, taskID string) renewal.Task {
	w.Helper()
	for range 20 {
		w.Rest()
		switch t := w.Task(taskID); t.State {
		case renewal.Completed:
			return t
		default:
			act := w.App.Continue
			if t.State == renewal.Ready || t.NeedsConsent(w.Clock.Now()) {
				act = w.App.Confirm
			}
			if err := act(w.Context(), w.Buyer, seenNow(w, taskID)); fault.KindOf(err) != fault.Conflict { // prices rose
				w.Must(err)
			}
		}
		w.Clock.Advance(time.Minute)
	}
	w.Fatalf("the task does not come to its end: %+v", w.Task(taskID))
	return renewal.Task{}
}

// Promise 30. A backup of a ready task is restored after most of the task has run: no
// unit is paid twice, whatever moves the border between wallet and card meanwhile.
func TestReconcile_ARestoredTaskPaysNoUnitTwice(t *testing.T) {
	nothing := func(*testkit.World) {}
	const wallet = 60 // units that the wallet pays at the time of the backup
	for name, variant := range map[string]struct{ before, after, restored func(w *testkit.World) }{
		"nothing differs": {nothing, nothing, nothing},
		"a top-up before the run": {func(w *testkit.World) {
			_, err := topUp(w, "before")
			w.Must(err)
		}, nothing, nothing},
		"a deposit after the restore": {nothing, nothing, func(w *testkit.World) { w.Deposit(33 * testkit.UnitPrice) }},
		"a top-up after the run": {nothing, func(w *testkit.World) {
			_, err := topUp(w, "after")
			w.Must(err)
		}, nothing},
		"a coupon after the restore": {nothing, nothing, func(w *testkit.World) { w.Coupon("late", 7*testkit.UnitPrice) }},
		"a coupon before the run":    {func(w *testkit.World) { w.Coupon("lost", 7*testkit.UnitPrice) }, nothing, nothing},
		"the first unit is held": {nothing, nothing, func(w *testkit.World) {
			tamper(w, "ecs-00060", func(i *renewal.Instance) { i.Hold = renewal.Locked })
		}},
		"the first unit moved": {nothing, nothing, func(w *testkit.World) {
			tamper(w, "ecs-00060", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
		}},
		"the price fell":              {nothing, nothing, func(w *testkit.World) { w.Prices(90) }},
		"the price rose":              {nothing, nothing, func(w *testkit.World) { w.Prices(110) }},
		"the card was declined first": {func(w *testkit.World) {}, nothing, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			w, b, backup := byBackup(t)
			w.AddMany(170, 24*time.Hour)
			w.Deposit(wallet * testkit.UnitPrice)
			task := w.Prepare(testkit.Everything)
			restored := backup()
			variant.before(w)
			if name == "the card was declined first" {
				b.Queue(sandbox.CallCapture, sandbox.Decline("do_not_honor"))
			}
			finish(w, task.ID)
			variant.after(w)

			captured := len(b.Captures())
			r := restored()
			variant.restored(r)
			r.Reconcile()
			r.CheckInvariants()
			wantPaidOnce(t, b)
			for _, d := range open(r) {
				if name != "the first unit moved" || d.Why != billing.WhyInstance {
					t.Errorf("%s waits for a person: %s", d.GatewayID, d.Why)
				}
				wantKind(t, topUpErr(r), fault.Unavailable, "on hold")
				r.Must(r.App.EnterPayment(r.Context(), r.Owner, d.GatewayID, true))
			}
			got := finish(r, task.ID)
			r.CheckInvariants()
			wantPaidOnce(t, b)
			if got.Renewed < 169 || got.Renewed+got.NotRenewed != 170 {
				t.Errorf("%d renewed, %d not", got.Renewed, got.NotRenewed)
			}
			if name == "nothing differs" && len(b.Captures()) != captured {
				t.Errorf("%d captures became %d", captured, len(b.Captures()))
			}
		})
	}
}

func topUpErr(w *testkit.World) error {
	_, err := topUp(w, w.App.NewKey())
	return err
}

func open(w *testkit.World) []billing.Discrepancy {
	w.Helper()
	all, err := w.App.Discrepancies(w.Context(), w.Account.ID)
	w.Must(err)
	return all
}

// Promise 30. Orders that were paid together are not paid again one by one.
func TestReconcile_OrdersPaidTogetherAreNotPaidAlone(t *testing.T) {
	w, b, backup := byBackup(t)
	ids := unpaid(w, 3)
	restored := backup()
	_, err := pay(w, ids[0], ids[1])
	w.Must(err)
	r := restored()
	_, err = pay(r, ids[1])
	wantKind(t, err, fault.Conflict, "has been paid")
	if _, err = pay(r, ids[2]); err != nil {
		t.Error(err)
	}
	wantPaidOnce(t, b)
	r.CheckInvariants()
}

// Promise 30. An order that was placed after the backup is entered with its payment,
// under another number where its own is taken.
func TestReconcile_EntersAnOrderThatTheBackupDoesNotKnow(t *testing.T) {
	w, b, backup := byBackup(t)
	unpaid(w, 2)
	restored := backup()
	w.Add(testkit.Unit("late", 9*renewal.Day))
	_, err := pay(w, place(w, "late"))
	w.Must(err)
	r := restored()
	r.Add(testkit.Unit("other", 9*renewal.Day), testkit.Unit("late", 9*renewal.Day))
	taken := place(r, "other")
	r.Reconcile()
	r.CheckInvariants()
	wantPaidOnce(t, b)
	same(t, "orders", orders(r), []string{"RO-00001 6  order_pending ", "RO-00002 6  order_pending ", taken + " 6  order_pending ", "RO-00004 5   renewed"})
}

// Promise 30. What does not fit blocks its account and no other, until a person
// returns it.
func TestReconcile_WhatDoesNotFitBlocksItsAccountUntilItIsReturned(t *testing.T) {
	w, b, backup := byBackup(t)
	w.Add(testkit.Unit("u0", renewal.Day))
	restored := backup()
	_, err := pay(w, place(w, "u0"))
	w.Must(err)
	r := restored()
	tamper(r, "u0", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
	r.Reconcile()
	all := open(r)
	if len(all) != 1 || all[0].Why != billing.WhyInstance || all[0].Kind != billing.Missing {
		t.Fatalf("%+v", all)
	}
	r.Deposit(100 * testkit.UnitPrice)
	wantKind(t, topUpErr(r), fault.Unavailable, "on hold")
	other := tenant(t, r, "other")
	other.Deposit(testkit.UnitPrice)
	other.AddMany(1, 24*time.Hour)
	other.Prices(100)
	if got := other.Confirm(other.Prepare(testkit.Everything).ID); got.State != renewal.Completed {
		t.Errorf("another account's task is %s", got.State)
	}
	wantKind(t, r.App.ReturnPayment(r.Context(), other.Owner, all[0].GatewayID), fault.NotFound)
	r.Must(r.App.ReturnPayment(r.Context(), r.Owner, all[0].GatewayID))
	if left := open(r); len(left) != 0 || len(b.Refunds()) != 1 || b.Refunds()[0].Amount != money.Of(testkit.UnitPrice, "USD") {
		t.Errorf("%+v, refunds %+v", left, b.Refunds())
	}
	r.Must(topUpErr(r))
	r.CheckInvariants()
}

// Promise 31. A gateway that has forgotten a captured payment is named, and blocks
// nobody.
func TestReconcile_NamesWhatTheGatewayHasForgotten(t *testing.T) {
	w, _, _ := byBackup(t)
	p, err := topUp(w, "one")
	w.Must(err)
	d := w.App.Deps
	d.Gateway = testkit.NewGateway(t).Client
	w.App = app.New(d)
	r, err := w.App.Reconcile(t.Context())
	if w.Must(err); len(r.Open) != 1 || r.Open[0].Kind != billing.UnknownThere || r.Open[0].GatewayID != p.GatewayID || !r.Whole {
		t.Errorf("%+v", r)
	}
	w.Must(topUpErr(w))
	wantKind(t, w.App.DismissDiscrepancy(t.Context(), app.Actor{Name: "Operator"}, p.GatewayID, " "), fault.Invalid)
	w.Must(w.App.DismissDiscrepancy(t.Context(), app.Actor{Name: "Operator"}, p.GatewayID, "statement 12"))
	for _, compare := range []func(context.Context) (app.Reconciliation, error){w.App.Reconcile, w.App.CompareGateway} {
		if r, err = compare(t.Context()); err != nil || len(r.Open) != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

// Promise 30. Payments of other installations at the same gateway are counted and
// left alone.
func TestReconcile_LeavesPaymentsOfOthersAlone(t *testing.T) {
	w, b, _ := byBackup(t)
	other := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(b.Gateway))
	_, err := topUp(w, "ours")
	w.Must(err)
	_, err = topUp(other, "theirs")
	other.Must(err)
	r, err := other.App.Reconcile(t.Context())
	if other.Must(err); r.Foreign != 1 || len(r.Entered) != 0 || len(r.Open) != 0 {
		t.Errorf("%+v", r)
	}
}

// Promise 30. While the gateway does not answer, a card pays for nothing, and the task
// goes on by itself once it does.
func TestReconcile_ACardWaitsUntilThePaymentsWereCompared(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		byCard(w)
		w.AddMany(2, 24*time.Hour)
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		b.SetMood(sandbox.ErrorBefore, sandbox.CallList)
		w.App = w.Another("started while the gateway is down")
		w.Rest()
		if got := w.Task(task.ID); got.State != renewal.Running || number(w, "SELECT COUNT(*) FROM payment") != 0 {
			t.Errorf("%+v, %d payments", got, number(w, "SELECT COUNT(*) FROM payment"))
		}
		wantKind(t, topUpErr(w), fault.Unavailable, "cannot be reached")
		b.SetMood(sandbox.Approve, sandbox.CallList)
		if got := finish(w, task.ID); got.Renewed != 2 || len(b.Captures()) != 1 {
			t.Errorf("%+v, captured %d times", got, len(b.Captures()))
		}
	})
}

// Whoever waits for a comparison takes its outcome: one time-out of a silent gateway is
// enough for all.
func TestReconcile_ManyWhoWaitCompareOnce(t *testing.T) {
	w, b, _ := byBackup(t)
	w.App = w.Another("started while the gateway is down")
	b.SetMood(sandbox.ErrorBefore, sandbox.CallList)
	const people = 8
	lists := 0
	ask := func(r *http.Request) {
		if r.URL.Path != "/v1/payments" || r.Method != http.MethodGet {
			return
		}
		if lists++; lists > 1 { // one after the other: a second at the same time would be a race
			return
		}
		for stack := make([]byte, 1<<20); strings.Count(string(stack[:runtime.Stack(stack, true)]), ".compareOnce(") < people; {
			runtime.Gosched()
		}
	}
	b.ask.Store(&ask)
	var all sync.WaitGroup
	for n := range people {
		all.Go(func() {
			_, err := topUp(w, fmt.Sprint("key ", n))
			wantKind(t, err, fault.Unavailable, "cannot be reached")
		})
	}
	all.Wait()
	if lists != 1 || len(b.Captures()) != 0 {
		t.Errorf("%d people had the payments listed %d times, captured %d times", people, lists, len(b.Captures()))
	}
}

// Promise 30. Books that their marks say are older, or of which no mark tells, do not
// spend the wallet either before the gateway has answered.
func TestReconcile_OlderBooksWaitForTheGateway(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(2, 24*time.Hour)
	w.Deposit(10 * testkit.UnitPrice)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	r := backup()() // another place, where there are no marks
	b.SetMood(sandbox.ErrorBefore, sandbox.CallList)
	r.Rest()
	if got := r.Task(task.ID); got.State != renewal.Running || got.Renewed != 0 {
		t.Errorf("%+v", got)
	}
	if wait, err := r.App.ChargingWait(t.Context(), r.Account.ID); err != nil || wait != app.WaitReconcile {
		t.Errorf("%q, %v", wait, err)
	}
	w.Rest() // whose marks fit, and who needs no card
	if got := w.Task(task.ID); got.State != renewal.Completed {
		t.Errorf("%+v", got)
	}
	b.SetMood(sandbox.Approve, sandbox.CallList)
	if got := finish(r, task.ID); got.Renewed != 2 {
		t.Errorf("%+v", got)
	}
}

// Promise 30. Where no gateway knows what older books lack, a person accepts them.
func TestReconcile_OlderBooksWithoutAGatewayWaitForAPerson(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(2, 24*time.Hour)
	w.Deposit(10 * testkit.UnitPrice)
	path := filepath.Join(t.TempDir(), "backup.db")
	w.Must(w.Store.Backup(t.Context(), path))
	for range 2 {
		w.Deposit(testkit.UnitPrice)
	}
	marks, err := os.ReadFile(w.Location + ".mark")
	w.Must(err)
	w.Must(os.WriteFile(path+".mark", marks, 0o600))
	r := restore(w, path)
	task := confirmOnly(r, r.Prepare(testkit.Everything).ID)
	r.Rest()
	wait, err := r.App.ChargingWait(t.Context(), r.Account.ID)
	if got := r.Task(task.ID); err != nil || wait != app.WaitAccept || got.State != renewal.Running || got.Renewed != 0 {
		t.Errorf("%q, %v: %+v", wait, err, got)
	}
	age, err := r.App.AcceptBooks(t.Context())
	if r.Must(err); len(age.Setbacks) != 1 || age.Setbacks[0].Records != 3 || age.Setbacks[0].Held != 1 {
		t.Errorf("%+v", age)
	}
	if got := finish(r, task.ID); got.Renewed != 2 {
		t.Errorf("%+v", got)
	}
}

// Promise 30. A decline that the backup does not know has used up its key; the next
// attempt asks the card again, under another.
func TestReconcile_ADeclineThatTheBackupDoesNotKnowIsNoAttempt(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(3, 24*time.Hour)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	restored := backup()
	b.Queue(sandbox.CallCapture, sandbox.Decline("do_not_honor"))
	w.Rest()
	r := restored()
	r.Deposit(testkit.UnitPrice) // the same key would stand for other units
	r.Rest()
	if got := r.Task(task.ID); got.State != renewal.Completed || got.Renewed != 3 {
		t.Errorf("%+v", got)
	}
	wantPaidOnce(t, b)
}

// Promise 30. A later attempt that was entered has used up its key too, although the
// decline before it is known by its key alone.
func TestReconcile_AnEnteredAttemptHasUsedItsKey(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(2, 24*time.Hour)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	restored := backup()
	b.Queue(sandbox.CallCapture, sandbox.Decline("do_not_honor"))
	w.Rest()
	tamper(w, "ecs-00001", func(i *renewal.Instance) { i.Hold = renewal.Locked })
	finish(w, task.ID) // the second attempt pays for the other unit alone
	r := restored()
	if got := finish(r, task.ID); got.Renewed != 2 || len(b.Captures()) != 2 {
		t.Errorf("%+v, captured %d times", got, len(b.Captures()))
	}
	r.CheckInvariants()
	wantPaidOnce(t, b)
}

// Promise 9. A key that the gateway knows with something else is given up, and nothing
// is charged before both histories were compared.
func TestReconcile_ARefusedKeyHasEverythingCompared(t *testing.T) {
	w, b, _ := byBackup(t)
	w.AddMany(2, 24*time.Hour)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	_, err := b.Prepare(t.Context(), fmt.Sprintf("renewal-%s-1-1", task.ID), gateway.Charge{Card: sandbox.Visa, Amount: usd(1), Description: "of another day"})
	w.Must(err)
	b.SetMood(sandbox.ErrorBefore, sandbox.CallList)
	w.Rest()
	got := w.Task(task.ID)
	wait, err := w.App.ChargingWait(t.Context(), w.Account.ID)
	if w.Must(err); !got.Unrecorded() || wait != app.WaitReconcile {
		t.Fatalf("%+v waits for %q", got, wait)
	}
	wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "being compared")
	b.SetMood(sandbox.Approve, sandbox.CallList)
	if got := finish(w, task.ID); got.Renewed != 2 || len(b.Captures()) != 1 {
		t.Errorf("%+v, captured %d times", got, len(b.Captures()))
	}
}
