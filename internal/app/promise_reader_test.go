package app_test

import (
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// Amounts of any size tell two forms apart, not only those of small change.
func TestPromise06AnotherLargeTotalIsAnotherForm(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		book(w, map[string]int64{"a": 12_345_678})
		w.Add(withSpec("u1", "a", 24*time.Hour))
		w.Deposit(12_345_678)
		task := w.Prepare(testkit.Everything)
		w.Must(w.App.Confirm(t.Context(), w.Buyer, seenForm(task, "key", false)))
		wantKind(t, w.App.Confirm(t.Context(), w.Buyer, seenForm(task, "key", true)), fault.Conflict, "other values")
		w.Rest()
	})
}

// Nothing of a task that was cancelled while it was prepared can be prepared: some
// of its units were never looked at.
func TestPromise03ATaskCancelledWhileGeneratingLeavesNothing(t *testing.T) {
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
		close(asleep.release)
		w.Must(<-slept)
		if got := w.Task(task.ID); got.Left() != 0 || got.LeftMinor != 0 || got.FeeMinor != 0 {
			t.Errorf("%d units for %d are left of a task that was not prepared", got.Left(), got.LeftMinor)
		}
		_, err := w.App.StartFromLeft(t.Context(), w.Buyer, task.ID, w.App.NewKey())
		wantKind(t, err, fault.Conflict, "left nothing")
	})
}

// The prices of a paused task are looked up again: that is no new suspension, and
// nobody is reminded of the day twice.
func TestPromise19ANewQuoteRemindsOfNothingAgain(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 1000)
		w.Clock.Set(task.SuspendedAt.Add(30 * time.Hour))
		w.Rest()
		want := []string{"task_ready" + toAccount, "task_suspended" + toBoth, "task_suspended" + toBoth}
		same(t, "told on day 1", told(w), want)
		book(w, map[string]int64{"a": 1000, "b": 1251, "c": 300})
		w.Deposit(5000)
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "rose")
		w.Rest()
		same(t, "told after the new quote", told(w), want)
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
	})
}

// What is missing follows the prices that are asked now.
func TestPromise10TheShortfallFollowsTheQuotes(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 1000)
		book(w, map[string]int64{"a": 1000, "b": 1750, "c": 300})
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "rose")
		if got := w.Task(task.ID); got.Shortfall != 1750+300+1000 || got.Shortfall != got.LeftMinor {
			t.Errorf("%d are missing, want %d", got.Shortfall, 1750+300+1000)
		}
		// What was quoted anew is what prices say: nobody looks it up once more.
		w.Deposit(10_000)
		if task = w.Confirm(task.ID); task.State != renewal.Completed || task.SpentMinor != 1000+1750+300+1000 {
			t.Errorf("%s after %d", task.State, task.SpentMinor)
		}
		if n := number(w, "SELECT COUNT(*) FROM audit WHERE action = 'requote'"); n != 1 {
			t.Errorf("quoted anew %d times", n)
		}
	})
}

// Continue asks for what the next unit costs now, not for what it cost when it was
// quoted.
func TestPromise11AFallIsEnoughToContinue(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 2200) // 12.00 are left for a unit of 12.50
		book(w, map[string]int64{"a": 1000, "b": 1200, "c": 300})
		if task = w.Continue(task.ID); task.State != renewal.Suspended || task.Renewed != 2 || w.Balance() != 0 {
			t.Errorf("%s with %d renewed, balance %d", task.State, task.Renewed, w.Balance())
		}
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
	})
}

// A unit that an import moved to another region or service is not what was
// reviewed, though its expiry, order and specification are.
func TestPromise11AnotherRegionOrServiceIsNotWhatWasQuoted(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		withDisk := testkit.Unit("u3", 26*time.Hour)
		withDisk.Associated = []renewal.Instance{testkit.Disk(withDisk, "u3-disk")}
		w.Add(testkit.Unit("u1", 24*time.Hour), testkit.Unit("u2", 25*time.Hour), withDisk, testkit.Unit("u4", 27*time.Hour))
		w.Deposit(10_000)
		task := w.Prepare(testkit.Everything)
		change(w, "u1", func(i *renewal.Instance) { i.RegionCode = "cn-east-3" })
		change(w, "u2", func(i *renewal.Instance) { i.ServiceCode = "hws.service.type.ebs" })
		change(w, "u3-disk", func(i *renewal.Instance) { i.RegionCode = "cn-east-3" })
		task = w.Confirm(task.ID)
		same(t, "outcome", items(w, task.ID), []string{"u1 failed changed_since_review", "u2 failed changed_since_review",
			"u3 failed changed_since_review", "u4 renewed "})
		if w.Balance() != 10_000-testkit.UnitPrice {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

// What a task left may have gone to another tab since. It is listed, with the
// reason, and no price is asked for it.
func TestPromise03LeftUnitsOfAnotherTabAreNotRenewable(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		first := w.Prepare(testkit.Everything)
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, first.ID)))
		change(w, "ecs-00001", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		id, err := w.App.StartFromLeft(t.Context(), w.Buyer, first.ID, w.App.NewKey())
		w.Must(err)
		w.Rest()
		same(t, "units", items(w, id), []string{"ecs-00000 waiting ", "ecs-00001 blocked changed_since_review", "ecs-00002 waiting "})
		if got := w.Task(id); got.State != renewal.Ready || got.Renewable != 2 || got.FeeMinor != 2*testkit.UnitPrice {
			t.Errorf("%d renewable for %d", got.Renewable, got.FeeMinor)
		}
	})
}

// The same transfer is not booked twice because a blank was copied with it.
func TestPromise06AReferenceIsTheSameWithBlanksAroundIt(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		deposit := func(reference string) error {
			return w.App.Deposit(t.Context(), app.Operator(w.Account.ID), w.Account.ID, money.Of(500, "USD"), "2026-11-20", reference)
		}
		w.Must(deposit("TR-1"))
		wantKind(t, deposit(" TR-1\t"), fault.Conflict, "booked already")
		for _, bad := range []string{"  ", "TR\n2", "TR\x00"} {
			wantKind(t, deposit(bad), fault.Invalid, "reference")
		}
		if w.Balance() != 500 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}
