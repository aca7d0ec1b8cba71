package billing_test

import (
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// A balance lasts up to the day on which what falls due, and falls due again after
// each term, is more than it.
func TestRunwayEndsOnTheDayThatIsNotCovered(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	usd := func(minor int64) money.Amount { return money.Of(minor, "USD") }
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, zone)
	}
	dues := []billing.Due{
		{At: day(2027, 1, 31).Add(23 * time.Hour), Period: renewal.Month, Amount: usd(100)},
		{At: day(2027, 2, 10).Add(time.Hour), Period: renewal.Year, Amount: usd(7)},
		{At: day(2027, 2, 10).Add(2 * time.Hour), Period: renewal.Year, Amount: usd(8)},
	}
	for _, c := range []struct {
		balance int64
		short   time.Time
	}{
		{99, day(2027, 1, 31)},
		{100, day(2027, 2, 10)},
		{114, day(2027, 2, 10)},
		{115, day(2027, 2, 28)},
		{215, day(2027, 3, 31)},
		{315, time.Time{}},
	} {
		got, err := billing.NewRunway(usd(c.balance), dues, day(2027, 4, 30))
		if err != nil || got.Total != usd(315) || !got.ShortFrom.Equal(c.short) {
			t.Errorf("with %d: %+v, %v, want %+v", c.balance, got, err, c)
		}
	}
	if got, err := billing.NewRunway(usd(0), nil, day(2027, 4, 30)); err != nil || !got.ShortFrom.IsZero() || !got.Total.IsZero() {
		t.Errorf("nothing falls due: %+v, %v", got, err)
	}
	huge := []billing.Due{{At: day(2027, 1, 1), Period: renewal.Month, Amount: usd(1 << 62)}}
	if _, err := billing.NewRunway(usd(0), huge, day(2027, 4, 30)); err == nil {
		t.Error("a sum overflowed")
	}
}

// Where clocks skip midnight, what falls due on that day does not fall due the day
// before.
func TestADayWithoutMidnightIsThatDay(t *testing.T) {
	zone, err := time.LoadLocation("America/Santiago") // no 00:00 on 6 September 2026
	if err != nil {
		t.Fatal(err)
	}
	due := billing.Due{At: time.Date(2026, 9, 6, 12, 0, 0, 0, zone), Period: renewal.Month, Amount: money.Of(1, "USD")}
	for balance, want := range []string{"2026-09-06", "2026-10-06"} {
		r, err := billing.NewRunway(money.Of(int64(balance), "USD"), []billing.Due{due}, due.At.AddDate(0, 3, 0))
		if got := r.ShortFrom.Format(time.DateOnly); err != nil || got != want {
			t.Errorf("%d last until %s, want %s: %v", balance, got, want, err)
		}
	}
}
