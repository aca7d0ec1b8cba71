package billing_test

import (
	"testing"

	"perennial/internal/billing"
	"perennial/internal/money"
)

// What is offered is never more than what a top-up takes, in any currency.
func TestOneTopUpBringsNoMoreThanItMay(t *testing.T) {
	for missing, want := range map[money.Amount]int64{
		money.Of(741_30, "USD"): 741_30, money.Of(10_000_000_00, "USD"): 10_000_000_00, money.Of(10_000_000_01, "USD"): 10_000_000_00,
		money.Of(10_000_001, "JPY"): 10_000_000, money.Of(0, "USD"): 0,
	} {
		if got := billing.OneTopUp(missing); got != money.Of(want, missing.Currency) {
			t.Errorf("of %s: %s", missing, got)
		}
	}
}
