package app_test

import (
	"errors"
	"net/http"
	"path/filepath"
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

// A worker dies over a card payment of a task, and never comes back to it: before
// it asked for it, over the gateway's first answer, or when the money has moved.
// Another one asks for the same payment, takes the task over and goes on.
func TestPromise05TakeoverWithACardPaymentOpen(t *testing.T) {
	for _, dies := range []sandbox.Call{"", sandbox.CallPrepare, sandbox.CallCapture} {
		t.Run("at "+string(dies), func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				w.Prices(100)
				w.AddMany(billing.UnitsACharge+1, 24*time.Hour) // two payments
				byCard(w)
				task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
				doomed, f := beside(w, "doomed")
				_, err := doomed.Reconcile(t.Context())
				w.Must(err)
				w.Clock.Advance(app.LeasePeriod)
				for range 2 { // sees a beat; takes the task over
					step(w, doomed)
					w.Clock.Advance(app.LeasePeriod)
				}
				hook := func(r *http.Request) {
					if callOf(r) == dies {
						f.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: errCrash} })
					}
				}
				b.ask.Store(&hook)
				if dies != "" {
					if _, err := doomed.WorkPayments(t.Context()); err == nil {
						t.Fatal("the worker survived")
					}
				}
				b.ask.Store(nil)
				if got := w.Task(task.ID); got.State != renewal.Running || got.Renewed != 0 || number(w, "SELECT COUNT(*) FROM payment") != 1 {
					t.Fatalf("before the takeover: %+v", got)
				}
				heir := w.Another("heir")
				step(w, heir) // leaves the task alone while its payment is open
				_, err = heir.WorkPayments(t.Context())
				w.Must(err)
				w.CheckInvariants()
				if got := w.Task(task.ID); got.Renewed != billing.UnitsACharge || len(b.Captures()) != 1 {
					t.Fatalf("%+v, captured %v", got, b.Captures())
				}
				for range 6 {
					step(w, heir)
					_, err := heir.WorkPayments(t.Context())
					w.Must(err)
					w.Clock.Advance(app.LeasePeriod)
				}
				f.Disarm()
				step(w, doomed) // it was only asleep
				_, err = doomed.WorkPayments(t.Context())
				w.Must(err)
				captures := b.Captures()
				if got := w.Task(task.ID); got.State != renewal.Completed || got.Renewed != billing.UnitsACharge+1 || len(captures) != 2 {
					t.Fatalf("%+v, captured %v", got, captures)
				}
				if captures[0].Amount.Minor+captures[1].Amount.Minor != (billing.UnitsACharge+1)*testkit.UnitPrice {
					t.Errorf("captured %v", captures)
				}
			})
		})
	}
}

// Two servers settle the payment of a task at the same instant, before and after the
// money has moved, and when the card is declined: it is entered once.
func TestPromise09TwoSettlersOfATasksPayment(t *testing.T) {
	for _, first := range []sandbox.Mood{sandbox.Approve, sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.Decline("do_not_honor")} {
		t.Run(string(first), func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				task, p := mixed(w)
				b.SetMood(first, sandbox.CallCapture)
				declined := strings.HasPrefix(string(first), "decline")
				if first != sandbox.Approve && !declined {
					heal(w, w.App)
					b.SetMood(sandbox.Approve, sandbox.CallCapture)
				}
				second, _ := beside(w, "worker-2")
				w.Clock.Advance(time.Minute)
				for _, err := range together(8, func(i int) error {
					_, err := []*app.App{w.App, second}[i%2].WorkPayments(w.Context())
					return err
				}) {
					if err != nil && !errors.Is(err, app.ErrOvertaken) {
						t.Error(err)
					}
				}
				heal(w, second)
				w.CheckInvariants()
				entries := lines(w, "SELECT kind FROM ledger_transaction WHERE payment_id = $1 ORDER BY kind", p.ID)
				pauses := number(w, "SELECT COUNT(*) FROM audit WHERE subject = 'task "+task.ID+"' AND became = 'suspended'")
				got := w.Task(task.ID)
				if declined {
					same(t, "entries", entries, []string{"hold", "release"})
					if got.Pause != renewal.PauseDeclined || got.Renewed != 0 || w.Balance() != 200 || left(w, "c") != 300 || len(b.Captures()) != 0 || pauses != 1 {
						t.Errorf("%+v, balance %d, captured %v, %d pauses", got, w.Balance(), b.Captures(), pauses)
					}
					return
				}
				same(t, "entries", entries, []string{"hold", "renewal"})
				if got.Renewed != 3 || w.Balance() != 0 || left(w, "c") != 0 || len(b.Captures()) != 1 || pauses > 1 {
					t.Errorf("%+v, balance %d, captured %v, %d pauses", got, w.Balance(), b.Captures(), pauses)
				}
			})
		})
	}
}

// A person ends a task whose card was declined: what was held is there again, and
// nothing keeps the units from another task.
func TestPromise07EndingADeclinedTask(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		task, _ := mixed(w)
		b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
		heal(w, w.App)
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		heal(w, w.App)
		w.Rest()
		if got := w.Task(task.ID); got.State != renewal.CancelledT || got.Renewed != 0 || w.Balance() != 200 || left(w, "c") != 300 || len(b.Captures()) != 0 {
			t.Errorf("%+v, balance %d, captured %v", got, w.Balance(), b.Captures())
		}
		if again := w.Confirm(w.Prepare(testkit.Everything).ID); again.State != renewal.Completed || again.Renewed != 3 || len(b.Captures()) != 1 {
			t.Errorf("%+v, captured %v", again, b.Captures())
		}
	})
}

// A running task is stopped while its payment is open: whatever the gateway answers
// at last, it ends with that, is not suspended, and no other payment begins.
func TestPromise07StoppedWhileThePaymentIsOpen(t *testing.T) {
	for mood, renewed := range map[sandbox.Mood]int{sandbox.Approve: billing.UnitsACharge, sandbox.ErrorBefore: billing.UnitsACharge,
		sandbox.ErrorAfter: billing.UnitsACharge, sandbox.Decline("do_not_honor"): 0} {
		t.Run(string(mood), func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				w.Prices(100)
				w.AddMany(billing.UnitsACharge+1, 24*time.Hour)
				byCard(w)
				task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
				step(w, w.App)
				w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
				b.SetMood(mood, sandbox.CallCapture)
				heal(w, w.App)
				w.Rest()
				if !strings.HasPrefix(string(mood), "decline") {
					b.SetMood(sandbox.Approve, sandbox.CallCapture)
				}
				heal(w, w.App)
				w.Rest()
				got := w.Task(task.ID)
				if got.State != renewal.CancelledT || got.Renewed != renewed || len(b.Captures()) != renewed/billing.UnitsACharge {
					t.Errorf("%+v, captured %v", got, b.Captures())
				}
				if n := number(w, "SELECT COUNT(*) FROM payment"); n != 1 {
					t.Errorf("%d payments", n)
				}
			})
		})
	}
}

// Continue asks the gateway first. What it hears changes the task, so the page that
// was sent is an old one; the next one goes on, and nothing is charged twice.
func TestPromise10ContinuingAnUnknownTask(t *testing.T) {
	for _, answer := range []sandbox.Mood{sandbox.Approve, sandbox.Decline("do_not_honor")} {
		t.Run(string(answer), func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				task, _ := mixed(w)
				b.SetMood(sandbox.ErrorBefore, sandbox.CallCapture)
				heal(w, w.App)
				if got := w.Task(task.ID); got.Pause != renewal.PauseUnknown {
					t.Fatalf("%+v", got)
				}
				wantKind(t, w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)), fault.Conflict, "not known")
				wantKind(t, w.App.Confirm(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "not known")
				// A gateway that goes on saying nothing suspends nobody anew.
				waits := w.Task(task.ID)
				b.SetMood(sandbox.ErrorBefore, sandbox.CallGet)
				heal(w, w.App)
				if got := w.Task(task.ID); got != waits {
					t.Errorf("%+v, want %+v", got, waits)
				}
				b.SetMood(sandbox.Approve, sandbox.CallGet)
				page := seenNow(w, task.ID)
				b.SetMood(answer, sandbox.CallCapture)
				for _, err := range together(4, func(int) error {
					in := page
					in.Key = w.App.NewKey() // another tab
					return w.App.Continue(w.Context(), w.Buyer, in)
				}) {
					wantKind(t, err, fault.Conflict)
				}
				b.SetMood(sandbox.Approve, sandbox.CallCapture)
				want := map[sandbox.Mood]renewal.Pause{sandbox.Approve: renewal.PauseSettled}[answer]
				if want == "" {
					want = renewal.PauseDeclined
				}
				got := w.Task(task.ID)
				if got.State != renewal.Suspended || got.Pause != want {
					t.Fatalf("%+v", got)
				}
				if got = w.Continue(task.ID); got.State != renewal.Completed || got.Renewed != 3 || len(b.Captures()) != 1 || w.Balance() != 0 || left(w, "c") != 0 {
					t.Errorf("%+v, captured %v", got, b.Captures())
				}
			})
		})
	}
}

// A card that expires between OK and the charge is asked for nothing.
func TestPromise09ACardThatExpiresAfterConfirming(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(2, 20*24*time.Hour)
		card := testkit.VisaCard
		card.ID, card.Token, card.Month, card.Year = "card-old", sandbox.Mastercard, 11, 2026
		w.Write(func(tx *store.Tx) error { return tx.InsertCard(w.Account.ID, card) })
		w.Must(w.App.PreferCard(t.Context(), w.Owner, card.ID, w.App.NewKey()))
		w.Clock.Set(time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC))
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		w.Clock.Advance(24 * time.Hour)
		w.Rest()
		task = w.Task(task.ID)
		if task.State != renewal.Suspended || task.Pause != renewal.PauseShort || task.Shortfall != 2000 || number(w, "SELECT COUNT(*) FROM payment") != 0 || len(b.Captures()) != 0 {
			t.Fatalf("%+v, captured %v", task, b.Captures())
		}
		byCard(w) // another one
		if task = w.Continue(task.ID); task.State != renewal.Completed || len(b.Captures()) != 1 || b.Captures()[0].Card != testkit.VisaCard.Token {
			t.Errorf("%+v, captured %v", task, b.Captures())
		}
	})
}

// Prices fall after OK, and a unit costs less than a coupon's minimum spend: more
// would be due than was agreed to, so nothing is charged before somebody agrees.
func TestPromise11AFallBelowACouponsMinimum(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		w.Deposit(1000)
		byCard(w)
		w.Coupon("c", 600, func(c *billing.Coupon) { c.Minimum = usd(1000) })
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		if task.DueMinor != 1400 {
			t.Fatalf("%+v", task)
		}
		w.Prices(90)
		w.Rest()
		// The first unit is $9.00 of the $14.00 that were agreed to, the second is more.
		task = w.Task(task.ID)
		if task.State != renewal.Suspended || task.Pause != renewal.PauseConsent || task.Renewed != 1 || w.Balance() != 100 || left(w, "c") != 600 || len(b.Captures()) != 0 {
			t.Fatalf("%+v, balance %d, captured %v", task, w.Balance(), b.Captures())
		}
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "Renew Now")
		if task = w.Confirm(task.ID); task.State != renewal.Completed || task.SpentMinor != 1800 || w.Balance() != 0 || len(b.Captures()) != 1 || b.Captures()[0].Amount != usd(800) {
			t.Errorf("%+v, balance %d, captured %v", task, w.Balance(), b.Captures())
		}
	})
}

// The card is declined, prices fall, and the person continues: the order that was
// declined cost more than the one that is paid, and the books add up.
func TestPromise11AFallAfterADeclinedCard(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		byCard(w)
		b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		w.Prices(90)
		if task = w.Continue(task.ID); task.State != renewal.Completed || task.SpentMinor != 1800 || len(b.Captures()) != 1 || b.Captures()[0].Amount != usd(1800) {
			t.Errorf("%+v, captured %v", task, b.Captures())
		}
		w.CheckInvariants()
	})
}

// What a payment under way holds of the credit line may go back to it, so nobody
// repays it meanwhile: a transfer that brings more goes to the balance.
func TestPromise13HeldCreditIsNotRepaid(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(1, 24*time.Hour)
		w.Deposit(300)
		byCard(w)
		_, err := w.App.SetCreditLimit(t.Context(), operator(w), "4.00")
		w.Must(err)
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		step(w, w.App) // $3.00, $4.00 and the card's $3.00
		w.Deposit(1000)
		_, err = w.App.RepayCredit(t.Context(), w.Buyer, "4.00", w.App.NewKey())
		wantKind(t, err, fault.Invalid, "held by a card payment")
		_, err = w.App.RecordRepayment(t.Context(), operator(w), usd(400), "2026-11-20", "transfer")
		wantKind(t, err, fault.Conflict, "held by a card payment")
		_, err = w.App.SetCreditLimit(t.Context(), operator(w), "0")
		wantKind(t, err, fault.Invalid, "$4.00 is owed")
		b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
		heal(w, w.App)
		if got := w.Task(task.ID); got.Pause != renewal.PauseDeclined || w.Balance() != 1300 || number(w, "SELECT credit_used FROM wallet") != 0 {
			t.Fatalf("%+v, balance %d", got, w.Balance())
		}
		if got := w.Continue(task.ID); got.State != renewal.Completed || w.Balance() != 300 || len(b.Captures()) != 0 {
			t.Errorf("%+v, balance %d", got, w.Balance())
		}
	})
}

// A backup that was taken while a card payment is in flight is restored after the
// original has gone on: it asks for the same payment, and the gateway's log knows of
// one capture.
func TestPromise18ABackupWithACardPaymentInFlight(t *testing.T) {
	for _, at := range []string{"recorded", "asked for"} {
		t.Run(at, func(t *testing.T) {
			b := newBank(t)
			w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(b.Gateway))
			task, p := mixed(w)
			path := filepath.Join(t.TempDir(), "restored.db")
			if at == "recorded" {
				w.Must(w.Store.Backup(t.Context(), path))
			} else {
				hook := func(r *http.Request) {
					if callOf(r) == sandbox.CallCapture {
						b.ask.Store(nil)
						w.Must(w.Store.Backup(w.Context(), path)) // the money moves when it is written
					}
				}
				b.ask.Store(&hook)
			}
			heal(w, w.App)
			if n := len(b.Captures()); n != 1 {
				t.Fatalf("%d captures", n)
			}

			db, err := store.Open(t.Context(), path, store.Exclusive())
			w.Must(err)
			defer func() { w.Must(db.Close()) }()
			restored := *w
			restored.Store = db
			restored.CheckInvariants()
			if got := payment(&restored, p.ID); got.State.Settled() || restored.Balance() != 0 || restored.Task(task.ID).Renewed != 0 {
				t.Fatalf("restored: %+v", got)
			}
			d := w.App.Deps
			d.Store, d.Owner = db, "another machine"
			restored.App = app.New(d)
			restored.Reconcile()
			heal(&restored, restored.App)
			restored.CheckInvariants()
			for _, one := range []*testkit.World{w, &restored} {
				for step(one, one.App) {
				}
				if got := one.Task(task.ID); got.State == renewal.Suspended {
					w.Must(one.App.Continue(t.Context(), one.Buyer, seenNow(one, task.ID)))
					for step(one, one.App) {
					}
				}
				got := one.Task(task.ID)
				if got.State != renewal.Completed || got.Renewed != 3 || one.Balance() != 0 || left(one, "c") != 0 {
					t.Errorf("%+v, balance %d", got, one.Balance())
				}
			}
			if captures := b.Captures(); len(captures) != 1 || captures[0].Amount != usd(2500) {
				t.Errorf("captured %v", captures)
			}
			same(t, "the restored database's units", items(&restored, task.ID), items(w, task.ID))
		})
	}
}
