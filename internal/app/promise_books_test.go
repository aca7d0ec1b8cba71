package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

var errBooks = fault.New(fault.Unavailable, "The books do not add up.")

// refuse lets nothing of an account be charged.
func refuse(a *app.App, accountID string) {
	a.MayCharge = func(_ context.Context, id string) error {
		if id == accountID {
			return errBooks
		}
		return nil
	}
}

// An account whose books do not add up is not charged, and keeps no other waiting.
func TestPromise09ARefusedAccountHoldsUpNobody(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		broken := tenant(t, w, "broken")
		w.Write(func(tx *store.Tx) error {
			for n := range 10 {
				p := billing.Payment{ID: fmt.Sprint("p-", n), AccountID: broken.Account.ID, Purpose: billing.ForTopUp, State: billing.PaymentCreated,
					Amount: usd(100), Charged: usd(100), CardID: testkit.VisaCard.ID, GatewayKey: fmt.Sprint("key-", n), CreatedAt: testkit.Start}
				if err := tx.InsertPayment(p, time.Time{}); err != nil {
					return err
				}
			}
			return nil
		})
		b.SetMood(sandbox.ErrorAfter, sandbox.CallPrepare)
		p, err := topUp(w, "key")
		w.Must(err)
		b.SetMood(sandbox.Approve, sandbox.CallPrepare)
		refuse(w.App, broken.Account.ID)
		w.Clock.Advance(time.Minute)
		for range 2 {
			if _, err := w.App.WorkPayments(t.Context()); err != nil && fault.KindOf(err) != fault.Unavailable {
				t.Error(err)
			}
		}
		if got := payment(w, p.ID); got.State != billing.PaymentCaptured || w.Balance() != 2500 {
			t.Errorf("the other account's payment is %s, balance %d", got.State, w.Balance())
		}
		if n := len(b.Captures()); n != 1 || broken.Balance() != 0 {
			t.Errorf("%d captures, and the refused account has %d", n, broken.Balance())
		}
		w.App.MayCharge = nil
		heal(w, w.App)
		if broken.Balance() != 1000 {
			t.Errorf("the books add up again, and the balance is %d", broken.Balance())
		}
	})
}

// Nobody moves money of an account whose books do not add up, by whatever way.
func TestPromise09NothingIsChargedWhileTheBooksDoNotAddUp(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		b.SetMood(sandbox.TimeoutBefore, sandbox.CallCapture)
		p, err := topUp(w, "first")
		w.Must(err)
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		refuse(w.App, w.Account.ID)
		_, err = topUp(w, "second")
		wantKind(t, err, fault.Unavailable, "add up")
		if again, err := topUp(w, "first"); err == nil || again.State == billing.PaymentCaptured {
			t.Errorf("the first one went on: %+v, %v", again, err)
		}
		if n := number(w, "SELECT COUNT(*) FROM payment"); n != 1 || len(b.Captures()) != 0 || payment(w, p.ID).State.Settled() {
			t.Errorf("%d payments, captures %v", n, b.Captures())
		}

		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		w.Deposit(testkit.UnitPrice)
		byCard(w)
		task := w.Prepare(testkit.Everything)
		w.Must(w.App.Confirm(t.Context(), w.Buyer, seenNow(w, task.ID)))
		if _, err := w.App.WorkTasks(t.Context()); fault.KindOf(err) != fault.Unavailable || w.Task(task.ID).Renewed != 0 {
			t.Errorf("a task ran: %v, %+v", err, w.Task(task.ID))
		}
		w.App.MayCharge = nil
		w.Clock.Advance(time.Minute)
		step(w, w.App)
		step(w, w.App) // the second unit's card payment is recorded, not asked for
		refuse(w.App, w.Account.ID)
		if _, err := w.App.WorkPayments(t.Context()); fault.KindOf(err) != fault.Unavailable || len(b.Captures()) != 0 {
			t.Errorf("a payment was asked for: %v, %v", err, b.Captures())
		}
		w.App.MayCharge = nil
		b.SetMood(sandbox.TimeoutBefore, sandbox.CallCapture)
		w.Clock.Advance(time.Minute)
		w.Rest()
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		refuse(w.App, w.Account.ID)
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "not known")
		if len(b.Captures()) != 0 {
			t.Error("Continue captured a payment")
		}
		w.App.MayCharge = nil
		heal(w, w.App)
	})
}

// A card that has expired is asked for nothing, by a top-up or by a task.
func TestPromise09AnExpiredCardIsNotCharged(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		byCard(w)
		w.Clock.Set(time.Date(testkit.VisaCard.Year+1, 1, 1, 12, 0, 0, 0, time.UTC))
		_, err := topUp(w, "key")
		wantKind(t, err, fault.Invalid, "4242 has expired")
		_, err = w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: "25.00", CardID: testkit.VisaCard.ID, Key: "chosen"})
		wantKind(t, err, fault.Invalid, "4242 has expired")
		task := reach(w, renewal.Suspended) // a card that pays would have paid for all of it
		if n := number(w, "SELECT COUNT(*) FROM payment WHERE charged > 0"); n != 0 || task.Renewed != 1 || len(b.Captures()) != 0 {
			t.Errorf("%d payments ask the gateway, %d renewed, captures %v", n, task.Renewed, b.Captures())
		}
	})
}
