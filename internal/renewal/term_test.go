package renewal_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/renewal"
)

// zoneNames are billing zones that differ where it hurts: days that begin before
// and after UTC's, summer time at midnight, at night and not at all, half hours.
var zoneNames = []string{
	"UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Santiago", "America/Havana",
	"Asia/Beirut", "Africa/Cairo", "Atlantic/Azores", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati",
}

func zone(t interface{ Fatalf(string, ...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load zone %s: %v", name, err)
	}
	return z
}

const wallFormat = "2006-01-02 15:04:05"

func wall(t interface{ Fatalf(string, ...any) }, text string, z *time.Location) time.Time {
	at, err := time.ParseInLocation(wallFormat, text, z)
	if err != nil {
		t.Fatalf("read %q: %v", text, err)
	}
	return at.UTC()
}

func TestPromise15TermsLandOnTheAnchorDay(t *testing.T) {
	for _, c := range []struct {
		name, zone, effective, expiry string
		period                        renewal.Period
		want                          []string
	}{
		{"31 January by months", "UTC", "2026-01-31 10:00:00", "2027-01-31 10:00:00", renewal.Month,
			[]string{"2027-02-28 10:00:00", "2027-03-31 10:00:00", "2027-04-30 10:00:00", "2027-05-31 10:00:00"}},
		{"31 January in a leap year", "UTC", "2026-01-31 10:00:00", "2028-01-31 10:00:00", renewal.Month,
			[]string{"2028-02-29 10:00:00", "2028-03-31 10:00:00"}},
		{"over the year", "UTC", "2026-03-05 00:00:00", "2026-12-05 00:00:00", renewal.Month, []string{"2027-01-05 00:00:00"}},
		{"29 February by years", "UTC", "2024-02-29 08:00:00", "2028-02-29 08:00:00", renewal.Year,
			[]string{"2029-02-28 08:00:00", "2030-02-28 08:00:00", "2031-02-28 08:00:00", "2032-02-29 08:00:00"}},
		{"28 February is not the end of the month", "UTC", "2023-02-28 08:00:00", "2027-02-28 08:00:00", renewal.Year, []string{"2028-02-28 08:00:00"}},
		{"no leap year in 2100", "UTC", "2096-02-29 08:00:00", "2099-02-28 08:00:00", renewal.Year, []string{"2100-02-28 08:00:00"}},
		{"effective on a clamped day, expiry on the 31st", "Asia/Shanghai", "2026-11-30 23:59:59", "2026-12-31 23:59:59", renewal.Month,
			[]string{"2027-01-31 23:59:59", "2027-02-28 23:59:59", "2027-03-31 23:59:59"}},
		{"effective on 28 February, expiry on the 30th", "Asia/Shanghai", "2026-02-28 23:59:59", "2026-11-30 23:59:59", renewal.Month,
			[]string{"2026-12-30 23:59:59", "2027-01-30 23:59:59", "2027-02-28 23:59:59", "2027-03-30 23:59:59"}},
		{"local day after the UTC day", "Asia/Shanghai", "2026-01-31 02:00:00", "2026-02-28 02:00:00", renewal.Month,
			[]string{"2026-03-31 02:00:00", "2026-04-30 02:00:00"}},
		{"local day before the UTC day", "America/New_York", "2026-01-31 23:00:00", "2026-06-30 23:00:00", renewal.Month,
			[]string{"2026-07-31 23:00:00", "2026-08-31 23:00:00", "2026-09-30 23:00:00"}},
		{"summer time keeps the wall clock", "Europe/Berlin", "2026-01-15 09:00:00", "2026-03-15 09:00:00", renewal.Month,
			[]string{"2026-04-15 09:00:00", "2026-05-15 09:00:00"}},
		{"a skipped hour moves on", "Europe/Berlin", "2026-01-29 02:30:00", "2026-02-28 02:30:00", renewal.Month, []string{"2026-03-29 03:30:00", "2026-04-29 02:30:00"}},
		{"an hour that was never skipped stays", "Europe/Berlin", "2026-01-29 10:00:00", "2026-03-29 03:30:00", renewal.Month, []string{"2026-04-29 03:30:00"}},
		{"a skipped midnight stays on its day", "America/Santiago", "2026-01-06 00:00:00", "2026-08-06 00:00:00", renewal.Month,
			[]string{"2026-09-06 01:00:00", "2026-10-06 00:00:00"}},
		{"midnight skipped on the 1st of a month", "America/Asuncion", "2023-01-15 00:00:00", "2023-09-15 00:00:00", renewal.Month,
			[]string{"2023-10-15 00:00:00"}},
	} {
		z := zone(t, c.zone)
		expiry := wall(t, c.expiry, z)
		anchor := renewal.AnchorDay(wall(t, c.effective, z), expiry, z)
		for _, want := range c.want {
			expiry = renewal.Unit{Instance: renewal.Instance{Period: c.period, EffectiveAt: wall(t, c.effective, z), ExpiresAt: expiry, Anchor: anchor}}.NextExpiry(z)
			if got := expiry.In(z).Format(wallFormat); got != want {
				t.Errorf("%s: got %s, want %s", c.name, got, want)
			}
			if expiry.Location() != time.UTC {
				t.Errorf("%s: the expiry is not in UTC", c.name)
			}
		}
	}
}

func TestAnchorDay(t *testing.T) {
	for _, c := range []struct {
		zone, effective, expiry string
		want                    int
	}{
		{"UTC", "2026-01-15 00:00:00", "2026-02-15 00:00:00", 15},
		{"UTC", "2026-01-31 00:00:00", "2026-02-28 00:00:00", 31},
		{"UTC", "2026-01-31 00:00:00", "2028-02-29 00:00:00", 31},
		{"UTC", "2026-01-29 00:00:00", "2026-02-28 00:00:00", 29},
		{"UTC", "2026-01-28 00:00:00", "2026-02-28 00:00:00", 28},
		{"UTC", "2026-01-31 00:00:00", "2026-04-30 00:00:00", 31},
		{"UTC", "2026-01-31 00:00:00", "2028-02-28 00:00:00", 28}, // not the end of that month
		{"UTC", "2026-01-15 00:00:00", "2026-02-20 00:00:00", 20}, // aligned to a renewal date
		{"UTC", "2026-11-30 00:00:00", "2026-12-31 00:00:00", 31},
	} {
		z := zone(t, c.zone)
		if got := renewal.AnchorDay(wall(t, c.effective, z), wall(t, c.expiry, z), z); got != c.want {
			t.Errorf("effective %s, expiry %s: anchor %d, want %d", c.effective, c.expiry, got, c.want)
		}
	}
	// 31 January 20:00 in UTC is 1 February in Shanghai.
	effective, expiry := wall(t, "2026-01-31 20:00:00", time.UTC), wall(t, "2026-03-31 20:00:00", time.UTC)
	if got := renewal.AnchorDay(effective, expiry, zone(t, "Asia/Shanghai")); got != 1 {
		t.Errorf("the anchor is read in UTC: %d, want 1", got)
	}
}

// drawExpiry draws an instant in a zone; the hours near midnight and the small
// ones, in which clocks are changed, come often.
func drawExpiry(t *rapid.T, z *time.Location) time.Time {
	day := rapid.IntRange(0, 12*366).Draw(t, "day")
	hour := rapid.SampledFrom([]int{0, 0, 1, 2, 3, 9, 12, 23}).Draw(t, "hour")
	minute := rapid.SampledFrom([]int{0, 30, 59}).Draw(t, "minute")
	return time.Date(2024, 1, 1+day, hour, minute, 0, 0, z).UTC()
}

func TestPromise15MonthsNeverDriftOffTheAnchor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		first := drawExpiry(t, z)
		anchor := renewal.AnchorDay(drawExpiry(t, z), first, z)
		local := first.In(z)
		expiry := first
		for n := 1; n <= 30; n++ {
			next := renewal.AddTerm(anchor, expiry, renewal.Month, z)
			last := time.Date(local.Year(), local.Month()+time.Month(n)+1, 0, 12, 0, 0, 0, time.UTC)
			want := min(anchor, last.Day())
			if got := next.In(z); got.Month() != last.Month() || got.Year() != last.Year() || got.Day() != want {
				t.Fatalf("%d months after %v on anchor %d: %v, want day %d of %v", n, local, anchor, got, want, last.Month())
			}
			if !next.After(expiry) {
				t.Fatalf("%v after %v is no extension", next, expiry)
			}
			expiry = next
			once := renewal.AddMonths(anchor, first, n, z)
			if drift := expiry.Sub(once).Abs(); drift > time.Hour || (drift > 0 && local.Hour() > 3) {
				t.Fatalf("%d times one month %v, at once %v", n, expiry, once)
			}
		}
	})
}

func TestTwelveMonthsEqualOneYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		expiry := drawExpiry(t, z)
		anchor := renewal.AnchorDay(drawExpiry(t, z), expiry, z)
		year, months := renewal.AddTerm(anchor, expiry, renewal.Year, z), renewal.AddMonths(anchor, expiry, 12, z)
		if !year.Equal(months) {
			t.Fatalf("one year %v, twelve months %v", year, months)
		}
	})
}

// An hour that clocks skip delays the one expiry that meets it, and none after it:
// whatever the terms are, an instance expires as if they had been one.
func TestPromise15ASkippedHourDelaysOneExpiry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		effective := drawExpiry(t, z)
		anchor := effective.In(z).Day()
		before := rapid.IntRange(1, 12).Draw(t, "months before")
		u := renewal.Unit{Instance: renewal.Instance{Period: renewal.Month, EffectiveAt: effective,
			ExpiresAt: renewal.AddMonths(anchor, effective, before, z), Anchor: anchor}}
		yearly := u
		yearly.Period = renewal.Year
		year := yearly.NextExpiry(z)
		for n := 1; n <= 13; n++ {
			next := u.NextExpiry(z)
			if want := renewal.AddMonths(anchor, effective, before+n, z); !next.Equal(want) {
				t.Fatalf("%d months after %v, which expires at %v: %v, want %v", before+n, effective.In(z), u.ExpiresAt.In(z), next.In(z), want.In(z))
			}
			u.ExpiresAt = next
			if n == 12 && !next.Equal(year) {
				t.Fatalf("twelve months end at %v, one year at %v", next.In(z), year.In(z))
			}
		}
	})
}

func TestNextExpiryKeepsTheStoredAnchor(t *testing.T) {
	u := renewal.Unit{Instance: renewal.Instance{
		Period: renewal.Month, EffectiveAt: wall(t, "2026-11-30 00:00:00", time.UTC), ExpiresAt: wall(t, "2027-02-28 00:00:00", time.UTC),
	}}
	for anchor, want := range map[int]string{31: "2027-03-31", 30: "2027-03-30", 28: "2027-03-28", 0: "2027-03-30"} {
		u.Anchor = anchor
		if got := u.NextExpiry(time.UTC).Format(time.DateOnly); got != want {
			t.Errorf("anchor %d: %s, want %s", anchor, got, want)
		}
	}
}
