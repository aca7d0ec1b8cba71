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
		{At: at("2026-11-21 23:59:59"), Mode: renewal.Manual, Amount: usd(1)}, // before today
		{At: at("2026-11-22 00:00:00"), Mode: renewal.Manual, Amount: usd(10)},
		{At: at("2026-11-30 23:59:59"), Mode: renewal.Auto, Amount: usd(200)},
		{At: at("2026-12-01 00:00:00"), Mode: renewal.Manual, Amount: usd(3_000)},
		{At: at("2027-01-31 23:59:59"), Mode: renewal.Auto, Amount: usd(40_000)},
		{At: at("2027-02-01 00:00:00"), Mode: renewal.Auto, Amount: usd(500_000)}, // too late
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
