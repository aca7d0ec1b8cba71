package renewal_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/renewal"
)

func TestWords(t *testing.T) {
	names := renewal.Names{Services: map[string]string{"ec2": "Elastic Cloud Server"}, Regions: map[string]string{"sg": "AP-Singapore"}}
	for _, c := range []struct {
		filter renewal.Filter
		want   string
	}{
		{renewal.Filter{Tab: renewal.Manual}, "Everything on Manual Renewals"},
		{renewal.Filter{Query: "batch"}, "Search: batch"},
		{renewal.Filter{Status: []renewal.Status{renewal.Expired, renewal.Frozen}}, "Status: Expired, Frozen"},
		{renewal.Filter{Expires: renewal.Within30}, "Expires: within 30 days"},
		{renewal.Filter{Expires: renewal.Within7, Late: true}, "Expires: within 7 days, with expired and frozen"},
		{renewal.Filter{Expires: renewal.ExpiryRange, From: "2026-12-01", To: "2026-12-31"}, "Expires: 2026-12-01 to 2026-12-31"},
		{renewal.Filter{Expires: renewal.ExpiryRange, From: "2026-12-01"}, "Expires: from 2026-12-01"},
		{renewal.Filter{Expires: renewal.ExpiryRange, To: "2026-12-31", Late: true}, "Expires: up to 2026-12-31, with expired and frozen"},
		{renewal.Filter{Released: 2}, "Released: within 2 days"},
		{renewal.Filter{Blocked: renewal.Locked}, "Cannot be renewed: This instance is locked"},
		{renewal.Filter{Renewed: renewal.Hide}, "Renewed here within 30 days: not shown"},
		{renewal.Filter{Renewed: renewal.Only}, "Renewed here within 30 days: only"},
		{renewal.Filter{IDs: []string{"ecs-1"}}, "Instance IDs: ecs-1"},
		{renewal.Filter{IDs: []string{"ecs-1", "ecs-2"}}, "Instance IDs: 2 pasted"},
		{renewal.Filter{Name: "x", Order: "CS1"}, "Name contains: x · Order: CS1"},
		{renewal.Filter{Services: []string{"ec2", "evs"}, Regions: []string{"sg"}, Projects: []string{"p", "q"}},
			"Service type: Elastic Cloud Server, evs · Region: AP-Singapore · Enterprise project: p, q"},
		{renewal.Filter{HideUnpaid: true, Packages: renewal.Only}, "Orders pending payment: not shown · Resource packages: only"},
	} {
		if got := c.filter.Words(names); got != c.want {
			t.Errorf("%+v: %q, want %q", c.filter, got, c.want)
		}
	}
}

func TestTakingEveryTokenAwayLeavesTheTab(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFilter(t)
		left := f
		for tokens := left.Tokens(renewal.Names{}); len(tokens) > 0; tokens = left.Tokens(renewal.Names{}) {
			next := rapid.SampledFrom(tokens).Draw(t, "token")
			if rest := next.Without.Tokens(renewal.Names{}); len(rest) != len(tokens)-1 {
				t.Fatalf("%q takes away more or less than itself: %+v", next.Label, next.Without)
			}
			left = next.Without
		}
		if !reflect.DeepEqual(left, renewal.Filter{Tab: f.Tab}) {
			t.Fatalf("left over: %+v", left)
		}
	})
}
