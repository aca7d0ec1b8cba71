package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/money"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// minors draws amounts of every size with the edges of int64 among them.
func minors() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-100_000, 100_000),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}))
}

// exact checks a result against the same sum without bounds.
func exact(t *rapid.T, what string, got money.Amount, err error, want *big.Int) {
	switch {
	case want.IsInt64() && (err != nil || got.Minor != want.Int64() || got.Currency != "USD"):
		t.Fatalf("%s: got %v, %v, want %v", what, got, err, want)
	case !want.IsInt64() && !errors.Is(err, money.ErrOverflow):
		t.Fatalf("%s: %v does not fit, got %v, %v", what, want, got, err)
	}
}

func TestPromise14ArithmeticIsExactOrAnError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := minors().Draw(t, "a"), minors().Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)
		sum, err := usd(a).Add(usd(b))
		exact(t, "a + b", sum, err, new(big.Int).Add(x, y))
		difference, err := usd(a).Sub(usd(b))
		exact(t, "a − b", difference, err, new(big.Int).Sub(x, y))
		product, err := usd(a).Times(b)
		exact(t, "a × b", product, err, new(big.Int).Mul(x, y))
	})
}

func TestPromise14EdgesOverflow(t *testing.T) {
	top, bottom := usd(math.MaxInt64), usd(math.MinInt64)
	for name, f := range map[string]func() (money.Amount, error){
		"top + 1":           func() (money.Amount, error) { return top.Add(usd(1)) },
		"bottom + −1":       func() (money.Amount, error) { return bottom.Add(usd(-1)) },
		"bottom + bottom":   func() (money.Amount, error) { return bottom.Add(bottom) },
		"bottom − 1":        func() (money.Amount, error) { return bottom.Sub(usd(1)) },
		"0 − bottom":        func() (money.Amount, error) { return usd(0).Sub(bottom) },
		"top − −1":          func() (money.Amount, error) { return top.Sub(usd(-1)) },
		"bottom × −1":       func() (money.Amount, error) { return bottom.Times(-1) },
		"−1 × bottom":       func() (money.Amount, error) { return usd(-1).Times(math.MinInt64) },
		"half the top × 3":  func() (money.Amount, error) { return usd(math.MaxInt64 / 2).Times(3) },
		"2³² × 2³²":         func() (money.Amount, error) { return usd(1 << 32).Times(1 << 32) },
		"2³² × 2³¹ is 2⁶³!": func() (money.Amount, error) { return usd(1 << 32).Times(1 << 31) },
	} {
		if got, err := f(); !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%s = %v, %v", name, got, err)
		}
	}
	if got, err := usd(-1).Sub(bottom); err != nil || got != top {
		t.Errorf("−1 − bottom = %v, %v, which fits", got, err)
	}
	for _, n := range []int64{0, 1} {
		if got, err := usd(math.MinInt64).Times(n); err != nil || got.Minor != n*math.MinInt64 {
			t.Errorf("bottom × %d = %v, %v", n, got, err)
		}
	}
}

func TestCurrenciesDoNotMix(t *testing.T) {
	if _, err := usd(1).Add(money.Of(1, "EUR")); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("add: %v", err)
	}
	for _, b := range []int64{1, math.MinInt64} {
		if _, err := usd(1).Sub(money.Of(b, "EUR")); !errors.Is(err, money.ErrCurrency) {
			t.Errorf("subtract: %v", err)
		}
	}
}

func TestPromise14ShareRoundsHalfUp(t *testing.T) {
	for _, c := range []struct {
		minor int64
		share money.BasisPoints
		want  int64
	}{
		{0, 10_000, 0}, {1, 0, 0}, {1, 4_999, 0}, {1, 5_000, 1}, {1, 5_001, 1}, {1, 10_000, 1},
		{3, 5_000, 2}, {5, 5_000, 3}, {980, 8_500, 833}, {10, 8_500, 9}, {10, 8_499, 8},
		{math.MaxInt64, 10_000, math.MaxInt64}, {math.MaxInt64, 5_000, math.MaxInt64/2 + 1}, {math.MaxInt64, 0, 0},
	} {
		if got := usd(c.minor).Share(c.share); got != usd(c.want) {
			t.Errorf("%d/10000 of %d = %d, want %d", c.share, c.minor, got.Minor, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Int64Range(0, 99_999)).Draw(t, "minor")
		share := rapid.Int64Range(0, 10_000).Draw(t, "share")
		want := new(big.Int).Mul(big.NewInt(minor), big.NewInt(share))
		want.Add(want, big.NewInt(5_000)).Div(want, big.NewInt(10_000))
		if got := usd(minor).Share(money.BasisPoints(share)); got.Minor != want.Int64() || got.Currency != "USD" {
			t.Fatalf("%d/10000 of %d = %v, want %v", share, minor, got, want)
		}
	})
}

func TestShareRefusesWhatItCannotMean(t *testing.T) {
	for _, c := range []struct {
		minor int64
		share money.BasisPoints
	}{{-1, 1}, {1, -1}, {1, 10_001}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d/10000 of %d was answered", c.share, c.minor)
				}
			}()
			usd(c.minor).Share(c.share)
		}()
	}
}

func TestIsZero(t *testing.T) {
	if !usd(0).IsZero() || usd(1).IsZero() || usd(-1).IsZero() {
		t.Error("only nothing is zero")
	}
}
