package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// half leaves a running task of 250 units with 100 of them paid by a worker that
// then dies.
func half(w *testkit.World) renewal.Task {
	w.Helper()
	w.Prices(100)
	w.AddMany(250, 24*time.Hour)
	w.Deposit(250 * testkit.UnitPrice)
	task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
	step(w, w.App)
	if task = w.Task(task.ID); task.Renewed != 100 {
		w.Fatalf("%d units renewed, want 100", task.Renewed)
	}
	return task
}

func TestPromise05TakeoverAfterOneBeatSeenUnchanged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := half(w)
		heir := w.Another("worker-2")
		renewed := func() int { step(w, heir); return w.Task(task.ID).Renewed }
		if n := renewed(); n != 100 {
			t.Fatalf("taken over at first sight: %d renewed", n)
		}
		// Wall times are never compared: jumps of the clock steal nothing.
		for _, jump := range []time.Duration{1000 * time.Hour, -1000 * time.Hour, 0} {
			w.Clock.Set(testkit.Start.Add(jump))
			if n := renewed(); n != 100 {
				t.Fatalf("a wall clock that jumped by %s stole the lease", jump)
			}
		}
		w.Clock.Advance(app.LeasePeriod - time.Millisecond)
		if n := renewed(); n != 100 {
			t.Fatal("taken over a millisecond too early")
		}
		// One step of the owner is a new beat, and the period begins again.
		step(w, w.App)
		w.Clock.Advance(time.Millisecond)
		if n := renewed(); n != 200 {
			t.Fatalf("stolen from a worker that works: %d renewed", n)
		}
		w.Clock.Advance(app.LeasePeriod - time.Millisecond)
		if n := renewed(); n != 200 {
			t.Fatal("taken over a millisecond too early after a new beat")
		}
		w.Clock.Advance(time.Millisecond)
		if n := renewed(); n != 250 {
			t.Fatalf("not taken over after a whole period: %d renewed", n)
		}
		// The former owner wakes up and does nothing with the heir's task.
		step(w, w.App)
		if got := w.Task(task.ID); got.State != renewal.Running {
			t.Fatalf("the former owner made the task %s", got.State)
		}
		for step(w, heir) {
		}
		if got := w.Task(task.ID); got.State != renewal.Completed || w.Balance() != 0 {
			t.Errorf("%s, balance %d", got.State, w.Balance())
		}
	})
}

func TestPromise05ExclusiveFileIsTakenOverAtOnce(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithStore(store.Exclusive()))
	task := half(w)
	heir := w.Another("worker-2")
	if step(w, heir); w.Task(task.ID).Renewed != 200 {
		t.Errorf("whoever holds the file's lock waits for a dead worker: %d renewed", w.Task(task.ID).Renewed)
	}
}

// paused holds one operation on a database until it is let go.
type paused struct{ reached, release chan struct{} }

// await waits until the operation is held, which must be before its caller ends.
func (p paused) await(t *testing.T, over <-chan error) {
	t.Helper()
	select {
	case <-p.reached:
	case err := <-over:
		t.Fatalf("it ended without the operation that was waited for: %v", err)
	}
}

// pauseBeginAfter holds the first Begin after a statement that contains the words.
func pauseBeginAfter(f *testkit.Faults, words string) paused {
	p := paused{make(chan struct{}), make(chan struct{})}
	seen, done := false, false
	f.Arm(func(op testkit.Op) testkit.Fault {
		seen = seen || op.Kind == testkit.OpExec && strings.Contains(op.SQL, words)
		if done || !seen || op.Kind != testkit.OpBegin {
			return testkit.Fault{}
		}
		done = true
		return testkit.Fault{Do: func() { close(p.reached); <-p.release }}
	})
	return p
}

// beside opens the World's database a second time, as another process does, with
// faults of its own.
func beside(w *testkit.World, owner string) (*app.App, *testkit.Faults) {
	w.Helper()
	f := &testkit.Faults{}
	return besideWith(w, owner, f), f
}

func besideWith(w *testkit.World, owner string, f *testkit.Faults) *app.App {
	w.Helper()
	db, err := store.Open(w.Context(), w.Location, store.Wrap(f.Wrap))
	w.Must(err)
	w.Cleanup(func() { w.Must(db.Close()) })
	d := w.App.Deps
	d.Store, d.Owner = db, owner
	return app.New(d)
}

func TestPromise05AGenerationThatWakesAfterTheTakeoverWritesNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(1500, 24*time.Hour)
		task := begin(w)
		sleeper, sleeping := beside(w, "sleeper")
		heir, inheriting := beside(w, "heir")

		asleep := pauseBeginAfter(sleeping, "INSERT INTO item")
		slept := make(chan error, 1)
		go func() { _, err := sleeper.WorkTasks(w.Context()); slept <- err }()
		asleep.await(t, slept) // 1,000 of 1,500 items are written

		step(w, heir)
		w.Clock.Advance(app.LeasePeriod)
		begun := pauseBeginAfter(inheriting, "DELETE FROM item")
		inherited := make(chan error, 1)
		go func() { _, err := heir.WorkTasks(w.Context()); inherited <- err }()
		begun.await(t, inherited) // the heir has the lease and began from nothing

		close(asleep.release)
		if err := <-slept; err != nil {
			t.Errorf("the loss of a lease is an error: %v", err)
		}
		if n := number(w, "SELECT COUNT(*) FROM item"); n != 0 {
			t.Errorf("the sleeper wrote %d items into the heir's generation", n)
		}
		close(begun.release)
		w.Must(<-inherited)
		if got := w.Task(task.ID); got.State != renewal.Ready || got.Renewable != 1500 || got.FeeMinor != 1500*testkit.UnitPrice {
			t.Errorf("prepared by the heir: %+v", got)
		}
	})
}

func TestPromise05StaleEpochChangesNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := half(w)
		var seen store.Lease
		err := w.Store.Write(t.Context(), func(tx *store.Tx) (err error) {
			_, seen, err = tx.LockLeased(w.Account.ID, task.ID)
			return err
		})
		w.Must(err)
		take := func(owner string) (l store.Lease, err error) {
			err = w.Store.Write(t.Context(), func(tx *store.Tx) error {
				l, err = tx.TakeLease(w.Account.ID, task.ID, owner, seen)
				return err
			})
			return l, err
		}
		taken, err := take("worker-2")
		w.Must(err)
		if taken.Epoch != seen.Epoch+1 {
			t.Errorf("epoch %d after %d", taken.Epoch, seen.Epoch)
		}
		if _, err := take("worker-3"); err != store.ErrLeaseLost {
			t.Errorf("two took over from the same sight: %v", err)
		}
		progress := func(epoch int64) error {
			return w.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.Progress(task, epoch) })
		}
		if err := progress(seen.Epoch); err != store.ErrLeaseLost {
			t.Errorf("progress with a stale epoch: %v", err)
		}
		w.Must(progress(taken.Epoch))
		elsewhere := task
		elsewhere.State = renewal.Generating
		err = w.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.Progress(elsewhere, taken.Epoch) })
		if err != store.ErrLeaseLost {
			t.Errorf("progress in a state that is over: %v", err)
		}
		w.Clock.Advance(app.LeasePeriod)
		w.Rest()
		w.Clock.Advance(app.LeasePeriod)
		w.Rest()
		if got := w.Task(task.ID); got.State != renewal.Completed {
			t.Errorf("a stranger's lease was never taken over: %s", got.State)
		}
	})
}

// Two servers step the same tasks from several goroutines each, and take each
// other's over whenever the clock lets them.
func TestPromise05TwoWorkersLoseAndDoubleNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		second, _ := beside(w, "worker-2")
		var tenants []*testkit.World
		var tasks []string
		for n := range 4 {
			one := tenant(t, w, fmt.Sprintf("tenant-%d", n))
			one.Prices(100)
			one.AddMany(230, 24*time.Hour)
			one.Deposit(230 * testkit.UnitPrice)
			tenants, tasks = append(tenants, one), append(tasks, confirmOnly(one, one.Prepare(testkit.Everything).ID).ID)
		}
		for round := 0; number(w, "SELECT COUNT(*) FROM task WHERE state = 'running'") > 0; round++ {
			if round > 50 {
				t.Fatal("the tasks do not end")
			}
			for _, err := range together(4, func(i int) error {
				a := w.App
				if i%2 == 1 {
					a = second
				}
				w.Clock.Advance(app.LeasePeriod / 2)
				_, err := a.WorkTasks(w.Context())
				return err
			}) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		for n, one := range tenants {
			if got := one.Task(tasks[n]); got.State != renewal.Completed || got.Renewed != 230 || one.Balance() != 0 {
				t.Errorf("%s: %s with %d renewed and %d cents left", one.Account.ID, got.State, got.Renewed, one.Balance())
			}
		}
		if n := number(w, "SELECT COUNT(*) FROM order_line"); n != 4*230 {
			t.Errorf("%d extensions, want %d", n, 4*230)
		}
	})
}

// Promise 5. A task that somebody has locked, such as a server that was stopped, keeps
// the tasks of others from nothing.
func TestPromise05ALockedTaskHoldsUpNoOther(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	locked := half(w)
	other := tenant(t, w, "other")
	other.Prices(100)
	other.AddMany(3, 24*time.Hour)
	preparing := begin(other)
	heir := w.Another("worker-2")
	w.Write(func(tx *store.Tx) error {
		if _, _, err := tx.LockLeased(locked.AccountID, locked.ID); err != nil {
			return err
		}
		step(w, w.App)
		step(w, heir)
		return nil
	})
	if task := other.Task(preparing.ID); task.State != renewal.Ready || task.Renewable != 3 {
		t.Errorf("the task of another account is %s", task.State)
	}
	if task := w.Task(locked.ID); task.Renewed != 100 {
		t.Errorf("%d units renewed of a locked task", task.Renewed)
	}
	// The lease was seen behind the lock, and its period runs since then.
	w.Clock.Advance(app.LeasePeriod)
	step(w, heir)
	if task := w.Task(locked.ID); task.Renewed != 200 {
		t.Errorf("%d units renewed a period after the lease was seen", task.Renewed)
	}
}
