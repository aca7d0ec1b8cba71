package renewal_test

import (
	"testing"
	"time"

	"perennial/internal/renewal"
)

const ms = time.Millisecond

var now = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func TestStatusAtEveryBoundary(t *testing.T) {
	short := renewal.Retention{Grace: 3 * renewal.Day, Frozen: 5 * renewal.Day}
	none := renewal.Retention{}
	for _, c := range []struct {
		name      string
		retention renewal.Retention
		untilNow  time.Duration // from now to the expiry
		want      renewal.Status
	}{
		{"far away", renewal.DefaultRetention, 400 * renewal.Day, renewal.Provisioned},
		{"a moment more than 7 days", renewal.DefaultRetention, 7*renewal.Day + ms, renewal.Provisioned},
		{"exactly 7 days", renewal.DefaultRetention, 7 * renewal.Day, renewal.Expiring},
		{"a moment before expiry", renewal.DefaultRetention, ms, renewal.Expiring},
		{"at expiry", renewal.DefaultRetention, 0, renewal.Expired},
		{"a moment before the freeze", renewal.DefaultRetention, -15*renewal.Day + ms, renewal.Expired},
		{"at the freeze", renewal.DefaultRetention, -15 * renewal.Day, renewal.Frozen},
		{"a moment before release", renewal.DefaultRetention, -30*renewal.Day + ms, renewal.Frozen},
		{"at release", renewal.DefaultRetention, -30 * renewal.Day, renewal.Released},
		{"long gone", renewal.DefaultRetention, -400 * renewal.Day, renewal.Released},
		{"own grace", short, -3*renewal.Day + ms, renewal.Expired},
		{"own freeze", short, -3 * renewal.Day, renewal.Frozen},
		{"own retention", short, -8*renewal.Day + ms, renewal.Frozen},
		{"own release", short, -8 * renewal.Day, renewal.Released},
		{"no grace, no retention", none, 0, renewal.Released},
		{"no grace, not yet expired", none, ms, renewal.Expiring},
	} {
		if got := c.retention.StatusAt(now.Add(c.untilNow), now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestStatusTitles(t *testing.T) {
	want := map[renewal.Status]string{
		renewal.Provisioned: "Provisioned", renewal.Expiring: "Expiring", renewal.Expired: "Expired",
		renewal.Frozen: "Frozen", renewal.Released: "Released",
	}
	for s, title := range want {
		if s.Title() != title {
			t.Errorf("%s is titled %q", s, s.Title())
		}
	}
	for _, s := range renewal.Statuses {
		if s == renewal.Released {
			t.Error("released instances are never listed, so no filter offers them")
		}
	}
}

func TestModesAndPolicies(t *testing.T) {
	modes := map[renewal.Policy]renewal.Mode{
		0: renewal.Manual, 4: renewal.Manual, 3: renewal.Auto, 1: renewal.PayPerUse, 2: renewal.Cancelled, 5: renewal.Cancelled,
	}
	for p := renewal.Policy(-2); p < 10; p++ {
		want, known := modes[p]
		if got, ok := p.Mode(); got != want || ok != known {
			t.Errorf("policy %d: %q, %v", p, got, ok)
		}
	}
	titles := []string{"Manual Renewals", "Auto Renewals", "Pay-per-Use After Expiration", "Renewals Canceled"}
	for i, m := range renewal.Modes {
		if m.Title() != titles[i] {
			t.Errorf("tab %d is titled %q", i, m.Title())
		}
	}
	if renewal.Month != 2 || renewal.Year != 3 || renewal.Month.Months() != 1 || renewal.Year.Months() != 12 {
		t.Error("the provider's period types are 2 month and 3 year")
	}
	if renewal.Month.String()+renewal.Year.String()+renewal.Month.Short()+renewal.Year.Short() != "1 month1 yearmoyr" {
		t.Error("the term is misspelt")
	}
}
