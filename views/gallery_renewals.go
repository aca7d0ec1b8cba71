package views

import (
	"time"

	"github.com/a-h/templ"

	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

func sampleUnit(id, name string, left time.Duration) RenewalRow {
	expires := sampleTime.Add(left)
	u := renewal.Unit{Instance: renewal.Instance{
		ID: id, Name: name, ServiceName: "Elastic Cloud Server", TypeName: "Cloud server", SpecCode: "s7.large.2",
		RegionName: "CN North-Beijing4", Project: "web-edge", OrderID: "CS02978106493163", Period: renewal.Month, Quantity: 1,
		EffectiveAt: expires.AddDate(0, -3, 0), ExpiresAt: expires, Mode: renewal.Manual,
	}}
	return RenewalRow{Unit: u, Status: renewal.DefaultRetention.StatusAt(expires, sampleTime), Priced: true,
		Quote: renewal.Quote{List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62)}}
}

// sampleRows have one row for each thing that a row can say.
func sampleRows() []RenewalRow {
	frozen := sampleUnit("ecs-1534c7d08666", "ml-train-238", -20*renewal.Day)
	expired := sampleUnit("ecs-190041b5973c", "prod-web-111", -3*renewal.Day)
	expired.Associated = []renewal.Instance{{ID: "evs-1", Name: "prod-web-111-system", TypeName: "Cloud disk", SpecCode: "GPSSD.40", Quantity: 1}}
	held := sampleUnit("ecs-2e334a242d01", "mail-relay-347", 9*time.Hour)
	held.Hold, held.Blocked = renewal.OrderPending, renewal.OrderPending
	noPrice := sampleUnit("ecs-4cde8794f02b", "legacy-app-004", 30*time.Minute)
	noPrice.Priced, noPrice.Blocked, noPrice.Project = false, renewal.NoPrice, ""
	yearly := sampleUnit("rds-795904e2feb6", "orders-db-334", 43*renewal.Day)
	yearly.ServiceName, yearly.SpecCode, yearly.Period = "Relational Database Service", "rds.pg.n1.2xlarge.4.ha", renewal.Year
	yearly.Quote = renewal.Quote{List: usd(2_136_00), Discount: usd(0), Fee: usd(2_136_00)}
	return []RenewalRow{frozen, expired, held, noPrice, yearly}
}

func sampleRenewals() RenewalsPage {
	rows := sampleRows()
	return RenewalsPage{
		Listing: renewal.Listing{Filter: renewal.Filter{Tab: renewal.Manual}, Sort: renewal.Sort{By: renewal.ByExpiry}},
		Now:     sampleTime, Zone: sampleZone, Retention: renewal.DefaultRetention, Currency: "USD",
		Tabs:     map[renewal.Mode]int{renewal.Manual: 8214, renewal.Auto: 1102, renewal.PayPerUse: 37, renewal.Cancelled: 12},
		Matching: 8214, Rows: rows, Next: renewal.Cursor{Number: 1, ID: rows[4].ID},
		Services: []ui.Option{{Value: "ec2", Label: "Elastic Cloud Server"}, {Value: "rds", Label: "Relational Database Service"}},
		Regions:  []ui.Option{{Value: "cn-north-4", Label: "CN North-Beijing4"}}, Projects: []ui.Option{{Value: "web-edge", Label: "web-edge"}},
		Views:    sampleViews(),
		MayRenew: true, MayImport: true,
	}
}

func sampleViews() []renewal.View {
	return []renewal.View{{ID: "v1", Name: "Beijing, next 30 days", Query: "expires=30d&region=cn-north-4&tab=manual", Opens: true},
		{ID: "v2", Name: "一个非常长的名字，用来查看菜单是否会被裁剪或者溢出屏幕的边缘", Query: "sort=-fee&tab=manual"}}
}

func renewalsSpecimens() []Specimen {
	page := func(theme string, change func(*RenewalsPage)) func() templ.Component {
		return func() templ.Component {
			p, s := sampleRenewals(), SampleShell("Renewals", NavRenewals)
			change(&p)
			s.Theme = theme
			return Layout(s, Renewals(p))
		}
	}
	empty := func(p *RenewalsPage) { p.Rows, p.Matching, p.Next = nil, 0, renewal.Cursor{} }
	fewest := func(p *RenewalsPage) { p.Preference.Hidden, p.Preference.Size = renewal.Columns, 20 }
	return []Specimen{
		{"page-renewals", true, page("", func(*RenewalsPage) {})},
		{"page-renewals-filtered-dark", true, page("dark", func(p *RenewalsPage) {
			p.Listing.Filter = renewal.Filter{Tab: renewal.Manual, Query: "prod", Status: renewal.Statuses[1:3], Expires: renewal.Within30, Late: true,
				Services: []string{"ec2", "gone"}, HideUnpaid: true, Packages: renewal.Hide, IDs: []string{"ecs-1", "ecs-2"}}
			p.Listing.Sort = renewal.Sort{By: renewal.ByFee, Desc: true}
			p.Previous, p.Matching, p.Preference.Compact = renewal.Cursor{Number: 1, ID: "a"}, 412, true
			p.Notices = []string{"The filter “region” was ignored: “mars” is not a value it knows."}
		})},
		{"page-renewals-fewest-columns", true, page("", fewest)},
		{"page-renewals-fewest-columns-compact-dark", true, page("dark", func(p *RenewalsPage) { fewest(p); p.Preference.Compact = true })},
		{"columns", false, func() templ.Component { return specimenColumns(sampleRenewals()) }},
		{"page-renewals-task", true, page("", func(p *RenewalsPage) {
			p.Task, p.Matching, p.Tabs[renewal.Manual] = sampleOpenTask(renewal.Ready), 10_902, 10_902 // as wide as a count gets
		})},
		{"page-renewals-viewer", true, page("", func(p *RenewalsPage) { p.MayRenew, p.MayImport = false, false })},
		{"page-renewals-nothing", true, page("", func(p *RenewalsPage) { empty(p); p.Listing.Tab = renewal.PayPerUse })},
		{"page-renewals-no-match", true, page("", func(p *RenewalsPage) { empty(p); p.Listing.Query = "zzz" })},
		{"page-renewals-choices-later", true, page("", func(p *RenewalsPage) {
			p.Services, p.Regions, p.Projects, p.ChoicesLater, p.Listing.Regions = nil, nil, nil, true, []string{"cn-north-4"}
		})},
		{"page-renewals-failed", true, page("", func(p *RenewalsPage) { empty(p); p.Listing.Expires, p.Failed = renewal.Within7, true })},
		{"page-saved-views", true, inShell("", "Saved views", NavRenewals, SavedViews(SavedViewsPage{Rows: []SavedView{
			{sampleViews()[0], "Expires: within 30 days · Region: CN North-Beijing4"}, {sampleViews()[1], "Everything on Manual Renewals"}}}))},
		{"page-saved-views-refused-dark", true, inShell("dark", "Saved views", NavRenewals, SavedViews(SavedViewsPage{Problem: "A name is 1 to 64 characters on one line."}))},
		{"page-horizon", true, inShell("", "Expiry horizon", NavRenewals, Horizon(sampleHorizon()))},
		{"page-horizon-none-dark", true, inShell("dark", "Expiry horizon", NavRenewals, Horizon(HorizonPage{Filter: renewal.Filter{Tab: renewal.Cancelled}}))},
		{"page-renewals-first-day", true, page("", func(p *RenewalsPage) { empty(p); p.Tabs, p.Projects = nil, nil })},
	}
}

func sampleOpenTask(state renewal.State) renewal.Task {
	return renewal.Task{ID: "t1", Number: 7, State: state, Units: 8214, Renewable: 8171, Renewed: 7850, SpentMinor: 18_240_55, FeeMinor: 18_981_85, ExpiresAt: sampleTime.Add(72 * time.Hour)}
}

func oneClickSpecimens() []Specimen {
	ask := OneClickPage{Filter: renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30}, Count: 8214, Recent: 14, Unpaid: 31,
		Email: "finance@acme.example", Key: "k-1", Page: true}
	changed, none, many, open := ask, ask, ask, ask
	changed.Problem = "8,216 instances match now, not 8,214. Check the new number, then prepare again."
	none.Count = 0
	many.Count = 10_902
	many.Offers = []OneClickOffer{{"Expires up to 2027-06-12", ask.Filter, 9998}, {"Service type: Elastic Cloud Server", ask.Filter, 4585}}
	open.Open = sampleOpenTask(renewal.Running)
	var all []Specimen
	for _, s := range []struct {
		name string
		page OneClickPage
	}{{"one-click", ask}, {"one-click-changed", changed}, {"one-click-none", none}, {"one-click-too-many", many}, {"one-click-open", open}} {
		all = append(all, Specimen{"page-" + s.name, true, func() templ.Component {
			return Layout(SampleShell("One-Click Renew", NavRenewals), OneClick(s.page))
		}})
	}
	return all
}

func instanceSpecimens() []Specimen {
	page := func(r RenewalRow, renewals ...InstanceRenewal) func() templ.Component {
		return func() templ.Component {
			return Layout(SampleShell(r.Name, NavRenewals), Instance(InstancePage{RenewalRow: r, NewExpiry: r.ExpiresAt.AddDate(0, 1, 0),
				Now: sampleTime, Zone: sampleZone, Retention: renewal.DefaultRetention, Renewals: renewals}))
		}
	}
	rows := sampleRows()
	line := func(id string, list, fee money.Amount) renewal.Line {
		return renewal.Line{InstanceID: id, List: list, Discount: usd(list.Minor - fee.Minor), Fee: fee}
	}
	expired := rows[1]
	expired.Quote.Lines = []renewal.Line{line(expired.ID, usd(35_00), usd(29_75)), line("evs-1", usd(2_20), usd(1_87))}
	ordered := rows[0]
	ordered.Blocked, ordered.Intent, ordered.IntentOrder = renewal.OrderPending, renewal.OrderPending, "RO-00012"
	may := InstancePage{RenewalRow: rows[0], NewExpiry: rows[0].ExpiresAt.AddDate(0, 1, 0), Now: sampleTime, Zone: sampleZone,
		Retention: renewal.DefaultRetention, OrderKey: "k1"}
	refused := may
	refused.Problem = "No order was placed: the fee rose and is $31.62 now. Check it, then place the order again."
	return []Specimen{
		{"page-instance-order", true, inShell("", rows[0].Name, NavRenewals, Instance(may))},
		{"page-instance-order-refused", true, inShell("dark", rows[0].Name, NavRenewals, Instance(refused))},
		{"page-instance-ordered", true, page(ordered)},
		{"page-instance", true, page(expired, InstanceRenewal{OrderID: "order-1", TaskID: "t0", TaskNumber: 6, By: "Li Na",
			At: sampleTime.AddDate(0, -1, 0), Period: renewal.Month, From: expired.ExpiresAt.AddDate(0, -1, 0), To: expired.ExpiresAt, Fee: usd(31_62)})},
		{"page-instance-blocked", true, page(rows[2])},
		{"page-instance-no-price", true, page(rows[3])},
	}
}
