package views

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

var sampleSources = map[string]string{"SPRING-26": "Spring 2026", "c1": "Visa •••• 4242"}

// sampleOrder is an order of one server with its disk in some status.
func sampleOrder(id string, s billing.OrderStatus) OrderRow {
	at := hoursAgo(26)
	line := func(instance, name, service, spec string, list, fee int64) billing.OrderLine {
		return billing.OrderLine{InstanceID: instance, Name: name, ServiceCode: "hws.service.type.ec2", ServiceName: service, SpecCode: spec,
			RegionCode: "cn-north-4", RegionName: "CN North-Beijing4", Project: "payments", Period: renewal.Month, Quantity: 1,
			OldExpiry: sampleTime.Add(9 * renewal.Day), NewExpiry: sampleTime.Add(39 * renewal.Day), List: usd(list), Discount: usd(list - fee),
			DiscountKind: "contract", Fee: usd(fee)}
	}
	o := OrderRow{PreparedBy: "Li Na", Order: billing.Order{
		ID: id, AccountID: "a", Status: s, List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62), CreatedAt: at, CreatedBy: "Li Na",
		Lines: []billing.OrderLine{
			line("ecs-8f21", "payments-gateway-prod-01", "Elastic Cloud Server", "c7.xlarge.2", 32_00, 27_20),
			line("evs-11c0", "payments-gateway-prod-01-system", "Elastic Volume Service", "SSD.100", 5_20, 4_42),
		}}}
	switch s {
	case billing.PendingPayment:
		o.ExpiresAt = at.Add(billing.PayWithin)
	case billing.Processing:
		o.AttemptID, o.ConfirmedBy = "p7", "Wei Chen"
		o.Payment = billing.Payment{ID: "p7", State: billing.PaymentUnknown, Amount: usd(31_62), Charged: usd(19_57), CardID: "c1", GatewayID: "pay_9k2m1", CreatedAt: hoursAgo(0), CreatedBy: "Wei Chen"}
	case billing.OrderCompleted:
		o.TaskID, o.TaskNumber, o.ConfirmedBy = "t1", 7, "Wei Chen"
		o.PaymentID, o.AttemptID, o.PaidAt = "01a1f0c4-0b00-7000-8000-3f1b1f1b1f1b", "p7", hoursAgo(25)
		o.Payment = billing.Payment{ID: o.PaymentID, State: billing.PaymentCaptured, Amount: usd(31_62), Charged: usd(19_57), CardID: "c1",
			GatewayID: "pay_9k2m1", CreatedAt: hoursAgo(25), CreatedBy: "Wei Chen", SettledAt: hoursAgo(25)}
	case billing.OrderCancelled:
		o.Why, o.EndedAt = billing.CancelledUnpaid, hoursAgo(2)
	}
	if s == billing.OrderCompleted || s == billing.Processing {
		o.Legs = []billing.Leg{{Kind: billing.FromCoupon, Source: "SPRING-26", Amount: usd(5_00)},
			{Kind: billing.FromBalance, Amount: usd(7_05)}, {Kind: billing.FromCard, Source: "c1", Amount: usd(19_57)}}
	}
	return o
}

func sampleOrders() OrdersPage {
	refunded := sampleOrder("RN-0006-00413", billing.OrderCancelled)
	refunded.Why = billing.CancelledRefunded
	alone := sampleOrder("RO-00011", billing.PendingPayment)
	alone.Lines = alone.Lines[:1]
	return OrdersPage{
		Rows: []OrderRow{sampleOrder("RO-00012", billing.PendingPayment), alone, sampleOrder("RO-00010", billing.Processing),
			sampleOrder("RN-0007-00412", billing.OrderCompleted), sampleOrder("RO-00009", billing.OrderCancelled), refunded},
		Older: renewal.Cursor{ID: "1"}, Newer: renewal.Cursor{ID: "2"}, Waiting: 2, Now: sampleTime, Zone: sampleZone, MayPay: true, Sources: sampleSources,
	}
}

func samplePay(orders ...OrderRow) PayPage {
	p := PayPage{Wallet: billing.Wallet{Balance: usd(52_00), CreditLimit: usd(0), CreditUsed: usd(0)}, Zone: sampleZone, Key: "k1", Sources: sampleSources,
		Plan: billing.Plan{Total: usd(63_24), Due: usd(58_24), Shortfall: usd(0), Legs: map[billing.LegKind]money.Amount{
			billing.FromCoupon: usd(5_00), billing.FromBalance: usd(52_00), billing.FromCard: usd(6_24)},
			Coupons: []billing.Spending{{Coupon: billing.Coupon{ID: "SPRING-26", Name: "Spring 2026"}, Amount: usd(5_00), Units: 1}},
			Idle:    []billing.Idle{{Coupon: billing.Coupon{Name: "Ten years together", Remaining: usd(2_000_00)}, Why: billing.CouponNotNeeded}}},
		Card: sampleCards()[0]}
	for _, o := range orders {
		p.Orders = append(p.Orders, PayRow{Order: o.Order, Split: billing.Split{Missing: usd(0), Legs: []billing.Leg{
			{Kind: billing.FromBalance, Amount: usd(25_00)}, {Kind: billing.FromCard, Source: "c1", Amount: usd(6_62)}}}})
	}
	return p
}

func orderSpecimens() []Specimen {
	full := sampleOrders()
	viewer, narrowed, none, dropped := full, full, full, full
	viewer.MayPay, viewer.Newer = false, renewal.Cursor{}
	narrowed.Rows, narrowed.Look = nil, OrderLook{Status: billing.PendingPayment, Query: "prod", From: "2026-11-01", To: "2026-11-30"}
	none.Rows, none.Waiting = nil, 0
	dropped.Notices = []string{"“2026-13-01” is not a date. Dates are written 2026-11-22."}
	past := full
	past.History, past.Matching, past.Paid = true, 8_171, usd(18_981_85)
	past.Services = []ui.Option{{Value: "hws.service.type.ec2", Label: "Elastic Cloud Server"}}
	past.Look = OrderLook{From: "2026-11-01", Services: []string{"hws.service.type.ec2"}}
	one := sampleOrder("RO-00008", billing.OrderCompleted)
	one.TaskID, one.Legs, one.Discount, one.List = "", []billing.Leg{{Kind: billing.FromCredit, Amount: usd(31_62)}}, usd(0), usd(31_62)
	one.Payment.GatewayID, one.ConfirmedBy = "", "Li Na"
	past.Rows = []OrderRow{sampleOrder("RN-0007-00412", billing.OrderCompleted), one}
	pastNone, pastNothing := past, past
	pastNone.Rows, pastNothing.Rows, pastNothing.Look = nil, nil, OrderLook{}
	order := func(o OrderRow, change func(*OrderPage)) OrderPage {
		p := OrderPage{OrderRow: o, Now: sampleTime, Zone: sampleZone, Sources: sampleSources, MayPay: true, Role: "Buyer"}
		if o.Payment.ID != "" {
			p.Attempts = []billing.Payment{o.Payment}
		}
		if change != nil {
			change(&p)
		}
		return p
	}
	waits := sampleOrder("RO-00012", billing.PendingPayment)
	lost := sampleOrder("RN-0006-00413", billing.OrderCancelled)
	lost.Why, lost.Refund = billing.CancelledRefunded, billing.Refunding{ID: "f1", State: billing.RefundDone, Amount: usd(31_62), SettledAt: hoursAgo(1)}
	pay := samplePay(waits, sampleOrder("RO-00011", billing.PendingPayment))
	short, rose, barred, only := pay, pay, pay, samplePay(waits)
	short.Plan.Shortfall, short.Card = usd(6_24), billing.Card{}
	rose.Problem, rose.Was, rose.WasDue = "More is due than this page said: $58.24 instead of $53.24. Nothing was charged. Check the amount, then pay.", usd(63_24), usd(53_24)
	barred.Orders, barred.Barred = nil, []PayRow{{Order: waits.Order, Why: "Order RO-00012 was not paid within seven days."}}
	only.Single, only.Problem = true, "The card was declined. The card does not have enough funds. Nothing was charged, and the orders wait as before."
	cancel := OrderCancelPage{Order: waits.Order, Key: "k1", Page: true}
	return []Specimen{
		{"page-orders", true, inShell("", "Orders", NavOrders, Orders(full))},
		{"page-orders-viewer", true, inShell("dark", "Orders", NavOrders, Orders(viewer))},
		{"page-orders-no-match", true, inShell("", "Orders", NavOrders, Orders(narrowed))},
		{"page-orders-none", true, inShell("dark", "Orders", NavOrders, Orders(none))},
		{"page-orders-dropped", true, inShell("", "Orders", NavOrders, Orders(dropped))},
		{"page-order-waits", true, inShell("", "Order", NavOrders, Order(order(waits, nil)))},
		{"page-order-declined", true, inShell("dark", "Order", NavOrders, Order(order(waits, func(p *OrderPage) {
			p.Declined = "The card does not have enough funds."
			p.Attempts = []billing.Payment{{State: billing.PaymentDeclined, Charged: usd(31_62), CardID: "c1", CreatedAt: hoursAgo(3), SettledAt: hoursAgo(3).Add(time.Second), CreatedBy: "Li Na", GatewayID: "pay_1x"}}
		})))},
		{"page-order-barred", true, inShell("", "Order", NavOrders, Order(order(waits, func(p *OrderPage) {
			p.Problem, p.MayPay, p.Role = "Order RO-00012 cannot be paid. This instance is locked.", false, "Viewer"
		})))},
		{"page-order-processing", true, inShell("dark", "Order", NavOrders, Order(order(sampleOrder("RO-00010", billing.Processing), nil)))},
		{"page-order-completed", true, inShell("", "Order", NavOrders, Order(order(sampleOrder("RN-0007-00412", billing.OrderCompleted), nil)))},
		{"page-order-cancelled", true, inShell("dark", "Order", NavOrders, Order(order(sampleOrder("RO-00009", billing.OrderCancelled), func(p *OrderPage) { p.EndedBy = "Perennial" })))},
		{"page-order-refunded", true, inShell("", "Order", NavOrders, Order(order(lost, nil)))},
		{"page-order-cancel", true, inShell("", "Cancel order", NavOrders, OrderCancel(cancel))},
		{"page-pay", true, inShell("", "Pay", NavOrders, Pay(pay))},
		{"page-pay-short", true, inShell("dark", "Pay", NavOrders, Pay(short))},
		{"page-pay-rose", true, inShell("", "Pay", NavOrders, Pay(rose))},
		{"page-pay-barred", true, inShell("", "Pay", NavOrders, Pay(barred))},
		{"page-pay-declined", true, inShell("dark", "Pay", NavOrders, Pay(only))},
		{"page-history", true, inShell("", "History", NavHistory, History(past))},
		{"page-history-no-match", true, inShell("dark", "History", NavHistory, History(pastNone))},
		{"page-history-none", true, inShell("", "History", NavHistory, History(pastNothing))},
	}
}
