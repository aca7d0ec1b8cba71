package billing_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

func amounts(minor ...int64) []money.Amount {
	list := make([]money.Amount, len(minor))
	for i, m := range minor {
		list[i] = usd(m)
	}
	return list
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
		got, err := billing.NewPlan(amounts(c.fees...), billing.Funds{Balance: usd(c.balance)})
		want := billing.Plan{Covered: c.covered, Total: usd(c.total), Due: usd(c.total), Spent: usd(c.spent), Shortfall: usd(c.shortfall)}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, want)
		}
	}
}

func TestPlanCoversTheLongestAffordablePrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fees := rapid.SliceOfN(rapid.Int64Range(0, 50), 0, 30).Draw(t, "fees")
		balance := rapid.Int64Range(0, 800).Draw(t, "balance")
		plan, err := billing.NewPlan(amounts(fees...), billing.Funds{Balance: usd(balance)})
		if err != nil {
			t.Fatal(err)
		}
		longest, spent, sum := 0, int64(0), int64(0)
		for n, fee := range fees {
			if sum += fee; sum <= balance {
				longest, spent = n+1, sum
			}
		}
		if plan.Covered != longest || plan.Spent != usd(spent) || plan.Total != usd(sum) {
			t.Fatalf("%+v, want %d covered for %d of %d", plan, longest, spent, sum)
		}
		// The shortfall is the exact top-up: with it everything is paid, and with
		// a cent less not.
		if plan.Shortfall != usd(max(0, sum-balance)) {
			t.Fatalf("shortfall %v of %d with %d", plan.Shortfall, sum, balance)
		}
		if full, _ := billing.NewPlan(amounts(fees...), billing.Funds{Balance: usd(balance + plan.Shortfall.Minor)}); full.Covered != len(fees) {
			t.Fatalf("after the top-up %d of %d are covered", full.Covered, len(fees))
		}
		if plan.Shortfall.Minor > 0 {
			if less, _ := billing.NewPlan(amounts(fees...), billing.Funds{Balance: usd(balance + plan.Shortfall.Minor - 1)}); less.Covered == len(fees) {
				t.Fatal("a smaller top-up would do")
			}
		}
	})
}

func TestPromise14PlanOverflowIsAnError(t *testing.T) {
	if p, err := billing.NewPlan(amounts(math.MaxInt64, 1), billing.Funds{Balance: usd(5)}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("sum of fees: %+v, %v", p, err)
	}
	if p, err := billing.NewPlan(amounts(math.MaxInt64), billing.Funds{Balance: usd(-1)}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("shortfall: %+v, %v", p, err)
	}
	if p, err := billing.NewPlan([]money.Amount{money.Of(1, "EUR")}, billing.Funds{Balance: usd(5)}); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("euros from dollars: %+v, %v", p, err)
	}
}

func TestPromise14LegsAddUpToTheFee(t *testing.T) {
	if legs := billing.Legs(renewal.Quote{Fee: usd(0)}); len(legs) != 0 {
		t.Errorf("nothing is paid with %v", legs)
	}
	legs := billing.Legs(renewal.Quote{Fee: usd(1_234)})
	if len(legs) != 1 || legs[0] != (billing.Leg{Kind: billing.Balance, Amount: usd(1_234)}) {
		t.Errorf("legs %v", legs)
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
