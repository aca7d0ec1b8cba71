package renewal_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/renewal"
)

// matches says from the words of the product rules, sections 2 and 4, and of the
// interface whether an expiry is listed under the part of a filter that speaks of
// time. It shares nothing with Spans.
func matches(f renewal.Filter, expiry, now time.Time, r renewal.Retention, z *time.Location) bool {
	freezes := expiry.Add(r.Grace)
	released := freezes.Add(r.Frozen)
	if !now.Before(released) {
		return false
	}
	is := map[renewal.Status]bool{
		"provisioned": now.Before(expiry),
		"expiring":    now.Before(expiry) && expiry.Sub(now) <= 7*24*time.Hour,
		"expired":     !now.Before(expiry) && now.Before(freezes),
		"frozen":      !now.Before(expiry) && !now.Before(freezes),
	}
	if len(f.Status) > 0 && !slices.ContainsFunc(f.Status, func(s renewal.Status) bool { return is[s] }) {
		return false
	}
	if f.Released > 0 && released.Sub(now) > time.Duration(f.Released)*24*time.Hour {
		return false
	}
	if f.Expires == "" || f.Late && (is["expired"] || is["frozen"]) {
		return true
	}
	if f.Expires == "range" {
		day := expiry.In(z).Format(time.DateOnly)
		return (f.From == "" || day >= f.From) && (f.To == "" || day <= f.To)
	}
	hours := map[renewal.Expires]time.Duration{"7d": 7 * 24, "15d": 15 * 24, "30d": 30 * 24}[f.Expires]
	return !expiry.Before(now) && expiry.Before(now.Add(hours*time.Hour))
}

func within(spans []renewal.Span, at time.Time) bool {
	return slices.ContainsFunc(spans, func(s renewal.Span) bool {
		return !at.Before(s.From) && (s.To.IsZero() || at.Before(s.To))
	})
}

func drawTimeFilter(t *rapid.T, now time.Time, z *time.Location) renewal.Filter {
	f := renewal.Filter{Tab: renewal.Manual}
	for _, s := range renewal.Statuses {
		if rapid.IntRange(0, 3).Draw(t, string(s)) == 0 {
			f.Status = append(f.Status, s)
		}
	}
	f.Expires = rapid.SampledFrom([]renewal.Expires{"", "7d", "15d", "30d", "range", "range"}).Draw(t, "expires")
	f.Late = rapid.Bool().Draw(t, "late")
	f.Released = rapid.SampledFrom([]int{0, 0, 2, 7}).Draw(t, "released")
	if f.Expires == "range" {
		day := func(name string) string {
			n := rapid.IntRange(-40, 40).Draw(t, name)
			if n == 40 {
				return ""
			}
			return now.In(z).AddDate(0, 0, n).Format(time.DateOnly)
		}
		f.From, f.To = day("from"), day("to")
	}
	return f
}

func TestSpansAreWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		now := drawExpiry(t, z).Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "moment")) * ms)
		r := renewal.Retention{
			Grace:  time.Duration(rapid.SampledFrom([]int{0, 1, 15, 60}).Draw(t, "grace")) * renewal.Day,
			Frozen: time.Duration(rapid.SampledFrom([]int{0, 1, 15, 60}).Draw(t, "frozen")) * renewal.Day,
		}
		f := drawTimeFilter(t, now, z)
		spans := f.Spans(now, r, z)
		for i, s := range spans {
			if !s.To.IsZero() && !s.From.Before(s.To) {
				t.Fatalf("empty span %v", s)
			}
			if i > 0 && (spans[i-1].To.IsZero() || !spans[i-1].To.Before(s.From)) {
				t.Fatalf("%v and %v are not apart", spans[i-1], s)
			}
		}
		// Everything interesting happens at an edge, so each is tried from both
		// sides, and the beginnings of all days around now.
		edges := []time.Time{now, now.Add(-r.Grace), now.Add(-r.Grace - r.Frozen)}
		for _, days := range []int{2, 7, 15, 30} {
			edges = append(edges, now.Add(time.Duration(days)*renewal.Day), now.Add(-r.Grace-r.Frozen+time.Duration(days)*renewal.Day))
		}
		for days := -42; days <= 42; days++ {
			local := now.In(z)
			edges = append(edges, time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, z).UTC())
		}
		for _, s := range spans {
			edges = append(edges, s.From)
			if !s.To.IsZero() {
				edges = append(edges, s.To)
			}
		}
		for _, edge := range edges {
			for _, step := range []time.Duration{-time.Hour, -ms, 0, ms, time.Hour} {
				expiry := edge.Add(step)
				if got, want := within(spans, expiry), matches(f, expiry, now, r, z); got != want {
					t.Fatalf("%+v at %v in %v: expiry %v is listed: %v, want %v; spans %v", f, now, z, expiry, got, want, spans)
				}
			}
		}
	})
}

func TestSpansAgreeWithStatusAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expiry := now.Add(time.Duration(rapid.Int64Range(-45*86_400_000, 45*86_400_000).Draw(t, "offset")) * ms)
		if rapid.Bool().Draw(t, "edge") {
			days := rapid.SampledFrom([]int{-30, -15, 0, 7}).Draw(t, "days")
			expiry = now.Add(time.Duration(days)*renewal.Day + time.Duration(rapid.IntRange(-1, 1).Draw(t, "moment"))*ms)
		}
		is := renewal.DefaultRetention.StatusAt(expiry, now)
		for _, s := range renewal.Statuses {
			spans := renewal.Filter{Status: []renewal.Status{s}}.Spans(now, renewal.DefaultRetention, time.UTC)
			want := is == s || s == renewal.Provisioned && is == renewal.Expiring
			if within(spans, expiry) != want {
				t.Fatalf("%v before expiry the status is %s, and the filter %s says %v", expiry.Sub(now), is, s, !want)
			}
		}
		if all := (renewal.Filter{}).Spans(now, renewal.DefaultRetention, time.UTC); within(all, expiry) != (is != renewal.Released) {
			t.Fatalf("%s is listed: %v", is, within(all, expiry))
		}
	})
}

func TestSpansOfDates(t *testing.T) {
	for _, c := range []struct {
		zone, from, to  string
		first, lastPast string // wall times: the first that matches, the first that does not any more
	}{
		{"UTC", "2026-12-01", "2026-12-01", "2026-12-01 00:00:00", "2026-12-02 00:00:00"},
		{"Asia/Shanghai", "2026-12-01", "2026-12-31", "2026-12-01 00:00:00", "2027-01-01 00:00:00"},
		{"America/New_York", "2027-03-14", "2027-03-14", "2027-03-14 00:00:00", "2027-03-15 00:00:00"}, // 23 hours long
		{"America/Santiago", "2027-09-05", "2027-09-05", "2027-09-05 01:00:00", "2027-09-06 00:00:00"}, // has no midnight
		{"America/Santiago", "2027-09-04", "2027-09-04", "2027-09-04 00:00:00", "2027-09-05 01:00:00"},
	} {
		z := zone(t, c.zone)
		f := renewal.Filter{Expires: renewal.ExpiryRange, From: c.from, To: c.to}
		want := []renewal.Span{{From: wall(t, c.first, z), To: wall(t, c.lastPast, z)}}
		if got := f.Spans(now, renewal.DefaultRetention, z); !slices.Equal(got, want) {
			t.Errorf("%s to %s in %s: %v, want %v", c.from, c.to, c.zone, got, want)
		}
	}
}

func TestSpansOfNothing(t *testing.T) {
	f := renewal.Filter{Status: []renewal.Status{renewal.Frozen}, Expires: renewal.Within7}
	if got := f.Spans(now, renewal.DefaultRetention, time.UTC); len(got) != 0 {
		t.Errorf("a frozen instance that expires in the next 7 days: %v", got)
	}
}
