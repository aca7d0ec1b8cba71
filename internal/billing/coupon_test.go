package billing_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/billing"
	"perennial/internal/money"
)

// coupon makes a coupon that pays for everything today.
func coupon(id string, minor int64) billing.Coupon {
	return billing.Coupon{ID: id, Face: usd(minor), Remaining: usd(minor), From: noon.Add(-time.Hour), Until: noon.Add(time.Hour),
		Use: billing.ForBoth, Minimum: usd(0)}
}

func changed(c billing.Coupon, change func(*billing.Coupon)) billing.Coupon {
	change(&c)
	return c
}

func TestWhenACouponPays(t *testing.T) {
	base := coupon("c", 50)
	for _, c := range []struct {
		name   string
		coupon billing.Coupon
		unit   billing.Payable
		why    billing.CouponWhy
	}{
		{"plain", base, fees(80)[0], billing.CouponPays},
		{"fee below its value", base, fees(20)[0], billing.CouponPays},
		{"nothing to pay", base, fees(0)[0], billing.CouponNoUnit},
		{"frozen", changed(base, func(c *billing.Coupon) { c.Frozen = true }), fees(80)[0], billing.CouponFrozen},
		{"used up", changed(base, func(c *billing.Coupon) { c.Remaining = usd(0) }), fees(80)[0], billing.CouponSpent},
		{"begins now", changed(base, func(c *billing.Coupon) { c.From = noon }), fees(80)[0], billing.CouponPays},
		{"begins later", changed(base, func(c *billing.Coupon) { c.From = noon.Add(1) }), fees(80)[0], billing.CouponNotYet},
		{"ends now", changed(base, func(c *billing.Coupon) { c.Until = noon }), fees(80)[0], billing.CouponEnded},
		{"ends later", changed(base, func(c *billing.Coupon) { c.Until = noon.Add(1) }), fees(80)[0], billing.CouponPays},
		{"new orders only", changed(base, func(c *billing.Coupon) { c.Use = billing.ForNew }), fees(80)[0], billing.CouponForNew},
		{"renewals only", changed(base, func(c *billing.Coupon) { c.Use = billing.ForRenewals }), fees(80)[0], billing.CouponPays},
		{"its service", changed(base, func(c *billing.Coupon) { c.Services = []string{"rds", "ecs"} }), fees(80)[0], billing.CouponPays},
		{"another service", changed(base, func(c *billing.Coupon) { c.Services = []string{"rds"} }), fees(80)[0], billing.CouponScope},
		{"minimum reached", changed(base, func(c *billing.Coupon) { c.Minimum = usd(80) }), fees(80)[0], billing.CouponPays},
		{"minimum missed by a cent", changed(base, func(c *billing.Coupon) { c.Minimum = usd(81) }), fees(80)[0], billing.CouponMinimum},
		{"single use reached", changed(base, func(c *billing.Coupon) { c.SingleUse = true }), fees(50)[0], billing.CouponPays},
		{"single use missed by a cent", changed(base, func(c *billing.Coupon) { c.SingleUse = true }), fees(49)[0], billing.CouponSingle},
		{"beside another discount", changed(base, func(c *billing.Coupon) { c.Excludes = []string{"partner"} }),
			billing.Payable{Service: "ecs", Kinds: []string{"contract"}, Fee: usd(80)}, billing.CouponPays},
		{"beside an excluded discount", changed(base, func(c *billing.Coupon) { c.Excludes = []string{"partner"} }),
			billing.Payable{Service: "ecs", Kinds: []string{"contract", "partner"}, Fee: usd(80)}, billing.CouponBesides},
		{"another currency", changed(base, func(c *billing.Coupon) { c.Remaining = money.Of(50, "EUR") }), fees(80)[0], billing.CouponOtherMoney},
	} {
		f := balance(1_000)
		f.Coupons = []billing.Coupon{c.coupon}
		p, splits := plan(t, []billing.Payable{c.unit}, f)
		paid := splits[0].Coupon().Minor
		switch {
		case c.why == billing.CouponPays && (paid != min(50, c.unit.Fee.Minor) || len(p.Idle) > 0):
			t.Errorf("%s: it pays %d, idle %v", c.name, paid, p.Idle)
		case c.why != billing.CouponPays && (paid != 0 || len(p.Idle) != 1 || p.Idle[0].Why != c.why || c.why.Sentence() == ""):
			t.Errorf("%s: it pays %d, idle %v, want %s", c.name, paid, p.Idle, c.why)
		}
	}
	if billing.CouponPays.Sentence() != "" {
		t.Error("a coupon that pays needs no excuse")
	}
}

func TestSoonestToExpireThenSmallestThenByID(t *testing.T) {
	later := changed(coupon("a", 10), func(c *billing.Coupon) { c.Until = c.Until.Add(1) })
	f := balance(1_000)
	f.Coupons = []billing.Coupon{later, coupon("d", 30), coupon("c", 20), coupon("b", 20)}
	p, _ := plan(t, fees(100, 100, 100, 5, 100), f)
	var order []string
	for _, s := range p.Coupons {
		order = append(order, fmt.Sprint(s.Coupon.ID, s.Amount.Minor, "/", s.Units))
	}
	// "a" pays 5 of the fourth unit, and its rest of the fifth.
	if got := fmt.Sprint(order); got != "[b20/1 c20/1 d30/1 a10/2]" {
		t.Errorf("used %s", got)
	}
}

func TestTheReasonIsTheNearestOne(t *testing.T) {
	f := balance(1_000)
	picky := changed(coupon("picky", 50), func(c *billing.Coupon) { c.Services, c.Minimum = []string{"rds"}, usd(100) })
	f.Coupons = []billing.Coupon{picky}
	units := fees(80, 80)
	units[1].Service = "rds"
	if p, _ := plan(t, units, f); len(p.Idle) != 1 || p.Idle[0].Why != billing.CouponMinimum {
		t.Errorf("idle %+v", p.Idle)
	}
	f.Coupons = []billing.Coupon{coupon("a", 50), coupon("b", 60)}
	if p, _ := plan(t, fees(80), f); len(p.Idle) != 1 || p.Idle[0].Why != billing.CouponNotNeeded {
		t.Errorf("idle %+v", p.Idle)
	}
}

// A coupon that only a unit beyond the money could use still counts in what is due:
// the shortfall is what is missing after it.
func TestCouponsBeyondTheMoney(t *testing.T) {
	f := balance(10)
	f.Coupons = []billing.Coupon{changed(coupon("late", 30), func(c *billing.Coupon) { c.Minimum = usd(50) })}
	if p, _ := plan(t, fees(10, 20, 50), f); p.Covered != 1 || p.Due != usd(50) || p.Shortfall != usd(40) {
		t.Errorf("%+v", p)
	}
}

var payables = rapid.Custom(func(t *rapid.T) billing.Payable {
	return billing.Payable{
		Service: rapid.SampledFrom([]string{"ecs", "rds"}).Draw(t, "service"),
		Kinds:   rapid.SampledFrom([][]string{nil, {"contract"}, {"contract", "partner"}}).Draw(t, "kinds"),
		Fee:     usd(rapid.Int64Range(0, 50).Draw(t, "fee")),
	}
})

var coupons = rapid.Custom(func(t *rapid.T) []billing.Coupon {
	all := make([]billing.Coupon, rapid.IntRange(0, 4).Draw(t, "coupons"))
	for n := range all {
		c := coupon(fmt.Sprint("c", n), rapid.Int64Range(1, 60).Draw(t, "face"))
		c.Until = noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "until")) * time.Hour)
		c.Use = rapid.SampledFrom([]billing.CouponUse{billing.ForBoth, billing.ForRenewals, billing.ForNew}).Draw(t, "use")
		c.Services = rapid.SampledFrom([][]string{nil, {"rds"}}).Draw(t, "services")
		c.Minimum = usd(rapid.Int64Range(0, 30).Draw(t, "minimum"))
		c.SingleUse, c.Frozen = rapid.Bool().Draw(t, "single"), rapid.IntRange(0, 5).Draw(t, "frozen") == 0
		c.Excludes = rapid.SampledFrom([][]string{nil, {"partner"}}).Draw(t, "excludes")
		all[n] = c
	}
	return all
})
