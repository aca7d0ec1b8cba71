package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"perennial/internal/inventory"
)

func check(t testing.TB, text string) (*inventory.File, *inventory.Report) {
	t.Helper()
	f, report, err := inventory.Check(t.Context(), strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	return f, report
}

func child(id, parent string, changes ...string) string {
	return line(append([]string{"resource_id", id, "parent_resource_id", parent}, changes...)...)
}

func TestWhatRowsCannotBeTogether(t *testing.T) {
	a := line("resource_id", "a")
	for name, c := range map[string]struct {
		lines  []string
		line   int
		column string
		reason string
	}{
		"an ID twice": {[]string{a, line("resource_id", "b"), a}, 4, "resource_id", "This ID stands twice: here and on line 2."},
		"a child of a child": {[]string{child("c", "b"), child("b", "a"), a}, 2, "parent_resource_id",
			"Line 3 has this instance as an associated resource"},
		"another expiry": {[]string{a, child("b", "a", "expire_time", "2027-02-28T15:59:59Z")}, 3, "expire_time",
			"An associated resource shares the expiry of its primary instance, which is 2027-01-31T15:59:59Z on line 2."},
		"another period": {[]string{child("b", "a", "period_type", "3"), a}, 2, "period_type",
			"An associated resource shares the period type of its primary instance, which is 2 on line 3."},
		"another policy": {[]string{a, child("b", "a", "expire_policy", "4")}, 3, "expire_policy",
			"An associated resource shares the expire policy of its primary instance, which is 0 on line 2."},
	} {
		_, report := check(t, file(c.lines...))
		if report.Refused != 1 || report.Rows != len(c.lines) || report.Clean() {
			t.Errorf("%s: %+v", name, report)
			continue
		}
		if got := report.Refusals[0]; got.Line != c.line || got.Column != c.column || !strings.HasPrefix(got.Reason, c.reason) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestACircleIsRefused(t *testing.T) {
	_, report := check(t, file(child("a", "b"), child("b", "c"), child("c", "a")))
	if report.Refused != 3 {
		t.Errorf("a circle of three: %v", report.Refusals)
	}
}

func TestOneMistakeIsRefusedOnce(t *testing.T) {
	for name, text := range map[string]string{
		"two rows without an ID":    file(line("resource_id", ""), line("resource_id", "")),
		"its own parent, twice":     file(child("a", "a"), child("b", "b")),
		"a broken line after a row": file(a, `"open`, line("resource_id", "c"), "\xff"),
		"a BOM that is not first":   file(a, "\uFEFFx", "\uFEFF"+line("resource_id", "y")),
	} {
		if _, report := check(t, text); report.Refused != 2 {
			t.Errorf("%s: %v", name, report.Refusals)
		}
	}
}

func TestARefusedRowIsInNoUnit(t *testing.T) {
	f, _ := check(t, file(a, line("resource_id", "x"), a, child("b", "x", "expire_policy", "3"), child("c", "d"), child("d", "a")))
	if got := units(t, f); got != "a:ad" {
		t.Errorf("units: %s", got)
	}
	f, _ = check(t, file(a, line("resource_id", "x"), line("resource_id", "x", "resource_name", "again")))
	if got := units(t, f); got != "a:a x:x" {
		t.Errorf("units: %s", got)
	}
}

func TestAParentThatWasRefusedStillExists(t *testing.T) {
	f, report := check(t, file(line("resource_id", "a", "quantity", "0"), child("b", "a"), "c,too,few", child("d", "c")))
	if report.Refused != 2 {
		t.Errorf("refused: %v", report.Refusals)
	}
	for u, err := range f.Units() {
		t.Errorf("a unit with a refused row came out: %v, %v", u, err)
	}
}

func TestAPrimaryHasAtMostAThousandChildren(t *testing.T) {
	lines := []string{line("resource_id", "a")}
	for n := range inventory.MaximumAssociated {
		lines = append(lines, child(fmt.Sprintf("c-%d", n), "a"))
	}
	if _, report := check(t, file(lines...)); !report.Clean() {
		t.Fatalf("at the limit: %s", report.Refusals[0])
	}
	_, report := check(t, file(append(lines, child("more", "a"))...))
	if report.Refused != 1 || report.Refusals[0].Line != inventory.MaximumAssociated+3 {
		t.Errorf("beyond the limit: %v", report.Refusals)
	}
}

func TestAllRefusalsAreCountedAndAThousandKept(t *testing.T) {
	lines := make([]string, 0, 3000)
	for range 1500 {
		lines = append(lines, line("resource_id", "same"), line("quantity", "0"))
	}
	_, report := check(t, file(lines...))
	// 1,500 quantities, and all but the first of two IDs.
	if report.Refused != 1500+1499+1499 || len(report.Refusals) != inventory.MaximumKept || report.Rows != 3000 {
		t.Errorf("%d refused, %d kept of %d rows", report.Refused, len(report.Refusals), report.Rows)
	}
	for i, r := range report.Refusals {
		if r.Reason == "" || (i > 0 && r.Line < report.Refusals[i-1].Line) {
			t.Fatalf("refusal %d: %s", i, r)
		}
	}
}

func units(t testing.TB, f *inventory.File) string {
	t.Helper()
	var all []string
	for u, err := range f.Units() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, say(u))
	}
	return strings.Join(all, " ")
}

func say(u inventory.Unit) string {
	s := u.HeadID + ":"
	for _, r := range u.Rows {
		s += r.Instance.ID
	}
	return s
}

func TestUnitsComeWholeWhereverTheirRowsStand(t *testing.T) {
	f, report := check(t, "\uFEFF"+strings.ReplaceAll(file(
		child("d", "a"), child("y", "out"), line("resource_id", "b"), child("f", "b"), "", line("resource_id", "a"),
		child("e", "b"), child("x", "out"), child("c", "a"), line("resource_id", "g")), "\n", "\r\n"))
	if !report.Clean() {
		t.Fatal(report.Refusals)
	}
	if got := units(t, f); got != "out:xy b:bef a:acd g:g" {
		t.Errorf("units: %s", got)
	}
	if !f.Has("x") || f.Has("out") {
		t.Error("what is in the file is told wrongly")
	}
	var batches []string
	for batch, err := range f.Batches(4) {
		if err != nil {
			t.Fatal(err)
		}
		var s []string
		for _, u := range batch {
			s = append(s, say(u))
		}
		batches = append(batches, strings.Join(s, " "))
	}
	if got := strings.Join(batches, " | "); got != "out:xy | b:bef | a:acd g:g" {
		t.Errorf("batches: %s", got)
	}
	for batch := range f.Batches(1) {
		if len(batch) != 1 {
			t.Errorf("a batch of %d units", len(batch))
		}
		break // who stops early is not called again
	}
	for range f.Units() {
		break
	}
}

// Places stand for units, and come back in the order of the IDs whatever order the
// file had.
func TestUnitsComeBackByTheirPlaces(t *testing.T) {
	f, report := check(t, file(child("hws-y", "hws-out"), line("resource_id", "hws-longer-than-eight-2"), child("hws-x", "hws-out"),
		child("hws-c", "hws-b"), line("resource_id", "hws-b"), line("resource_id", "hws-a"), line("resource_id", "hws-longer-than-eight-1"), line("resource_id", "hws-")))
	if !report.Clean() {
		t.Fatal(report.Refusals)
	}
	var places []inventory.Place
	for u, err := range f.Units() {
		if err != nil {
			t.Fatal(err)
		}
		if u.HeadID != "hws-a" {
			places = append(places, f.Place(u))
		}
	}
	got := ""
	for batch, err := range f.BatchesAt(places, 3) {
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range batch {
			got += fmt.Sprintf("%s+%d ", u.HeadID, len(u.Rows))
		}
		got += "| "
	}
	// Eight bytes beyond what all have in common tell the order; behind them it is the file's.
	if want := "hws-+1 hws-b+2 | hws-longer-than-eight-2+1 hws-longer-than-eight-1+1 | hws-out+2 | "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for range f.BatchesAt(places, 1) {
		break // who stops early is not called again
	}
}

// swapped is a file that becomes another one.
type swapped struct{ *strings.Reader }

func TestAFileThatChangesIsNotImported(t *testing.T) {
	before := file(line("resource_id", "a"), child("b", "a"), line("resource_id", "c"))
	for name, after := range map[string]string{
		"an ID":      strings.Replace(before, "\nc,", "\nd,", 1),
		"an expiry":  strings.ReplaceAll(before, "2027-01-31", "2027-03-31"),
		"a child":    strings.Replace(before, "\nb,", "\nx,", 1),
		"a new end":  before[:len(before)-40],
		"a refusal":  strings.Replace(before, "false", "maybe", 1),
		"cut short":  header + "\n" + line("resource_id", "a") + "\n",
		"more lines": strings.Replace(before, "\n", "\n\n", 1),
	} {
		in := &swapped{strings.NewReader(before)}
		f, report, err := inventory.Check(t.Context(), in, int64(len(before)))
		if err != nil || !report.Clean() {
			t.Fatal(err, report)
		}
		var places []inventory.Place
		for u := range f.Units() {
			places = append(places, f.Place(u))
		}
		in.Reader = strings.NewReader(after)
		var failed error
		for _, err := range f.Batches(2000) {
			failed = err
		}
		if failed == nil || !strings.Contains(failed.Error(), "the file changed") {
			t.Errorf("%s: error %v", name, failed)
		}
		failed = nil
		for _, err := range f.BatchesAt(places, 2000) {
			failed = err
		}
		// By their places rows are read alone, and a line that moved is one that changed.
		if failed == nil || !strings.Contains(failed.Error(), "the file changed") {
			t.Errorf("%s, by places: error %v", name, failed)
		}
	}
}

func TestCheckingStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	text := file(strings.Repeat(line()+"\n", 5000))
	if _, _, err := inventory.Check(ctx, strings.NewReader(text), int64(len(text))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := inventory.CheckPrices(ctx, strings.NewReader(prices(strings.Repeat(price+"\n", 5000)))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
