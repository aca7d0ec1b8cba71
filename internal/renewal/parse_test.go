package renewal_test

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"perennial/internal/renewal"
)

func query(t interface{ Fatalf(string, ...any) }, text string) url.Values {
	q, err := url.ParseQuery(text)
	if err != nil {
		t.Fatalf("query %q: %v", text, err)
	}
	return q
}

func TestParseFilterReadsEveryPart(t *testing.T) {
	got, notices := renewal.ParseFilter(query(t, "tab=auto&q=+batch+&status=frozen&status=expired&status=frozen&expires=15d&late=1"+
		"&released=7d&blocked=locked&renewed=hide&ids=ecs-1,ecs-2+ecs-3%0D%0Aecs-1%3Becs-4&name=Batch&order=CS1"+
		"&service=b&service=a&service=b&service=&region=r&project=p&hide_unpaid=1&packages=only"))
	want := renewal.Filter{
		Tab: renewal.Auto, Query: "batch", Status: []renewal.Status{renewal.Expired, renewal.Frozen}, Expires: renewal.Within15, Late: true,
		Released: 7, Blocked: renewal.Locked, Renewed: renewal.Hide, IDs: []string{"ecs-1", "ecs-2", "ecs-3", "ecs-4"}, Name: "Batch", Order: "CS1",
		Services: []string{"a", "b"}, Regions: []string{"r"}, Projects: []string{"p"}, HideUnpaid: true, Packages: renewal.Only,
	}
	if !reflect.DeepEqual(got, want) || len(notices) > 0 {
		t.Errorf("got %+v and %q, want %+v", got, notices, want)
	}
}

func TestParseFilterSpellings(t *testing.T) {
	for text, want := range map[string]renewal.Filter{
		"": {Tab: renewal.Manual},
		"tab=&q=&status=&ids=&expires=&from=&late=&service=&blocked=&released=": {Tab: renewal.Manual},
		"released=2d":                         {Tab: renewal.Manual, Released: 2},
		"from=2026-12-01":                     {Tab: renewal.Manual, Expires: renewal.ExpiryRange, From: "2026-12-01"},
		"expires=range&to=2026-12-01":         {Tab: renewal.Manual, Expires: renewal.ExpiryRange, To: "2026-12-01"},
		"from=2026-12-01&to=2026-12-01":       {Tab: renewal.Manual, Expires: renewal.ExpiryRange, From: "2026-12-01", To: "2026-12-01"},
		"from=2026-12-01&late=1":              {Tab: renewal.Manual, Expires: renewal.ExpiryRange, From: "2026-12-01", Late: true},
		"expires=7d&from=2026-12-01":          {Tab: renewal.Manual, Expires: renewal.Within7},
		"expires=range":                       {Tab: renewal.Manual},
		"late=1":                              {Tab: renewal.Manual},
		"late=&late=1&expires=30d":            {Tab: renewal.Manual, Expires: renewal.Within30, Late: true},
		"tab=manual&tab=manual&packages=hide": {Tab: renewal.Manual, Packages: renewal.Hide},
		"blocked=order_pending&renewed=only":  {Tab: renewal.Manual, Blocked: renewal.OrderPending, Renewed: renewal.Only},
	} {
		got, notices := renewal.ParseFilter(query(t, text))
		if !reflect.DeepEqual(got, want) || len(notices) > 0 {
			t.Errorf("%q: %+v and %q, want %+v", text, got, notices, want)
		}
	}
}

// What cannot be used is dropped with a sentence, and the rest of the filter stays.
func TestBadValuesAreDroppedWithASentence(t *testing.T) {
	long := strings.Repeat("x", 129)
	for _, c := range []struct{ text, notice string }{
		{"tab=other", "The filter “tab” was ignored: “other” is not a value it knows."},
		{"status=released", "The filter “status” was ignored: “released” is not a value it knows."},
		{"status=EXPIRED", "“EXPIRED”"},
		{"expires=8d", "“8d”"},
		{"expires=-7d", "“-7d”"},
		{"late=yes", "The filter “include expired and frozen” was ignored"},
		{"hide_unpaid=true", "The filter “orders pending payment” was ignored"},
		{"packages=both", "The filter “resource packages” was ignored"},
		{"renewed=maybe", "The filter “renewed” was ignored"},
		{"released=3d", "The filter “released within” was ignored"},
		{"blocked=no_price", "The filter “cannot be renewed” was ignored"},
		{"from=2026-02-30", "The filter “expiration from” was ignored: “2026-02-30”"},
		{"to=01.12.2026", "The filter “expiration to” was ignored"},
		{"to=0000-12-31", "The filter “expiration to” was ignored"},
		{"from=2026-12-02&to=2026-12-01", "The filter “expiration” was ignored: 2026-12-02 lies after 2026-12-01."},
		{"expires=range&late=1&from=2026-12-02&to=2026-12-01", "lies after"},
		{"q=" + long, "The filter “search” was ignored: “" + long[:40] + "…”"},
		{"name=a%00b", "The filter “instance name” was ignored: “a\uFFFDb”"},
		{"order=%ff", "The filter “order ID” was ignored: “\uFFFD”"},
		{"service=a%0Ab", "The filter “service type” was ignored"},
		{"region=%ff", "The filter “region” was ignored"},
		{"project=" + long, "The filter “enterprise project” was ignored"},
		{"ids=" + long, "The filter “instance ID” was ignored"},
		{"ids=a%00b", "The filter “instance ID” was ignored"},
		{"name=%E2%80%AEevil%00", "“\uFFFDevil\uFFFD”"},
		{"colour=blue", "The filter “colour” was ignored: there is none of that name."},
		{"packages=hide&packages=only", "The filter “packages” was given more than once: only “hide” was used."},
	} {
		got, notices := renewal.ParseFilter(query(t, c.text+"&project=kept"))
		if len(notices) != 1 || !strings.Contains(notices[0], c.notice) {
			t.Errorf("%.60q: notices %q, want one with %q", c.text, notices, c.notice)
		}
		got.Packages = renewal.Any
		if !reflect.DeepEqual(got, renewal.Filter{Tab: renewal.Manual, Projects: []string{"kept"}}) {
			t.Errorf("%.60q: was used: %+v", c.text, got)
		}
	}
}

func TestTextMayBeAsLongAsAName(t *testing.T) {
	name := strings.Repeat("ü", 128)
	if f, notices := renewal.ParseFilter(url.Values{"name": {name}}); f.Name != name || len(notices) > 0 {
		t.Errorf("128 characters: %q, %q", f.Name, notices)
	}
}

func TestAtMost200IDs(t *testing.T) {
	ids := make([]string, 203)
	for i := range ids {
		ids[i] = fmt.Sprintf("ecs-%03d", i)
	}
	f, notices := renewal.ParseFilter(url.Values{"ids": {strings.Join(ids[:200], " ")}})
	if !slices.Equal(f.IDs, ids[:200]) || len(notices) > 0 {
		t.Errorf("200 IDs: %d used, %q", len(f.IDs), notices)
	}
	f, notices = renewal.ParseFilter(url.Values{"ids": {strings.Join(ids, "\n"), ids[0]}})
	if !slices.Equal(f.IDs, ids[:200]) {
		t.Errorf("203 IDs: %d used", len(f.IDs))
	}
	if want := []string{"Only the first 200 instance IDs were used: 3 more were ignored."}; !slices.Equal(notices, want) {
		t.Errorf("notices %q, want %q", notices, want)
	}
}

func TestAtMost100Codes(t *testing.T) {
	q := url.Values{}
	for i := range 105 {
		q.Add("region", fmt.Sprintf("r-%03d", i))
	}
	f, notices := renewal.ParseFilter(q)
	if want := []string{"Only the first 100 values of the filter “region” were used."}; len(f.Regions) != 100 || !slices.Equal(notices, want) {
		t.Errorf("%d used, notices %q", len(f.Regions), notices)
	}
}

func TestNoticesAreFew(t *testing.T) {
	q := url.Values{}
	for i := range 5000 {
		q.Add("status", fmt.Sprint("s", i))
		q.Set(fmt.Sprint("k", i), "")
	}
	_, notices := renewal.ParseFilter(q)
	if len(notices) != 21 || notices[20] != "More filters were ignored for reasons like these." {
		t.Errorf("%d notices, the last %q", len(notices), notices[len(notices)-1])
	}
	if _, notices = renewal.ParseFilter(url.Values{"status": {"x", "x", "x"}}); len(notices) != 1 {
		t.Errorf("one mistake is told %d times", len(notices))
	}
}

func TestParseListing(t *testing.T) {
	after := renewal.Cursor{Number: 1_795_000_000_000, Text: "batch", ID: "ecs-1"}
	before := renewal.Cursor{Number: -5, ID: "ecs-2"}
	l, notices := renewal.ParseListing(query(t, "tab=auto&sort=-fee&size=200&after="+after.String()+"&before="+before.String()))
	want := renewal.Listing{Filter: renewal.Filter{Tab: renewal.Auto}, Sort: renewal.Sort{By: renewal.ByFee, Desc: true}, Size: 200, After: after, Before: before}
	if !reflect.DeepEqual(l, want) || len(notices) > 0 {
		t.Errorf("got %+v and %q", l, notices)
	}
	plain := renewal.Listing{Filter: renewal.Filter{Tab: renewal.Manual}, Sort: renewal.Sort{By: renewal.ByExpiry}}
	for text, notice := range map[string]string{
		"":           "",
		"sort=cost":  "The filter “sort” was ignored",
		"sort=--fee": "The filter “sort” was ignored",
		"sort=-":     "The filter “sort” was ignored",
		"size=51":    "The filter “page size” was ignored",
		"size=ten":   "The filter “page size” was ignored",
		"hide=":      "",
		"hide=name":  "The filter “hidden columns” was ignored: “name” is not",
		"after=%21":  "The place in the list was not understood",
		"before=AAA": "The place in the list was not understood",
	} {
		l, notices := renewal.ParseListing(query(t, text))
		if !reflect.DeepEqual(l, plain) {
			t.Errorf("%q: %+v", text, l)
		}
		if told := strings.Join(notices, "|"); (notice == "") != (told == "") || !strings.HasPrefix(told, notice) {
			t.Errorf("%q: %q, want %q", text, told, notice)
		}
	}
	for _, size := range []int{10, 20, 50, 100, 200} {
		if l, notices := renewal.ParseListing(url.Values{"size": {fmt.Sprint(size)}}); l.Size != size || len(notices) > 0 {
			t.Errorf("size %d: %d, %q", size, l.Size, notices)
		}
	}
}

// drawFilter draws a filter as ParseFilter makes them.
func drawFilter(t *rapid.T) renewal.Filter {
	f := drawTimeFilter(t, now, zone(t, "Asia/Shanghai"))
	text := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", "batch", "A&b=c", "50%", "ß ü", "“x”", "a+b", "名"}).Draw(t, "text")
	})
	codes := func(name string) []string {
		list := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a.b", "c d", "e,f", "g&h"}), 0, 3, rapid.ID[string]).Draw(t, name)
		slices.Sort(list)
		return slices.Clip(append([]string(nil), list...))
	}
	choice := rapid.SampledFrom([]renewal.Choice{renewal.Any, renewal.Hide, renewal.Only})
	f.Tab = rapid.SampledFrom(renewal.Modes).Draw(t, "tab")
	f.Query, f.Name, f.Order = text.Draw(t, "q"), text.Draw(t, "name"), text.Draw(t, "order")
	f.Services, f.Regions, f.Projects = codes("services"), codes("regions"), codes("projects")
	f.IDs = append([]string(nil), rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,3}-[0-9]{1,4}`), 0, 5, rapid.ID[string]).Draw(t, "ids")...)
	f.Blocked = rapid.SampledFrom(append([]renewal.Reason{""}, renewal.Standing()...)).Draw(t, "blocked")
	f.Renewed, f.Packages = choice.Draw(t, "renewed"), choice.Draw(t, "packages")
	f.HideUnpaid = rapid.Bool().Draw(t, "unpaid")
	if f.From == "" && f.To == "" && f.Expires == renewal.ExpiryRange || f.From > f.To && f.To != "" {
		f.Expires, f.From, f.To = renewal.AnyExpiry, "", ""
	}
	f.Late = f.Late && f.Expires != renewal.AnyExpiry
	return f
}

func TestValuesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFilter(t)
		encoded := f.Values().Encode()
		got, notices := renewal.ParseFilter(query(t, encoded))
		if !reflect.DeepEqual(got, f) || len(notices) > 0 {
			t.Fatalf("%s: %+v and %q, want %+v", encoded, got, notices, f)
		}
		if again := got.Values().Encode(); again != encoded {
			t.Fatalf("equal filters, %s and %s", encoded, again)
		}
		if keys := slices.Collect(maps.Keys(f.Values())); f.Narrowed() != (len(keys) > 1) || f.Narrowed() != (len(f.Tokens(renewal.Names{})) > 0) {
			t.Fatalf("narrowed %v, but tokens %v and keys %v", f.Narrowed(), f.Tokens(renewal.Names{}), keys)
		}
	})
}
