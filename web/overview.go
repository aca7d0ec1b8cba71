package web

import (
	"io"

	"perennial/internal/renewal"
	"perennial/views"
)

// overview is how things stand.
func (s *server) overview(c *call) error {
	o, err := s.App.Overview(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	facets, err := s.App.Facets(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	names := facets.Names()
	p := views.OverviewPage{
		Wallet: o.Wallet, Runway: o.Runway, Months: o.Months, Now: s.Clock.Now(), Zone: c.account().Zone,
		Horizon: views.HorizonPage{Filter: renewal.Filter{Tab: renewal.Manual}, Days: o.Horizon.Days, Today: o.Horizon.Today, Retention: o.Horizon.Retention, Names: names},
		Soon:    o.Soon, SoonFee: o.SoonFee, Month: o.Month, MonthFee: o.MonthFee, Lapsed: o.Lapsed, Releasing: o.Releasing,
		Unpaid: o.Unpaid, Waiting: o.Waiting, Unknown: o.Unknown, Expiring: o.Expiring, Task: o.Task,
	}
	for _, fee := range o.Services {
		p.Services = append(p.Services, views.ServiceFee{Code: fee.Code, Name: names.Services[fee.Code], Units: fee.Units, Fee: fee.Fee})
	}
	return c.show(page{title: "Overview", nav: views.NavOverview, body: views.Overview(p)})
}

// monthsFile is what falls due by month as CSV.
func (s *server) monthsFile(c *call) error {
	return c.file("months", func(to io.Writer) error { return s.App.ExportForecast(c.ctx(), c.account().ID, to) })
}

// servicesFile is what falls due by service as CSV.
func (s *server) servicesFile(c *call) error {
	return c.file("services", func(to io.Writer) error { return s.App.ExportServices(c.ctx(), c.account().ID, to) })
}
