package app_test

import (
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

// byCard lets the account's card pay where the wallet does not reach.
func byCard(w *testkit.World) {
	w.Helper()
	w.Must(w.App.PreferCard(w.Context(), w.Owner, testkit.VisaCard.ID, w.App.NewKey()))
}

// paidBy writes how the units of a task were paid, in their order.
func paidBy(w *testkit.World, taskID string) []string {
	w.Helper()
	return lines(w, `SELECT o.item || ' ' || g.kind || ' ' || g.source || ' ' || g.amount FROM purchase_order o
		JOIN leg g ON g.account_id = o.account_id AND g.order_id = o.id AND g.payment_id = o.payment_id
		WHERE o.task_id = $1 AND o.status = 5 ORDER BY o.item, g.kind`, taskID)
}

func TestPromise14EverySourceInOneTask(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(4, 24*time.Hour) // 10.00 each
		w.Deposit(1200)
		byCard(w)
		w.Write(func(tx *store.Tx) error {
			_, err := tx.SetCreditLimit(w.Account.ID, usd(500))
			return err
		})
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		if task.State != renewal.Completed || task.Renewed != 4 || task.SpentMinor != 4000 || w.Balance() != 0 {
			t.Fatalf("%+v", task)
		}
		captures := b.Captures()
		if len(captures) != 1 || captures[0].Amount != usd(2300) {
			t.Errorf("the card was charged %+v", captures)
		}
		same(t, "legs", paidBy(w, task.ID), []string{"1 balance  1000", "2 balance  200", "2 card card-visa 300", "2 credit  500",
			"3 card card-visa 1000", "4 card card-visa 1000"})
		r, err := w.App.Review(t.Context(), w.Account.ID, task.ID, renewal.Look{})
		w.Must(err)
		if !r.Receipt.AddsUp() {
			t.Errorf("the receipt does not add up: %+v", r.Receipt)
		}
	})
}

func TestPromise10ADeclinedCardStopsThere(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		w.Deposit(1500)
		byCard(w)
		b.SetMood(sandbox.Decline("insufficient_funds"), sandbox.CallCapture)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		if task.State != renewal.Suspended || task.Pause != renewal.PauseDeclined || task.Why != "insufficient_funds" || task.Renewed != 1 || w.Balance() != 500 {
			t.Fatalf("%+v, balance %d", task, w.Balance())
		}
		w.CheckInvariants()
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		if task = w.Continue(task.ID); task.State != renewal.Completed || task.Renewed != 3 || w.Balance() != 0 {
			t.Fatalf("%+v, balance %d", task, w.Balance())
		}
		if captures := b.Captures(); len(captures) != 1 || captures[0].Amount != usd(1500) {
			t.Errorf("the card was charged %+v", captures)
		}
		same(t, "orders", lines(w, "SELECT id || ' ' || status || ' ' || why FROM purchase_order WHERE task_id = $1 ORDER BY id", task.ID), []string{
			"RN-0001-00001 5 ", "RN-0001-00002 4 declined", "RN-0001-00002-2 5 ", "RN-0001-00003 4 declined", "RN-0001-00003-2 5 "})
	})
}

func TestPromise09ATaskWaitsForTheCardsOutcome(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetBefore, sandbox.ResetAfter, sandbox.Garbage, sandbox.WrongID, sandbox.WrongAmount} {
			for _, call := range []sandbox.Call{sandbox.CallPrepare, sandbox.CallCapture} {
				t.Run(string(call)+"/"+string(mood), func(t *testing.T) {
					w := tenant(t, w, string(call)+"-"+string(mood))
					captured := len(b.Captures())
					w.Prices(100)
					w.AddMany(2, 240*time.Hour) // the clock moves on from case to case
					w.Deposit(500)
					byCard(w)
					b.SetMood(mood, call)
					task := w.Confirm(w.Prepare(testkit.Everything).ID)
					if task.State != renewal.Suspended || task.Pause != renewal.PauseUnknown || task.Renewed != 0 || w.Balance() != 0 {
						t.Fatalf("%+v, balance %d", task, w.Balance())
					}
					w.CheckAccount()
					b.SetMood(mood, sandbox.CallGet) // asking does not help either
					if call == sandbox.CallCapture {
						wantKind(t, w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)), fault.Conflict, "not known")
						wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "not known")
					}
					b.SetMood(sandbox.Approve, sandbox.CallPrepare, sandbox.CallCapture, sandbox.CallGet)
					heal(w, w.App)
					task = w.Task(task.ID)
					if task.Pause != renewal.PauseSettled || task.Renewed != 2 || len(b.Captures()) != captured+1 {
						t.Fatalf("after the answer: %+v, captures %v", task, b.Captures())
					}
					w.CheckAccount()
					if task = w.Continue(task.ID); task.State != renewal.Completed {
						t.Errorf("%+v", task)
					}
				})
			}
		}
	})
}

// Promise 31. A payment that was never sent is ended by whoever ends or continues its
// task: no money can have moved, and none moves for it later.
func TestATaskWhosePaymentWasNeverSentIsNotHeldByTheGateway(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		for _, way := range []string{"end", "transfer"} {
			t.Run(way, func(t *testing.T) {
				w := tenant(t, w, way)
				w.Prices(100)
				w.AddMany(2, 240*time.Hour)
				w.Deposit(500)
				byCard(w)
				b.SetMood(sandbox.ErrorBefore, sandbox.CallPrepare, sandbox.CallGet)
				task := w.Confirm(w.Prepare(testkit.Everything).ID)
				if task.Pause != renewal.PauseUnknown || w.Balance() != 0 {
					t.Fatalf("%+v, balance %d", task, w.Balance())
				}
				want := renewal.CancelledT
				if way == "end" {
					w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
				} else {
					want = renewal.Completed
					w.Deposit(1500)
					w.Must(w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)))
				}
				w.Rest()
				b.SetMood(sandbox.Approve, sandbox.CallPrepare, sandbox.CallGet)
				heal(w, w.App)
				left := map[renewal.State]int64{renewal.CancelledT: 500, renewal.Completed: 0}[want]
				if got := w.Task(task.ID); got.State != want || w.Balance() != left || len(b.Captures()) != 0 {
					t.Errorf("%+v, balance %d, captured %v", got, w.Balance(), b.Captures())
				}
				w.CheckAccount()
			})
		}
	})
}

// Promise 31. What the gateway has forgotten is settled by a person who looked.
func TestSettleByHand_EndsWhatTheGatewayForgot(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		for _, captured := range []bool{true, false} {
			t.Run(fmt.Sprint("captured ", captured), func(t *testing.T) {
				w := tenant(t, w, fmt.Sprint("captured-", captured))
				b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
				p, err := topUp(w, w.App.NewKey())
				w.Must(err)
				b.SetMood(sandbox.Approve, sandbox.CallCapture)
				if p.State != billing.PaymentUnknown {
					t.Fatalf("%+v", p)
				}
				in := app.SettleInput{PaymentID: p.ID, Captured: captured, Reference: "statement 12"}
				wantKind(t, w.App.SettleByHand(t.Context(), operator(w), app.SettleInput{PaymentID: p.ID}), fault.Invalid)
				w.Must(w.App.SettleByHand(t.Context(), operator(w), in))
				want := map[bool]int64{true: 2500}[captured]
				if got := payment(w, p.ID); !got.State.Settled() || w.Balance() != want {
					t.Errorf("%+v, balance %d", got, w.Balance())
				}
				wantKind(t, w.App.SettleByHand(t.Context(), operator(w), in), fault.Conflict)
				if n := number(w, "SELECT COUNT(*) FROM audit WHERE account_id = $1 AND action = 'settle' AND became LIKE '%statement 12'", w.Account.ID); n != 1 {
					t.Errorf("%d audit rows", n)
				}
				w.CheckAccount()
			})
		}
	})
}

// A payment that was asked about before the clock was set back is not left alone
// until the clock has caught up.
func TestPromise16APaymentIsAskedAboutAfterTheClockSetBack(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
		p, err := topUp(w, "key")
		w.Must(err)
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		heal(w, w.App) // what was open at the start was asked about
		p2, err := topUp(w, "another")
		w.Must(err)
		if p2.State != billing.PaymentCaptured {
			t.Fatalf("%+v", p2)
		}
		b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
		p3, err := topUp(w, "a third")
		w.Must(err)
		w.Clock.Advance(-2 * time.Hour)
		heal(w, w.App)
		if got := payment(w, p.ID).State; got != billing.PaymentCaptured {
			t.Errorf("the first is %s", got)
		}
		if got := payment(w, p3.ID).State; got != billing.PaymentCaptured {
			t.Errorf("the third is %s", got)
		}
	})
}

// While the gateway decides about a payment, the worker leaves the task alone: no
// second payment, and no unit passed over because the first one means to renew it.
func TestPromise09AWorkerWaitsForTheGateway(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		byCard(w)
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		other := w.Another("worker-2")
		for range 3 {
			step(w, w.App)
			step(w, other)
			w.Clock.Advance(app.LeasePeriod)
		}
		if n := number(w, "SELECT COUNT(*) FROM payment"); n != 1 || w.Task(task.ID).State != renewal.Running {
			t.Errorf("%d payments, the task is %s", n, w.Task(task.ID).State)
		}
		same(t, "units", items(w, task.ID), []string{"ecs-00000 waiting ", "ecs-00001 waiting ", "ecs-00002 waiting "})
		// Stopped meanwhile, it ends when the outcome is known, and not before.
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
		step(w, w.App)
		if s := w.Task(task.ID).State; s != renewal.Cancelling {
			t.Errorf("the task is %s", s)
		}
		heal(w, w.App)
		w.Rest()
		if task = w.Task(task.ID); task.State != renewal.CancelledT || task.Renewed != 3 || len(b.Captures()) != 1 {
			t.Errorf("%+v, %d captures", task, len(b.Captures()))
		}
	})
}

// A card that the gateway may still charge cannot be removed: nobody is charged on a
// card that they have taken back.
func TestPromise09ACardThatIsBeingChargedIsNotRemoved(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		b.SetMood(sandbox.ErrorBefore, sandbox.CallPrepare)
		_, err := topUp(w, "key")
		w.Must(err)
		wantKind(t, w.App.RemoveCard(t.Context(), w.Owner, testkit.VisaCard.ID, w.App.NewKey()), fault.Conflict, "being charged")
		b.SetMood(sandbox.Approve, sandbox.CallPrepare)
		heal(w, w.App)
		w.Must(w.App.RemoveCard(t.Context(), w.Owner, testkit.VisaCard.ID, w.App.NewKey()))
		if len(b.Captures()) != 1 {
			t.Errorf("%d captures", len(b.Captures()))
		}
	})
}
