package billing_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/billing"
	"perennial/internal/money"
)

// fees makes a unit for each fee, without discount and of one service.
func fees(minor ...int64) []billing.Payable {
	units := make([]billing.Payable, len(minor))
	for n, m := range minor {
		units[n] = billing.Payable{Service: "ecs", Fee: usd(m)}
	}
	return units
}

func balance(minor int64) billing.Funds { return billing.Funds{Balance: usd(minor), Credit: usd(0)} }

func plan(t *testing.T, units []billing.Payable, f billing.Funds) (billing.Plan, []billing.Split) {
	t.Helper()
	var splits []billing.Split
	p, err := billing.NewPlan(units, f, noon, func(_ int, s billing.Split) { splits = append(splits, s) })
	if err != nil {
		t.Fatal(err)
	}
	return p, splits
}

func TestPlanStopsAtTheFirstThatCannotBePaid(t *testing.T) {
	for _, c := range []struct {
		name                    string
		fees                    []int64
		balance                 int64
		covered                 int
		total, spent, shortfall int64
	}{
		{"nothing to pay", nil, 100, 0, 0, 0, 0},
		{"to the cent", []int64{10, 20, 30}, 60, 3, 60, 60, 0},
		{"a cent short", []int64{10, 20, 30}, 59, 2, 60, 30, 1},
		{"more than enough", []int64{10, 20}, 1_000, 2, 30, 30, 0},
		{"a cheaper one later is not paid in its place", []int64{10, 50, 5, 0}, 30, 1, 65, 10, 35},
		{"no money", []int64{10, 20}, 0, 0, 30, 0, 30},
		{"free ones first", []int64{0, 0, 1}, 0, 2, 1, 0, 1},
		{"the first is too dear", []int64{100, 1}, 99, 0, 101, 0, 2},
		{"all the money there is", []int64{math.MaxInt64 - 1, 1}, math.MaxInt64, 2, math.MaxInt64, math.MaxInt64, 0},
	} {
		got, _ := plan(t, fees(c.fees...), balance(c.balance))
		if got.Covered != c.covered || got.Total != usd(c.total) || got.Due != usd(c.total) || got.Spent != usd(c.spent) || got.Shortfall != usd(c.shortfall) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestSourcesInTheirOrder(t *testing.T) {
	f := billing.Funds{Balance: usd(100), Credit: usd(50), Card: "card-1", Coupons: []billing.Coupon{coupon("c", 30)}}
	p, splits := plan(t, fees(80, 90, 70, 60), f)
	want := [][]billing.Leg{
		{{billing.FromCoupon, "c", usd(30)}, {billing.FromBalance, "", usd(50)}},
		{{billing.FromBalance, "", usd(50)}, {billing.FromCredit, "", usd(40)}},
		{{billing.FromCredit, "", usd(10)}, {billing.FromCard, "card-1", usd(60)}},
		{{billing.FromCard, "card-1", usd(60)}},
	}
	for n, s := range splits {
		if !slices.Equal(s.Legs, want[n]) || !s.Missing.IsZero() || s.ByCard() != (n > 1) {
			t.Errorf("unit %d: %+v", n, s)
		}
	}
	if p.Covered != 4 || p.CardCharges != 1 || p.Due != usd(270) || p.Shortfall != usd(0) || p.CouponTotal() != usd(30) ||
		p.Legs[billing.FromBalance] != usd(100) || p.Legs[billing.FromCredit] != usd(50) || p.Legs[billing.FromCard] != usd(120) {
		t.Errorf("%+v", p)
	}
}

func TestACardChargeCoversAHundredUnitsInARow(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 100: 1, 101: 2, 200: 2, 201: 3} {
		units := fees(make([]int64, n)...)
		for i := range units {
			units[i].Fee = usd(1)
		}
		if p, _ := plan(t, units, billing.Funds{Balance: usd(0), Credit: usd(0), Card: "card"}); p.CardCharges != want {
			t.Errorf("%d units make %d charges, want %d", n, p.CardCharges, want)
		}
	}
	// A unit that costs nothing is renewed from the wallet, between two charges.
	if p, _ := plan(t, fees(1, 0, 1), billing.Funds{Balance: usd(0), Credit: usd(0), Card: "card"}); p.CardCharges != 2 {
		t.Errorf("%d charges", p.CardCharges)
	}
}

func TestPlanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(payables, 0, 30).Draw(t, "units")
		f := billing.Funds{Balance: usd(rapid.Int64Range(0, 800).Draw(t, "balance")), Credit: usd(rapid.Int64Range(0, 300).Draw(t, "credit")),
			Coupons: coupons.Draw(t, "coupons")}
		if rapid.Bool().Draw(t, "card") {
			f.Card = "card"
		}
		var splits []billing.Split
		p, err := billing.NewPlan(units, f, noon, func(_ int, s billing.Split) { splits = append(splits, s) })
		if err != nil {
			t.Fatal(err)
		}
		used := map[billing.Leg]int64{} // source without amount
		covered, due, total := 0, int64(0), int64(0)
		for n, s := range splits {
			sum := s.Missing.Minor
			for k, l := range s.Legs {
				if l.Amount.Minor <= 0 || k > 0 && slices.Index(billing.LegKinds, s.Legs[k-1].Kind) >= slices.Index(billing.LegKinds, l.Kind) {
					t.Fatalf("unit %d has the legs %+v", n, s.Legs)
				}
				if sum += l.Amount.Minor; s.Missing.IsZero() || l.Kind == billing.FromCoupon {
					used[billing.Leg{Kind: l.Kind, Source: l.Source}] += l.Amount.Minor
				}
			}
			total += units[n].Fee.Minor
			due += units[n].Fee.Minor - s.Coupon().Minor
			if s.Missing.IsZero() && sum != units[n].Fee.Minor {
				t.Fatalf("the legs of unit %d are %d of %v", n, sum, units[n].Fee)
			}
			if covered == n && s.Missing.IsZero() {
				covered++
			}
		}
		for _, c := range f.Coupons {
			if spent := used[billing.Leg{Kind: billing.FromCoupon, Source: c.ID}]; spent > c.Remaining.Minor || spent > 0 && c.Standing(noon) != billing.CouponPays {
				t.Fatalf("%d is taken from %+v", spent, c)
			}
		}
		if used[billing.Leg{Kind: billing.FromBalance}] > f.Balance.Minor || used[billing.Leg{Kind: billing.FromCredit}] > f.Credit.Minor {
			t.Fatalf("more is spent than there is: %v of %+v", used, f)
		}
		if p.Total != usd(total) || p.Due != usd(due) || p.Covered != covered || p.Units != len(units) {
			t.Fatalf("%+v, want %d due of %d, %d covered", p, due, total, covered)
		}
		short := max(0, due-f.Balance.Minor-f.Credit.Minor)
		if f.Card != "" {
			short = 0
		}
		if p.Shortfall != usd(short) {
			t.Fatalf("shortfall %v, want %d", p.Shortfall, short)
		}
		// The shortfall is the exact top-up: with it everything is paid, and with
		// a cent less not.
		f.Balance.Minor += short
		if full, _ := billing.NewPlan(units, f, noon, nil); full.Covered != len(units) {
			t.Fatalf("after the top-up %d of %d are covered", full.Covered, len(units))
		}
		if f.Balance.Minor--; short > 0 {
			if less, _ := billing.NewPlan(units, f, noon, nil); less.Covered == len(units) {
				t.Fatal("a smaller top-up would do")
			}
		}
	})
}

func TestPromise14PlanOverflowIsAnError(t *testing.T) {
	if p, err := billing.NewPlan(fees(math.MaxInt64, 1), balance(5), noon, nil); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("sum of fees: %+v, %v", p, err)
	}
	if p, err := billing.NewPlan([]billing.Payable{{Fee: money.Of(1, "EUR")}}, balance(5), noon, nil); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("euros from dollars: %+v, %v", p, err)
	}
}

func TestSettledPaymentsAreFinal(t *testing.T) {
	for s, want := range map[billing.PaymentState]bool{
		billing.PaymentCreated: false, billing.PaymentPrepared: false, billing.PaymentUnknown: false,
		billing.PaymentCaptured: true, billing.PaymentDeclined: true,
	} {
		if s.Settled() != want {
			t.Errorf("%s is settled: %v", s, !want)
		}
	}
}

func TestProviderCodes(t *testing.T) {
	if billing.PendingPayment != 6 || billing.Processing != 3 || billing.OrderCompleted != 5 || billing.OrderCancelled != 4 || billing.RenewalOrder != 2 {
		t.Error("order status 6 pending payment, 3 processing, 5 completed, 4 cancelled; order type 2 renewal")
	}
}
