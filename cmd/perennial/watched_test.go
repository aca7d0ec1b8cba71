package main_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	program "perennial/cmd/perennial"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
	"perennial/internal/testkit"
	"perennial/web"
)

// scraped reads the metrics as Prometheus does.
func scraped(t *testing.T, m program.Metrics) func() string {
	served := web.NewMetrics(m)
	return func() string {
		a := httptest.NewRecorder()
		served.ServeHTTP(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		if a.Code != http.StatusOK {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
		return a.Body.String()
	}
}

func wantLines(t *testing.T, body string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(body, "\nperennial_"+line+"\n") {
			name, _, _ := strings.Cut(strings.SplitN(line, " ", 2)[0], "{")
			var there []string
			for l := range strings.Lines(body) {
				if strings.HasPrefix(l, "perennial_"+name) {
					there = append(there, l)
				}
			}
			t.Errorf("want %q, there is\n%s", line, strings.Join(there, ""))
		}
	}
}

// Each failure that an operator has to hear of has a value that a rule can watch.
func TestMetrics_HaveTheRightValues(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		w := testkit.NewWorld(t, engine)
		b := program.NewBooks(w.App, func() {})
		m := program.NewMetrics(w.App, b)
		read := scraped(t, m)
		wantLines(t, read(), `payments{state="unknown"} 0`, `payment_oldest_open_seconds 0`, `tasks{state="running"} 0`, `task_oldest_progress_seconds 0`,
			`tasks_suspended{pause="unknown"} 0`, `mails{state="dead"} 0`, `discrepancies_open{kind="missing"} 0`, `task_takeovers_total 0`,
			`charges_refused_total{cause="accept"} 0`, `settle_failing{kind="payment"} 0`, `books_file_damaged 0`, `database_read_ok 1`,
			`database_turns_refused_total 0`, `database_connections_in_use{pool="writer"} 0`)
		p := billing.Payment{ID: "p", AccountID: w.Account.ID, Purpose: billing.ForTopUp, State: billing.PaymentUnknown, CreatedAt: w.Clock.Now(),
			Amount: money.Of(100, "USD"), Charged: money.Of(100, "USD"), GatewayKey: "key", GatewayID: "pay_1"}
		d := billing.Discrepancy{GatewayID: "g", Kind: billing.Missing, AccountID: w.Account.ID, State: billing.DiscrepancyOpen,
			Amount: money.Of(100, "USD"), FoundAt: w.Clock.Now()}
		w.Write(func(tx *store.Tx) error {
			_, err := tx.InsertDiscrepancy(d)
			return errors.Join(err, tx.InsertPayment(p, w.Clock.Now()), tx.Reconciled(store.Reconciliation{}, w.Clock.Now()))
		})
		w.Clock.Advance(90 * time.Second)
		if _, ok := errors.AsType[*app.Unsound](b.MayCharge(w.Account.ID)); !ok {
			t.Error("the books are sound before they were read")
		}
		m.Stepped("payments", errors.New("no answer"))
		m.Stepped("tasks", nil)
		m.Called("capture", "unknown", 3*time.Second)
		lines := []string{`payments{state="unknown"} 1`, `payment_oldest_open_seconds 90`, `discrepancies_open{kind="missing"} 1`, `gateway_compared_seconds 90`,
			`worker_step_failures_total{step="payments"} 1`, `worker_step_failures_total{step="tasks"} 0`,
			`worker_step_last_success_timestamp_seconds{step="tasks"} 1.79532729e+09`,
			`gateway_calls_total{answer="unknown",call="capture"} 1`, `gateway_call_seconds_sum{call="capture"} 3`}
		if got := read(); engine == testkit.SQLite != strings.Contains(got, "\nperennial_database_wal_bytes ") {
			t.Error("the size of the log is missing, or there is none")
		} else {
			wantLines(t, got, lines...)
		}
		// The last values stay where the database does not answer.
		m.SetLimit(0)
		wantLines(t, read(), append(lines[:2], `database_read_ok 0`)...)
		m.SetLimit(time.Minute)
		p.State, p.SettledAt, d.State = billing.PaymentDeclined, w.Clock.Now(), billing.DiscrepancyDismissed
		w.Write(func(tx *store.Tx) error {
			_, err := tx.MoveDiscrepancy(d, billing.DiscrepancyOpen)
			_, moved := tx.MovePayment(p, billing.PaymentUnknown, w.Clock.Now())
			return errors.Join(err, moved)
		})
		wantLines(t, read(), `payments{state="unknown"} 0`, `discrepancies_open{kind="missing"} 0`, `database_read_ok 1`)
	})
}

// A file that cannot be written or is gone is no database for people, and strangers
// learn why without its name.
func TestReady_SaysWhyTheFileCannotBeUsed(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := program.NewBooks(w.App, func() {})
	want := func(what, sentence string) {
		t.Helper()
		got := ""
		if err := b.Ready(); err != nil {
			f, _ := fault.Of(err)
			got = f.Message
		}
		if got != sentence {
			t.Errorf("%s: %q, want %q", what, got, sentence)
		}
	}
	want("at the start", "")
	errs := testkit.DBErrors(t, testkit.SQLite)
	for name, sentence := range map[string]string{"full": "The disk that holds the database is full.", "busy": "The database is locked by another program.",
		"gone": "The database file cannot be read or written."} {
		if errs[name] == nil {
			t.Fatalf("no error %q in %v", name, errs)
		}
		b.NoteBeat(w.Store.Describe(errs[name]))
		want(name, sentence)
		b.NoteBeat(nil)
		want("after "+name, "")
	}
	w.Clock.Advance(time.Minute)
	want("without a beat", "The database takes no writes.")
	b.NoteBeat(nil)
	w.Must(os.Rename(w.Location, w.Location+".moved"))
	want("moved", "The database file was moved, deleted or replaced.")
	w.Must(os.Rename(w.Location+".moved", w.Location))
}
