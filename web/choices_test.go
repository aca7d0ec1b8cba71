package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/testkit"
)

// The list of a large account does not wait for the choices of its filters, which take
// a walk over all of it: the page asks for them when it is there. What is chosen stays
// chosen, and without scripts a link leads to them.
func TestALargeAccountGetsItsChoicesAfterTheList(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(20_001, time.Hour)
	b := newConsole(t, w).signedIn(t, w.Viewer)
	const list = "/renewals?project=web-edge&region=cn-north-4&tab=manual"
	const choices = "/renewals/choices?project=web-edge&region=cn-north-4&tab=manual"
	later := func(doc *goquery.Document) string {
		return doc.Find(`[hx-trigger="load"][hx-target="#results"]`).AttrOr("hx-get", "")
	}
	names := func(doc *goquery.Document) string {
		return strings.Join(doc.Find(`#filter-region label, #filter-service label, #filter-project label`).Map(func(_ int, e *goquery.Selection) string {
			return strings.TrimSpace(e.Text())
		}), ", ")
	}
	wantChoices := func(step string, doc *goquery.Document) {
		t.Helper()
		if got := names(doc); got != "Elastic Cloud Server, CN North-Beijing4, web-edge" || later(doc) != "" || len(listed(doc)) != 50 {
			t.Errorf("%s: the choices are %q with %d rows, more at %q", step, got, len(listed(doc)), later(doc))
		}
	}

	doc := document(t, b.get(list))
	if got := names(doc); got != "cn-north-4, web-edge" || later(doc) != choices || len(listed(doc)) != 50 {
		t.Errorf("at first the choices are %q with %d rows, more at %q", got, len(listed(doc)), later(doc))
	}
	if href := doc.Find("#filter-service a").AttrOr("href", ""); href != choices {
		t.Errorf("without scripts the menu leads to %q", href)
	}
	wantChoices("when the page asks", document(t, b.get(choices, part)))
	if a := b.get(choices); a.Code != http.StatusSeeOther || a.Header().Get("Location") != list {
		t.Errorf("without scripts: %d to %q", a.Code, a.Header().Get("Location"))
	}
	wantChoices("from then on", document(t, b.get(list)))
}
