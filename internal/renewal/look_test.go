package renewal_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

func TestLookIsReadBackAsItWasWritten(t *testing.T) {
	lists := []renewal.ItemList{"", renewal.ListRenewable, renewal.ListBlocked, renewal.ListServices, renewal.ListUncovered,
		renewal.ListAgain, renewal.ListSoon, renewal.ListRenewed, renewal.ListFailed, renewal.ListLeft}
	place := rapid.Custom(func(t *rapid.T) renewal.Place {
		if rapid.Bool().Draw(t, "none") {
			return renewal.Place{}
		}
		return renewal.Place{Group: rapid.IntRange(0, 9).Draw(t, "group"), Number: rapid.IntRange(1, renewal.MaximumUnits).Draw(t, "number")}
	})
	rapid.Check(t, func(t *rapid.T) {
		l := renewal.Look{
			List: rapid.SampledFrom(lists).Draw(t, "list"), Reason: rapid.SampledFrom(append(renewal.Reasons(), "")).Draw(t, "reason"),
			Service: rapid.StringMatching(`[a-z.]{0,20}`).Draw(t, "service"), Size: rapid.SampledFrom(renewal.Sizes).Draw(t, "size"),
			After: place.Draw(t, "after"), Before: place.Draw(t, "before"),
		}
		if got, notices := renewal.ParseLook(l.Values()); got != l || len(notices) > 0 {
			t.Fatalf("%+v, %v after %+v", got, notices, l)
		}
	})
}

func TestLookDropsWhatItDoesNotKnow(t *testing.T) {
	for query, named := range map[string]string{
		"list=everything": "list", "reason=because": "reason", "size=51": "page size", "size=-1": "page size",
		"service=a%00b": "service type", "service=" + strings.Repeat("x", 129): "service type",
		"after=1": "place in the list", "after=10.1": "place in the list", "before=1.0": "place in the list", "before=1.10001": "place in the list",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		l, notices := renewal.ParseLook(q)
		if l != (renewal.Look{Size: renewal.DefaultSize}) || len(notices) != 1 || !strings.Contains(notices[0], named) {
			t.Errorf("%s: %+v, %v", query, l, notices)
		}
	}
}

func TestDiscountKindOfAUnitIsThatOfItsLargest(t *testing.T) {
	line := func(kind string, minor int64) renewal.Line {
		return renewal.Line{DiscountKind: kind, Discount: money.Of(minor, "USD")}
	}
	for _, c := range []struct {
		want  string
		lines []renewal.Line
	}{
		{"", nil}, {"", []renewal.Line{line("", 0)}},
		{"partner", []renewal.Line{line("contract", 1), line("partner", 2), line("", 0)}},
	} {
		if got := (renewal.Item{Lines: c.lines}).DiscountKind(); got != c.want {
			t.Errorf("%v: %q, want %q", c.lines, got, c.want)
		}
	}
}
