package app

import (
	"fmt"
	"strings"

	"perennial/internal/fault"
	"perennial/internal/money"
)

// MaximumGrant is the largest coupon, credit limit or mark, in whole units of the
// currency: far above any of them, and far from what int64 can hold.
const MaximumGrant = 1_000_000_000

// typedAmount reads an amount in a form's field as it was typed, from the smallest
// coin up to so many whole units, and says for each way of being wrong how to put
// it right.
func typedAmount(field, text string, c money.Currency, most int64) (money.Amount, error) {
	a, err := typedAmountOrNone(field, text, c, most)
	if err == nil && a.IsZero() {
		err = fault.Field(field, "The amount must be more than nothing.")
	}
	return a, err
}

// typedAmountOrNone is typedAmount where nothing is an amount, too.
func typedAmountOrNone(field, text string, c money.Currency, most int64) (money.Amount, error) {
	text = strings.TrimSpace(text)
	bare := strings.TrimPrefix(text, c.Symbol())
	switch {
	case text == "":
		return money.Amount{}, fault.Field(field, "Type the amount.")
	case strings.HasPrefix(text, "-") || strings.HasPrefix(text, "\u2212"):
		return money.Amount{}, fault.Field(field, "The amount must be more than nothing.")
	case strings.ContainsAny(text, ",' \u00a0") && strings.Trim(bare, "0123456789.,' \u00a0") == "":
		return money.Amount{}, fault.Field(field, "Type the amount without grouping, such as %s.", plainExample(c))
	case strings.Trim(bare, "0123456789.") != "":
		return money.Amount{}, fault.Field(field, "This wallet is in %s. Type the amount as a number only, such as %s.", c, plainExample(c))
	}
	amount, err := money.Parse(bare, c)
	if err != nil {
		return money.Amount{}, fault.Field(field, "%s.", sentence(err))
	}
	limit, err := money.Parse(fmt.Sprint(most), c)
	if err != nil {
		return money.Amount{}, err
	}
	if amount.Minor > limit.Minor {
		return money.Amount{}, fault.Field(field, "The amount is at most %s.", limit)
	}
	return amount, nil
}

func plainExample(c money.Currency) string {
	if c.Exponent() == 0 {
		return "1250"
	}
	return "1250.00"
}

// sentence is an error of a rule as a sentence for a person.
func sentence(err error) string {
	s := err.Error()
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func zeroOf(a money.Amount) money.Amount { return money.Of(0, a.Currency) }
