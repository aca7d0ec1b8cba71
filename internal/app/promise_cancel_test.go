package app_test

import (
	"fmt"
	"testing"
	"time"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// A person cancels after the worker's k-th step, for every k that there is.
func TestPromise07NoUnitStartsAfterCancelling(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for k := range 4 {
			t.Run(fmt.Sprint(k, " steps"), func(t *testing.T) {
				w := tenant(t, w, fmt.Sprint("steps-", k))
				w.Prices(100)
				w.AddMany(301, 24*time.Hour)
				w.Deposit(301 * testkit.UnitPrice)
				task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
				for range k {
					step(w, w.App)
				}
				w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
				if got := w.Task(task.ID); got.State != renewal.Cancelling || got.EndedBy != w.Buyer.Name || !got.EndedAt.IsZero() {
					t.Fatalf("after cancelling: %s by %q, ended at %s", got.State, got.EndedBy, got.EndedAt)
				}
				w.Rest()
				got := w.Task(task.ID)
				if got.State != renewal.CancelledT || got.Renewed != 100*k || w.Balance() != int64(301-100*k)*testkit.UnitPrice {
					t.Errorf("%s with %d renewed and %d cents left", got.State, got.Renewed, w.Balance())
				}
			})
		}
	})
}

// The worker steps as fast as it can while a person cancels: what was renewed when
// the person heard that the task stops is all that is ever renewed.
func TestPromise07CancelAgainstTheWorker(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for round := range 5 {
			w := tenant(t, w, fmt.Sprint("round-", round))
			w.Prices(100)
			w.AddMany(500, 24*time.Hour)
			w.Deposit(500 * testkit.UnitPrice)
			task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
			before := -1
			for _, err := range together(2, func(i int) error {
				if i == 0 {
					return work(w)
				}
				err := w.App.Cancel(w.Context(), w.Buyer, cancelNow(w, task.ID))
				if fault.KindOf(err) == fault.Conflict {
					return nil // the worker was faster than the person
				}
				if err != nil {
					return err
				}
				before = w.Task(task.ID).Renewed
				return nil
			}) {
				w.Must(err)
			}
			w.Rest()
			got := w.Task(task.ID)
			if before < 0 && got.State == renewal.Completed && got.Renewed == 500 {
				continue
			}
			if got.State != renewal.CancelledT || got.Renewed != before || w.Balance() != int64(500-before)*testkit.UnitPrice {
				t.Errorf("%s with %d renewed, %d at the time of cancelling, %d cents left", got.State, got.Renewed, before, w.Balance())
			}
		}
	})
}

// work steps the worker until it rests.
func work(w *testkit.World) error {
	for more := true; more; {
		var err error
		if more, err = w.App.WorkTasks(w.Context()); err != nil {
			return err
		}
	}
	return nil
}

// A task is cancelled while it is prepared: the worker that wakes up afterwards
// writes nothing more into it.
func TestPromise07CancelWhileGenerating(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(1500, 24*time.Hour)
		task := begin(w)
		sleeper, sleeping := beside(w, "sleeper")
		asleep := pauseBeginAfter(sleeping, "INSERT INTO item")
		slept := make(chan error, 1)
		go func() { _, err := sleeper.WorkTasks(w.Context()); slept <- err }()
		asleep.await(t, slept)
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
		cancelled, written := w.Task(task.ID), number(w, "SELECT COUNT(*) FROM item")
		close(asleep.release)
		w.Must(<-slept)
		w.Rest()
		if got, n := w.Task(task.ID), number(w, "SELECT COUNT(*) FROM item"); got != cancelled || n != written {
			t.Errorf("the cancelled task went from %+v with %d items to %+v with %d", cancelled, written, got, n)
		}
	})
}
