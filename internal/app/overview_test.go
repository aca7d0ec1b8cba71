package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// Every figure of the overview is what its list has.
func TestOverviewSaysWhatTheListsHave(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddEstate(1_500)
		w.Deposit(1_000_00)
		w.Coupon("ending", 30_00, func(c *billing.Coupon) { c.Until = w.Clock.Now().Add(13 * renewal.Day) })
		w.Coupon("later", 50_00, func(c *billing.Coupon) { c.Until = w.Clock.Now().Add(15 * renewal.Day) })
		o, err := w.App.Overview(w.Context(), w.Account.ID)
		w.Must(err)
		list := func(f renewal.Filter) (units int, fee int64) {
			l, err := w.App.List(w.Context(), w.Account.ID, renewal.Listing{Filter: f, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10_000})
			w.Must(err)
			for _, r := range l.Rows {
				fee += r.Quote.Fee.Minor
			}
			return l.Matching, fee
		}
		for _, c := range []struct {
			what   string
			filter renewal.Filter
			units  int
		}{
			{"soon", renewal.Filter{Expires: renewal.Within7}, o.Soon}, {"month", renewal.Filter{Expires: renewal.Within30}, o.Month},
			{"lapsed", renewal.Filter{Status: []renewal.Status{renewal.Expired, renewal.Frozen}}, o.Lapsed},
			{"releasing", renewal.Filter{Released: 2}, o.Releasing}, {"unpaid", renewal.Filter{Blocked: renewal.OrderPending}, o.Unpaid},
		} {
			c.filter.Tab = renewal.Manual
			if n, _ := list(c.filter); n != c.units || n == 0 {
				t.Errorf("%s: %d, the list has %d", c.what, c.units, n)
			}
		}
		// The discount is rounded once for all that expire together, so a sum may lie
		// beside that of the rows by less than a cent a row.
		near := func(what string, got money.Amount, f renewal.Filter) {
			n, fee := list(f)
			if d := got.Minor - fee; d > int64(n) || d < -int64(n) {
				t.Errorf("%s: %s, the list has %s in %d rows", what, got, money.Of(fee, got.Currency), n)
			}
		}
		near("due in 30 days", o.MonthFee, renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30})
		near("due in 7 days", o.SoonFee, renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within7})
		left := o.Wallet.Balance.Minor
		for _, m := range o.Months {
			between := func(tab renewal.Mode) renewal.Filter {
				return renewal.Filter{Tab: tab}.Between(m.From.Format(time.DateOnly), m.To.AddDate(0, 0, -1).Format(time.DateOnly))
			}
			near(m.From.String()+" manual", m.Manual, between(renewal.Manual))
			near(m.From.String()+" auto", m.Auto, between(renewal.Auto))
			if m.Total.Minor != m.Manual.Minor+m.Auto.Minor+m.Again.Minor || (m.Again.Minor > 0) == m.From.Equal(o.Months[0].From) {
				t.Errorf("%s: %s of %s due again", m.From, m.Again, m.Total)
			}
			if left -= m.Total.Minor; m.After.Minor != left {
				t.Errorf("%s: %s are left, want %d", m.From, m.After, left)
			}
		}
		units, fee := 0, int64(0)
		for n, s := range o.Services {
			near(s.Code, s.Fee, renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30, Services: []string{s.Code}})
			if n > 0 && s.Fee.Minor > o.Services[n-1].Fee.Minor {
				t.Errorf("%s stands below what costs less", s.Code)
			}
			units, fee = units+s.Units, fee+s.Fee.Minor
		}
		if fee != o.MonthFee.Minor || units == 0 || units > o.Month {
			t.Errorf("services have %d units for %d, the month %d for %s", units, fee, o.Month, o.MonthFee)
		}
		if o.Expiring.Minor != 30_00 {
			t.Errorf("%s on coupons that end soon", o.Expiring)
		}
		var months, services []string
		for _, m := range o.Months {
			months = append(months, m.From.Format(time.DateOnly)+" "+m.After.Plain())
		}
		for _, s := range o.Services {
			services = append(services, s.Code+" "+s.Fee.Plain())
		}
		same(t, "the file of the months", columnsOf(w, w.App.ExportForecast, 0, 6), months)
		same(t, "the file of the services", columnsOf(w, w.App.ExportServices, 0, 2), services)
	})
}

// columnsOf reads two columns of a file that the account exports.
func columnsOf(w *testkit.World, export func(context.Context, string, io.Writer) error, a, b int) (all []string) {
	w.Helper()
	var file bytes.Buffer
	w.Must(export(w.Context(), w.Account.ID, &file))
	rows, err := csv.NewReader(&file).ReadAll()
	w.Must(err)
	for _, r := range rows[1:] {
		all = append(all, r[a]+" "+r[b])
	}
	return all
}
