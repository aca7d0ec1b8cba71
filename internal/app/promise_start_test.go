package app_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func TestPromise01OneOpenTaskPerAccount(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		got := heard(together(100, func(int) error {
			_, err := w.App.Start(w.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 3, Key: w.App.NewKey()})
			return err
		}))
		if want := map[string]int{"done": 1, "already open": 99}; !maps.Equal(got, want) {
			t.Errorf("100 starts at once heard %v, want %v", got, want)
		}
		if n := number(w, "SELECT COUNT(*) FROM task"); n != 1 {
			t.Errorf("%d tasks, want 1", n)
		}
	})
}

func TestPromise01EndedTaskFreesTheAccount(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		first := w.Prepare(testkit.Everything)
		_, err := w.App.Start(t.Context(), w.Owner, app.StartInput{Filter: testkit.Everything, Count: 3, Key: "again"})
		wantKind(t, err, fault.Conflict, "already open")
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, first.ID)))
		if second := w.Prepare(testkit.Everything); second.Number != first.Number+1 || second.State != renewal.Ready {
			t.Errorf("the next task is number %d, %s", second.Number, second.State)
		}
	})
}

func TestPromise03TenThousandAndNotOneMore(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(renewal.MaximumUnits, 24*time.Hour)
		grown := begin(w)
		extra := testkit.Unit("one-too-many", time.Hour)
		extra.Name = "beyond"
		w.Add(extra)
		w.Rest()
		failed := w.Task(grown.ID)
		if failed.State != renewal.Failed || failed.Units != 10_001 || !strings.Contains(failed.Why, "10,001") {
			t.Errorf("a task that grew to 10,001 is %s with %d units: %q", failed.State, failed.Units, failed.Why)
		}
		if n := number(w, "SELECT COUNT(*) FROM item"); n != 0 {
			t.Errorf("a refused task keeps %d items", n)
		}
		_, err := w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 10_001, Key: "too many"})
		wantKind(t, err, fault.Conflict, "10,001", "10,000")

		narrowed := testkit.Everything
		narrowed.Name = "name-of-ecs"
		task := w.Prepare(narrowed)
		if task.State != renewal.Ready || task.Units != 10_000 || task.Renewable != 10_000 || task.FeeMinor != 10_000*testkit.UnitPrice {
			t.Errorf("10,000 units: %s with %d units, %d renewable, %d cents", task.State, task.Units, task.Renewable, task.FeeMinor)
		}
	})
}

func TestPromise03AWrongCountIsNotPrepared(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		_, err := w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 0, Key: "none"})
		wantKind(t, err, fault.Conflict, "Nothing matches")
		w.AddMany(3, 24*time.Hour)
		_, err = w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 2, Key: "two"})
		wantKind(t, err, fault.Conflict, "3", "2")
		other := testkit.Everything
		other.Tab = renewal.Auto
		_, err = w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: other, Count: 0, Key: "auto"})
		wantKind(t, err, fault.Invalid, "Manual Renewals")
		if n := number(w, "SELECT COUNT(*) FROM task"); n != 0 {
			t.Errorf("%d tasks were opened", n)
		}
	})
}

func TestPromise03FrozenAtGeneration(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		locked := testkit.Unit("locked", 30*time.Hour)
		locked.Hold = renewal.Locked
		w.Add(locked)
		w.Deposit(100 * testkit.UnitPrice)
		task := w.Prepare(testkit.Everything)
		if task.Renewable != 3 || task.Blocked != 1 {
			t.Fatalf("prepared: %+v", task)
		}
		// What comes or becomes renewable later needs a new task.
		w.Add(testkit.Unit("newcomer", time.Hour))
		change(w, "locked", func(i *renewal.Instance) { i.Hold = "" })
		done := w.Confirm(task.ID)
		if done.State != renewal.Completed || done.Renewed != 3 || w.Balance() != 97*testkit.UnitPrice {
			t.Errorf("after all: %s, %d renewed, balance %d", done.State, done.Renewed, w.Balance())
		}
		same(t, "items", items(w, task.ID), []string{
			"ecs-00000 renewed ", "ecs-00001 renewed ", "ecs-00002 renewed ", "locked blocked locked",
		})
	})
}

func TestPromise03AUnitOncePerTask(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		task := w.Prepare(testkit.Everything)
		err := w.Store.Write(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Waiting(w.Account.ID, task.ID, 1, "USD")
			if err != nil {
				return err
			}
			all[0].Number = 3
			return tx.InsertItems(w.Account.ID, all)
		})
		if !store.IsDuplicate(err) {
			t.Errorf("the same unit a second time: %v", err)
		}
	})
}

func TestPromise03LeftUnitsBecomeANewTask(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(4, 24*time.Hour)
		w.Deposit(2 * testkit.UnitPrice)
		source := w.Confirm(w.Prepare(testkit.Everything).ID)
		_, err := w.App.StartFromLeft(t.Context(), w.Buyer, source.ID, "while it is open")
		wantKind(t, err, fault.Conflict, "already open")
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, source.ID)))
		w.Add(testkit.Unit("newcomer", time.Hour))
		id, err := w.App.StartFromLeft(t.Context(), w.Buyer, source.ID, "left")
		w.Must(err)
		w.Rest()
		same(t, "units of the new task", items(w, id), []string{"ecs-00002 waiting ", "ecs-00003 waiting "})
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, id)))
		w.Deposit(2 * testkit.UnitPrice)
		id, err = w.App.StartFromLeft(t.Context(), w.Buyer, source.ID, "left again")
		w.Must(err)
		w.Rest()
		done := w.Confirm(id)
		_, err = w.App.StartFromLeft(t.Context(), w.Buyer, done.ID, "nothing left")
		wantKind(t, err, fault.Conflict, "left nothing")
	})
}
