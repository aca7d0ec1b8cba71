package app_test

import (
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// What a person changes is in the counts of the next page, though counts are kept: an
// order that is made, what a task renews, what an import brings.
func TestCountsKnowAtOnceWhatThisServerChanged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(60, renewal.Day)
		w.Deposit(60 * testkit.UnitPrice)
		soon := renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30}
		unpaid := renewal.Filter{Tab: renewal.Manual, HideUnpaid: true}
		want := func(step string, all, within30, paid, urgent int) {
			t.Helper()
			for f, n := range map[*renewal.Filter]int{{Tab: renewal.Manual}: all, &soon: within30, &unpaid: paid} {
				page, err := w.App.List(t.Context(), w.Account.ID, renewal.Listing{Filter: *f, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
				w.Must(err)
				if page.Matching != n {
					t.Errorf("%s: %d match %v, want %d", step, page.Matching, f.Values(), n)
				}
			}
			tabs, n, err := w.App.TabCounts(t.Context(), w.Account.ID)
			w.Must(err)
			if tabs[renewal.Manual] != all || n != urgent {
				t.Errorf("%s: the tab counts %d, %d urgent, want %d, %d", step, tabs[renewal.Manual], n, all, urgent)
			}
		}
		want("before", 60, 60, 60, 60)
		id, err := w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "ecs-00000", Fee: testkit.UnitPrice, Key: w.App.NewKey()})
		w.Must(err)
		want("an order waits", 60, 60, 59, 60)
		w.Must(w.App.CancelOrder(t.Context(), w.Buyer, id, w.App.NewKey()))
		want("the order is cancelled", 60, 60, 60, 60)
		w.Confirm(w.Prepare(testkit.Everything).ID)
		want("all are renewed", 60, 0, 60, 0)
		w.Add(testkit.Unit("ecs-new", time.Hour))
		want("one is imported", 61, 1, 61, 1)
	})
}

// What another server changes is in the counts two seconds later.
func TestCountsOfOthersChangesMayBeTwoSecondsOld(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(60, renewal.Day)
	other, err := store.Open(t.Context(), w.Location)
	w.Must(err)
	defer func() { w.Must(other.Close()) }()
	matching := func() int {
		t.Helper()
		page, err := w.App.List(t.Context(), w.Account.ID, renewal.Listing{Filter: testkit.Everything, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
		w.Must(err)
		return page.Matching
	}
	before := matching()
	there := testkit.WorldOf(t, other, w.Account.ID)
	there.Add(testkit.Unit("ecs-new", time.Hour))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, before}, {2*time.Second - 1, before}, {1, before + 1}} {
		w.Clock.Advance(step.after)
		if n := matching(); n != step.want {
			t.Errorf("%s later %d match, want %d", step.after, n, step.want)
		}
	}
}

// A person who has imported finds the new choices in the filters at once.
func TestChoicesKnowWhatWasImported(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	regions := func() int {
		t.Helper()
		f, err := w.App.Facets(t.Context(), w.Account.ID)
		w.Must(err)
		return len(f.Regions)
	}
	if n := regions(); n != 0 {
		t.Fatalf("%d regions in an empty account", n)
	}
	imports(w, app.ImportsInstances, csvOf(testkit.Unit("ecs-1", renewal.Day)))
	if n := regions(); n != 1 {
		t.Errorf("%d regions after an import", n)
	}
}
