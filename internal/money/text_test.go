package money_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/money"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency money.Currency
		page     string
		file     string
	}{
		{1_898_185, "USD", "$18,981.85", "18981.85"},
		{0, "USD", "$0.00", "0.00"},
		{5, "USD", "$0.05", "0.05"},
		{-5, "USD", "−$0.05", "-0.05"},
		{-74_130, "EUR", "−€741.30", "-741.30"},
		{99_999, "GBP", "£999.99", "999.99"},
		{100_000, "GBP", "£1,000.00", "1000.00"},
		{123_456_789, "CNY", "¥1,234,567.89", "1234567.89"},
		{0, "JPY", "JP¥0", "0"},
		{1_250, "CLP", "CLP$1,250", "1250"},
		{-999, "JPY", "−JP¥999", "-999"},
		{math.MaxInt64, "USD", "$92,233,720,368,547,758.07", "92233720368547758.07"},
		{math.MinInt64, "USD", "−$92,233,720,368,547,758.08", "-92233720368547758.08"},
		{7, "XXX", "XXX 7", "7"},
	} {
		a := money.Of(c.minor, c.currency)
		if a.String() != c.page || a.Plain() != c.file || a.Whole()+a.Fraction() != c.page {
			t.Errorf("%d %s: %q and %q, want %q and %q", c.minor, c.currency, a.String(), a.Plain(), c.page, c.file)
		}
	}
	if got := usd(-5).Whole(); !strings.HasPrefix(got, "\u2212") {
		t.Errorf("%q does not begin with U+2212", got)
	}
	if got := money.Of(12, "JPY").Fraction(); got != "" {
		t.Errorf("a currency without decimals has fraction %q", got)
	}
}

func TestGroup(t *testing.T) {
	for in, want := range map[string]string{"": "", "1": "1", "123": "123", "1234": "1,234", "12345": "12,345", "123456": "123,456", "1234567": "1,234,567"} {
		if got := money.Group(in); got != want {
			t.Errorf("%q grouped is %q, want %q", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
		want     int64
	}{
		{"0", "USD", 0}, {"0.01", "USD", 1}, {"12", "USD", 1_200}, {"12.5", "USD", 1_250}, {"12.50", "USD", 1_250},
		{"012.50", "USD", 1_250}, {"1250", "JPY", 1_250}, {"92233720368547758.07", "USD", math.MaxInt64},
	} {
		if got, err := money.Parse(c.text, c.currency); err != nil || got != money.Of(c.want, c.currency) {
			t.Errorf("%q %s: %v, %v", c.text, c.currency, got, err)
		}
	}
}

func TestParseRefusesRatherThanGuesses(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency money.Currency
	}{
		{"", "USD"}, {".", "USD"}, {".5", "USD"}, {"5.", "USD"}, {"-5", "USD"}, {"+5", "USD"}, {"−5", "USD"}, {" 5", "USD"}, {"5 ", "USD"},
		{"1,000", "USD"}, {"1.000,00", "USD"}, {"1.2.3", "USD"}, {"1e3", "USD"}, {"0x10", "USD"}, {"1_000", "USD"}, {"٣", "USD"}, {"$5", "USD"},
		{"1.-5", "USD"}, {"1.5x", "USD"}, {"1.005", "USD"}, {"5.0", "JPY"}, {"5.", "JPY"}, {"5", "XXX"}, {"5", ""}, {"5", "usd"},
	} {
		if got, err := money.Parse(c.text, c.currency); err == nil || errors.Is(err, money.ErrOverflow) {
			t.Errorf("%q %s was read as %v, %v", c.text, c.currency, got, err)
		}
	}
	for _, text := range []string{"92233720368547758.08", "92233720368547759", strings.Repeat("9", 400)} {
		if _, err := money.Parse(text, "USD"); !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

func TestCurrencyFacts(t *testing.T) {
	for c, exponent := range map[money.Currency]int{"USD": 2, "CNY": 2, "JPY": 0, "CLP": 0} {
		if !c.Known() || c.Exponent() != exponent {
			t.Errorf("%s: known %v, exponent %d", c, c.Known(), c.Exponent())
		}
	}
	if money.Currency("XXX").Known() {
		t.Error("XXX is no money")
	}
}

func TestPlainIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := money.Of(rapid.Int64Range(0, math.MaxInt64).Draw(t, "minor"), rapid.SampledFrom([]money.Currency{"USD", "JPY"}).Draw(t, "currency"))
		if got, err := money.Parse(a.Plain(), a.Currency); err != nil || got != a {
			t.Fatalf("%q was read as %v, %v", a.Plain(), got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "12.50", "012.5", ".5", "5.", "-1", "1,000.00", "92233720368547758.07", "92233720368547758.08", "٣", "1.2.3", "\x00"} {
		f.Add(seed, "USD")
		f.Add(seed, "JPY")
	}
	f.Fuzz(func(t *testing.T, text, currency string) {
		a, err := money.Parse(text, money.Currency(currency))
		if err != nil {
			return
		}
		if a.Minor < 0 || strings.ContainsFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) {
			t.Fatalf("%q was read as %v", text, a)
		}
		if again, err := money.Parse(a.Plain(), a.Currency); err != nil || again != a {
			t.Fatalf("%q gives %v, and that reads as %v, %v", text, a, again, err)
		}
	})
}
