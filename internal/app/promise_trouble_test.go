package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/testkit"
)

// endsAfterCapture takes the database away from a server as soon as the bank is
// asked to capture.
func endsAfterCapture(t *testing.T, w *testkit.World, b *bank, f *testkit.Faults) {
	t.Helper()
	gone := testkit.DBErrors(t, w.Store.Engine())["gone"]
	hook := func(r *http.Request) {
		if callOf(r) == sandbox.CallCapture {
			f.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: gone} })
		}
	}
	b.ask.Store(&hook)
}

// Promise 9. The database fails between the capture and its entry: nobody is told
// that nothing was charged, and the same form charges nothing more.
func TestPromise09TheDatabaseFailsBetweenCaptureAndEntry(t *testing.T) {
	charge := map[string]func(*testkit.World) func(*app.App) (billing.Payment, error){
		"top-up": func(w *testkit.World) func(*app.App) (billing.Payment, error) {
			return func(a *app.App) (billing.Payment, error) {
				return a.TopUp(w.Context(), w.Buyer, app.TopUpInput{Amount: "20.00", Key: "once"})
			}
		},
		"order": func(w *testkit.World) func(*app.App) (billing.Payment, error) {
			ids := unpaid(w, 2)
			byCard(w)
			form := payForm(w, ids...)
			return func(a *app.App) (billing.Payment, error) { return a.PayOrders(w.Context(), w.Buyer, form) }
		},
	}
	for name, prepare := range charge {
		t.Run(name, func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				send := prepare(w)
				f := &testkit.Faults{}
				server := besideWith(w, "server", f)
				endsAfterCapture(t, w, b, f)
				p, err := send(server)
				if w.Store.Engine() == testkit.Postgres {
					wantKind(t, err, fault.Unavailable, "not known yet", "sending the form again is safe", "not be charged twice")
				} else if err != nil || p.State.Settled() { // its readers are not wrapped
					t.Fatalf("%+v, %v", p, err)
				}
				_, again := send(server)
				wantKind(t, again, fault.Unavailable, "This request charged nothing", "again is safe")
				_, ofWorker := server.WorkPayments(w.Context())
				for _, err := range []error{err, again, ofWorker} {
					if err != nil && strings.Contains(err.Error(), "Nothing was charged") {
						t.Errorf("$20.00 was captured, and the answer is %q", err)
					}
				}
				if strings.Contains(w.Log.String(), "othing was charged") {
					t.Errorf("the log says that nothing was charged:\n%s", w.Log)
				}
				f.Disarm()
				b.ask.Store(nil)
				heal(w, w.App)
				if p, err = send(server); err != nil || p.State != billing.PaymentCaptured {
					t.Errorf("the same form: %+v, %v", p, err)
				}
				if c := b.Captures(); len(c) != 1 || c[0].Amount != usd(2000) {
					t.Errorf("captures %v", c)
				}
			})
		})
	}
}

// Promise 6. The answer to COMMIT is lost: the person reads that it is not known,
// and the same form finds out.
func TestPromise06ALostCommitIsNotKnown(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 72*time.Hour)
		w.Deposit(5000)
		task := w.Prepare(testkit.Everything)
		f := &testkit.Faults{}
		server := besideWith(w, "server", f)
		form := app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: "confirm"}
		f.Arm(func(op testkit.Op) testkit.Fault {
			if op.Kind == testkit.OpCommit {
				return testkit.Fault{Err: errors.New("connection reset by peer"), When: testkit.After}
			}
			return testkit.Fault{}
		})
		err := server.Confirm(w.Context(), w.Buyer, form)
		f.Disarm()
		wantKind(t, err, fault.Unavailable, "not known yet", "That is safe: it is carried out only once")
		w.Must(server.Confirm(w.Context(), w.Buyer, form))
		w.Rest()
		if w.Balance() != 2000 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}
