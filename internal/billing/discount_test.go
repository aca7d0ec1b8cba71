package billing_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// noon is when everything in these tests is quoted.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

var key = renewal.PriceKey{ServiceCode: "ecs", SpecCode: "s", RegionCode: "r", Period: renewal.Month}

// unit makes a unit of one instance for each quantity.
func unit(quantities ...int64) renewal.Unit {
	one := renewal.Instance{ID: "ecs-1", ServiceCode: "ecs", SpecCode: "s", RegionCode: "r", Period: renewal.Month}
	one.Quantity = quantities[0]
	u := renewal.Unit{Instance: one}
	for _, q := range quantities[1:] {
		one.Quantity, one.ParentID = q, "ecs-1"
		u.Associated = append(u.Associated, one)
	}
	return u
}

func quote(t *testing.T, price int64, u renewal.Unit, discounts ...billing.Discount) renewal.Quote {
	t.Helper()
	q, ok, err := billing.Quote(u, renewal.PriceBook{key: usd(price)}, "USD", discounts, noon)
	if err != nil || !ok {
		t.Fatalf("quote: %v, %v", ok, err)
	}
	return q
}

func TestTheBestDiscountAlone(t *testing.T) {
	for _, c := range []struct {
		name      string
		discounts []billing.Discount
		fee       int64
		kind      string
	}{
		{"none", nil, 1_000, ""},
		{"nothing off", []billing.Discount{{Kind: "contract", Rate: 0}}, 1_000, ""},
		{"contract", []billing.Discount{{Kind: "contract", Rate: 1_500}}, 850, "contract"},
		{"the larger, first", []billing.Discount{{Kind: "partner", Rate: 2_000}, {Kind: "contract", Rate: 1_500}}, 800, "partner"},
		{"the larger, last", []billing.Discount{{Kind: "contract", Rate: 1_500}, {Kind: "partner", Rate: 2_000}}, 800, "partner"},
		{"of equals the first", []billing.Discount{{Kind: "contract", Rate: 1_500}, {Kind: "partner", Rate: 1_500}}, 850, "contract"},
		{"everything", []billing.Discount{{Kind: "contract", Rate: 1_500}, {Kind: "promotional", Rate: 10_000}}, 0, "promotional"},
	} {
		q := quote(t, 1_000, unit(1), c.discounts...)
		if l := q.Lines[0]; q.Fee != usd(c.fee) || q.Discount != usd(1_000-c.fee) || q.List != usd(1_000) || l.DiscountKind != c.kind {
			t.Errorf("%s: %+v", c.name, q)
		}
	}
}

func TestPromise14LinesAreRoundedOnceHalfUp(t *testing.T) {
	half := billing.Discount{Kind: billing.Contract, Rate: 5_000}
	// 3 × 0.5 = 1.5 on each line: 2 and 2, not 3 for both together.
	if q := quote(t, 1, unit(3, 3), half); q.Fee != usd(4) || q.Discount != usd(2) || q.List != usd(6) {
		t.Errorf("per line: %+v", q)
	}
	// One cent at half price stays one cent, and no discount is shown.
	if q := quote(t, 1, unit(1), half); q.Fee != usd(1) || q.Lines[0].DiscountKind != "" {
		t.Errorf("half a cent: %+v", q)
	}
	// The quantity is priced before the discount is rounded.
	if q := quote(t, 5, unit(100), billing.Discount{Kind: "contract", Rate: 1_500}); q.Fee != usd(425) {
		t.Errorf("5 × 100 less 15%%: %v", q.Fee)
	}
}

func TestPromise14QuotesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quantities := rapid.SliceOfN(rapid.Int64Range(1, 1_000), 1, 5).Draw(t, "quantities")
		price := rapid.Int64Range(0, 1_000_000_000).Draw(t, "price")
		rates := rapid.SliceOfN(rapid.IntRange(0, 10_000), 0, 3).Draw(t, "rates")
		var discounts []billing.Discount
		best := 0
		for _, r := range rates {
			discounts = append(discounts, billing.Discount{Kind: "contract", Rate: money.BasisPoints(r)})
			best = max(best, r)
		}
		q, ok, err := billing.Quote(unit(quantities...), renewal.PriceBook{key: usd(price)}, "USD", discounts, noon)
		if err != nil || !ok {
			t.Fatalf("%v, %v", ok, err)
		}
		var list, fee int64
		for i, l := range q.Lines {
			exact := new(big.Int).Mul(big.NewInt(price*quantities[i]), big.NewInt(int64(10_000-best)))
			exact.Add(exact, big.NewInt(5_000)).Div(exact, big.NewInt(10_000))
			if l.Fee.Minor != exact.Int64() || l.List.Minor-l.Discount.Minor != l.Fee.Minor || l.Discount.Minor < 0 {
				t.Fatalf("line %+v at %d × %d less %d, want %v", l, price, quantities[i], best, exact)
			}
			if (l.DiscountKind != "") != (l.Discount.Minor > 0) {
				t.Fatalf("a discount of %v is of kind %q", l.Discount, l.DiscountKind)
			}
			list, fee = list+l.List.Minor, fee+l.Fee.Minor
		}
		if q.List != usd(list) || q.Fee != usd(fee) || q.Discount != usd(list-fee) {
			t.Fatalf("%+v does not add up to %d and %d", q, list, fee)
		}
		if best == 10_000 && !q.Fee.IsZero() {
			t.Fatalf("100%% off leaves %v", q.Fee)
		}
	})
}

func TestQuoteWithoutAPriceOrTooLarge(t *testing.T) {
	discounts := []billing.Discount{{Kind: "contract", Rate: 5_000}}
	if q, ok, err := billing.Quote(unit(1), renewal.PriceBook{}, "USD", discounts, noon); ok || err != nil || q.Lines != nil {
		t.Errorf("no price: %+v, %v, %v", q, ok, err)
	}
	if _, ok, err := billing.Quote(unit(2), renewal.PriceBook{key: usd(math.MaxInt64)}, "USD", discounts, noon); ok || !errors.Is(err, money.ErrOverflow) {
		t.Errorf("one line too large: %v, %v", ok, err)
	}
	if _, ok, err := billing.Quote(unit(1, 1), renewal.PriceBook{key: usd(math.MaxInt64)}, "USD", nil, noon); ok || !errors.Is(err, money.ErrOverflow) {
		t.Errorf("the sum too large: %v, %v", ok, err)
	}
}

func TestDiscountsForATimeAndForServices(t *testing.T) {
	contract := billing.Discount{Kind: billing.Contract, Rate: 1_000}
	promo := billing.Discount{Kind: billing.Promotional, Rate: 3_000, From: noon, Until: noon.Add(time.Hour), Services: []string{"ecs"}}
	at := func(moment time.Time, service string) int64 {
		u := unit(1)
		u.ServiceCode = service
		k := key
		k.ServiceCode = service
		q, ok, err := billing.Quote(u, renewal.PriceBook{k: usd(1_000)}, "USD", []billing.Discount{contract, promo}, moment)
		if err != nil || !ok {
			t.Fatalf("%v, %v", ok, err)
		}
		return q.Fee.Minor
	}
	for _, c := range []struct {
		name    string
		at      time.Time
		service string
		fee     int64
	}{
		{"before it begins", noon.Add(-time.Millisecond), "ecs", 900},
		{"as it begins", noon, "ecs", 700},
		{"just before it ends", noon.Add(time.Hour - time.Millisecond), "ecs", 700},
		{"as it ends", noon.Add(time.Hour), "ecs", 900},
		{"another service", noon, "rds", 900},
	} {
		if fee := at(c.at, c.service); fee != c.fee {
			t.Errorf("%s: %d, want %d", c.name, fee, c.fee)
		}
	}
}

func TestDiscountsMoved(t *testing.T) {
	d := []billing.Discount{{Kind: billing.Contract, Rate: 1}, {Kind: billing.Partner, Rate: 1, From: noon, Until: noon.Add(time.Hour)}}
	for _, c := range []struct {
		name         string
		after, until time.Time
		moved        bool
	}{
		{"nothing between", noon.Add(time.Minute), noon.Add(time.Hour - 1), false},
		{"begins", noon.Add(-1), noon, true},
		{"had begun", noon, noon.Add(1), false},
		{"ends", noon.Add(1), noon.Add(time.Hour), true},
		{"no time at all", noon, noon, false},
	} {
		if moved := billing.DiscountsMoved(d, c.after, c.until); moved != c.moved {
			t.Errorf("%s: %v", c.name, moved)
		}
	}
}
