package demo_test

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"perennial/internal/billing"
	"perennial/internal/demo"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

var now = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func estate(t testing.TB, seed uint64, units int) *demo.Estate {
	t.Helper()
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return demo.NewEstate(seed, units, now, zone)
}

func instances(t testing.TB, e *demo.Estate) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.WriteInstances(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func prices(t testing.TB, e *demo.Estate) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.WritePrices(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheEstateFollowsFromItsSeed(t *testing.T) {
	one, again, other := estate(t, 1, 300), estate(t, 1, 300), estate(t, 2, 300)
	if !bytes.Equal(instances(t, one), instances(t, again)) || !bytes.Equal(prices(t, one), prices(t, again)) {
		t.Error("the same seed makes two different estates")
	}
	if bytes.Equal(instances(t, one), instances(t, other)) {
		t.Error("two seeds make the same estate")
	}
}

func TestTheImportTakesTheEstate(t *testing.T) {
	e := estate(t, demo.DefaultSeed, demo.DefaultUnits)
	file := instances(t, e)
	checked, report, err := inventory.Check(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if !report.Clean() {
		t.Fatalf("%d refusals, the first: %s", report.Refused, report.Refusals[0])
	}
	units := 0
	for u, err := range checked.Units() {
		if err != nil {
			t.Fatal(err)
		}
		if !u.HasHead() {
			t.Fatalf("unit %s has no primary instance", u.HeadID)
		}
		units++
	}
	if units != demo.DefaultUnits {
		t.Errorf("the file has %d units, want %d", units, demo.DefaultUnits)
	}
	if report, err = inventory.CheckPrices(t.Context(), bytes.NewReader(prices(t, e))); err != nil || !report.Clean() {
		t.Errorf("prices: %v, %v", report, err)
	}
	if got := len(e.Prices()); report.Rows != got {
		t.Errorf("the file has %d prices and the book %d", report.Rows, got)
	}
}

// The demonstration starts at any instant and in any size.
func TestTheImportTakesEveryEstate(t *testing.T) {
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for seed, at := range []string{"2028-02-29T15:59:59Z", "2028-02-29T16:00:00Z", "2027-12-31T23:59:59Z", "2026-03-30T00:00:00Z", "2026-07-31T12:00:00Z"} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, 1, 7, 800} {
			e := demo.NewEstate(uint64(seed), size, now, zone)
			file := instances(t, e)
			_, report, err := inventory.Check(t.Context(), bytes.NewReader(file), int64(len(file)))
			if err != nil || !report.Clean() {
				t.Errorf("%d units at %s: %v, %v", size, at, report, err)
			}
			if funds, err := e.Funds(); err != nil || funds.Deposit.Minor <= 0 {
				t.Errorf("%d units at %s: opening balance %s, %v", size, at, funds.Deposit, err)
			}
			for u := range e.Units() {
				if renewal.DefaultRetention.StatusAt(u.ExpiresAt, now) == renewal.Released {
					t.Errorf("%s is released at %s", u.ID, at)
				}
			}
		}
	}
}

// The pages that the demonstration must be able to show need these numbers.
func TestTheEstateHasSomethingOfEverything(t *testing.T) {
	e := estate(t, demo.DefaultSeed, demo.DefaultUnits)
	book := e.Prices()
	modes := map[renewal.Mode]int{}
	statuses := map[renewal.Status]int{}
	reasons := map[renewal.Reason]int{}
	days := map[string]int{}
	regions, projects, services := map[string]int{}, map[string]int{}, map[string]int{}
	soon, packages, yearly, unpriced, associated := 0, 0, 0, 0, 0
	for u := range e.Units() {
		modes[u.Mode]++
		regions[u.RegionCode]++
		projects[u.Project]++
		services[u.ServiceName]++
		if u.EffectiveAt.After(now) || !u.EffectiveAt.Before(u.ExpiresAt) {
			t.Fatalf("%s runs from %s to %s", u.ID, u.EffectiveAt, u.ExpiresAt)
		}
		associated += len(u.Associated)
		if u.Mode != renewal.Manual {
			continue
		}
		statuses[renewal.DefaultRetention.StatusAt(u.ExpiresAt, now)]++
		if !u.ExpiresAt.Before(now) && u.ExpiresAt.Before(now.Add(renewal.Within30.Window())) {
			soon++
			days[u.ExpiresAt.Format(time.DateOnly)]++
		}
		if u.Package {
			packages++
		}
		if u.Period == renewal.Year {
			yearly++
		}
		_, priced, err := renewal.ListLines(u, book, demo.Currency)
		if err != nil {
			t.Fatal(err)
		}
		if !priced {
			unpriced++
		}
		if _, why := renewal.Check(u, now, renewal.Terms{Zone: time.UTC, Retention: renewal.DefaultRetention}, priced); why != "" {
			reasons[why]++
		}
	}
	for _, c := range []struct {
		what             string
		got, least, most int
	}{
		{"manual", modes[renewal.Manual], 10_700, 11_200},
		{"auto", modes[renewal.Auto], 950, 1_250},
		{"pay-per-use", modes[renewal.PayPerUse], 150, 260},
		{"cancelled", modes[renewal.Cancelled], 190, 310},
		{"expire within 30 days", soon, 2_700, 3_500},
		{"on the fullest day", slices.Max(slices.Collect(maps.Values(days))), 450, 800},
		{"expired", statuses[renewal.Expired], 150, 300},
		{"frozen", statuses[renewal.Frozen], 60, 180},
		{"released", statuses[renewal.Released], 0, 0},
		{"resource packages", packages, 100, 700},
		{"yearly", yearly, 800, 1_500},
		{"without a price", unpriced, 10, 80},
		{"associated resources", associated, 2_000, 6_000},
		{"regions", len(regions), 10, 10},
		{"projects, and none", len(projects), 7, 7},
		{"services", len(services), 9, 9},
		{"unpaid orders", reasons[renewal.OrderPending], 30, 80},
		{"with a blocked disk", reasons[renewal.AssociatedBlocked], 3, 30},
		{"too far ahead", reasons[renewal.MaximumDuration], 1, 60},
	} {
		if c.got < c.least || c.got > c.most {
			t.Errorf("%s: %d, want %d to %d", c.what, c.got, c.least, c.most)
		}
	}
	for _, h := range renewal.Holds() {
		if reasons[h] == 0 {
			t.Errorf("no unit carries %s", h)
		}
	}
}

// The review of the next 30 days must run out of money late, and must run out.
// What is given beside the balance does not keep a task from running dry.
func TestTheFundsRunOutNearTheEnd(t *testing.T) {
	for _, size := range []int{500, demo.DefaultUnits} {
		e := estate(t, demo.DefaultSeed, size)
		f, err := e.Funds()
		if err != nil {
			t.Fatal(err)
		}
		funds := billing.Funds{Balance: f.Deposit, Credit: f.Credit}
		for _, c := range f.Coupons {
			value, err := money.Parse(c.Value, demo.Currency)
			if err != nil {
				t.Fatal(err)
			}
			last, err := time.Parse(time.DateOnly, c.Until)
			if err != nil {
				t.Fatal(err)
			}
			funds.Coupons = append(funds.Coupons, billing.Coupon{ID: c.ID, Face: value, Remaining: value, Until: last, Use: c.Use,
				Services: c.Services, SingleUse: c.SingleUse, Excludes: c.Excludes, Minimum: money.Of(0, demo.Currency)})
		}
		plan, err := billing.NewPlan(due(t, e), funds, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Covered == plan.Units || plan.Covered < plan.Units*7/10 {
			t.Errorf("%d units: the funds pay for %d of %d", size, plan.Covered, plan.Units)
		}
		if size == demo.DefaultUnits && (f.Deposit.Minor < 5_000_000 || f.Deposit.Minor > 20_000_000 || f.Credit.Minor > f.Deposit.Minor/50) {
			t.Errorf("the opening balance is %s, the credit line %s", f.Deposit, f.Credit)
		}
		why := map[string]billing.CouponWhy{}
		for _, i := range plan.Idle {
			why[i.Coupon.ID] = i.Why
		}
		if len(plan.Coupons) < 3 {
			t.Errorf("%d units: the plan uses %d coupons, and not %v", size, len(plan.Coupons), why)
		}
	}
}

// due are the units that a task of the next 30 days renews, in their order.
func due(t *testing.T, e *demo.Estate) (all []billing.Payable) {
	t.Helper()
	var units []renewal.Unit
	for u := range e.Units() {
		if u.Mode == renewal.Manual && u.Hold == "" && !u.ExpiresAt.Before(now) && u.ExpiresAt.Before(now.Add(renewal.Within30.Window())) {
			units = append(units, u)
		}
	}
	slices.SortFunc(units, func(a, b renewal.Unit) int {
		return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), strings.Compare(a.ID, b.ID))
	})
	book := e.Prices()
	for _, u := range units {
		quote, priced, err := billing.Quote(u, book, demo.Currency, e.Discounts(), now)
		if err != nil {
			t.Fatal(err)
		}
		if priced {
			all = append(all, billing.Payable{Service: u.ServiceCode, Kinds: billing.KindsOf(quote), Fee: quote.Fee})
		}
	}
	return all
}

func TestIDsNeverRepeat(t *testing.T) {
	seen := map[string]bool{}
	for u := range estate(t, 7, 50_000).Units() {
		for _, i := range u.All() {
			if seen[i.ID] {
				t.Fatalf("%s stands twice", i.ID)
			}
			seen[i.ID] = true
		}
	}
}

func TestPeopleHaveTheThreeRoles(t *testing.T) {
	var roles []string
	for _, p := range demo.People() {
		roles = append(roles, string(p.Role))
		if !strings.HasSuffix(p.Email, "@acme.example") {
			t.Errorf("%s has the address %s", p.Name, p.Email)
		}
	}
	if got := strings.Join(roles, " "); got != "owner buyer viewer" {
		t.Errorf("roles: %s", got)
	}
}
