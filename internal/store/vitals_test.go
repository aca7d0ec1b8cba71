package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// What is settled is not counted, and the oldest of what is not says since when.
func TestVitals_CountWhatIsNotSettled(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ago := func(hours int) time.Time { return testkit.Start.Add(-time.Duration(hours) * time.Hour) }
		w.Write(func(tx *store.Tx) error {
			for n, state := range []billing.PaymentState{billing.PaymentUnknown, billing.PaymentUnknown, billing.PaymentCreated, billing.PaymentDeclined} {
				p := billing.Payment{ID: fmt.Sprint("p", n), AccountID: w.Account.ID, Purpose: billing.ForTopUp, State: state, CreatedAt: ago(n + 1),
					Amount: money.Of(100, "USD"), Charged: money.Of(100, "USD"), GatewayKey: fmt.Sprint("key", n)}
				if err := tx.InsertPayment(p, p.CreatedAt); err != nil {
					return err
				}
			}
			task := renewal.Task{ID: "t", AccountID: w.Account.ID, State: renewal.Running, Version: 1, CreatedAt: ago(9), ConfirmedAt: ago(8)}
			if _, err := tx.InsertTask(task); err != nil {
				return err
			}
			for n, kind := range []billing.DiscrepancyKind{billing.Missing, billing.Missing, billing.Differs} {
				if _, err := tx.InsertDiscrepancy(billing.Discrepancy{GatewayID: fmt.Sprint("g", n), Kind: kind, AccountID: w.Account.ID,
					State: billing.DiscrepancyOpen, Amount: money.Of(100, "USD"), FoundAt: ago(5 - n)}); err != nil {
					return err
				}
			}
			return tx.Reconciled(store.Reconciliation{}, ago(7))
		})
		want := []store.Vital{
			{"compared", "gateway", 1, ago(7)}, {"discrepancy", "differs", 1, ago(3)}, {"discrepancy", "missing", 2, ago(5)},
			{"payment", "created", 1, ago(3)}, {"payment", "unknown", 2, ago(2)},
			{"progress", "running", 1, ago(8)}, {"task", "running", 1, ago(9)},
		}
		wantVitals(t, w, want)
		// A batch that is paid is progress, and a suspended task makes none.
		w.Write(func(tx *store.Tx) error {
			return tx.InsertPayment(billing.Payment{ID: "batch", AccountID: w.Account.ID, Purpose: billing.ForRenewal, TaskID: "t", State: billing.PaymentCaptured,
				CreatedAt: ago(4), SettledAt: ago(4), Amount: money.Of(100, "USD"), Charged: money.Of(0, "USD")}, ago(4))
		})
		want[5].Since = ago(4)
		wantVitals(t, w, want)
		w.Write(func(tx *store.Tx) error {
			if err := tx.Exec("DELETE FROM payment"); err != nil {
				return err
			}
			return tx.Exec("UPDATE task SET state = 'suspended', pause = 'unknown', suspended_at = $1", ago(1).UnixMilli())
		})
		want = []store.Vital{want[0], want[1], want[2], {"pause", "unknown", 1, ago(1)}, {"progress", "running", 0, time.Time{}}, {"task", "suspended", 1, ago(9)}}
		wantVitals(t, w, want)
		w.Write(func(tx *store.Tx) error {
			return errors.Join(tx.Exec("DELETE FROM task"), tx.Exec("DELETE FROM discrepancy"))
		})
	})
}

func wantVitals(t *testing.T, w *testkit.World, want []store.Vital) {
	t.Helper()
	var got []store.Vital
	w.Read(func(tx *store.Tx) (err error) { got, err = tx.Vitals(); return err })
	slices.SortFunc(got, func(a, b store.Vital) int { return strings.Compare(a.Kind+" "+a.State, b.Kind+" "+b.State) })
	if !slices.Equal(got, want) {
		t.Errorf("the vitals are\n%v, want\n%v", got, want)
	}
}

// A reading of the metrics takes as long as there is open work, not as long as the history.
func TestVitals_ReadIndexesOfOpenRows(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	plan := explain(t, w, store.VitalsQuery, nil)
	for _, index := range []string{"payment_open", "refund_open", "task_state", "outbox_due", "discrepancy_open", "payment_task"} {
		if !strings.Contains(plan, index) {
			t.Errorf("%s is not used: %s", index, plan)
		}
	}
	for _, table := range []string{"SCAN payment ", "SCAN outbox ", "SCAN refund ", "SCAN task "} {
		for _, step := range strings.Split(plan, "\n") {
			if strings.Contains(step+" ", table) && !strings.Contains(step, "INDEX") {
				t.Errorf("a table is read whole: %s", step)
			}
		}
	}
}

// A PostgreSQL server that takes no writes is noticed, and no row is changed to find out.
func TestWritable_NoticesAStandby(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Must(w.Store.Writable(t.Context()))
		if _, ok := w.Store.LogSize(); ok != (w.Store.Engine() == testkit.SQLite) {
			t.Errorf("a log of its own: %t", ok)
		}
		if w.Store.Engine() == testkit.SQLite {
			return
		}
		location := w.Location + "&default_transaction_read_only=on"
		if !strings.Contains(w.Location, "?") {
			location = w.Location + "?default_transaction_read_only=on"
		}
		standby, err := store.Open(t.Context(), location)
		w.Must(err)
		defer standby.Close()
		err = standby.Writable(t.Context())
		if got := store.Sentence(err); got != "The database takes no writes." {
			t.Errorf("%v: %q", err, got)
		}
	})
}
