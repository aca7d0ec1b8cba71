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
		read := func() map[string]int {
			h, err := w.App.Horizon(w.Context(), w.Account.ID, renewal.Manual)
			w.Must(err)
			if h.Today != "2026-11-22" {
				t.Errorf("today is %s", h.Today)
			}
			return h.Days
		}
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
