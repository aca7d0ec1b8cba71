package views

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// sampleFunds is a task that two coupons, the balance, the credit line and a card
// pay together.
func sampleFunds(state renewal.State) TaskPage {
	list := renewal.ListRenewable
	if state == renewal.Completed {
		list = renewal.ListRenewed
	}
	p := sampleTask(state, list)
	coupon := func(id, name string, left int64) billing.Coupon {
		return billing.Coupon{ID: id, Name: name, Remaining: usd(left), Face: usd(100_00)}
	}
	p.Card = billing.Card{ID: "card-1", Brand: "Visa", LastFour: "4242"}
	p.Sources = map[string]string{"c1": "Welcome coupon", "c2": "Autumn coupon", "card-1": p.Card.String()}
	p.Balance, p.Wallet = usd(40_00), billing.Wallet{Balance: usd(40_00), CreditLimit: usd(20_00), CreditUsed: usd(15_00)}
	p.Discounts = []billing.KindSum{{Kind: billing.Contract, Amount: usd(12_50)}, {Kind: billing.Promotional, Amount: usd(5_58)}}
	p.Plan = billing.Plan{Units: 3, Covered: 3, Total: usd(102_42), Due: usd(72_42), Spent: usd(102_42), Shortfall: usd(0), CardCharges: 1,
		Legs: map[billing.LegKind]money.Amount{billing.FromCoupon: usd(30_00), billing.FromBalance: usd(40_00), billing.FromCredit: usd(5_00), billing.FromCard: usd(27_42)},
		Coupons: []billing.Spending{{Coupon: coupon("c1", "Welcome coupon", 20_00), Amount: usd(20_00), Units: 1},
			{Coupon: coupon("c2", "Autumn coupon", 80_00), Amount: usd(10_00), Units: 1}},
		Idle: []billing.Idle{{Coupon: coupon("c3", "Anniversary coupon", 100_00), Why: billing.CouponSingle}}}
	legs := [][]billing.Leg{
		{{Kind: billing.FromCoupon, Source: "c1", Amount: usd(20_00)}, {Kind: billing.FromBalance, Amount: usd(11_62)}},
		{{Kind: billing.FromCoupon, Source: "c2", Amount: usd(10_00)}, {Kind: billing.FromBalance, Amount: usd(21_62)}},
		{{Kind: billing.FromBalance, Amount: usd(6_76)}, {Kind: billing.FromCredit, Amount: usd(5_00)}, {Kind: billing.FromCard, Source: "card-1", Amount: usd(19_86)}},
	}
	for n := range p.List.Rows {
		if row := &p.List.Rows[n]; row.Order != nil {
			row.Order.Legs = legs[2]
		} else {
			row.Legs = legs[n]
		}
	}
	if state == renewal.Completed {
		p.Receipt.Legs = legs[2]
		p.Receipt.Ledger = usd(-6_76)
		p.Receipt.Payments, p.Receipt.Captured, p.Receipt.Refunded = 2, usd(63_24), usd(31_62)
		p.Task.FeeMinor = 65_42
		p.Cards = []billing.Payment{{ID: "p1", State: billing.PaymentCaptured, CardID: "card-1", Charged: usd(19_86), GatewayID: "pay_7Q2M4K"},
			{ID: "p2", State: billing.PaymentCaptured, CardID: "card-1", Charged: usd(31_62), GatewayID: "pay_9T4W1C"}}
		p.Refunds = []billing.Refunding{{OrderID: "RN-0007-00003", State: billing.RefundDone, Amount: usd(31_62), Charged: usd(31_62)}}
	}
	return p
}

// sampleChanged is a ready task whose prices rose, with the list of what changed.
func sampleChanged() TaskPage {
	p := sampleTask(renewal.Ready, renewal.ListChanged)
	p.Refused = &Refusal{Message: "Prices rose since this page was shown. Nothing was confirmed and nothing was charged. Check the new fee, then confirm again.",
		Was: usd(99_00), Is: usd(102_42), WasDue: usd(99_00), IsDue: usd(102_42), AcceptKey: "k4"}
	p.Tallies[0].Changed, p.Tallies[0].Was = 2, usd(99_00)
	p.List.Rows = p.List.Rows[:2]
	p.List.Matching = 2
	for n, was := range []int64{26_00, 33_82} {
		p.List.Rows[n].Group, p.List.Rows[n].Requoted, p.List.Rows[n].WasFee = 0, true, usd(was)
	}
	return p
}

func sampleCardPause(pause renewal.Pause) TaskPage {
	p := sampleFunds(renewal.Suspended)
	p.Task.Pause = pause
	p.List = sampleTaskList(p, renewal.ListLeft)
	p.Plan.Total, p.Plan.Due, p.Plan.Covered = usd(70_80), usd(70_80), 2
	p.Plan.Coupons = nil
	return p
}

func sampleDeclined() TaskPage {
	p := sampleCardPause(renewal.PauseDeclined)
	p.Cards = []billing.Payment{{ID: "p1", State: billing.PaymentDeclined, CardID: "card-1", Charged: usd(25_80)}}
	p.DeclinedWhy, p.Lacking = "The card does not have enough funds.", usd(25_80)
	return p
}

func sampleUnrecorded() TaskPage {
	p := sampleDeclined()
	p.Task.Why = renewal.WhyUnrecorded
	p.DeclinedWhy = "The gateway knows another payment for this, which is missing here."
	return p
}

func sampleUnknown() TaskPage {
	p := sampleCardPause(renewal.PauseUnknown)
	p.Cards = []billing.Payment{{ID: "p1", State: billing.PaymentUnknown, CardID: "card-1", Charged: usd(25_80), CreatedAt: sampleTime.Add(-time.Minute)}}
	p.Flight = 2
	return p
}

// sampleManyCoupons is a task that more coupons pay than a sum has room for, and
// whose names are as long as names may be.
func sampleManyCoupons() TaskPage {
	p := sampleFunds(renewal.Ready)
	long := "Anniversary coupon for customers since 2016, second half-year, all regions, servers and volumes"
	for n := range 7 {
		c := p.Plan.Coupons[1].Coupon
		c.Name = long
		if n > 1 {
			c.Name = "Autumn coupon " + itoa(n)
		}
		p.Plan.Coupons = append(p.Plan.Coupons, billing.Spending{Coupon: c, Amount: usd(1_00), Units: 1_204})
	}
	p.Plan.Coupons = p.Plan.Coupons[1:]
	p.Sources["c2"] = long
	p.Plan.Due = usd(85_42)
	return p
}

// sampleDone is a paused task of which the payment that went through was the last.
func sampleDone() TaskPage {
	p := sampleCardPause(renewal.PauseSettled)
	p.Task.Renewed, p.Task.LeftMinor, p.Task.SpentMinor = 3, 0, 102_42
	p.Plan = billing.Plan{Total: usd(0), Due: usd(0), Spent: usd(0), Shortfall: usd(0)}
	p.Tallies[1].Units, p.Tallies[0].Units = 3, 0
	p.List.Rows, p.List.Matching = nil, 0
	return p
}

func sampleSettled() TaskPage { return sampleCardPause(renewal.PauseSettled) }

func sampleConsent() TaskPage {
	p := sampleCardPause(renewal.PauseConsent)
	p.Task.Reconfirm = true
	return p
}
