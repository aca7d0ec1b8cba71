package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"perennial/views"
)

// heads are the columns of the list.
func heads(doc *goquery.Document) (all []string) {
	doc.Find("#results thead th").Each(func(_ int, th *goquery.Selection) { all = append(all, strings.TrimSpace(th.Text())) })
	return all
}

func size(doc *goquery.Document) string {
	return doc.Find(`.pager-sizes [aria-current]`).AttrOr("value", "")
}

// chooseColumns sends the form of the menu with these ticks.
func (b *browser) chooseColumns(at string, shown ...string) string {
	b.t.Helper()
	form := document(b.t, b.get(at)).Find(`form:has([name="columns"])`)
	sent := url.Values{"show": shown, "columns": {"chosen"}, "next": {form.Find(`[name="next"]`).AttrOr("value", "")}}
	form.Find(`input[type="hidden"][name="show"]`).Each(func(_ int, in *goquery.Selection) { sent.Add("show", in.AttrOr("value", "")) })
	a := b.post(form.AttrOr("action", ""), sent)
	if a.Code != http.StatusSeeOther {
		b.t.Fatalf("%d: %s", a.Code, a.Body)
	}
	return a.Header().Get("Location")
}

// A person of any role chooses how the list looks, on every browser of theirs, and
// changes nobody else's.
func TestPreferencesFollowThePerson(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Viewer)
	a := b.post("/preferences", url.Values{"density": {"compact"}, "next": {"/renewals?q=e"}})
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/renewals?q=e" {
		t.Fatalf("%d to %q", a.Code, a.Header().Get("Location"))
	}
	b.post("/preferences", url.Values{"size": {"20"}})
	b.chooseColumns("/renewals", "order", "term")
	b = c.signedIn(t, c.Viewer)
	doc := document(t, b.get("/renewals"))
	if doc.Find("table.grid-compact").Length() != 1 || doc.Find(`button[name=density][aria-current]`).AttrOr("value", "") != "compact" {
		t.Error("the rows are not compact on another browser")
	}
	if got, want := heads(doc), []string{"Name / ID", "Status", "Expires", "Order / provisioned", "Term", "Operations"}; !slices.Equal(got, want) {
		t.Errorf("the columns are %q", got)
	}
	doc.Find("tr[data-id]").Each(func(_ int, tr *goquery.Selection) {
		if n := tr.Children().Length(); n != 6 {
			t.Errorf("row %s has %d cells", tr.AttrOr("data-id", ""), n)
		}
	})
	if size(doc) != "20" {
		t.Errorf("a page has %s rows", size(doc))
	}
	other := c.signedIn(t, c.Owner)
	doc = document(t, other.get("/renewals"))
	if doc.Find("table.grid-compact").Length() != 0 || len(heads(doc)) != 10 || size(doc) != "50" {
		t.Error("somebody else has them too")
	}
	if mine, theirs := b.get("/renewals/export.csv").Body.String(), other.get("/renewals/export.csv").Body.String(); mine != theirs || !strings.Contains(mine, "name-of-later") {
		t.Errorf("the files differ:\n%s\n%s", mine, theirs)
	}
	for name, form := range map[string]url.Values{
		"another density": {"density": {"airy"}}, "another size": {"size": {"51"}}, "no size": {"size": {"many"}},
		"another column": {"columns": {"chosen"}, "show": {"term", "password"}}, "a column that always stands": {"columns": {"chosen"}, "show": {"expires"}},
		"nothing": {"show": {"term"}}, "keys half on": {"keys": {"half"}},
	} {
		if a := b.post("/preferences", form); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := b.post("/preferences", url.Values{"density": {"compact"}, "next": {"https://elsewhere.example"}}); a.Header().Get("Location") != "/renewals" {
		t.Errorf("leads to %s", a.Header().Get("Location"))
	}
}

// An address that names a size or columns keeps them, through every link and form
// of its page; a choice that is made on it is seen all the same.
func TestAnAddressWinsOverThePreference(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	b.post("/preferences", url.Values{"size": {"20"}})
	b.chooseColumns("/renewals?q=e", "fee")
	const at = "/renewals?hide=region&size=10&sort=name&tab=manual"
	doc := document(t, b.get(at))
	if size(doc) != "10" || slices.Contains(heads(doc), "Region") || !slices.Contains(heads(doc), "Term") {
		t.Errorf("%s rows of %q", size(doc), heads(doc))
	}
	for what, href := range map[string]string{
		"a tab": doc.Find(".tabs a").Eq(1).AttrOr("href", ""), "the sort": doc.Find("th a").First().AttrOr("href", ""),
	} {
		if !strings.Contains(href, "size=10") || !strings.Contains(href, "hide=region") {
			t.Errorf("%s leads to %s", what, href)
		}
	}
	if doc.Find(`form.filters input[name=size]`).AttrOr("value", "") != "10" || doc.Find(`form.filters input[name=hide]`).AttrOr("value", "") != "region" {
		t.Error("the filters lose the size or the columns")
	}
	if href := doc.Find(`a[download]`).AttrOr("href", ""); href != views.RenewalsExportPath(url.Values{"sort": {"name"}, "tab": {"manual"}}) {
		t.Errorf("the file is at %s", href)
	}
	if to := b.chooseColumns(at, "region", "service"); to != "/renewals?size=10&sort=name&tab=manual" {
		t.Errorf("the columns lead to %s", to)
	}
	doc = document(t, b.get(at))
	if to := doc.Find(`.pager-sizes [name=next]`).AttrOr("value", ""); to != "/renewals?hide=region&sort=name&tab=manual" {
		t.Errorf("a size leads to %s", to)
	}
	if doc := document(t, b.get("/renewals?hide=none")); len(heads(doc)) != 10 {
		t.Errorf("every column is %q", heads(doc))
	}
	doc = document(t, b.get("/renewals?hide=secret&size=7"))
	if notices := doc.Find(".callout-warn").Text(); !strings.Contains(notices, "hidden columns") || !strings.Contains(notices, "page size") {
		t.Errorf("what is not understood is told as %q", notices)
	}
}

// A view keeps columns and size as they were when it was saved.
func TestAViewKeepsColumnsAndSize(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	save := func(name string) string {
		query := document(t, b.get("/renewals")).Find(`#saved-views input[name=query]`).AttrOr("value", "")
		return b.post("/renewals/views", url.Values{"view": {name}, "query": {query}}).Header().Get("Location")
	}
	usual := save("Usual")
	b.post("/preferences", url.Values{"size": {"20"}})
	b.chooseColumns("/renewals", "term")
	short := save("Short")
	if usual != "/renewals?hide=none&size=50&tab=manual" || short != "/renewals?hide=service&hide=region&hide=project&hide=order&hide=fee&size=20&tab=manual" {
		t.Errorf("saved as %s and %s", usual, short)
	}
	b.post("/preferences", url.Values{"size": {"100"}})
	b.chooseColumns("/renewals", "fee")
	for at, want := range map[string]struct {
		columns       int
		size, current string
	}{usual: {10, "50", "Usual"}, short: {5, "20", "Short"}, "/renewals": {5, "100", ""}} {
		doc := document(t, b.get(at))
		if current := strings.TrimSpace(doc.Find(`#saved-views [aria-current]`).Text()); len(heads(doc)) != want.columns || size(doc) != want.size || current != want.current {
			t.Errorf("%s: %s rows of %q, as %q", at, size(doc), heads(doc), current)
		}
	}
	// A list that somebody keeps by hand, without saying how it looks, is kept as it looks.
	if to := b.post("/renewals/views", url.Values{"view": {"By hand"}, "query": {"q=e"}}).Header().Get("Location"); !strings.Contains(to, "size=100") || !strings.Contains(to, "hide=term") {
		t.Errorf("saved as %s", to)
	}
}
