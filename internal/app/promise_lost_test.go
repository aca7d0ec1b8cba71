package app_test

import (
	"net/http"
	"strings"
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

// mixed leaves a running task of three units at $10.00 whose payment is recorded and
// has not been asked for: the first takes $3.00 from a coupon, $2.00 from the balance
// and $5.00 from the card, the others are the card's alone.
func mixed(w *testkit.World) (renewal.Task, billing.Payment) {
	w.Helper()
	w.Prices(100)
	w.AddMany(3, 24*time.Hour)
	w.Deposit(200)
	w.Coupon("c", 300)
	byCard(w)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	step(w, w.App)
	var p billing.Payment
	w.Read(func(tx *store.Tx) (err error) { p, err = tx.OpenPaymentOf(w.Account.ID, task.ID); return err })
	if p.State != billing.PaymentCreated || p.Amount != usd(3000) || p.Charged != usd(2500) || w.Balance() != 0 || left(w, "c") != 0 {
		w.Fatalf("%+v, balance %d, coupon %d", p, w.Balance(), left(w, "c"))
	}
	return w.Task(task.ID), p
}

// left is what a coupon still has, in cents.
func left(w *testkit.World, couponID string) int64 {
	w.Helper()
	return number(w, "SELECT remaining FROM coupon WHERE account_id = $1 AND id = $2", w.Account.ID, couponID)
}

// loseAtCapture makes units other ones than were quoted, past what keeps them from
// that, when the gateway is asked to capture.
func loseAtCapture(w *testkit.World, b *bank, ids ...string) {
	hook := func(r *http.Request) {
		if callOf(r) == sandbox.CallCapture {
			b.ask.Store(nil)
			for _, id := range ids {
				tamper(w, id, func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
			}
		}
	}
	b.ask.Store(&hook)
}

// What was captured for a unit that can no longer be renewed goes back to where it
// came from, once, whatever becomes of the gateway's answer.
func TestPromise08AUnitLostWhileTheCardPaysIsGivenBack(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		for _, mood := range []sandbox.Mood{sandbox.Approve, sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetBefore, sandbox.ResetAfter,
			sandbox.Busy, sandbox.Garbage, sandbox.WrongAmount} {
			t.Run(string(mood), func(t *testing.T) {
				w := tenant(t, w, string(mood))
				captured := len(b.Captures())
				task, p := mixed(w)
				loseAtCapture(w, b, "ecs-00000")
				b.SetMood(mood, sandbox.CallRefund)
				heal(w, w.App)
				w.CheckAccount()
				heal(w, w.App) // asks for the refund
				w.CheckAccount()
				want := billing.RefundCreated
				if mood == sandbox.Approve {
					want = billing.RefundDone
				}
				if f := refundOf(w, p.ID); f.State != want || f.Amount != usd(1000) || f.Charged != usd(500) {
					t.Fatalf("%+v", f)
				}
				if w.Balance() != 200 || left(w, "c") != 300 {
					t.Errorf("balance %d, coupon %d", w.Balance(), left(w, "c"))
				}
				b.SetMood(sandbox.Approve, sandbox.CallRefund)
				heal(w, w.App)
				heal(w, w.App)
				w.Rest()
				task = w.Task(task.ID)
				if task.State != renewal.Completed || task.Renewed != 2 || task.NotRenewed != 1 || task.SpentMinor != 2000 {
					t.Errorf("%+v", task)
				}
				same(t, "units", items(w, task.ID), []string{"ecs-00000 failed changed_since_review", "ecs-00001 renewed ", "ecs-00002 renewed "})
				if f := refundOf(w, p.ID); f.State != billing.RefundDone {
					t.Errorf("%+v", f)
				}
				if at, err := b.Get(t.Context(), payment(w, p.ID).GatewayID); err != nil || at.RefundedAmount != usd(500) || len(b.Captures()) != captured+1 {
					t.Errorf("the gateway gave %s back, %v", at.RefundedAmount, err)
				}
				if r := reviewed(w, task.ID, renewal.Look{}); !r.Receipt.AddsUp() {
					t.Errorf("the receipt does not add up: %+v", r.Receipt)
				}
				same(t, "books", lines(w, "SELECT book || ' ' || SUM(amount) FROM ledger_entry WHERE account_id = $1 GROUP BY book HAVING SUM(amount) <> 0 ORDER BY book",
					w.Account.ID), []string{"bank -200", "cash 200", "coupon:c 300", "gateway -2000", "grants -300", "renewals 2000"})
			})
		}
	})
}

// Nothing is left of a payment whose units were all lost.
func TestPromise08AllUnitsLostWhileTheCardPays(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		task, p := mixed(w)
		loseAtCapture(w, b, "ecs-00000", "ecs-00001", "ecs-00002")
		heal(w, w.App)
		w.CheckInvariants()
		heal(w, w.App)
		w.Rest()
		task = w.Task(task.ID)
		if task.State != renewal.Completed || task.Renewed != 0 || task.NotRenewed != 3 || task.SpentMinor != 0 || w.Balance() != 200 || left(w, "c") != 300 {
			t.Errorf("%+v, balance %d, coupon %d", task, w.Balance(), left(w, "c"))
		}
		if at, err := b.Get(t.Context(), payment(w, p.ID).GatewayID); err != nil || at.RefundedAmount != usd(2500) || len(b.Refunds()) != 3 {
			t.Errorf("the gateway gave %s back in %d refunds, %v", at.RefundedAmount, len(b.Refunds()), err)
		}
	})
}

// Somebody has given the whole payment back at the gateway: what it refuses stays
// held, and is told to whoever reads the log.
func TestPromise08ARefusedRefundOfALostUnitStaysHeld(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		_, p := mixed(w)
		loseAtCapture(w, b, "ecs-00000")
		heal(w, w.App)
		_, err := b.Refund(t.Context(), payment(w, p.ID).GatewayID, "by-hand", usd(2500))
		w.Must(err)
		heal(w, w.App)
		if f := refundOf(w, p.ID); f.State != billing.RefundRefused || w.Balance() != 200 || left(w, "c") != 300 {
			t.Errorf("%+v, balance %d, coupon %d", f, w.Balance(), left(w, "c"))
		}
		if held := number(w, "SELECT SUM(amount) FROM ledger_entry WHERE book = 'holding'"); held != 500 {
			t.Errorf("%d cents are held", held)
		}
		heal(w, w.App) // it is not asked for again
		if n := len(b.Refunds()); n != 1 {
			t.Errorf("%d refunds", n)
		}

		held, err := w.App.HeldRefunds(t.Context())
		w.Must(err)
		if len(held) != 1 || held[0].PaymentID != p.ID || held[0].Charged != usd(500) || !strings.Contains(held[0].Reason, "The gateway refused") {
			t.Fatalf("%+v", held)
		}
		in := app.ByHandInput{PaymentID: p.ID, OrderID: held[0].OrderID, Reference: "re_1"}
		byHand := func(of *testkit.World, in app.ByHandInput) error {
			_, err := w.App.RefundByHand(w.Context(), operator(of), in)
			return err
		}
		wantKind(t, byHand(tenant(t, w, "other"), in), fault.NotFound, "in this account")
		wantKind(t, byHand(w, app.ByHandInput{PaymentID: p.ID, Reference: "re_1"}), fault.NotFound, "perennial doctor")
		wantKind(t, byHand(w, app.ByHandInput{PaymentID: p.ID, OrderID: in.OrderID, Reference: " "}), fault.Invalid, "reference")
		answers := heard(together(4, func(int) error { return byHand(w, in) }))
		if answers["done"] != 1 {
			t.Errorf("%v", answers)
		}
		wantKind(t, byHand(w, in), fault.Conflict, "given back already")
		if held, err = w.App.HeldRefunds(t.Context()); err != nil || len(held) != 0 {
			t.Errorf("%+v, %v", held, err)
		}
		// The card's $25.00 less the $5.00 that went back on the gateway's pages.
		same(t, "books", lines(w, "SELECT book || ' ' || SUM(amount) FROM ledger_entry WHERE account_id = $1 AND book IN ('gateway', 'holding', 'bank') GROUP BY book HAVING SUM(amount) <> 0 ORDER BY book",
			w.Account.ID), []string{"bank -200", "gateway -2000"})
	})
}

// Where the gateway's own pages refuse, too, the bank gives the money back.
func TestARefusedRefundGoesBackByBankTransfer(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		_, p := mixed(w)
		loseAtCapture(w, b, "ecs-00000")
		heal(w, w.App)
		_, err := b.Refund(t.Context(), payment(w, p.ID).GatewayID, "by-hand", usd(2500))
		w.Must(err)
		heal(w, w.App)
		f, err := w.App.RefundByHand(w.Context(), operator(w), app.ByHandInput{PaymentID: p.ID, OrderID: refundOf(w, p.ID).OrderID, Reference: "SWIFT 1", Transfer: true})
		if w.Must(err); f.State != billing.RefundDone || f != refundOf(w, p.ID) {
			t.Errorf("%+v", f)
		}
		same(t, "books", lines(w, "SELECT book || ' ' || SUM(amount) FROM ledger_entry WHERE account_id = $1 AND book IN ('gateway', 'holding', 'bank') GROUP BY book HAVING SUM(amount) <> 0 ORDER BY book",
			w.Account.ID), []string{"bank 300", "gateway -2500"})
	})
}

// A gateway that is silent for so long that a unit is released meanwhile captures
// nothing for it.
func TestPromise08NothingIsCapturedForAReleasedUnit(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		kept := time.Duration(app.GraceDays+app.RetentionDays) * renewal.Day
		w.Add(testkit.Unit("last", time.Hour-kept), testkit.Unit("next", 2*time.Hour))
		byCard(w)
		b.SetMood(sandbox.ErrorAfter, sandbox.CallPrepare)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		if task.State != renewal.Suspended || task.Pause != renewal.PauseUnknown {
			t.Fatalf("%+v", task)
		}
		w.Clock.Advance(2 * time.Hour) // the instance is released now
		b.SetMood(sandbox.Approve, sandbox.CallPrepare)
		heal(w, w.App)
		if len(b.Captures()) != 0 {
			t.Errorf("captured %v", b.Captures())
		}
		task = w.Continue(task.ID)
		if task.State != renewal.Completed || task.Renewed != 1 || task.NotRenewed != 1 {
			t.Errorf("%+v", task)
		}
		same(t, "units", items(w, task.ID), []string{"last failed released", "next renewed "})
		if captures := b.Captures(); len(captures) != 1 || captures[0].Amount != usd(1000) {
			t.Errorf("captured %v", captures)
		}
	})
}

// Where an account keeps what has expired for longer than a term, the term that would
// be paid for may be over before the gateway answers.
func TestPromise08NothingIsCapturedForATermThatIsOver(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w = tenant(t, w, "keeps", func(in *app.AccountInput) { in.RetentionDays = 90 })
		w.Prices(100)
		w.Add(testkit.Unit("last", time.Hour-31*renewal.Day), testkit.Unit("next", 2*time.Hour))
		byCard(w)
		b.SetMood(sandbox.ErrorAfter, sandbox.CallPrepare)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		if task.Pause != renewal.PauseUnknown || task.Left() != 2 {
			t.Fatalf("%+v", task)
		}
		w.Clock.Advance(2 * time.Hour)
		b.SetMood(sandbox.Approve, sandbox.CallPrepare)
		heal(w, w.App)
		task = w.Continue(task.ID)
		same(t, "units", items(w, task.ID), []string{"last failed still_expired", "next renewed "})
		if captures := b.Captures(); task.State != renewal.Completed || len(captures) != 1 || captures[0].Amount != usd(1000) || len(b.Refunds()) != 0 {
			t.Errorf("%+v, captured %v", task, captures)
		}
	})
}

// Where the money was taken before the unit was released, and the answer came
// after, it goes back.
func TestPromise08WhatWasCapturedForAReleasedUnitGoesBack(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		kept := time.Duration(app.GraceDays+app.RetentionDays) * renewal.Day
		w.Add(testkit.Unit("last", time.Hour-kept), testkit.Unit("next", 2*time.Hour))
		byCard(w)
		b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		w.Clock.Advance(2 * time.Hour)
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		heal(w, w.App)
		heal(w, w.App)
		task = w.Continue(task.ID)
		same(t, "units", items(w, task.ID), []string{"last failed released", "next renewed "})
		if task.State != renewal.Completed || len(b.Captures()) != 1 || len(b.Refunds()) != 1 || b.Refunds()[0].Amount != usd(1000) {
			t.Errorf("%+v, captured %v, given back %v", task, b.Captures(), b.Refunds())
		}
	})
}

// A unit that was lost before the card was asked costs nothing, and keeps no other
// from being paid.
func TestPromise08AUnitLostBeforeTheCaptureIsPassedOver(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		task, p := mixed(w)
		tamper(w, "ecs-00000", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
		heal(w, w.App)
		if got := payment(w, p.ID); got.State != billing.PaymentDeclined || got.Reason != billing.ReasonLapsed || w.Balance() != 200 || left(w, "c") != 300 {
			t.Errorf("%+v, balance %d, coupon %d", got, w.Balance(), left(w, "c"))
		}
		w.CheckInvariants()
		w.Rest()
		task = w.Task(task.ID)
		same(t, "units", items(w, task.ID), []string{"ecs-00000 failed changed_since_review", "ecs-00001 renewed ", "ecs-00002 renewed "})
		if captures := b.Captures(); task.State != renewal.Completed || len(captures) != 1 || captures[0].Amount != usd(1500) || len(b.Refunds()) != 0 {
			t.Errorf("%+v, captured %v", task, captures)
		}
	})
}
