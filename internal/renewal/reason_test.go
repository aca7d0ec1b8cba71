package renewal_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/renewal"
)

// checkOrder is the order of the table in section 3 of the product rules.
var checkOrder = []renewal.Reason{
	"order_pending", "spec_change_unpaid", "order_processing", "renewal_in_progress", "converting_to_pay_per_use",
	"unsubscribing", "released", "discontinued", "supplement_provisioning", "bundle_only", "associated_blocked",
	"locked", "account_frozen", "no_price", "maximum_duration", "still_expired",
}

// holds are the codes that an import may carry, section 9.
var holds = []renewal.Reason{
	"order_pending", "spec_change_unpaid", "order_processing", "converting_to_pay_per_use", "unsubscribing",
	"discontinued", "supplement_provisioning", "bundle_only", "locked",
}

func TestReasonsInTheOrderOfTheTable(t *testing.T) {
	want := append(slices.Clone(checkOrder), "changed_since_review", "price_increased")
	if got := renewal.Reasons(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := renewal.Holds(); !slices.Equal(got, holds) {
		t.Errorf("holds %v, want %v", got, holds)
	}
	for _, r := range want {
		if r.Sentence() == "" || r.Sentence()[len(r.Sentence())-1] != '.' {
			t.Errorf("%s says %q", r, r.Sentence())
		}
		if helpless := r == "unsubscribing" || r == "released"; (r.Remedy() == "") != helpless {
			t.Errorf("%s has remedy %q", r, r.Remedy())
		}
		if r.IsHold() != slices.Contains(holds, r) {
			t.Errorf("%s is a hold: %v", r, r.IsHold())
		}
	}
	for _, r := range []renewal.Reason{"", "no_such"} {
		if r.Sentence() != "" || r.Remedy() != "" || r.IsHold() {
			t.Errorf("%q is no reason", r)
		}
	}
}

func unit(expiry time.Time) renewal.Unit {
	return renewal.Unit{Instance: renewal.Instance{
		ID: "ecs-1", Period: renewal.Month, Mode: renewal.Manual, Quantity: 1, EffectiveAt: expiry.AddDate(-1, 0, 0), ExpiresAt: expiry,
	}}
}

func terms() renewal.Terms {
	return renewal.Terms{Zone: time.UTC, Retention: renewal.DefaultRetention}
}

func TestCheckEachReason(t *testing.T) {
	soon := now.Add(3 * renewal.Day)
	type state struct {
		unit   renewal.Unit
		terms  renewal.Terms
		priced bool
	}
	cases := map[renewal.Reason]func(*state){
		"":                    func(*state) {},
		"released":            func(s *state) { s.unit = unit(now.Add(-30 * renewal.Day)) },
		"associated_blocked":  func(s *state) { s.unit.Associated = []renewal.Instance{{ID: "a"}, {ID: "b", Hold: renewal.Locked}} },
		"account_frozen":      func(s *state) { s.terms.Frozen = true },
		"no_price":            func(s *state) { s.priced = false },
		"maximum_duration":    func(s *state) { s.unit = unit(now.AddDate(4, 11, 0).Add(ms)) },
		"still_expired":       func(s *state) { s.terms.Retention.Frozen = renewal.Day * 90; s.unit = unit(now.AddDate(0, -1, 0)) },
		"renewal_in_progress": func(s *state) { s.unit.Hold = renewal.RenewalInProgress },
		"of_tomorrow":         func(s *state) { s.unit.Hold = "of_tomorrow" },
	}
	for _, h := range holds {
		cases[h] = func(s *state) { s.unit.Hold = h }
	}
	for want, change := range cases {
		s := state{unit(soon), terms(), true}
		change(&s)
		expiry, why := renewal.Check(s.unit, now, s.terms, s.priced)
		if why != want {
			t.Errorf("got reason %q, want %q", why, want)
		}
		if next := s.unit.NextExpiry(time.UTC); !expiry.Equal(next) {
			t.Errorf("%q: new expiry %v, want %v", want, expiry, next)
		}
	}
	for _, r := range checkOrder {
		if _, ok := cases[r]; !ok {
			t.Errorf("no case for %s", r)
		}
	}
}

func TestCheckAtItsBoundaries(t *testing.T) {
	leap := time.Date(2028, 2, 28, 20, 0, 0, 0, time.UTC) // 29 February, 04:00 in Shanghai
	shanghai := zone(t, "Asia/Shanghai")
	for _, c := range []struct {
		name   string
		expiry time.Time
		now    time.Time
		zone   *time.Location
		want   renewal.Reason
	}{
		{"a moment before release", now.Add(-30*renewal.Day + ms), now, time.UTC, ""},
		{"one month brings it to now", now.AddDate(0, -1, 0), now, time.UTC, "released"}, // October has 31 days
		{"exactly 5 years ahead", now.AddDate(4, 11, 0), now, time.UTC, ""},
		{"5 years are counted in the billing zone", wall(t, "2033-02-01 03:00:00", shanghai), leap, shanghai, "maximum_duration"},
		{"from the local day", wall(t, "2031-05-02 03:00:00", shanghai), time.Date(2026, 5, 31, 20, 0, 0, 0, time.UTC), shanghai, "maximum_duration"},
		{"and clamped there", wall(t, "2033-01-28 04:00:00", shanghai), leap, shanghai, ""},
	} {
		terms := terms()
		terms.Zone = c.zone
		if _, why := renewal.Check(unit(c.expiry), c.now, terms, true); why != c.want {
			t.Errorf("%s: %q, want %q", c.name, why, c.want)
		}
	}
	// One term that ends exactly at now, in retention of any length: refused.
	long := renewal.Terms{Zone: time.UTC, Retention: renewal.Retention{Grace: 90 * renewal.Day}}
	for past, want := range map[time.Duration]renewal.Reason{0: "still_expired", ms: "", -ms: "still_expired"} {
		if _, why := renewal.Check(unit(now.AddDate(0, -1, 0).Add(past)), now, long, true); why != want {
			t.Errorf("new expiry %v after now: %q, want %q", past, why, want)
		}
	}
}

func TestCheckShowsTheFirstOfSeveral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := unit(now.Add(time.Duration(rapid.IntRange(-50, 2000).Draw(t, "days")) * renewal.Day))
		terms := terms()
		terms.Retention.Frozen = time.Duration(rapid.SampledFrom([]int{0, 15, 90}).Draw(t, "retention")) * renewal.Day
		terms.Frozen = rapid.Bool().Draw(t, "frozen")
		priced := rapid.Bool().Draw(t, "priced")
		u.Hold = rapid.SampledFrom(append([]renewal.Reason{"", "renewal_in_progress"}, holds...)).Draw(t, "hold")
		associated := rapid.SampledFrom(append([]renewal.Reason{""}, holds...)).Draw(t, "associated")
		u.Associated = []renewal.Instance{{ID: "evs-1", Hold: associated}}
		expiry, why := renewal.Check(u, now, terms, priced)
		fails := map[renewal.Reason]bool{
			u.Hold:               u.Hold != "",
			"released":           now.Sub(u.ExpiresAt) >= terms.Retention.Grace+terms.Retention.Frozen,
			"associated_blocked": associated != "",
			"account_frozen":     terms.Frozen,
			"no_price":           !priced,
			"maximum_duration":   expiry.After(now.AddDate(5, 0, 0)),
			"still_expired":      !expiry.After(now),
		}
		want := renewal.Reason("")
		if i := slices.IndexFunc(checkOrder, func(r renewal.Reason) bool { return fails[r] }); i >= 0 {
			want = checkOrder[i]
		}
		if why != want {
			t.Fatalf("got %q, want %q of %v", why, want, fails)
		}
	})
}
