package app_test

import (
	"maps"
	"testing"
	"time"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// The horizon counts by the day of the billing zone, and is read once a minute.
func TestHorizonCountsByTheDayOfTheZone(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		// In Shanghai a day begins at 16:00 UTC; the clock stands at 06:00.
		auto, disk := testkit.Unit("auto", time.Hour), testkit.Unit("with-disk", 10*time.Hour)
		auto.Mode = renewal.Auto
		disk.Associated = []renewal.Instance{testkit.Disk(disk, "evs-1")}
		w.Add(auto, disk, testkit.Unit("today", 10*time.Hour-time.Millisecond), testkit.Unit("yesterday", -14*time.Hour-time.Millisecond),
			testkit.Unit("released", -30*renewal.Day), testkit.Unit("kept", -30*renewal.Day+time.Millisecond), testkit.Unit("far", 400*renewal.Day))
		read := func() map[string]int { return days(w, renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within7}) }
		want := map[string]int{"2026-10-23": 1, "2026-11-21": 1, "2026-11-22": 1, "2026-11-23": 1}
		if got := read(); !maps.Equal(got, want) {
			t.Errorf("counted %v, want %v", got, want)
		}
		w.AddMany(1, 10*time.Hour)
		if got := read(); !maps.Equal(got, want) {
			t.Errorf("read again within the minute: %v", got)
		}
		w.Clock.Advance(time.Minute)
		// What was kept is released meanwhile.
		if got := read(); !maps.Equal(got, map[string]int{"2026-11-21": 1, "2026-11-22": 1, "2026-11-23": 2}) {
			t.Errorf("a minute later: %v", got)
		}
	})
}

// days are the days of a horizon on which something expires.
func days(w *testkit.World, f renewal.Filter) map[string]int {
	h, err := w.App.Horizon(w.Context(), w.Account.ID, f)
	w.Must(err)
	found := map[string]int{}
	for n, units := range h.Days {
		if units > 0 {
			found[h.Today.AddDate(0, 0, n-renewal.HorizonPast).Format(time.DateOnly)] = units
		}
	}
	return found
}

// The horizon follows the filter in all but the expiry, and each of its days is the
// list that a filter for this day matches.
func TestHorizonFollowsTheFilter(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddEstate(600)
		for _, f := range []renewal.Filter{
			{}, {Status: []renewal.Status{renewal.Frozen}}, {Status: []renewal.Status{renewal.Expired, renewal.Provisioned}},
			{Released: 7}, {Expires: renewal.Within30, Late: true}, {Query: "kafka"},
		} {
			f.Tab = renewal.Manual
			found, total := days(w, f), 0
			for day, units := range found {
				list, err := w.App.List(w.Context(), w.Account.ID, renewal.Listing{Filter: f.OnDay(day), Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
				if w.Must(err); list.Matching != units {
					t.Errorf("%v: %d on %s, the list has %d", f, units, day, list.Matching)
				}
				total += units
			}
			f = f.Between("2026-10-23", "2027-02-19")
			list, err := w.App.List(w.Context(), w.Account.ID, renewal.Listing{Filter: f, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
			if w.Must(err); list.Matching != total || total == 0 {
				t.Errorf("%v: %d on all days, the list has %d", f, total, list.Matching)
			}
		}
	})
}
