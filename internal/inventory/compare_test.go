package inventory_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/inventory"
	"perennial/internal/renewal"
)

// compared is an import of a file into an account: all changes by ID.
func compared(t *testing.T, text string, known ...inventory.Known) (map[string]inventory.Change, *inventory.Report) {
	t.Helper()
	f, report := check(t, text)
	account := inventory.NewAccount(time.UTC, known)
	all := map[string]inventory.Change{}
	for u, err := range f.Units() {
		if err != nil {
			t.Fatal(err)
		}
		changes, refused, err := f.Compare(u, account)
		if err != nil {
			t.Fatal(err)
		}
		report.Refuse(refused...)
		report.Count(changes)
		for _, c := range changes {
			all[c.Instance.ID] = c
		}
	}
	return all, report
}

// imported is what the account has after a file of such rows.
func imported(t *testing.T, lines ...string) []inventory.Known {
	t.Helper()
	changes, report := compared(t, file(lines...))
	if !report.Clean() {
		t.Fatal(report.Refusals)
	}
	var known []inventory.Known
	for _, c := range changes {
		known = append(known, inventory.Known{Instance: c.Instance, Source: c.Source})
	}
	slices.SortFunc(known, func(a, b inventory.Known) int { return strings.Compare(a.Instance.ID, b.Instance.ID) })
	return known
}

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s+"T15:59:59Z")
	if err != nil {
		panic(err)
	}
	return t
}

// renewed is a unit that was renewed here by a month.
func renewed(known []inventory.Known) []inventory.Known {
	known = slices.Clone(known)
	for i := range known {
		known[i].Instance.ExpiresAt = day("2027-02-28")
		known[i].Instance.RenewedOrder = "PR-1"
		known[i].Instance.RenewedAt = day("2026-11-01")
	}
	return known
}

var (
	a = line("resource_id", "a")
	b = child("b", "a")
)

func TestNewRowsAreTakenAsTheyAre(t *testing.T) {
	changes, report := compared(t, file(a, b))
	if report.New != 2 || !report.Clean() {
		t.Fatalf("%+v", report)
	}
	got := changes["b"].Instance
	if got.ParentID != "a" || got.Mode != renewal.Manual || got.Anchor != 31 || !got.ExpiresAt.Equal(day("2027-01-31")) {
		t.Errorf("b is %+v", got)
	}
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	known := imported(t, a, b)
	for name, known := range map[string][]inventory.Known{"at once": known, "after a renewal": renewed(known)} {
		changes, report := compared(t, file(a, b), known...)
		if report.Unchanged != 2 || !report.Clean() {
			t.Errorf("%s: %+v", name, report)
		}
		for i, id := range []string{"a", "b"} {
			if changes[id].Instance != known[i].Instance {
				t.Errorf("%s: %s became %+v", name, id, changes[id].Instance)
			}
		}
	}
}

func TestAChangedColumnChangesThatAlone(t *testing.T) {
	known := renewed(imported(t, a))
	known[0].Instance.Policy, known[0].Instance.Mode = 3, renewal.Auto // changed here
	changes, report := compared(t, file(line("resource_id", "a", "resource_name", "new name", "hold", "locked")), known...)
	want := known[0].Instance
	want.Name, want.Hold = "new name", renewal.Locked
	if got := changes["a"]; report.Changed != 1 || got.Instance != want || strings.Join(got.Columns, " ") != "resource_name hold" {
		t.Errorf("%+v, columns %v", got.Instance, got.Columns)
	}
}

func TestALaterSourceExpiryApplies(t *testing.T) {
	known := renewed(imported(t, a, b))
	later := []string{"expire_time", "2027-04-15T15:59:59Z"}
	changes, report := compared(t, file(line(append(later, "resource_id", "a")...), child("b", "a", later...)), known...)
	if report.Changed != 2 || !report.Clean() {
		t.Fatalf("%+v", report)
	}
	for _, c := range changes {
		if !c.Instance.ExpiresAt.Equal(day("2027-04-15")) || c.Instance.Anchor != 15 {
			t.Errorf("%s expires %s on day %d", c.Instance.ID, c.Instance.ExpiresAt, c.Instance.Anchor)
		}
	}
}

func TestASourceExpiryThatIsNotLaterIsSuperseded(t *testing.T) {
	known := renewed(imported(t, a, b))
	for _, expiry := range []string{"2027-02-15T15:59:59Z", "2027-02-28T15:59:59Z"} {
		changed := []string{"expire_time", expiry, "effective_time", "2026-02-15T15:59:59Z", "resource_name", "new name"}
		changes, report := compared(t, file(line(append(changed, "resource_id", "a")...), child("b", "a", changed...)), known...)
		if report.Superseded != 2 || !report.Clean() {
			t.Fatalf("%+v", report)
		}
		got := changes["a"]
		if got.Order != "PR-1" || !got.Instance.ExpiresAt.Equal(day("2027-02-28")) || got.Instance.Anchor != 31 || got.Instance.Name != "new name" {
			t.Errorf("to %s: %+v", expiry, got)
		}
	}
}

func TestAnInstanceThatIsBeingRenewedDoesNotChange(t *testing.T) {
	held := imported(t, a, b)
	held[0].Intent = true
	for name, c := range map[string]struct {
		lines   []string
		refused string
	}{
		"unchanged":           {[]string{a, b}, ""},
		"a name":              {[]string{line("resource_id", "a", "resource_name", "x"), b}, "resource_name"},
		"a new child":         {[]string{a, b, child("c", "a")}, "parent_resource_id"},
		"a later expiry":      {[]string{strings.Replace(a, "2027-01-31", "2027-03-31", 1), strings.Replace(b, "2027-01-31", "2027-03-31", 1)}, "expire_time"},
		"an earlier expiry":   {[]string{strings.Replace(a, "2027-01-31", "2027-01-15", 1), strings.Replace(b, "2027-01-31", "2027-01-15", 1)}, ""},
		"an earlier and name": {[]string{strings.Replace(line("resource_id", "a", "resource_name", "x"), "2027-01-31", "2027-01-15", 1), strings.Replace(b, "2027-01-31", "2027-01-15", 1)}, "resource_name"},
	} {
		_, report := compared(t, file(c.lines...), held...)
		got := ""
		for _, r := range report.Refusals {
			if !strings.HasPrefix(r.Reason, "This instance is being renewed") {
				t.Errorf("%s: %s", name, r)
			}
			got += r.Column
		}
		if got != c.refused {
			t.Errorf("%s: refused %q, want %q", name, got, c.refused)
		}
	}
}

func TestAParentMayStandInTheAccountAlone(t *testing.T) {
	known := imported(t, a, b)
	for name, c := range map[string]struct{ line, column, reason string }{
		"a primary":       {child("c", "a"), "", ""},
		"nothing":         {child("c", "nobody"), "parent_resource_id", "Neither the file nor the account has an instance of this ID."},
		"a child":         {child("c", "b"), "parent_resource_id", "This instance is an associated resource itself"},
		"another expiry":  {child("c", "a", "expire_time", "2027-03-31T15:59:59Z"), "expire_time", "An associated resource shares the expiry of its primary instance."},
		"another period":  {child("c", "a", "period_type", "3"), "period_type", "An associated resource shares the period type"},
		"another policy":  {child("c", "a", "expire_policy", "3"), "expire_policy", "An associated resource shares the expire policy"},
		"a known one, on": {child("b", "a", "expire_time", "2027-03-31T15:59:59Z"), "expire_time", "An associated resource shares the expiry"},
	} {
		_, report := compared(t, file(c.line), known...)
		switch {
		case c.reason == "" && !report.Clean(), c.reason != "" && report.Refused != 1:
			t.Errorf("%s: %v", name, report.Refusals)
		case c.reason != "" && (report.Refusals[0].Column != c.column || !strings.HasPrefix(report.Refusals[0].Reason, c.reason)):
			t.Errorf("%s: %s", name, report.Refusals[0])
		}
	}
}

func TestANewChildJoinsAUnitAsItStandsHere(t *testing.T) {
	known := renewed(imported(t, a))
	known[0].Instance.Policy, known[0].Instance.Mode = 3, renewal.Auto
	for name, text := range map[string]string{"with its primary": file(a, b), "alone": file(b)} {
		changes, report := compared(t, text, known...)
		got := changes["b"]
		if !report.Clean() || got.Outcome != inventory.New || got.Order != "PR-1" ||
			!got.Instance.ExpiresAt.Equal(day("2027-02-28")) || got.Instance.Mode != renewal.Auto || got.Instance.Anchor != 31 {
			t.Errorf("%s: %+v %v", name, got, report.Refusals)
		}
	}
}

func TestAKnownInstanceDoesNotJoinAUnitThatExpiresOtherwise(t *testing.T) {
	known := imported(t, a, line("resource_id", "b"))
	known = append(known[:1], renewed(known[1:])...)
	if _, report := compared(t, file(a, b), known...); report.Refused != 1 || report.Refusals[0].Column != "expire_time" {
		t.Errorf("%v", report.Refusals)
	}
}

func TestWhatTheFileLeavesOutStaysInItsUnit(t *testing.T) {
	known := imported(t, a, b, line("resource_id", "z"))
	for name, c := range map[string]struct{ line, column string }{
		"a name":       {line("resource_id", "a", "resource_name", "x"), ""},
		"an expiry":    {line("resource_id", "a", "expire_time", "2027-03-31T15:59:59Z"), "expire_time"},
		"a policy":     {line("resource_id", "a", "expire_policy", "3"), "expire_policy"},
		"under others": {child("a", "z"), "parent_resource_id"},
	} {
		_, report := compared(t, file(c.line), known...)
		got := ""
		for _, r := range report.Refusals {
			got += r.Column
			if !strings.HasPrefix(r.Reason, "b hangs under this instance here") {
				t.Errorf("%s: %s", name, r)
			}
		}
		if got != c.column {
			t.Errorf("%s: refused %q, want %q", name, got, c.column)
		}
	}
	// What the account has wrong already is no reason to refuse an unchanged row.
	known[1].Instance.ExpiresAt = day("2028-01-31")
	if _, report := compared(t, file(a), known...); !report.Clean() {
		t.Errorf("unchanged: %v", report.Refusals)
	}
	known[1].Instance.ExpiresAt = day("2027-01-31")
	// With its child in the file, the unit moves as one.
	changes, report := compared(t, file(child("a", "z"), child("b", "z"), line("resource_id", "z")), known...)
	if !report.Clean() || changes["b"].Instance.ParentID != "z" {
		t.Errorf("%v", report.Refusals)
	}
}

func TestAKeptRowThatIsDamagedIsAnError(t *testing.T) {
	known := imported(t, a)
	known[0].Source = `"open`
	f, _ := check(t, file(a))
	for u := range f.Units() {
		if _, _, err := f.Compare(u, inventory.NewAccount(time.UTC, known)); err == nil {
			t.Error("no error")
		}
	}
}

func TestAUnitNamesWhatItNeedsToKnow(t *testing.T) {
	f, _ := check(t, file(a, b, child("d", "out")))
	var ids []string
	for u := range f.Units() {
		ids = append(ids, strings.Join(u.IDs(), ","))
	}
	if got := strings.Join(ids, " "); got != "a,b out,d" {
		t.Errorf("IDs: %s", got)
	}
}

func TestDiffNamesColumns(t *testing.T) {
	rows, _ := readAll(t, file(a, line("resource_id", "a", "quantity", "2", "hold", "locked")))
	old, changed := rows[0].Columns(), rows[1].Columns()
	if got := strings.Join(inventory.Diff(old, changed), " "); got != "quantity hold" {
		t.Errorf("differ in %s", got)
	}
	// A row kept before the column existed has it empty.
	if got := inventory.Diff(old[:18], old); len(got) != 0 {
		t.Errorf("an absent empty column differs: %v", got)
	}
	if got := strings.Join(inventory.Diff(old[:18], changed), " "); got != "quantity hold" {
		t.Errorf("differ in %s", got)
	}
}
