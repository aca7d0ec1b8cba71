package billing_test

import (
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Months are those of the billing zone, the first one begins today, and the balance
// goes on falling below zero, so that what is missing can be read.
func TestForecastByTheMonthsOfTheZone(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	usd := func(minor int64) money.Amount { return money.Of(minor, "USD") }
	at := func(text string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	dues := []billing.Due{
		{At: at("2026-11-21 23:59:59"), Mode: renewal.Manual, Period: renewal.Year, Amount: usd(1)}, // before today
		{At: at("2026-11-22 00:00:00"), Mode: renewal.Manual, Period: renewal.Year, Amount: usd(10)},
		{At: at("2026-11-30 23:59:59"), Mode: renewal.Auto, Period: renewal.Year, Amount: usd(200)},
		{At: at("2026-12-01 00:00:00"), Mode: renewal.Manual, Period: renewal.Year, Amount: usd(3_000)},
		{At: at("2027-01-31 23:59:59"), Mode: renewal.Auto, Period: renewal.Year, Amount: usd(40_000)},
		{At: at("2027-02-01 00:00:00"), Mode: renewal.Auto, Period: renewal.Year, Amount: usd(500_000)}, // too late
	}
	months, err := billing.NewForecast(usd(5_000), dues, at("2026-11-22 00:00:00"), 3)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		from                       string
		manual, auto, total, after int64
	}{{"2026-11-22", 10, 200, 210, 4_790}, {"2026-12-01", 3_000, 0, 3_000, 1_790}, {"2027-01-01", 0, 40_000, 40_000, -38_210}}
	for n, m := range months {
		w := want[n]
		if m.From.Format(time.DateOnly) != w.from || m.Manual.Minor != w.manual || m.Auto.Minor != w.auto || m.Total.Minor != w.total || m.After.Minor != w.after {
			t.Errorf("month %d: %+v, want %+v", n, m, w)
		}
	}
}

// What is renewed for a month falls due again in each month after, on its day or
// the last one before.
func TestForecastCountsWhatFallsDueAgain(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	usd := func(minor int64) money.Amount { return money.Of(minor, "USD") }
	day := func(month time.Month, day int) time.Time { return time.Date(2027, month, day, 23, 0, 0, 0, zone) }
	dues := []billing.Due{
		{At: day(1, 31), Mode: renewal.Manual, Period: renewal.Month, Amount: usd(1)},
		{At: day(2, 10), Mode: renewal.Auto, Period: renewal.Month, Amount: usd(20)},
		{At: day(1, 15), Mode: renewal.Manual, Period: renewal.Year, Amount: usd(300)},
		{At: day(1, 1).Add(-48 * time.Hour), Mode: renewal.Manual, Period: renewal.Month, Amount: usd(4_000)}, // before today
	}
	months, err := billing.NewForecast(usd(0), dues, time.Date(2027, 1, 1, 0, 0, 0, 0, zone), 4)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []struct{ manual, auto, again, after int64 }{
		{301, 0, 4_000, -4_301}, {0, 20, 4_001, -8_322}, {0, 0, 4_021, -12_343}, {0, 0, 4_021, -16_364},
	} {
		if m := months[n]; m.Manual.Minor != want.manual || m.Auto.Minor != want.auto || m.Again.Minor != want.again ||
			m.Total.Minor != want.manual+want.auto+want.again || m.After.Minor != want.after {
			t.Errorf("month %d: %+v, want %+v", n, m, want)
		}
	}
}
