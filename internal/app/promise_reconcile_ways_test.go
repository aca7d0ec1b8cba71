package app_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func wantWait(t *testing.T, w *testkit.World, want app.ChargingWait) {
	t.Helper()
	got, err := w.App.ChargingWait(t.Context(), w.Account.ID)
	if w.Must(err); got != want {
		t.Errorf("charging of %s waits for %q, want %q", w.Account.ID, got, want)
	}
}

// capturedAfterBackup returns a restored backup in which the payment of a task was only
// recorded. The gateway has captured it since.
func capturedAfterBackup(t *testing.T) (*bank, *testkit.World, renewal.Task) {
	t.Helper()
	w, b, backup := byBackup(t)
	w.AddMany(2, 240*time.Hour)
	b.SetMood(sandbox.ErrorBefore, sandbox.CallPrepare)
	task := w.Confirm(w.Prepare(testkit.Everything).ID)
	if task.Pause != renewal.PauseUnknown {
		t.Fatalf("%+v", task)
	}
	restored := backup()
	b.SetMood(sandbox.Approve, sandbox.CallPrepare)
	heal(w, w.App)
	if len(b.Captures()) != 1 {
		t.Fatalf("captured %d times", len(b.Captures()))
	}
	return b, restored(), task
}

// Promise 30. A payment that is open in restored books and captured at the gateway is
// booked, also where a unit has changed since: that one is refunded.
func TestReconcile_AnOpenPaymentThatWasCapturedIsNotLapsed(t *testing.T) {
	b, r, task := capturedAfterBackup(t)
	tamper(r, "ecs-00000", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
	r.Rest()
	r.Clock.Advance(2 * time.Hour)
	finish(r, task.ID)
	r.Clock.Advance(2 * time.Hour)
	heal(r, r.App)
	r.CheckInvariants()
	if back := b.Refunds(); len(b.Captures()) != 1 || len(back) != 1 || back[0].Amount.Minor != testkit.UnitPrice {
		t.Errorf("captured %d times, given back %+v", len(b.Captures()), back)
	}
}

// Promise 30. Nobody ends a task over a payment that restored books call unsent, and the
// gateway captured.
func TestReconcile_AnOpenPaymentThatWasCapturedIsNotGivenUp(t *testing.T) {
	b, r, task := capturedAfterBackup(t)
	r.Reconcile()
	wantKind(t, r.App.Cancel(t.Context(), r.Buyer, cancelNow(r, task.ID)), fault.Conflict, "not known yet")
	r.Clock.Advance(time.Minute)
	heal(r, r.App)
	if got := finish(r, task.ID); got.Renewed != 2 || len(b.Captures()) != 1 {
		t.Errorf("%+v, captured %d times", got, len(b.Captures()))
	}
	wantPaidOnce(t, b)
}

// Promise 9. The form of a top-up that is sent again after the database lost its answer
// leads to the same charge.
func TestReconcile_ATopUpSentAgainAfterALostCommitChargesOnce(t *testing.T) {
	for name, mood := range map[string]sandbox.Mood{"captured": sandbox.ErrorAfter, "only asked for": sandbox.ErrorBefore} {
		t.Run(name, func(t *testing.T) {
			w, b, backup := byBackup(t)
			restored := backup()
			b.SetMood(mood, sandbox.CallCapture)
			if p, err := topUp(w, "the same form"); err != nil || p.State != billing.PaymentUnknown {
				t.Fatalf("%s, %v", p.State, err)
			}
			b.SetMood(sandbox.Approve, sandbox.CallCapture)
			r := restored()
			_, err := topUp(r, "the same form")
			if r.Must(err); len(b.Captures()) != 1 || r.Balance() != b.Captures()[0].Amount.Minor {
				t.Errorf("captured %d times, the balance is %d", len(b.Captures()), r.Balance())
			}
			r.CheckInvariants()
		})
	}
}

// Promise 9. A payment that was asked for and not decided is taken up and not replaced:
// its capture may be on its way.
func TestReconcile_APaymentThatWasOnlyAskedForIsTakenUp(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(2, 24*time.Hour)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	restored := backup()
	b.SetMood(sandbox.ErrorBefore, sandbox.CallCapture)
	w.Rest()
	id := lines(w, "SELECT gateway_id FROM payment WHERE account_id = $1", w.Account.ID)[0]
	b.SetMood(sandbox.Approve, sandbox.CallCapture)
	r := restored()
	got := finish(r, task.ID)
	_, err := b.Capture(t.Context(), id) // it arrives
	r.Must(err)
	r.Clock.Advance(2 * time.Hour)
	r.Reconcile()
	if got.Renewed != 2 || len(b.Captures()) != 1 || len(open(r)) != 0 {
		t.Errorf("%+v, captured %d times, open %d", got, len(b.Captures()), len(open(r)))
	}
	r.CheckInvariants()
	wantPaidOnce(t, b)
}

// Promise 30. Books from before they had an identity do not take their own payments for
// those of others.
func TestReconcile_BooksThatAreOlderThanTheirIdentity(t *testing.T) {
	w, b, backup := byBackup(t)
	w.Add(testkit.Unit("u0", 9*renewal.Day))
	restored := backup()
	_, err := pay(w, place(w, "u0"))
	w.Must(err)
	w.Clock.Advance(time.Second)
	r := restored()
	r.Write(func(tx *store.Tx) error {
		id, err := tx.Installation()
		if err == nil && id != "" {
			_, err = tx.SwapSetting("installation", id, "")
		}
		if err == nil {
			err = tx.Reconciled(store.Reconciliation{}, time.Time{})
		}
		return err
	})
	_, err = r.App.Reconcile(t.Context())
	r.Must(err)
	if all := open(r); len(all) != 1 || all[0].Why != billing.WhyIdentity {
		t.Fatalf("open: %+v", all)
	}
	_, err = pay(r, place(r, "u0"))
	wantKind(t, err, fault.Unavailable, "on hold")
	r.Must(r.App.EnterPayment(t.Context(), r.Owner, open(r)[0].GatewayID, false))
	wantWait(t, r, "")
	wantPaidOnce(t, b)
}

// Promise 30. The marks of one server among several do not tell what the others did.
func TestReconcile_TheMarksOfOneOfSeveralServersProveNothing(t *testing.T) {
	b := newBank(t)
	w := testkit.NewWorld(t, testkit.Postgres, testkit.WithGateway(b.Gateway), testkit.WithStore(store.StateDir(t.TempDir())))
	w.Deposit(100)
	wantWait(t, w, "")
	b.SetMood(sandbox.ErrorBefore, sandbox.CallList)
	w.App = w.Another("started while the gateway is down")
	wantWait(t, w, app.WaitReconcile)
}

// One payment that a person has decided about, or that cannot be entered, keeps no
// other account waiting.
func TestReconcile_ADismissedPaymentThatFitsLaterKeepsNobodyWaiting(t *testing.T) {
	w, b, backup := byBackup(t)
	w.Add(testkit.Unit("u0", renewal.Day))
	id := place(w, "u0")
	restored := backup()
	w.Deposit(400)
	_, err := pay(w, id) // 4.00 from the balance, 6.00 by card
	w.Must(err)
	r := restored()
	r.Reconcile()
	r.Must(r.App.DismissDiscrepancy(t.Context(), app.Operator(""), open(r)[0].GatewayID, "transfer 7"))
	r.Deposit(400) // the deposit that the backup lacked is recorded again
	_, err = pay(r, id)
	r.Must(err)
	r.App = r.Another("restarted")
	_, err = r.App.Reconcile(t.Context())
	r.Must(err)
	wantWait(t, tenant(t, r, "other"), "")
	if len(b.Captures()) != 2 {
		t.Errorf("captured %d times", len(b.Captures()))
	}
}

// What a person wrote when a payment was settled by hand is no id of the gateway's.
func TestReconcile_AReferenceIsNoIDOfTheGateway(t *testing.T) {
	w, b, _ := byBackup(t)
	b.SetMood(sandbox.ErrorBefore, sandbox.CallPrepare)
	p, err := topUp(w, "one")
	w.Must(err)
	w.Must(w.App.SettleByHand(t.Context(), operator(w), app.SettleInput{PaymentID: p.ID, Captured: true, Reference: "bank statement 12"}))
	b.SetMood(sandbox.Approve, sandbox.CallPrepare)
	_, err = w.App.CompareGateway(t.Context())
	w.Must(err)
}

// A payment that the operator settled as not captured is looked for once more.
func TestReconcile_WhatWasSettledAsNotCapturedIsCompared(t *testing.T) {
	w, b, _ := byBackup(t)
	b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
	p, err := topUp(w, "one")
	w.Must(err)
	_, err = w.App.Reconcile(t.Context()) // the list has passed it
	w.Must(err)
	w.Must(w.App.SettleByHand(t.Context(), operator(w), app.SettleInput{PaymentID: p.ID, Reference: "statement 12"}))
	b.SetMood(sandbox.Approve, sandbox.CallCapture)
	_, err = w.App.Reconcile(t.Context())
	if w.Must(err); w.Balance() != p.Amount.Minor {
		t.Errorf("the gateway captured it, and the balance is %d", w.Balance())
	}
	w.CheckInvariants()
}

// Promise 30. Nothing that restored books hold is captured before the comparison: its
// units may have been paid for since.
func TestReconcile_NothingIsCapturedBeforeThePaymentsWereCompared(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(2, 240*time.Hour)
	b.SetMood(sandbox.ErrorBefore, sandbox.CallPrepare)
	task := w.Confirm(w.Prepare(testkit.Everything).ID)
	restored := backup()
	b.SetMood(sandbox.Approve, sandbox.CallPrepare)
	w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
	w.Confirm(w.Prepare(testkit.Everything).ID)
	b.SetMood(sandbox.ErrorBefore, sandbox.CallList)
	r := restored()
	r.Clock.Advance(time.Minute)
	if _, err := r.App.WorkPayments(t.Context()); err == nil || len(b.Captures()) != 1 {
		t.Errorf("%v, captured %d times", err, len(b.Captures()))
	}
	b.SetMood(sandbox.Approve, sandbox.CallList)
	r.Clock.Advance(time.Minute)
	r.Reconcile()
	heal(r, r.App)
	r.CheckInvariants()
	wantPaidOnce(t, b)
}

// A captured payment of which a part went back, or whose units do not add up to it, is
// not entered as a whole.
func TestReconcile_WhatWasTakenMustAddUp(t *testing.T) {
	for name, why := range map[string]billing.DiscrepancyWhy{"a part went back": billing.WhyPartRefunded, "another sum": billing.WhyAmounts} {
		t.Run(name, func(t *testing.T) {
			w, b, backup := byBackup(t)
			w.Add(testkit.Unit("u0", renewal.Day))
			restored := backup()
			_, err := pay(w, place(w, "u0"))
			w.Must(err)
			c := b.Captures()[0]
			if why == billing.WhyPartRefunded {
				_, err = b.Refund(t.Context(), c.ID, "somebody", usd(100))
				w.Must(err)
			} else {
				id, err := b.Prepare(t.Context(), "order-again-1", gateway.Charge{Card: sandbox.Visa, Amount: usd(c.Amount.Minor + 1), Data: c.Data})
				w.Must(err)
				_, err = b.Capture(t.Context(), id)
				w.Must(err)
			}
			r := restored()
			if why == billing.WhyAmounts {
				tamper(r, "u0", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) }) // the first does not fit either
			}
			r.Reconcile()
			if all := open(r); !slices.ContainsFunc(all, func(d billing.Discrepancy) bool { return d.Why == why }) {
				t.Errorf("open: %+v", all)
			}
		})
	}
}

// A payment of another system that shares the gateway is stepped over, however odd it
// is. One that looks like ours is not.
func TestReconcile_APaymentOfAStrangerThatCannotBeRead(t *testing.T) {
	for key, comparable := range map[string]bool{"shop-1": true, "renewal-1": false} {
		w, b, _ := byBackup(t)
		request := httptest.NewRequest(http.MethodPost, "/v1/payments", strings.NewReader(`{"key":"`+key+`","card":"`+sandbox.Visa+
			`","amount":100,"currency":"USD","description":"another system","data":["order 12"]}`))
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		if b.Server.ServeHTTP(answer, request); answer.Code != http.StatusOK {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		w.App = w.Another("restarted")
		r, err := w.App.Reconcile(t.Context())
		if comparable != (err == nil) || comparable && r.Foreign != 1 {
			t.Errorf("%s: %+v, %v", key, r, err)
		}
	}
}

// A refund that the gateway does not make can be decided about again.
func TestReconcile_ARefundThatIsNotMadeHasAWayOut(t *testing.T) {
	w, b, backup := byBackup(t)
	w.Add(testkit.Unit("u0", renewal.Day))
	restored := backup()
	_, err := pay(w, place(w, "u0"))
	w.Must(err)
	r := restored()
	tamper(r, "u0", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
	r.Reconcile()
	d := open(r)[0]
	without := r.App.Deps
	without.Gateway = nil
	b.SetMood(sandbox.ErrorBefore, sandbox.CallRefund)
	r.Must(app.New(without).ReturnPayment(t.Context(), app.Operator(""), d.GatewayID)) // as the command does
	_, err = r.App.WorkReconcile(t.Context())
	if err == nil || open(r)[0].State != billing.DiscrepancyReturning {
		t.Errorf("%v, and it is %s", err, open(r)[0].State)
	}
	wantKind(t, r.App.EnterPayment(t.Context(), r.Owner, d.GatewayID, true), fault.Conflict, "being asked to refund")
	r.Must(r.App.DismissDiscrepancy(t.Context(), app.Operator(""), d.GatewayID, "transfer 7"))
	wantWait(t, r, "")
}

// A comparison that is due waits for nobody where the gateway is gone for good, and one
// that began before says nothing about it.
func TestReconcile_WhatIsDueStaysUntilItIsDone(t *testing.T) {
	w, b, _ := byBackup(t)
	_, err := w.App.Reconcile(t.Context())
	w.Must(err)
	once := false
	ask := func(r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/payments") && !once {
			once = true
			w.Write(func(tx *store.Tx) error { return tx.ReconcileDue() })
		}
	}
	b.ask.Store(&ask)
	_, err = w.App.Reconcile(t.Context())
	w.Must(err)
	wantWait(t, w, app.WaitReconcile)
	without := w.App.Deps
	without.Gateway = nil
	w.App = app.New(without)
	_, err = w.App.AcceptBooks(t.Context())
	w.Must(err)
	wantWait(t, w, "")
}

// The key of a payment that was settled in another way stands for that payment for
// ever, and the task goes on under the next.
func TestReconcile_TheKeyOfADismissedPaymentIsSpent(t *testing.T) {
	w, b, backup := byBackup(t)
	w.AddMany(3, 24*time.Hour)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	restored := backup()
	w.Rest()
	r := restored()
	tamper(r, "ecs-00001", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
	r.Reconcile()
	r.Must(r.App.DismissDiscrepancy(t.Context(), app.Operator(""), open(r)[0].GatewayID, "given back by transfer 7"))
	if got := finish(r, task.ID); got.Renewed != 2 || len(b.Captures()) != 2 {
		t.Errorf("%+v, captured %d times", got, len(b.Captures()))
	}
}

// Orders of one payment of which the card paid nothing are let go, and nothing is
// refunded for them.
func TestReconcile_NothingIsRefundedWhereNothingWasTaken(t *testing.T) {
	w, _, backup := byBackup(t)
	ids := unpaid(w, 2)
	w.Deposit(testkit.UnitPrice)
	restored := backup()
	_, err := pay(w, ids...) // the first from the balance, the second by card
	w.Must(err)
	r := restored()
	tamper(r, "u0", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
	r.Reconcile()
	r.Must(r.App.EnterPayment(t.Context(), r.Owner, open(r)[0].GatewayID, true))
	if got := orders(r)[1]; got != "RO-00002 5   renewed" {
		t.Errorf("what fits is %s", got)
	}
}

func TestPromise08AFreeOrderThatIsLostIsRefundedNothing(t *testing.T) {
	w, b, _ := byBackup(t)
	prices := renewal.PriceBook{}
	for spec, price := range map[string]int64{"s6.small.1": 1000, "free": 0} {
		prices[renewal.PriceKey{ServiceCode: "hws.service.type.ec2", SpecCode: spec, RegionCode: "cn-north-4", Period: renewal.Month}] = usd(price)
	}
	w.ReplacePrices(prices)
	free := testkit.Unit("u0", 9*renewal.Day)
	free.SpecCode = "free"
	w.Add(free, testkit.Unit("u1", 9*renewal.Day))
	ids := []string{place(w, "u0"), place(w, "u1")}
	b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
	p, err := pay(w, ids...)
	w.Must(err)
	tamper(w, "u0", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Hour) })
	w.Clock.Advance(time.Minute)
	heal(w, w.App)
	if got := payment(w, p.ID); got.State != billing.PaymentCaptured || len(b.Refunds()) != 0 {
		t.Errorf("%s, given back %+v", got.State, b.Refunds())
	}
	w.CheckInvariants()
}

// A command beside a server writes the marks into the file that the server has open.
func TestMarks_StayInTheFileThatAServerHasOpen(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Deposit(100)
	db, err := store.Open(t.Context(), w.Location, store.Maintenance())
	w.Must(err)
	w.Must(db.AcceptAge(t.Context()))
	w.Must(db.Close())
	for range 5 {
		w.Deposit(100)
	}
	text, err := os.ReadFile(filepath.Clean(w.Location + ".mark"))
	w.Must(err)
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	if held := number(w, "SELECT records FROM wallet WHERE account_id = $1", w.Account.ID); held != 6 || !strings.Contains(all[len(all)-1], " 6 ") {
		t.Errorf("the records are at %d, and the file says\n%s", held, text)
	}
}
