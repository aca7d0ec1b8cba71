package app_test

import (
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// refundOf reads the only refund of a payment as it is stored.
func refundOf(w *testkit.World, paymentID string) (f billing.Refunding) {
	w.Helper()
	w.Read(func(tx *store.Tx) error {
		all, err := tx.Refunds(w.Account.ID, paymentID)
		if err == nil && len(all) != 1 {
			w.Fatalf("%d refunds of %s", len(all), paymentID)
		}
		if err == nil {
			f = all[0]
		}
		return err
	})
	return f
}

func TestPromise08ATopUpGoesBackOnce(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		p, err := topUp(w, "one")
		w.Must(err)
		answers := together(8, func(int) error {
			_, err := w.App.RefundTopUp(w.Context(), operator(w), p.ID)
			return err
		})
		for _, err := range answers {
			if err != nil {
				wantKind(t, err, fault.Conflict, "Nothing was changed")
			}
		}
		if answers := heard(answers); answers["done"] != 1 {
			t.Errorf("%v", answers)
		}
		if f := refundOf(w, p.ID); f.State != billing.RefundDone || w.Balance() != 0 {
			t.Errorf("%+v, balance %d", f, w.Balance())
		}
		_, err = w.App.RefundTopUp(w.Context(), operator(w), p.ID)
		wantKind(t, err, fault.Conflict, "given back already")
		if at, err := b.Get(t.Context(), p.GatewayID); err != nil || at.RefundedAmount != usd(2500) {
			t.Errorf("the gateway gave %s back, %v", at.RefundedAmount, err)
		}
		same(t, "the ledger", lines(w, `SELECT t.kind || ' ' || e.book || ' ' || e.amount FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
			ORDER BY t.id, e.book`), []string{"top_up cash 2500", "top_up gateway -2500", "hold cash -2500", "hold holding 2500",
			"refund gateway 2500", "refund holding -2500"})
	})
}

func TestTopUpsThatDoNotGoBack(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		refused := func(id string, kind fault.Kind, says string) {
			t.Helper()
			_, err := w.App.RefundTopUp(w.Context(), operator(w), id)
			wantKind(t, err, kind, says)
		}
		refused("nothing", fault.NotFound, "no such payment")
		p, err := topUp(w, "spent")
		w.Must(err)
		_, err = w.App.RefundTopUp(w.Context(), operator(tenant(t, w, "other")), p.ID)
		wantKind(t, err, fault.NotFound, "no such payment in this account")
		w.Prices(100)
		w.AddMany(1, 24*time.Hour)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		refused(p.ID, fault.Conflict, "The balance is $15.00 and does not hold the $25.00")
		refused(lines(w, "SELECT id FROM payment WHERE task_id = $1", task.ID)[0], fault.Invalid, "Only a top-up")

		b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
		p, err = topUp(w, "declined")
		w.Must(err)
		refused(p.ID, fault.Conflict, "declined, so there is nothing")
		b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
		p, err = topUp(w, "unknown")
		w.Must(err)
		refused(p.ID, fault.Conflict, "not known yet")
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		if n := number(w, "SELECT COUNT(*) FROM refund"); n != 0 {
			t.Errorf("%d refunds were written", n)
		}
	})
}

// Whatever becomes of the answer, the money is held until the gateway has said
// what it did, and goes back once.
func TestPromise09ARefundIsAskedForUntilItIsKnown(t *testing.T) {
	for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetBefore, sandbox.ResetAfter,
		sandbox.TimeoutAfter, sandbox.Busy, sandbox.Garbage, sandbox.WrongAmount} {
		t.Run(string(mood), func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				p, err := topUp(w, "one")
				w.Must(err)
				b.SetMood(mood, sandbox.CallRefund)
				f, err := w.App.RefundTopUp(w.Context(), operator(w), p.ID)
				w.Must(err)
				if f.State != billing.RefundCreated || w.Balance() != 0 {
					t.Fatalf("%+v, balance %d", f, w.Balance())
				}
				w.CheckInvariants()
				heal(w, w.App)
				if f = refundOf(w, p.ID); f.State != billing.RefundCreated {
					t.Fatalf("%+v", f)
				}
				b.SetMood(sandbox.Approve, sandbox.CallRefund)
				heal(w, w.App)
				if f = refundOf(w, p.ID); f.State != billing.RefundDone || w.Balance() != 0 {
					t.Fatalf("%+v, balance %d", f, w.Balance())
				}
				if at, err := b.Get(t.Context(), p.GatewayID); err != nil || at.RefundedAmount != usd(2500) {
					t.Errorf("the gateway gave %s back, %v", at.RefundedAmount, err)
				}
			})
		})
	}
}

// Somebody may have given the money back on the gateway's own pages.
func TestARefundThatTheGatewayRefusesReturnsToTheBalance(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		p, err := topUp(w, "one")
		w.Must(err)
		_, err = b.Refund(t.Context(), p.GatewayID, "by-hand", usd(100))
		w.Must(err)
		f, err := w.App.RefundTopUp(w.Context(), operator(w), p.ID)
		w.Must(err)
		if f.State != billing.RefundRefused || w.Balance() != 2500 {
			t.Fatalf("%+v, balance %d", f, w.Balance())
		}
		_, err = w.App.RefundTopUp(w.Context(), operator(w), p.ID)
		wantKind(t, err, fault.Conflict, "The gateway has refused")
	})
}

// The operator's command has no gateway of its own: the server asks.
func TestTheServerAsksForTheOperatorsRefund(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		p, err := topUp(w, "one")
		w.Must(err)
		command := w.Another("command")
		command.Gateway = nil
		f, err := command.RefundTopUp(w.Context(), operator(w), p.ID)
		w.Must(err)
		if f.State != billing.RefundCreated || w.Balance() != 0 {
			t.Fatalf("%+v, balance %d", f, w.Balance())
		}
		heal(w, w.App)
		if f = refundOf(w, p.ID); f.State != billing.RefundDone {
			t.Errorf("%+v", f)
		}
	})
}

// A gateway that knows nothing of the payment is another one, and says nothing of
// what the right one did when its answer was lost.
func TestPromise09AnotherGatewaysRefusalSettlesNoRefund(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		p, err := topUp(w, "one")
		w.Must(err)
		b.SetMood(sandbox.ErrorAfter, sandbox.CallRefund)
		_, err = w.App.RefundTopUp(w.Context(), operator(w), p.ID)
		w.Must(err)
		wrong := w.Another("misconfigured")
		wrong.Gateway = newBank(t).Gateway
		heal(w, wrong)
		if f := refundOf(w, p.ID); f.State != billing.RefundCreated || w.Balance() != 0 {
			t.Fatalf("%+v, balance %d", f, w.Balance())
		}
		b.SetMood(sandbox.Approve, sandbox.CallRefund)
		heal(w, w.App)
		if f := refundOf(w, p.ID); f.State != billing.RefundDone || w.Balance() != 0 || len(b.Refunds()) != 1 {
			t.Errorf("%+v, balance %d, refunds %v", f, w.Balance(), b.Refunds())
		}
	})
}
