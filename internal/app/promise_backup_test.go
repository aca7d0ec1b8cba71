package app_test

import (
	"path/filepath"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A backup taken in the middle of a run is restored as another server's database
// and goes on there; the original goes on for itself.
func TestPromise18ARestoredBackupGoesOn(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	task := half(w)
	path := filepath.Join(t.TempDir(), "restored.db")
	w.Must(w.Store.Backup(t.Context(), path))
	for step(w, w.App) {
	}

	restored := restore(w, path)
	if got := restored.Task(task.ID); got.Renewed != 100 || restored.Balance() != 150*testkit.UnitPrice {
		t.Fatalf("restored with %d renewed and %d cents", got.Renewed, restored.Balance())
	}
	for step(restored, restored.App) {
	}
	restored.CheckInvariants()
	for _, one := range []*testkit.World{w, restored} {
		if got := one.Task(task.ID); got.State != renewal.Completed || got.Renewed != 250 || one.Balance() != 0 {
			t.Errorf("%s with %d renewed and %d cents left", got.State, got.Renewed, one.Balance())
		}
	}
	same(t, "the restored database's units", items(restored, task.ID), items(w, task.ID))
}

// restore opens a backup of a World as the database of another machine.
func restore(w *testkit.World, path string) *testkit.World {
	w.Helper()
	db, err := store.Open(w.Context(), path, store.Exclusive())
	w.Must(err)
	w.Cleanup(func() { w.CloseStore(db) })
	w.Must(db.CheckSchema(w.Context()))
	return w.On(db)
}

// byBackup gives a World whose card pays for renewals, the bank behind it, and what
// takes a backup of it.
func byBackup(t *testing.T) (w *testkit.World, b *bank, backup func() (restored func() *testkit.World)) {
	t.Helper()
	b = newBank(t)
	w = testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(b.Gateway))
	w.Prices(100)
	byCard(w)
	return w, b, func() func() *testkit.World {
		path := filepath.Join(t.TempDir(), "backup.db")
		w.Must(w.Store.Backup(t.Context(), path))
		return func() *testkit.World { return restore(w, path) }
	}
}

// Promise 30. What a card paid after the backup was taken is not in it, nor that the
// card was declined before. Both are entered before the task is worked on.
func TestPromise09ARestoredBackupChargesNoCardAgain(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(250, 24*time.Hour)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	restored := backup()
	b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
	w.Rest()
	b.SetMood(sandbox.Approve, sandbox.CallCapture)
	w.Continue(task.ID)
	captured := len(b.Captures())
	if got := w.Task(task.ID); got.Renewed != 250 || captured != 3 {
		t.Fatalf("%d renewed in %d captures", got.Renewed, captured)
	}

	r := restored()
	if got := r.Task(task.ID); got.Renewed != 0 {
		t.Fatalf("the backup knows of %d", got.Renewed)
	}
	r.Rest()
	if got := r.Task(task.ID); got.State != renewal.Completed || got.Renewed != 250 || got.SpentMinor != w.Task(task.ID).SpentMinor {
		t.Errorf("%+v", got)
	}
	r.CheckInvariants()
	if n := len(b.Captures()); n != captured {
		t.Errorf("the gateway captured %d times more", n-captured)
	}
}

func TestPromise09ARestoredBackupPaysNoOrderAgain(t *testing.T) {
	w, b, backup := byBackup(t)
	ids := unpaid(w, 2)
	restored := backup()
	b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
	_, err := pay(w, ids[0])
	w.Must(err)
	b.SetMood(sandbox.Approve, sandbox.CallCapture)
	paid, err := pay(w, ids[0])
	w.Must(err)

	r := restored()
	_, err = pay(r, ids[0])
	wantKind(t, err, fault.Conflict, "has been paid")
	if got := payment(r, paid.ID); got.State != billing.PaymentCaptured || got.GatewayID != paid.GatewayID {
		t.Errorf("%+v", got)
	}
	same(t, "orders", orders(r), orders(w))
	r.CheckInvariants()
	if n := len(b.Captures()); n != 1 {
		t.Errorf("captured %d times", n)
	}
	// Another order is another payment, also one that has the number of an order
	// that was placed after the backup.
	w.Clock.Advance(time.Second)
	w.Add(testkit.Unit("late", 9*renewal.Day))
	lost := place(w, "late")
	_, err = pay(w, lost)
	w.Must(err)
	w.Clock.Advance(time.Second)
	r.Add(testkit.Unit("other", 9*renewal.Day))
	if again := place(r, "other"); again != lost {
		t.Fatalf("%s and %s", lost, again)
	}
	p, err := pay(r, lost)
	if r.Must(err); p.State != billing.PaymentCaptured || len(b.Captures()) != 3 {
		t.Errorf("%+v, captured %d times", p, len(b.Captures()))
	}
}

// What went back at the gateway before it was entered here was never paid.
func TestPromise09WhatTheGatewayGaveBackIsNotEntered(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		b.SetMood(sandbox.TimeoutAfter, sandbox.CallCapture)
		p, err := topUp(w, "one")
		if w.Must(err); p.State != billing.PaymentUnknown {
			t.Fatalf("%+v", p)
		}
		back := func(key string, minor int64) {
			_, err := b.Refund(t.Context(), p.GatewayID, key, money.Of(minor, p.Charged.Currency))
			w.Must(err)
			heal(w, w.App)
		}
		back("by hand", 1_000)
		if got := payment(w, p.ID); got.State != billing.PaymentUnknown || w.Balance() != 0 {
			t.Errorf("a part went back: %+v, balance %d", got, w.Balance())
		}
		back("the rest", p.Charged.Minor-1_000)
		if got := payment(w, p.ID); got.State != billing.PaymentDeclined || got.Reason != billing.ReasonReturned || w.Balance() != 0 {
			t.Errorf("all went back: %+v, balance %d", got, w.Balance())
		}
	})
}

// A refund that the backup does not know is not given twice.
func TestPromise09ARestoredBackupGivesNothingBackTwice(t *testing.T) {
	w, b, backup := byBackup(t)
	p, err := topUp(w, "one")
	w.Must(err)
	restored := backup()
	for _, one := range []*testkit.World{w, restored()} {
		f, err := one.App.RefundTopUp(one.Context(), operator(one), p.ID)
		if one.Must(err); f.State != billing.RefundDone || len(b.Refunds()) != 1 {
			t.Errorf("%+v, %d refunds", f, len(b.Refunds()))
		}
	}
}
