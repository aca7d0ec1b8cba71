package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

func document(t testing.TB, a *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// listed are the IDs of the rows, in their order.
func listed(doc *goquery.Document) []string {
	return doc.Find("tr[data-id]").Map(func(_ int, e *goquery.Selection) string { return e.AttrOr("data-id", "") })
}

// some is an account with a unit for every thing that a row can say.
func some(t *testing.T) *console {
	t.Helper()
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithDiscount(1000))
	w.Prices(100)
	frozen, expired := testkit.Unit("frozen", -20*renewal.Day), testkit.Unit("expired", -2*renewal.Day)
	expiring, later := testkit.Unit("expiring", 2*renewal.Day), testkit.Unit("later", 40*renewal.Day)
	expiring.Hold = renewal.OrderPending
	later.Associated = []renewal.Instance{testkit.Disk(later, "disk")}
	auto := testkit.Unit("auto", renewal.Day)
	auto.Mode = renewal.Auto
	w.Add(frozen, expired, expiring, later, auto)
	return newConsole(t, w)
}

func TestRenewalsShowsWhatARowMustSay(t *testing.T) {
	c := some(t)
	doc := document(t, c.signedIn(t, c.Viewer).get("/renewals"))
	if got := strings.Join(listed(doc), " "); got != "frozen expired expiring later" {
		t.Fatalf("listed %s", got)
	}
	for id, want := range map[string][]string{
		"frozen":   {"Frozen", "20 days ago", "Release due 2026-12-02"},
		"expired":  {"Expired", "2 days ago", "Freeze due 2026-12-05"},
		"expiring": {"Expiring", "2 days left", "Order pending payment", "Pay or cancel the order"},
		"later":    {"Provisioned", "40 days left", "s6.small.1 + 1 cloud disk", "CSlater", "1 month", "List price $12.50", "since 2026-12-01"},
	} {
		text := strings.Join(strings.Fields(doc.Find(`tr[data-id="`+id+`"]`).Text()), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q: %s", id, w, text)
			}
		}
	}
	if fee := doc.Find(`tr[data-id="later"] [data-amount]`).AttrOr("data-amount", ""); fee != "1125" {
		t.Errorf("a server with its disk costs %s", fee)
	}
	if n := doc.Find("tr input").Length(); n != 0 {
		t.Errorf("%d tick boxes, and nothing can be done to what is ticked", n)
	}
	tabs := doc.Find(".tabs a").Map(func(_ int, e *goquery.Selection) string { return strings.Join(strings.Fields(e.Text()), " ") })
	if got := strings.Join(tabs, ", "); got != "Manual Renewals 4, Auto Renewals 1, Pay-per-Use After Expiration 0, Renewals Canceled 0" {
		t.Errorf("the tabs are %s", got)
	}
}

func TestEachTokenTakesItsFilterAway(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Viewer)
	doc := document(t, b.get("/renewals?status=expired&status=frozen&expires=range&to=2026-12-01&service=hws.service.type.ec2&hide_unpaid=1&size=20&sort=-name"))
	if got := strings.Join(listed(doc), " "); got != "frozen expired" {
		t.Errorf("listed %s", got)
	}
	tokens := doc.Find("a.token")
	want := []string{"Status: Expired, Frozen", "Expires: up to 2026-12-01", "Service type: Elastic Cloud Server", "Orders pending payment: not shown"}
	tokens.Each(func(n int, e *goquery.Selection) {
		if text := strings.Join(strings.Fields(e.Text()), " "); text != "Remove filter "+want[n] {
			t.Errorf("token %d says %q", n, text)
		}
		left := document(t, b.get(e.AttrOr("href", "")))
		if left.Find("a.token").Length() != len(want)-1 || left.Find(`.pager-sizes [aria-current]`).Text() != "20" ||
			left.Find(`th[aria-sort="descending"]`).Length() != 1 {
			t.Errorf("without %s more than that is gone", want[n])
		}
	})
	if tokens.Length() != len(want) {
		t.Errorf("%d tokens", tokens.Length())
	}
	clear := doc.Find(".tokens a.btn").AttrOr("href", "")
	if cleared := document(t, b.get(clear)); cleared.Find("a.token").Length() != 0 || len(listed(cleared)) != 4 {
		t.Errorf("%s leaves filters", clear)
	}
}

func TestBadFiltersAreDroppedAloud(t *testing.T) {
	c := some(t)
	a := c.signedIn(t, c.Viewer).get("/renewals?status=sold&size=7&after=%00&expires=tomorrow&nonsense=1")
	doc := document(t, a)
	if a.Code != http.StatusOK || len(listed(doc)) != 4 {
		t.Fatalf("%d with %d rows", a.Code, len(listed(doc)))
	}
	said := doc.Find(".callout").Text()
	for _, want := range []string{"“sold”", "“7”", "“tomorrow”", "“nonsense”", "place in the list"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing is said of %s: %s", want, said)
		}
	}
}

func TestPartIsTheSameAsInThePage(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	for _, path := range []string{"/renewals", "/renewals?q=e&status=expired", "/renewals?tab=auto", "/renewals?q=nothing"} {
		page, err := goquery.OuterHtml(document(t, b.get(path)).Find("#results"))
		c.Must(err)
		fetched := document(t, b.get(path, part))
		got, err := goquery.OuterHtml(fetched.Find("#results"))
		c.Must(err)
		if got != page || fetched.Find("nav.nav").Length() > 0 {
			t.Errorf("%s differs as a part", path)
		}
	}
}

func TestFormKeepsTheAddressShort(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Viewer)
	sent := "/renewals?tab=manual&q=&expires=&from=&to=&order=&ids=a+b&status=expired"
	const short = "/renewals?ids=a%2Cb&status=expired&tab=manual"
	if a := b.get(sent, part); a.Code != http.StatusOK || a.Header().Get("HX-Replace-Url") != short {
		t.Errorf("as a part: %d, %q", a.Code, a.Header().Get("HX-Replace-Url"))
	}
	if a := b.get(sent); a.Code != http.StatusSeeOther || a.Header().Get("Location") != short {
		t.Errorf("as a page: %d to %q", a.Code, a.Header().Get("Location"))
	}
	if a := b.get(sent + "&size=7"); a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "Some filters were not used") {
		t.Errorf("what was dropped is not said: %d", a.Code)
	}
	if a := b.get(short, part); a.Header().Get("HX-Replace-Url") != "" {
		t.Error("a link's own address is replaced")
	}
}

func TestEmptyListsSayWhy(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Owner)
	for path, want := range map[string]string{
		"/renewals?tab=pay_per_use":   "Nothing on Pay-per-Use After Expiration",
		"/renewals?q=nobody":          "No instance matches these filters",
		"/renewals?after=" + beyond(): "The list ends before this page",
	} {
		if got := document(t, b.get(path)).Find(".empty h2").Text(); got != want {
			t.Errorf("%s says %q", path, got)
		}
	}
	w := testkit.NewWorld(t, testkit.SQLite)
	empty := newConsole(t, w)
	doc := document(t, empty.signedIn(t, w.Owner).get("/renewals"))
	if doc.Find(`.empty a[href="/admin/import"]`).Length() != 1 {
		t.Error("an account without instances does not lead to the import")
	}
	if doc := document(t, empty.signedIn(t, w.Viewer).get("/renewals")); doc.Find(`.empty a`).Length() != 0 {
		t.Error("a viewer is led to the import")
	}
}

func beyond() string {
	return renewal.Cursor{Number: testkit.Start.AddDate(9, 0, 0).UnixMilli(), ID: "z"}.String()
}

// A list that cannot be read keeps its filters and can be tried again.
func TestListThatCannotBeLoaded(t *testing.T) {
	c := some(t)
	huge := testkit.Unit("huge", time.Hour)
	huge.Quantity = 1_000_000
	c.Add(huge)
	c.Prices(900_000_000_000_000) // a million of these are more than fits
	a := c.signedIn(t, c.Viewer).get("/renewals?q=u&status=expiring")
	doc := document(t, a)
	if a.Code != http.StatusServiceUnavailable || doc.Find(".empty h2").Text() != "The list could not be loaded" {
		t.Fatalf("%d: %s", a.Code, doc.Find("main").Text())
	}
	if again := doc.Find(".empty a").AttrOr("href", ""); again != "/renewals?q=u&status=expiring&tab=manual" || doc.Find("a.token").Length() != 2 {
		t.Errorf("try again leads to %s, with %d tokens", again, doc.Find("a.token").Length())
	}
	if !strings.Contains(c.Log.String(), "the list could not be loaded") {
		t.Error("nothing is in the log")
	}
}

func TestExportIsAFileOfTheDay(t *testing.T) {
	c := some(t)
	a := c.signedIn(t, c.Viewer).get("/renewals/export.csv?status=expired")
	if got := a.Header().Get("Content-Disposition"); got != `attachment; filename="renewals-2026-11-22.csv"` {
		t.Errorf("Content-Disposition %q", got)
	}
	lines := strings.Split(strings.TrimSpace(a.Body.String()), "\r\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[1], "expired,name-of-expired,expired,") {
		t.Errorf("the file is %q", lines)
	}
}

// What cannot say that it left a filter out is not made without it.
func TestADroppedFilterIsSaidWhereverItLeads(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	for query, sentence := range map[string]string{
		"status=ripe":        "The filter “status” was ignored",
		"colour=red":         "The filter “colour” was ignored",
		"region=cn&q=%zz":    "Part of the address could not be read",
		"region=cn;drop":     "Part of the address could not be read",
		"after=nowhere":      "The place in the list was not understood",
		"late=yes&expires=x": "The filter “expiration” was ignored",
	} {
		says(t, document(t, b.get("/renewals?"+query)), sentence)
		for _, path := range []string{"/renewals/export.csv?", "/renewals/one-click/new?"} {
			a := b.get(path + query)
			if a.Code != http.StatusSeeOther || a.Header().Get("Content-Disposition") != "" {
				t.Errorf("%s%s: %d", path, query, a.Code)
				continue
			}
			says(t, document(t, b.get(a.Header().Get("Location"))), sentence)
		}
	}
}

func TestInstancePage(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Viewer)
	doc := document(t, b.get("/instances/expiring"))
	for _, want := range []string{"An order for this instance is waiting for payment.", "Pay or cancel the order", "Not renewed here yet", "2026-11-24 14:00 (UTC+8)"} {
		if !strings.Contains(doc.Find("main").Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if a := b.get("/instances/disk"); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/instances/later" {
		t.Errorf("a disk: %d to %q", a.Code, a.Header().Get("Location"))
	}
	if a := b.get("/instances/nothing"); a.Code != http.StatusNotFound {
		t.Errorf("an unknown instance: %d", a.Code)
	}
}
