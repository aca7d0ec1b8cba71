package app_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// estate is made so that every filter, boundary and tie has units on both sides.
func estate(w *testkit.World) []renewal.Unit {
	day, ms := renewal.Day, time.Millisecond
	lefts := []time.Duration{-40 * day, -30 * day, -30*day + ms, -29 * day, -23 * day, -15*day - ms, -15 * day, -15*day + ms,
		-day, -ms, 0, ms, day, 7*day - ms, 7 * day, 7*day + ms, 9*day + 17*time.Hour, 9*day + 18*time.Hour, 15 * day, 30*day - ms, 30 * day, 200 * day}
	names := []string{"Alpha", "alpha", "Ärger-1", "ärger-2", "50%_off", "x!y", "prod-web", "PROD-db", "日本-01", "ß-street"}
	holds := append([]renewal.Reason{"", "", ""}, renewal.Holds()...)
	renewed := []time.Time{{}, {}, testkit.Start.Add(-31 * day), testkit.Start.Add(-30 * day), testkit.Start.Add(-time.Hour)}
	var all []renewal.Unit
	for n := range 240 {
		u := testkit.Unit(fmt.Sprintf("Ecs-%03d", n), lefts[n%len(lefts)])
		u.Name = names[n%len(names)]
		u.ServiceCode = []string{"ec2", "ebs", "vpc"}[n%3]
		u.RegionCode = []string{"north", "south"}[n%2]
		u.Project = []string{"", "web", "data"}[n/3%3]
		u.OrderID = fmt.Sprintf("CS-%d", n%7)
		u.Mode = renewal.Modes[max(0, n%7-3)]
		u.Package = n%5 == 0
		u.Hold = holds[n%len(holds)]
		u.RenewedAt = renewed[n%len(renewed)]
		if n%6 == 0 {
			disk := testkit.Disk(u, u.ID+"-disk")
			disk.Mode = u.Mode
			u.Associated = append(u.Associated, disk)
		}
		all = append(all, u)
	}
	w.Add(all...)
	order(w, all)
	return all
}

// order has orders of ours wait for some of the units.
func order(w *testkit.World, all []renewal.Unit) {
	w.Helper()
	prices := renewal.PriceBook{}
	for _, u := range all {
		for _, i := range u.All() {
			prices[renewal.PriceOf(i)] = usd(testkit.UnitPrice)
		}
	}
	w.ReplacePrices(prices)
	placed := 0
	for n := range all {
		if n%3 != 2 || all[n].Hold != "" {
			continue
		}
		_, err := w.App.PlaceOrder(w.Context(), w.Buyer, app.PlaceInput{InstanceID: all[n].ID, Fee: 2 * testkit.UnitPrice, Key: w.App.NewKey()})
		if err == nil {
			all[n].Intent = renewal.OrderPending
			placed++
		}
	}
	if placed < 5 {
		w.Fatalf("%d orders wait", placed)
	}
}

// matches is the filter said once more, without spans and without SQL.
func matches(f renewal.Filter, u renewal.Unit, now time.Time, zone *time.Location) bool {
	e, day := u.ExpiresAt, u.ExpiresAt.In(zone).Format(time.DateOnly)
	status := renewal.DefaultRetention.StatusAt(e, now)
	if u.Mode != f.Tab || status == renewal.Released {
		return false
	}
	shown := status
	if status == renewal.Expiring && slices.Contains(f.Status, renewal.Provisioned) {
		shown = renewal.Provisioned
	}
	late := f.Late && !e.After(now)
	within := map[renewal.Expires]time.Duration{"7d": 7 * renewal.Day, "15d": 15 * renewal.Day, "30d": 30 * renewal.Day}[f.Expires]
	inWindow := f.Expires == "" || within > 0 && !e.Before(now) && e.Before(now.Add(within)) ||
		f.Expires == "range" && (f.From == "" || day >= f.From) && (f.To == "" || day <= f.To)
	has := func(chosen []string, one string) bool { return len(chosen) == 0 || slices.Contains(chosen, one) }
	part := func(text, of string) bool { return strings.Contains(store.Fold(of), store.Fold(text)) }
	recent := !u.RenewedAt.IsZero() && !u.RenewedAt.Before(now.Add(-30*renewal.Day))
	choice := func(c renewal.Choice, is bool) bool { return c == renewal.Any || is == (c == renewal.Only) }
	return (len(f.Status) == 0 || slices.Contains(f.Status, shown)) &&
		(inWindow || late) &&
		(f.Released == 0 || !e.Add(30*renewal.Day).After(now.Add(time.Duration(f.Released)*renewal.Day))) &&
		(f.Query == "" || part(f.Query, u.Name) || part(f.Query, u.ID) || part(f.Query, u.OrderID)) &&
		(f.Name == "" || part(f.Name, u.Name)) &&
		(f.Order == "" || f.Order == u.OrderID) &&
		has(f.IDs, u.ID) && has(f.Services, u.ServiceCode) && has(f.Regions, u.RegionCode) && has(f.Projects, u.Project) &&
		(f.Blocked == "" || f.Blocked == u.Hold || f.Blocked == u.Intent) &&
		!(f.HideUnpaid && (u.Hold == renewal.OrderPending || u.Intent == renewal.OrderPending)) &&
		choice(f.Renewed, recent) && choice(f.Packages, u.Package)
}

func maybe[T any](t *rapid.T, name string, values ...T) (v T) {
	if rapid.IntRange(0, 6).Draw(t, name+"?") == 0 {
		v = rapid.SampledFrom(values).Draw(t, name)
	}
	return v
}

func drawFilter(t *rapid.T) renewal.Filter {
	f := renewal.Filter{
		Tab:      rapid.SampledFrom([]renewal.Mode{renewal.Manual, renewal.Manual, renewal.Auto, renewal.PayPerUse}).Draw(t, "tab"),
		Query:    maybe(t, "q", "alpha", "ÄRGER", "%", "_", "!", "cs-3", "ECS-01", "日本", "SS-street", "nobody"),
		Status:   maybe(t, "status", renewal.Statuses[:1], renewal.Statuses[1:3], renewal.Statuses[3:], renewal.Statuses[2:]),
		Expires:  maybe(t, "expires", renewal.Within7, renewal.Within15, renewal.Within30, renewal.ExpiryRange),
		Released: maybe(t, "released", 2, 7),
		Blocked:  maybe(t, "blocked", append(renewal.Holds(), renewal.RenewalInProgress, renewal.OrderPending)...),
		Renewed:  maybe(t, "renewed", renewal.Hide, renewal.Only),
		Name:     maybe(t, "name", "prod", "50%", "x!", "Ä"),
		Order:    maybe(t, "order", "CS-1", "cs-1", "CS-6"),
		Services: maybe(t, "service", []string{"ec2"}, []string{"ebs", "vpc"}),
		Regions:  maybe(t, "region", []string{"north"}, []string{"nowhere"}),
		Projects: maybe(t, "project", []string{"web"}, []string{"web", "data"}),
		IDs:      maybe(t, "ids", []string{"Ecs-000", "Ecs-001", "Ecs-002", "Ecs-006-disk", "x"}),
		Packages: maybe(t, "packages", renewal.Hide, renewal.Only), HideUnpaid: maybe(t, "unpaid", true),
	}
	if f.Expires == renewal.ExpiryRange {
		f.From, f.To = maybe(t, "from", "2026-11-15", "2026-12-01"), maybe(t, "to", "2026-12-01", "2026-12-02")
	}
	f.Late = f.Expires != "" && rapid.Bool().Draw(t, "late")
	return f
}

// expected are the IDs of the matching units in the order of the list.
func expected(all []renewal.Unit, f renewal.Filter, s renewal.Sort, now time.Time, zone *time.Location) []string {
	var found []renewal.Unit
	for _, u := range all {
		if matches(f, u, now, zone) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b renewal.Unit) int {
		order := map[renewal.SortKey]int{
			renewal.ByExpiry: a.ExpiresAt.Compare(b.ExpiresAt), renewal.ByName: cmp.Compare(store.Fold(a.Name), store.Fold(b.Name)),
		}[s.By]
		order = cmp.Or(order, cmp.Compare(a.ID, b.ID))
		if s.Desc {
			return -order
		}
		return order
	})
	ids := []string{}
	for _, u := range found {
		ids = append(ids, u.ID)
	}
	return ids
}

// Whatever is asked for, the list has what the rule says, in its order, page by
// page forwards and back again over ties.
func TestListIsWhatTheFilterSays(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		all := estate(w)
		now := w.Clock.Now()
		rapid.Check(t, func(t *rapid.T) {
			l := renewal.Listing{Filter: drawFilter(t), Size: rapid.SampledFrom([]int{7, 50, 200}).Draw(t, "size"), Sort: renewal.Sort{
				By:   rapid.SampledFrom([]renewal.SortKey{renewal.ByExpiry, renewal.ByName, renewal.ByFee}).Draw(t, "sort"),
				Desc: rapid.Bool().Draw(t, "desc"),
			}}
			want := expected(all, l.Filter, l.Sort, now, w.Account.Zone)
			last := walk(t, w, l, want)
			if len(want) > 0 {
				walkBack(t, w, l, last, want)
			}
		})
	})
}

func list(t *rapid.T, w *testkit.World, l renewal.Listing) (app.Renewals, []string) {
	page, err := w.App.List(w.Context(), w.Account.ID, l)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, r := range page.Rows {
		ids = append(ids, r.ID)
	}
	return page, ids
}

// walk reads all pages forwards and returns the last one.
func walk(t *rapid.T, w *testkit.World, l renewal.Listing, want []string) app.Renewals {
	got := []string{}
	for {
		page, ids := list(t, w, l)
		if got = append(got, ids...); page.Matching != len(want) {
			t.Fatalf("%d match, want %d", page.Matching, len(want))
		}
		if first := l.After.IsZero(); first != page.Previous.IsZero() {
			t.Fatalf("there is a page before the first, or none before another")
		}
		if page.Next.IsZero() {
			if !slices.Equal(got, want) {
				t.Fatalf("listed %v, want %v", got, want)
			}
			return page
		}
		l.After = page.Next
	}
}

// walkBack reads all pages from the last to the first.
func walkBack(t *rapid.T, w *testkit.World, l renewal.Listing, page app.Renewals, want []string) {
	got := []string{}
	for _, r := range page.Rows {
		got = append(got, r.ID)
	}
	for !page.Previous.IsZero() {
		l.After, l.Before = renewal.Cursor{}, page.Previous
		var ids []string
		page, ids = list(t, w, l)
		if got = append(ids, got...); page.Next.IsZero() {
			t.Fatal("a page before another one has none after it")
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("backwards %v, want %v", got, want)
	}
}

// The counts on the tabs leave out what is released, and what is urgent ends
// before 7 days are over, to the millisecond.
func TestTabsCountWhatTheirListsHold(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		now, want, wantUrgent := w.Clock.Now(), map[renewal.Mode]int{}, 0
		for _, u := range estate(w) {
			if renewal.DefaultRetention.StatusAt(u.ExpiresAt, now) == renewal.Released {
				continue
			}
			want[u.Mode]++
			if u.ExpiresAt.Before(now.Add(7 * renewal.Day)) {
				wantUrgent++
			}
		}
		tabs, urgent, err := w.App.TabCounts(w.Context(), w.Account.ID)
		w.Must(err)
		if !maps.Equal(tabs, want) || len(tabs) != len(renewal.Modes) || urgent != wantUrgent {
			t.Errorf("the tabs count %v, %d urgent; want %v, %d", tabs, urgent, want, wantUrgent)
		}
	})
}
