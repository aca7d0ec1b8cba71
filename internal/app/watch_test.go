package app_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// said counts the lines of the log that have all words.
func said(w *testkit.World, words ...string) (n int) {
	for line := range strings.Lines(w.Log.String()) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			n++
		}
	}
	return n
}

// A rule can fire on a payment that fails again and again: each attempt is a line of its
// own with the number of failures in a row, although the step succeeds in between.
func TestWorkPayments_LogsEachPaymentThatFailsUntilItIsKnown(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
		var ids []string
		for n := range 2 {
			p, err := topUp(w, fmt.Sprint("key", n))
			w.Must(err)
			ids = append(ids, p.ID)
		}
		b.SetMood(sandbox.ErrorBefore, sandbox.CallGet)
		for range 2 {
			heal(w, w.App)
			_, err := w.App.WorkPayments(t.Context()) // nothing is due
			w.Must(err)
		}
		for _, id := range ids {
			for failures := range 3 {
				if n := said(w, "level=ERROR", "payment="+id, "account=acme", fmt.Sprint("failures=", failures+1), "err="); n != 1 {
					t.Errorf("failure %d of payment %s is in %d lines", failures+1, id, n)
				}
			}
		}
		if got := w.App.Watched(); got.Failing["payment"] != 2 || got.Failures["payment"] != 6 {
			t.Errorf("%+v, want 2 failing and 6 failures", got)
		}
		// One is settled by hand, the other one when the gateway answers.
		w.Must(w.App.SettleByHand(t.Context(), app.Operator(w.Account.ID), app.SettleInput{PaymentID: ids[0], Captured: true, Reference: "seen"}))
		b.SetMood(sandbox.Approve, sandbox.CallGet)
		heal(w, w.App)
		for _, id := range ids {
			if n := said(w, "level=INFO", "is known again", "payment="+id, "account=acme", "failures=3"); n != 1 {
				t.Errorf("that payment %s is known again is in %d lines:\n%s", id, n, w.Log)
			}
		}
		if got := w.App.Watched(); len(got.Failing) != 0 || got.Failures["payment"] != 6 {
			t.Errorf("%+v, want none failing and 6 failures", got)
		}
	})
}

// A takeover is a line with the task and its former owner, and counts once.
func TestWorkTasks_SaysThatItTookATaskOver(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := half(w)
		heir := w.Another("worker-2")
		step(w, heir)
		if got := heir.Watched().Takeovers; got != 0 {
			t.Fatalf("%d takeovers of a lease that was just seen", got)
		}
		w.Clock.Advance(app.LeasePeriod)
		for step(w, heir) {
		}
		if got := heir.Watched().Takeovers; got != 1 || w.App.Watched().Takeovers != 0 {
			t.Errorf("%d takeovers, want 1", got)
		}
		if n := said(w, "takes over", "task="+task.ID, "owner=worker-1"); n != 1 {
			t.Errorf("%d lines:\n%s", n, w.Log)
		}
	})
}

// Each refusal to charge counts under its cause, for a person and for the worker.
func TestWatched_CountsRefusalsByCause(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		half(w)
		want := map[string]int64{}
		check := func(cause string) {
			t.Helper()
			want[cause]++
			if got := w.App.Watched().Refused; !maps.Equal(got, want) {
				t.Errorf("after %s: %v, want %v", cause, got, want)
			}
		}
		step(w, w.App)
		if got := w.App.Watched().Refused; len(got) != 0 {
			t.Fatalf("%v was refused, want nothing", got)
		}
		w.Write(func(tx *store.Tx) error { return tx.ReconcileDue() })
		step(w, w.App)
		check("reconcile")
		w.Write(func(tx *store.Tx) error {
			r, err := tx.Reconciliation()
			w.Must(err)
			return tx.Reconciled(r, w.Clock.Now())
		})
		d := billing.Discrepancy{GatewayID: "pay_9", Kind: billing.Missing, AccountID: w.Account.ID, State: billing.DiscrepancyOpen,
			Amount: money.Of(100, "USD"), FoundAt: w.Clock.Now()}
		w.Write(func(tx *store.Tx) error { _, err := tx.InsertDiscrepancy(d); return err })
		step(w, w.App)
		check("discrepancy")
		d.State = billing.DiscrepancyDismissed
		w.Write(func(tx *store.Tx) error { _, err := tx.MoveDiscrepancy(d, billing.DiscrepancyOpen); return err })
		w.App.MayCharge = func(context.Context, string) error {
			return &app.Unsound{Books: account.BooksBroken, Err: fault.New(fault.Unavailable, "The books do not add up.")}
		}
		step(w, w.App)
		check("books_broken")
		for _, cause := range []string{"reconcile", "discrepancy", "books_broken"} {
			if !strings.Contains(strings.Join(app.Refusals, " "), cause) {
				t.Errorf("%s is not among the causes", cause)
			}
		}
	})
}
