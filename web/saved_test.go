package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A list is kept from the page that shows it, is in the menu from then on, and the
// page opens with it where the person says so. Nobody else has it.
func TestAListIsKeptAndOpened(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	doc := document(t, b.get("/renewals?status=frozen&sort=-fee&size=20&after=damaged"))
	query := doc.Find(`#saved-views input[name=query]`).AttrOr("value", "")
	if query != "hide=none&size=20&sort=-fee&status=frozen&tab=manual" {
		t.Errorf("the form keeps %s", query)
	}
	a := b.post("/renewals/views", url.Values{"view": {"Frozen, dear first"}, "query": {query + "&q=\x01&nonsense=1"}, "opens": {"1"}})
	if to := a.Header().Get("Location"); a.Code != http.StatusSeeOther || to != "/renewals?"+query {
		t.Fatalf("saved: %d to %s", a.Code, to)
	}
	if a := b.get("/renewals"); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/renewals?"+query {
		t.Errorf("the page opens with %d %s", a.Code, a.Header().Get("Location"))
	}
	if a := b.get("/renewals?tab=manual"); a.Code != http.StatusOK {
		t.Errorf("the tab without filters: %d", a.Code)
	}
	doc = document(t, b.get("/renewals?"+query))
	if kept := doc.Find(`#saved-views a[aria-current=true]`); strings.TrimSpace(kept.Text()) != "Frozen, dear first" || kept.AttrOr("href", "") != "/renewals?"+query {
		t.Error("the menu does not say which view is shown")
	}
	other := c.signedIn(t, c.Owner)
	if a := other.get("/renewals"); a.Code != http.StatusOK || strings.Contains(a.Body.String(), "dear first") {
		t.Error("somebody else has the view")
	}
	doc = document(t, b.get("/renewals/views"))
	action := doc.Find("tbody form").AttrOr("action", "")
	if text := doc.Find("tbody").Text(); !strings.Contains(text, "Status: Frozen") {
		t.Errorf("the view is put as %s", text)
	}
	if a := other.post(action, url.Values{"do": {"delete"}}); a.Code != http.StatusNotFound {
		t.Errorf("somebody else deletes it: %d", a.Code)
	}
	if a := b.post(action, url.Values{"do": {"burn"}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("something else is done to it: %d", a.Code)
	}
	if a := b.post("/renewals/views", url.Values{"view": {""}, "query": {query}}); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "1 to 64 characters") {
		t.Errorf("no name: %d", a.Code)
	}
	b.post(action, url.Values{"do": {"plain"}})
	if a := b.get("/renewals"); a.Code != http.StatusOK {
		t.Errorf("the page still opens with the view: %d", a.Code)
	}
	b.post(action, url.Values{"do": {"opens"}})
	if a := b.get("/renewals"); a.Code != http.StatusSeeOther {
		t.Errorf("the page opens plain: %d", a.Code)
	}
	b.post(action, url.Values{"do": {"delete"}})
	if a := b.get("/renewals"); a.Code != http.StatusOK {
		t.Errorf("the page opens with a view that was deleted: %d", a.Code)
	}
}
