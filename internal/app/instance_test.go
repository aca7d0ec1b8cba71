package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

func TestInstanceShowsTheRenewalsMadeHere(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		u := testkit.Unit("ecs-1", 24*time.Hour)
		u.Associated = []renewal.Instance{testkit.Disk(u, "evs-1")}
		w.Add(u, testkit.Unit("ecs-2", 48*time.Hour))
		w.Deposit(1_000_000)
		first := w.Confirm(w.Prepare(testkit.Everything).ID)
		second := w.Confirm(w.Prepare(testkit.Everything).ID)

		got, err := w.App.Instance(w.Context(), w.Account.ID, "ecs-1")
		w.Must(err)
		if len(got.Renewals) != 2 || len(got.Associated) != 1 || got.Quote.Fee.Minor != testkit.UnitPrice+testkit.DiskPrice {
			t.Fatalf("%d renewals, %d associated, fee %s", len(got.Renewals), len(got.Associated), got.Quote.Fee)
		}
		for n, task := range []renewal.Task{second, first} {
			r := got.Renewals[n]
			if r.TaskID != task.ID || r.TaskNumber != task.Number || r.By != w.Buyer.Name || r.OrderID == "" ||
				r.InstanceID != "ecs-1" || r.Fee.Minor != testkit.UnitPrice+testkit.DiskPrice {
				t.Errorf("renewal %d is %+v", n, r)
			}
		}
		if earlier := got.Renewals[1]; !earlier.OldExpiry.Equal(u.ExpiresAt) || !earlier.NewExpiry.Equal(got.Renewals[0].OldExpiry) ||
			!got.Renewals[0].NewExpiry.Equal(got.ExpiresAt) {
			t.Errorf("the expiries do not join: %+v", got.Renewals)
		}
	})
}

func TestAssociatedResourceLeadsToItsUnit(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	u := testkit.Unit("ecs-1", -40*renewal.Day)
	u.Associated = []renewal.Instance{testkit.Disk(u, "evs-1")}
	w.Add(u)
	got, err := w.App.Instance(t.Context(), w.Account.ID, "evs-1")
	w.Must(err)
	if got.ID != "ecs-1" || got.Status != renewal.Released || got.Blocked != renewal.ReleasedInstance || got.Priced {
		t.Errorf("found %s, %s, %s, priced %t", got.ID, got.Status, got.Blocked, got.Priced)
	}
	_, err = w.App.Instance(t.Context(), w.Account.ID, "nothing")
	wantKind(t, err, fault.NotFound, "no such instance")
}

// Promise 21: no row of another account is shown, whoever asks and however.
func TestPromise21ListsShowNothingOfAnotherAccount(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		estate(w)
		other, err := w.App.CreateAccount(w.Context(), app.AccountInput{ID: "other", Name: "Other", Currency: "USD", Zone: "UTC", Email: "o@other.example", GraceDays: 15, RetentionDays: 15})
		w.Must(err)
		everything := renewal.Listing{Filter: testkit.Everything, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 50}
		page, err := w.App.List(w.Context(), other.ID, everything)
		w.Must(err)
		scope, err := w.App.Scope(w.Context(), other.ID, testkit.Everything)
		w.Must(err)
		facets, err := w.App.Facets(w.Context(), other.ID)
		w.Must(err)
		tabs, urgent, err := w.App.TabCounts(w.Context(), other.ID)
		w.Must(err)
		if page.Matching+len(page.Rows)+scope.Count+len(facets.Services)+len(facets.Projects)+len(tabs)+urgent > 0 {
			t.Errorf("shown: %d, %d, %d, %v, %v", page.Matching, len(page.Rows), scope.Count, facets, tabs)
		}
		if lines := exported(t, w, other.ID, everything); len(lines) != 1 {
			t.Errorf("exported %v", lines)
		}
		_, err = w.App.Instance(w.Context(), other.ID, "Ecs-100")
		wantKind(t, err, fault.NotFound, "no such instance")
	})
}

func exported(t *testing.T, w *testkit.World, accountID string, l renewal.Listing) [][]string {
	t.Helper()
	var file bytes.Buffer
	w.Must(w.App.Export(w.Context(), accountID, l, &file))
	lines, err := csv.NewReader(&file).ReadAll()
	w.Must(err)
	return lines
}

// The export has every unit of the list, over all its pages, in its order.
func TestExportIsTheList(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2_100, time.Hour)
		odd := testkit.Unit("odd", 2*renewal.Day)
		odd.Name, odd.Hold, odd.SpecCode = `=HYPERLINK("x")`, renewal.OrderPending, "unheard-of"
		w.Add(odd)
		l := renewal.Listing{Filter: renewal.Filter{Tab: renewal.Manual, Query: "o"}, Sort: renewal.Sort{By: renewal.ByName, Desc: true}, Size: 200}
		var want []string
		for page := (app.Renewals{}); len(want) == 0 || !page.Next.IsZero(); {
			var err error
			l.After = page.Next
			page, err = w.App.List(w.Context(), w.Account.ID, l)
			w.Must(err)
			for _, r := range page.Rows {
				want = append(want, r.ID)
			}
		}
		lines := exported(t, w, w.Account.ID, l)
		var got []string
		for _, line := range lines[1:] {
			got = append(got, line[0])
			if line[0] == "odd" && !slices.Equal(line[1:4], []string{`'=HYPERLINK("x")`, "expiring", "order_pending"}) {
				t.Errorf("the odd one reads %v", line)
			}
		}
		if !slices.Equal(got, want) || len(got) != 2_101 {
			t.Errorf("exported %d, listed %d", len(got), len(want))
		}
	})
}

// The choices of the menus are read once a minute. Old ones are shown while they are
// read again, and none that are older than an hour.
func TestFacetsAreReadOnceAMinute(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	add := func(n int) {
		u := testkit.Unit(fmt.Sprintf("ecs-%d", n), time.Hour)
		u.RegionCode, u.RegionName = fmt.Sprintf("r-%d", n), fmt.Sprintf("Region %d", n)
		w.Add(u)
	}
	regions := func() int {
		f, err := w.App.Facets(t.Context(), w.Account.ID)
		w.Must(err)
		return len(f.Regions)
	}
	add(1)
	if n := regions(); n != 1 {
		t.Fatalf("%d regions", n)
	}
	add(2)
	w.Clock.Advance(time.Minute - time.Millisecond)
	w.Clock.Set(testkit.Start.Add(time.Hour))
	if n := regions(); n != 1 {
		t.Errorf("read again within the minute: %d", n)
	}
	w.Clock.Advance(time.Millisecond)
	if n := regions(); n != 1 {
		t.Errorf("a minute later the page waits: %d regions", n)
	}
	w.Clock.Advance(time.Hour)
	if n := regions(); n != 2 {
		t.Errorf("an hour later there are %d regions", n)
	}
}
