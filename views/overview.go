package views

import (
	"net/url"
	"strconv"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// OverviewPage is how things stand with an account.
type OverviewPage struct {
	Wallet   billing.Wallet
	Runway   billing.Runway
	Horizon  HorizonPage
	Months   []billing.Month
	Services []ServiceFee // of what expires within 30 days, the most costly first
	Now      time.Time
	Zone     *time.Location

	Soon, Month       int
	SoonFee, MonthFee money.Amount
	Lapsed, Releasing int

	Unpaid, Waiting, Unknown int
	Expiring                 money.Amount
	Task                     renewal.Task
}

// ServiceFee is what the units of one service cost.
type ServiceFee struct {
	Code, Name string
	Units      int
	Fee        money.Amount
}

func manualList(change func(*renewal.Filter)) string {
	f := renewal.Filter{Tab: renewal.Manual}
	change(&f)
	return RenewalsPath(f.Values())
}

func (p OverviewPage) soonHref() string {
	return manualList(func(f *renewal.Filter) { f.Expires = renewal.Within7 })
}

func (p OverviewPage) monthHref() string {
	return manualList(func(f *renewal.Filter) { f.Expires = renewal.Within30 })
}

func (p OverviewPage) lapsedHref() string {
	return manualList(func(f *renewal.Filter) { f.Status = []renewal.Status{renewal.Expired, renewal.Frozen} })
}

func (p OverviewPage) lapsedNote() string {
	if p.Releasing == 0 {
		return "none released within 2 days"
	}
	return ui.Count(p.Releasing) + " released within 2 days"
}

func (p OverviewPage) covers() string {
	return WalletPage{Runway: p.Runway, Now: p.Now, Zone: p.Zone}.covers()
}

// forecast is the chart of the months.
func (p OverviewPage) forecast() ui.ForecastArgs {
	a := ui.ForecastArgs{Summary: "What falls due in each month, and the balance left"}
	for _, m := range p.Months {
		a.Months = append(a.Months, ui.ForecastMonth{
			Label: m.From.Format("Jan"), Title: m.From.Format("2006-01"), Manual: m.Manual, Auto: m.Auto, Again: m.Again, Total: m.Total, After: m.After,
			ManualHref: monthHref(m, renewal.Manual), AutoHref: monthHref(m, renewal.Auto),
		})
	}
	return a
}

func monthHref(m billing.Month, tab renewal.Mode) string {
	f := renewal.Filter{Tab: tab}.Between(m.From.Format(time.DateOnly), m.To.AddDate(0, 0, -1).Format(time.DateOnly))
	return RenewalsPath(f.Values())
}

// href is the list of what a service costs within 30 days.
func (s ServiceFee) href() string {
	return manualList(func(f *renewal.Filter) { f.Expires, f.Services = renewal.Within30, []string{s.Code} })
}

// share is how wide the bar of a service is, out of a hundred of the widest.
func (p OverviewPage) share(s ServiceFee) string {
	most := max(p.Services[0].Fee.Minor, 1)
	return strconv.FormatInt(max(s.Fee.Minor/max(most/100, 1), 1), 10)
}

// attention is one thing that somebody should look at.
type attention struct {
	label, value, href string
}

func (p OverviewPage) attention() []attention {
	var all []attention
	add := func(there bool, label, value, href string) {
		if there {
			all = append(all, attention{label, value, href})
		}
	}
	add(p.Releasing > 0, "Released within 2 days", ui.Count(p.Releasing), manualList(func(f *renewal.Filter) { f.Released = 2 }))
	add(p.Unpaid > 0, "Blocked by unpaid orders", ui.Count(p.Unpaid), manualList(func(f *renewal.Filter) { f.Blocked = renewal.OrderPending }))
	add(p.Waiting > 0, "Orders waiting for payment", ui.Count(p.Waiting), OrdersPath(url.Values{"status": {billing.PendingPayment.Code()}}))
	add(p.Unknown > 0, "Top-ups not known yet", ui.Count(p.Unknown), WalletPath(nil))
	add(!p.Expiring.IsZero(), "Coupons ending in 14 days", p.Expiring.String(), CouponsPath())
	add(p.Wallet.Low(), "Balance below its mark", p.Wallet.Balance.String(), WalletPath(nil))
	return all
}
