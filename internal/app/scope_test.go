package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func TestScopeCountsAfreshAndSaysWhatWasRenewedLately(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		all := estate(w)
		want := len(expected(all, testkit.Everything, renewal.Sort{By: renewal.ByExpiry}, testkit.Start, w.Account.Zone))
		only := testkit.Everything
		only.Renewed = renewal.Only
		recent := len(expected(all, only, renewal.Sort{By: renewal.ByExpiry}, testkit.Start, w.Account.Zone))
		hide := testkit.Everything
		hide.Renewed = renewal.Hide
		pending := testkit.Everything
		pending.Blocked = renewal.OrderPending
		unpaid := len(expected(all, pending, renewal.Sort{By: renewal.ByExpiry}, testkit.Start, w.Account.Zone))
		paid := testkit.Everything
		paid.HideUnpaid = true
		for _, c := range []struct {
			filter renewal.Filter
			unpaid int
		}{{testkit.Everything, unpaid}, {pending, 0}, {paid, 0}} {
			if s, err := w.App.Scope(w.Context(), w.Account.ID, c.filter); err != nil || s.Unpaid != c.unpaid || unpaid == 0 {
				t.Errorf("%d wait for payment, want %d: %v", s.Unpaid, c.unpaid, err)
			}
		}
		for f, counts := range map[string]struct {
			filter        renewal.Filter
			count, recent int
		}{
			"everything": {testkit.Everything, want, recent}, "only": {only, recent, recent}, "hide": {hide, want - recent, 0},
		} {
			s, err := w.App.Scope(w.Context(), w.Account.ID, counts.filter)
			w.Must(err)
			if s.Count != counts.count || s.Recent != counts.recent || len(s.Offers) > 0 || s.Open.ID != "" {
				t.Errorf("%s: %d with %d recent and %d offers, want %d with %d", f, s.Count, s.Recent, len(s.Offers), counts.count, counts.recent)
			}
		}
		if want == 0 || recent == 0 {
			t.Fatal("the estate proves nothing")
		}
		w.AddMany(1, time.Hour)
		s, err := w.App.Scope(w.Context(), w.Account.ID, testkit.Everything)
		w.Must(err)
		if s.Count != want+1 {
			t.Errorf("%d match after one more came, want %d", s.Count, want+1)
		}
	})
}

func TestScopeIsOfTheManualTab(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	_, err := w.App.Scope(t.Context(), w.Account.ID, renewal.Filter{Tab: renewal.Auto})
	wantKind(t, err, fault.Invalid, "Manual Renewals")
}

func TestScopeNamesTheOpenTask(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(2, 24*time.Hour)
	task := w.Prepare(testkit.Everything)
	s, err := w.App.Scope(t.Context(), w.Account.ID, testkit.Everything)
	w.Must(err)
	if s.Open.ID != task.ID {
		t.Errorf("the open task is %q, want %q", s.Open.ID, task.ID)
	}
}

// bigEstate has more units than one task takes: 10 a day in some 1,100 days,
// and 200 that have expired.
func bigEstate(w *testkit.World) {
	var all []renewal.Unit
	for n := range 11_200 {
		left := time.Duration(n-200) * renewal.Day / 30
		if n < 200 {
			left = -time.Duration(n+1) * time.Hour
		}
		u := testkit.Unit(fmt.Sprintf("ecs-%05d", n), left)
		u.ServiceCode = []string{"ec2", "ec2", "ec2", "vpc"}[n%4]
		u.ServiceName = "Service " + u.ServiceCode
		u.RegionCode = "cn-north-4"
		u.Project = []string{"", "web", "data", "ml", "ops"}[n%5]
		all = append(all, u)
	}
	for chunk := range slices.Chunk(all, 2_000) {
		w.Add(chunk...)
	}
}

func TestTooManyAreOfferedNarrowerFiltersThatFit(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		bigEstate(w)
		s, err := w.App.Scope(w.Context(), w.Account.ID, testkit.Everything)
		w.Must(err)
		if s.Count != 11_200 || len(s.Offers) == 0 {
			t.Fatalf("%d match and %d offers were made", s.Count, len(s.Offers))
		}
		var words []string
		for _, o := range s.Offers {
			words = append(words, o.Words)
			checkOffer(t, w, testkit.Everything, s, o)
		}
		last := s.Offers[0].Filter.To
		want := []string{"Expires up to " + last, "Expires within 30 days", "Expires within 15 days", "Expires within 7 days",
			"Service type: Service ec2", "Service type: Service vpc", "Enterprise project: data", "Enterprise project: ml"}
		if !slices.Equal(words, want) {
			t.Errorf("offered %q, want %q", words, want)
		}
		dayLater, err := time.Parse(time.DateOnly, last)
		w.Must(err)
		wider := s.Offers[0].Filter
		wider.To = dayLater.AddDate(0, 0, 1).Format(time.DateOnly)
		if n := count(w, wider); n <= renewal.MaximumUnits {
			t.Errorf("%d fit up to %s, and %s was offered", n, wider.To, last)
		}
		offersStayInside(t, w)
	})
}

// offersStayInside: an offer never brings in what the filter left out, such as what
// has expired into a window of time.
func offersStayInside(t *testing.T, w *testkit.World) {
	t.Helper()
	live := testkit.Everything
	live.Status = []renewal.Status{renewal.Provisioned}
	ranged := testkit.Everything
	ranged.Expires, ranged.From, ranged.To = renewal.ExpiryRange, "2026-11-23", "2030-01-01"
	for _, f := range []renewal.Filter{live, ranged} {
		s, err := w.App.Scope(t.Context(), w.Account.ID, f)
		w.Must(err)
		if s.Count <= renewal.MaximumUnits || len(s.Offers) == 0 {
			t.Fatalf("%v: %d match and %d offers were made", f, s.Count, len(s.Offers))
		}
		for _, o := range s.Offers {
			checkOffer(t, w, f, s, o)
		}
	}
}

// A window of 30 days with more than fits is narrowed by its last days.
func TestWindowIsNarrowedWithoutTheExpired(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	var all []renewal.Unit
	for n := range 10_300 {
		all = append(all, testkit.Unit(fmt.Sprintf("ecs-%05d", n), time.Duration(n-100)*4*time.Minute))
	}
	for chunk := range slices.Chunk(all, 2_000) {
		w.Add(chunk...)
	}
	f := testkit.Everything
	f.Expires = renewal.Within30
	s, err := w.App.Scope(t.Context(), w.Account.ID, f)
	w.Must(err)
	if s.Count != 10_200 || len(s.Offers) == 0 {
		t.Fatalf("%d match and %d offers were made", s.Count, len(s.Offers))
	}
	for _, o := range s.Offers {
		checkOffer(t, w, f, s, o)
	}
}

func count(w *testkit.World, f renewal.Filter) int {
	page, err := w.App.List(w.Context(), w.Account.ID, renewal.Listing{Filter: f, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 1})
	w.Must(err)
	return page.Matching
}

// checkOffer holds an offer to its promise: it fits, counts right, and takes
// nothing that the filter does not.
func checkOffer(t *testing.T, w *testkit.World, f renewal.Filter, s app.Scope, o app.Offer) {
	t.Helper()
	if n := count(w, o.Filter); n != o.Count || n == 0 || n > renewal.MaximumUnits || n >= s.Count {
		t.Errorf("%s: offered with %d, %d match", o.Words, o.Count, n)
	}
	spans := f.Spans(testkit.Start, renewal.DefaultRetention, w.Account.Zone)
	w.Read(func(tx *store.Tx) error {
		units, err := tx.Matching(store.Scope{AccountID: w.Account.ID, Filter: o.Filter, Now: testkit.Start,
			Spans: o.Filter.Spans(testkit.Start, renewal.DefaultRetention, w.Account.Zone)}, renewal.MaximumUnits)
		for _, u := range units {
			if !slices.ContainsFunc(spans, func(s renewal.Span) bool {
				return !u.ExpiresAt.Before(s.From) && (s.To.IsZero() || u.ExpiresAt.Before(s.To))
			}) {
				t.Errorf("%s takes %s, which expires at %s", o.Words, u.ID, u.ExpiresAt)
				break
			}
		}
		return err
	})
}
