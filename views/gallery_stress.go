package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// Names and sums at the ends of what they may be. No page may clip, scroll
// sideways or reorder its numbers because of them.
const (
	unbroken = "an_instance_whose_name_is_sixty_four_characters_without_a_break_"
	chinese  = "华北区生产环境支付网关主节点"
	arabic   = "خادم الدفع 12 (الرئيسي)"
	hebrew   = "שרת-תשלומים-7"
	emoji    = "🚀 launch-👩🏽‍🚀-🇨🇭"
	person   = "Maria-Magdalena von Hohenzollern-Sigmaringen und zu Waldburg-Zeil"
	address  = "maria-magdalena.von-hohenzollern-sigmaringen@procurement.subsidiary.acme-group.example"
	region   = "Asia Pacific (Bangkok-Samut Prakan-Nonthaburi metropolitan zone)"
	service  = "Distributed Message Service for Kafka with Dedicated Brokers"
)

// The largest sum that the console is made for has nine digits.
func most() money.Amount { return usd(123_456_789_00) }

// stressNames are the names with what else of an operator's choice stands beside them.
func stressNames() []struct{ name, region, service, project, person string } {
	return []struct{ name, region, service, project, person string }{
		{unbroken, region, service, unbroken, person},
		{chinese, "华北-北京四", "弹性云服务器", "核心交易", "陈伟"},
		{arabic, "الشرق الأوسط (الرياض 1)", "خادم سحابي مرن", "المدفوعات", "ليلى بنت عبد الرحمن"},
		{hebrew, "תל אביב 1", "Elastic Cloud Server", "תשלומים", "נועה לוי"},
		{emoji, "CN-Hong Kong", "Elastic Cloud Server", "🚀", "Zoë 🌻"},
		{"a", "X", "S", "", "W"},
	}
}

func stressShell(theme string, active NavKey) Shell {
	s := SampleShell(unbroken, active)
	s.Theme, s.UserName, s.UserEmail, s.AccountName = theme, person, address, arabic
	s.Zone = "America/Argentina/ComodRivadavia (UTC−3)"
	s.Now = Now{Balance: most(), Unread: 10_000, Urgent: 10_000,
		Chip: Chip{ID: "t1", State: "suspended", Label: "Paused", Detail: most().String() + " short", Href: TaskPath("t1")}}
	s.Flashes = []ui.Flash{{Kind: ui.OK, Text: "Topped up " + most().String() + "."}}
	return s
}

func stressed(theme string, active NavKey, body templ.Component) func() templ.Component {
	return func() templ.Component { return Layout(stressShell(theme, active), body) }
}

func stressRenewals(compact bool) RenewalsPage {
	p := sampleRenewals()
	p.Rows, p.Preference.Compact, p.Matching = nil, compact, 10_000
	p.Tabs = map[renewal.Mode]int{renewal.Manual: 10_000, renewal.Auto: 1, renewal.PayPerUse: 0, renewal.Cancelled: 10_000}
	for n, s := range stressNames() {
		row := sampleUnit("ecs-1534c7d0866"+itoa(n), s.name, time.Duration(n-2)*renewal.Day)
		row.RegionName, row.ServiceName, row.Project = s.region, s.service, s.project
		row.Quote = renewal.Quote{List: most(), Discount: usd(1), Fee: usd(most().Minor - 1)}
		p.Rows = append(p.Rows, row)
	}
	p.Rows[0].ID, p.Rows[0].SpecCode, p.Rows[0].OrderID = unbroken, "distributed.kafka.dedicated.16u128g.cluster.high-throughput", "CS"+strings.Repeat("0123456789", 3)
	p.Rows[0].Hold, p.Rows[0].Blocked = renewal.ConvertingToPayPerUse, renewal.ConvertingToPayPerUse
	p.Rows[1].Associated = []renewal.Instance{{TypeName: "云硬盘"}, {TypeName: "云硬盘"}}
	p.Rows[5].Quote = renewal.Quote{List: usd(1), Discount: usd(0), Fee: usd(1)}
	p.Listing.Query, p.Listing.Projects, p.Listing.Name = arabic, []string{unbroken, hebrew, emoji}, chinese
	p.Task = sampleOpenTask(renewal.Running)
	p.Task.Renewable, p.Task.Renewed, p.Task.SpentMinor = 10_000, 9_999, most().Minor
	return p
}

// stressTask names everything that a review names, and costs as much as can be.
func stressTask(state renewal.State) TaskPage {
	p := sampleFunds(state)
	p.Task.CreatedBy, p.Email, p.Scope = person, address, renewal.Filter{Query: arabic, Projects: []string{hebrew, unbroken}}.Words(renewal.Names{})
	if p.Task.ConfirmedBy != "" {
		p.Task.ConfirmedBy = stressNames()[2].person
	}
	p.Card = billing.Card{ID: "card-1", Brand: "American Express", LastFour: "0005"}
	p.Sources = map[string]string{"c1": unbroken, "c2": arabic, "card-1": p.Card.String()}
	p.Balance = most()
	p.Wallet = billing.Wallet{Balance: most(), CreditLimit: most(), CreditUsed: usd(0)}
	p.Discounts = []billing.KindSum{{Kind: billing.Contract, Amount: most()}, {Kind: billing.Promotional, Amount: most()}}
	p.Plan.Total, p.Plan.Due, p.Plan.CardCharges = most(), most(), 10_000
	for kind := range p.Plan.Legs {
		p.Plan.Legs[kind] = most()
	}
	p.Plan.Coupons[0].Coupon.Name, p.Plan.Coupons[1].Coupon.Name, p.Plan.Idle[0].Coupon.Name = unbroken, arabic, hebrew
	for n := range p.Plan.Coupons {
		p.Plan.Coupons[n].Amount, p.Plan.Coupons[n].Units, p.Plan.Coupons[n].Coupon.Remaining = most(), 10_000, most()
	}
	p.Plan.Idle[0].Coupon.Remaining = most()
	p.Task.FeeMinor, p.Task.ListMinor, p.Task.SpentMinor = most().Minor, most().Minor, most().Minor
	first, names := p.List.Rows[0], stressNames()
	p.List.Rows = nil
	for n, s := range names {
		row := first
		row.Number, row.InstanceID, row.Name, row.ServiceName, row.RegionName = n+1, "ecs-"+itoa(n), s.name, s.service, s.region
		row.List, row.Discount, row.Fee = most(), most(), most()
		if row.Earlier != nil {
			earlier := *row.Earlier
			earlier.By, earlier.Fee = s.person, most()
			row.Earlier = &earlier
		}
		p.List.Rows = append(p.List.Rows, row)
	}
	p.List.Matching = len(p.List.Rows)
	return p
}

func stressOrder(id string, s billing.OrderStatus, n int) OrderRow {
	o, names := sampleOrder(id, s), stressNames()[n]
	o.PreparedBy, o.CreatedBy = names.person, names.person
	if o.ConfirmedBy != "" {
		o.ConfirmedBy = stressNames()[2].person
	}
	o.List, o.Discount, o.Fee = most(), most(), most()
	for i := range o.Lines {
		l := &o.Lines[i]
		l.Name, l.RegionName, l.ServiceName, l.Project = names.name, names.region, names.service, names.project
		l.List, l.Discount, l.Fee = most(), most(), most()
	}
	for i := range o.Legs {
		o.Legs[i].Amount = most()
	}
	return o
}

func stressOrders(s billing.OrderStatus) OrdersPage {
	p := sampleOrders()
	p.Rows, p.Waiting, p.Sources = nil, 10_000, map[string]string{"SPRING-26": arabic, "c1": unbroken}
	for n := range stressNames() {
		p.Rows = append(p.Rows, stressOrder("RO-1000"+itoa(n), s, n))
	}
	return p
}

func stressSpecimens() []Specimen {
	overview := sampleOverview()
	overview.Services = nil
	for n, s := range stressNames() {
		overview.Services = append(overview.Services, ServiceFee{itoa(n), s.service, 10_000, most()})
	}
	overview.Wallet.Balance, overview.SoonFee, overview.MonthFee, overview.Expiring = most(), most(), most(), most()
	overview.Soon, overview.Lapsed, overview.Releasing, overview.Month = 10_000, 10_000, 10_000, 10_000
	overview.Unpaid, overview.Waiting, overview.Unknown = 10_000, 10_000, 10_000
	saved := SavedViewsPage{}
	for _, s := range stressNames() {
		saved.Rows = append(saved.Rows, SavedView{renewal.View{ID: s.name, Name: s.name}, renewal.Filter{Name: s.name, Projects: []string{"web", s.project}[:min(2, 1+len(s.project))]}.Words(renewal.Names{})})
	}
	instance := stressRenewals(false).Rows[0]
	about := InstancePage{RenewalRow: instance, NewExpiry: instance.ExpiresAt.AddDate(0, 1, 0), Now: sampleTime, Zone: sampleZone, Retention: renewal.DefaultRetention}
	wallet := sampleWallet()
	wallet.Balance, wallet.CreditLimit, wallet.CreditUsed, wallet.LowMark, wallet.InCoupon, wallet.Owed = most(), most(), most(), most(), most(), most()
	wallet.Open[0].By, wallet.Open[0].Amount, wallet.Declined[0].By, wallet.Declined[0].Amount = arabic, most(), person, most()
	for n := range wallet.Entries {
		e := &wallet.Entries[n]
		e.Amount, e.After, e.Reference = most(), most(), unbroken
	}
	coupons := sampleCoupons()
	for n, s := range stressNames() {
		coupons.Rows[n].Name, coupons.Rows[n].Face, coupons.Rows[n].Remaining = s.name, most(), most()
	}
	past := stressOrders(billing.OrderCompleted)
	past.History, past.Matching, past.Paid = true, 10_000, most()
	pay := samplePay(stressOrder("RO-10001", billing.PendingPayment, 0), stressOrder("RO-10002", billing.PendingPayment, 2))
	pay.Plan.Coupons[0].Coupon.Name, pay.Plan.Total, pay.Plan.Due, pay.Wallet.Balance = arabic, most(), most(), most()
	order := OrderPage{OrderRow: stressOrder("RN-0007-00412", billing.OrderCompleted, 2), Now: sampleTime, Zone: sampleZone, MayPay: true, Role: "Buyer",
		Sources: map[string]string{"SPRING-26": arabic, "c1": unbroken}}
	order.Attempts = []billing.Payment{order.Payment}
	one := sampleTask(renewal.Ready, renewal.ListRenewable)
	one.Task.Units, one.Task.Renewable, one.Task.Blocked, one.Tallies = 2, 1, 1, one.Tallies[:1]
	one.Tallies[0].Units, one.List.Rows, one.List.Matching = 1, one.List.Rows[:1], 1
	one.Plan.Shortfall, one.Lacking, one.Plan.Covered, one.Stop = usd(1), usd(1), 0, one.List.Rows[0].Item
	list := sampleRenewals()
	list.Rows, list.Matching, list.Next, list.Projects = list.Rows[:1], 1, renewal.Cursor{}, nil
	list.Tabs = map[renewal.Mode]int{renewal.Manual: 1}
	single := sampleOverview()
	single.Soon, single.Lapsed, single.Releasing, single.Month, single.Unpaid, single.Waiting, single.Unknown = 1, 1, 1, 1, 1, 1, 1
	single.Task.Renewable, single.Task.Renewed = 1, 0
	ask := OneClickPage{Filter: renewal.Filter{Tab: renewal.Manual}, Count: 1, Recent: 1, Unpaid: 1, Email: address, Key: "k-1", Page: true}
	return []Specimen{
		{"page-one-overview", true, inShell("", "Overview", NavOverview, Overview(single))},
		{"page-one-renewals", true, inShell("", "Renewals", NavRenewals, Renewals(list))},
		{"page-one-one-click", true, inShell("", "One-Click Renew", NavRenewals, OneClick(ask))},
		{"page-one-review", true, inShell("", "Task RT-0007", NavTasks, Task(one))},
		{"one-confirm", false, func() templ.Component { return Confirm(ConfirmPage{TaskPage: one, Key: "k", Again: 1}) }},
		{"page-stress-overview", true, stressed("", NavOverview, Overview(overview))},
		{"page-stress-renewals", true, stressed("", NavRenewals, Renewals(stressRenewals(false)))},
		{"page-stress-renewals-compact-dark", true, stressed("dark", NavRenewals, Renewals(stressRenewals(true)))},
		{"page-stress-instance", true, stressed("", NavRenewals, Instance(about))},
		{"page-stress-saved-views", true, stressed("", NavRenewals, SavedViews(saved))},
		{"page-stress-review", true, stressed("", NavTasks, Task(stressTask(renewal.Ready)))},
		{"page-stress-receipt-dark", true, stressed("dark", NavTasks, Task(stressTask(renewal.Completed)))},
		{"stress-confirm", false, func() templ.Component { return Confirm(ConfirmPage{TaskPage: stressTask(renewal.Ready), Key: "k"}) }},
		{"page-stress-orders", true, stressed("", NavOrders, Orders(stressOrders(billing.PendingPayment)))},
		{"page-stress-order-dark", true, stressed("dark", NavOrders, Order(order))},
		{"page-stress-pay", true, stressed("", NavOrders, Pay(pay))},
		{"page-stress-history", true, stressed("", NavHistory, History(past))},
		{"page-stress-wallet", true, stressed("", NavWallet, Wallet(wallet))},
		{"page-stress-coupons", true, stressed("", NavCoupons, Coupons(coupons))},
	}
}
