package app_test

import (
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

func TestJourneyRunsOutOfMoneyAndIsContinued(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(250, 24*time.Hour)
		w.Deposit(120 * testkit.UnitPrice)

		task := w.Prepare(testkit.Everything)
		if task.State != renewal.Ready || task.Renewable != 250 || task.FeeMinor != 250*testkit.UnitPrice {
			t.Fatalf("prepared: %+v", task)
		}
		task = w.Confirm(task.ID)
		if task.State != renewal.Suspended || task.Renewed != 120 || task.Shortfall != 130*testkit.UnitPrice {
			t.Fatalf("after confirm: %+v", task)
		}
		if err := w.App.Continue(t.Context(), w.Buyer, app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: w.App.NewKey()}); err == nil {
			t.Fatal("continued without money for the next unit")
		}
		w.Deposit(task.Shortfall)
		task = w.Continue(task.ID)
		if task.State != renewal.Completed || task.Renewed != 250 || task.SpentMinor != 250*testkit.UnitPrice {
			t.Fatalf("after continue: %+v", task)
		}
		if b := w.Balance(); b != 0 {
			t.Errorf("balance %d, want 0", b)
		}
	})
}
