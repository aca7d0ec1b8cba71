// Package money counts money in int64 minor units with a currency. There is no
// floating point, overflow is an error, and one rule rounds: half up, once per
// order line.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// ErrOverflow is returned when a result does not fit into int64 minor units.
var ErrOverflow = errors.New("amount is too large")

// ErrCurrency is returned when two currencies meet in one sum.
var ErrCurrency = errors.New("amounts are in different currencies")

// Currency is an ISO 4217 code.
type Currency string

type currencyFacts struct {
	exponent int
	symbol   string
}

// The exponents are those of ISO 4217.
var currencies = map[Currency]currencyFacts{
	"USD": {2, "$"}, "EUR": {2, "€"}, "GBP": {2, "£"}, "CNY": {2, "¥"},
	"HKD": {2, "HK$"}, "SGD": {2, "S$"}, "BRL": {2, "R$"}, "MXN": {2, "MX$"},
	"THB": {2, "฿"}, "ZAR": {2, "R"}, "TRY": {2, "₺"}, "CLP": {0, "CLP$"}, "JPY": {0, "JP¥"},
}

// Known tells whether this console can bill in the currency.
func (c Currency) Known() bool { _, ok := currencies[c]; return ok }

// Exponent is the number of decimals of the currency's minor unit.
func (c Currency) Exponent() int { return currencies[c].exponent }

// Symbol is what stands before an amount of the currency.
func (c Currency) Symbol() string {
	if f, ok := currencies[c]; ok {
		return f.symbol
	}
	return string(c) + " "
}

// Amount is a sum of money in minor units of its currency.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Of makes an amount of so many minor units.
func Of(minor int64, c Currency) Amount { return Amount{Minor: minor, Currency: c} }

// IsZero tells whether the amount is nothing.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Add returns a + b, ErrOverflow or ErrCurrency.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, ErrCurrency
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) {
		return Amount{}, ErrOverflow
	}
	return Amount{sum, a.Currency}, nil
}

// Sub returns a − b, ErrOverflow or ErrCurrency.
func (a Amount) Sub(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, ErrCurrency
	}
	difference := a.Minor - b.Minor
	if (difference < a.Minor) != (b.Minor > 0) {
		return Amount{}, ErrOverflow
	}
	return Amount{difference, a.Currency}, nil
}

// Times returns a × n or ErrOverflow.
func (a Amount) Times(n int64) (Amount, error) {
	if n == 0 {
		return Amount{0, a.Currency}, nil
	}
	p := a.Minor * n
	if p/n != a.Minor || (a.Minor == math.MinInt64 && n == -1) {
		return Amount{}, ErrOverflow
	}
	return Amount{p, a.Currency}, nil
}

// BasisPoints is a share in hundredths of a percent: 10,000 is the whole.
type BasisPoints int

// Share returns the given share of a non-negative amount, rounded half up to
// the minor unit. It cannot overflow for shares up to the whole.
func (a Amount) Share(share BasisPoints) Amount {
	if a.Minor < 0 || share < 0 || share > 10_000 {
		panic(fmt.Sprintf("money: share %d of %d is outside 0…10000 of a non-negative amount", share, a.Minor))
	}
	hi, lo := bits.Mul64(uint64(a.Minor), uint64(share))
	lo, carry := bits.Add64(lo, 5_000, 0)
	q, _ := bits.Div64(hi+carry, lo, 10_000)
	return Amount{int64(q), a.Currency}
}

// Parse reads an amount as a person or a file writes it: digits, at most one
// point, no more decimals than the currency has. Signs, blanks and grouping are
// refused, because a misread amount is worse than a refused one.
func Parse(text string, c Currency) (Amount, error) {
	if !c.Known() {
		return Amount{}, fmt.Errorf("currency %q is not known", string(c))
	}
	whole, fraction, point := strings.Cut(text, ".")
	exp := c.Exponent()
	switch {
	case whole == "" || !digits(whole) || !digits(fraction) || (point && fraction == ""):
		return Amount{}, fmt.Errorf("%q is not an amount such as %s", text, example(exp))
	case len(fraction) > exp:
		return Amount{}, fmt.Errorf("%q has more than %d decimals, and %s has %d", text, exp, c, exp)
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", exp-len(fraction)), 10, 64)
	if err != nil {
		return Amount{}, ErrOverflow
	}
	return Amount{minor, c}, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func example(exponent int) string {
	if exponent == 0 {
		return "1250"
	}
	return "12.50"
}

// Plain writes the amount for a file: no symbol, no grouping, a hyphen as sign.
func (a Amount) Plain() string {
	sign, whole, fraction := a.parts()
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// Whole writes what stands before the decimals on a page: minus sign (U+2212),
// symbol and grouped digits.
func (a Amount) Whole() string {
	sign, whole, _ := a.parts()
	if sign != "" {
		sign = "\u2212"
	}
	return sign + a.Currency.Symbol() + Group(whole)
}

// Fraction writes the decimals with their point, or nothing where the currency has none.
func (a Amount) Fraction() string {
	if _, _, f := a.parts(); f != "" {
		return "." + f
	}
	return ""
}

// String writes the amount as a page shows it, $18,981.85.
func (a Amount) String() string { return a.Whole() + a.Fraction() }

func (a Amount) parts() (sign, whole, fraction string) {
	u := uint64(a.Minor)
	if a.Minor < 0 {
		sign, u = "-", -u
	}
	s := strconv.FormatUint(u, 10)
	exp := a.Currency.Exponent()
	if pad := exp + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return sign, s[:len(s)-exp], s[len(s)-exp:]
}

// Group puts a comma between each three digits of an unsigned decimal number.
func Group(s string) string {
	if len(s) <= 3 {
		return s
	}
	head := len(s) % 3
	var b strings.Builder
	b.WriteString(s[:head])
	for i := head; i < len(s); i += 3 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}
