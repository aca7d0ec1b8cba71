package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/gateway/sandbox"
	"perennial/internal/testkit"
)

// A real browser goes to the card page and back, at every width and in both
// themes. It would hold the way back to form-action, and complain.
func TestTheCardPageInABrowser(t *testing.T) {
	for name, options := range map[string][]testkit.TabOption{
		"narrow":           {testkit.Sized(320, 640)},
		"phone, no script": {testkit.Phone, testkit.Dark, testkit.WithoutJavaScript},
		"wide":             nil,
	} {
		t.Run(name, func(t *testing.T) {
			tab := testkit.Browser(t, options...)
			_, c, _, _ := run(t, newLog(t))
			home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, `<link rel="icon" href="data:,"><p id="back">Back</p>`)
			}))
			t.Cleanup(home.Close)
			session := func(key string) string {
				id, err := c.AskCard(t.Context(), key, "acme", home.URL+"/wallet/cards/added?state=abc")
				if err != nil {
					t.Fatal(err)
				}
				return id
			}
			id, other := session("one"), session("two")
			page := c.CardPage(id)

			tab.Do(chromedp.Navigate(page), chromedp.WaitVisible("button"))
			tab.Screenshot("card-page-" + name)
			if testkit.Get(tab, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
				t.Error("the page is wider than the window")
			}
			tab.Do(chromedp.Click(`input[value="`+sandbox.NoFunds+`"]`), chromedp.Click("button"), chromedp.WaitVisible("#back"))
			if at := testkit.Get(tab, chromedp.Location()); !strings.HasSuffix(at, "/wallet/cards/added?session="+id+"&state=abc") {
				t.Errorf("saving leads to %s", at)
			}
			tab.Do(chromedp.Navigate(c.CardPage(other)), chromedp.Click(".actions a"), chromedp.WaitVisible("#back"))
			if at := testkit.Get(tab, chromedp.Location()); !strings.HasSuffix(at, "/wallet/cards/added?session="+other+"&state=abc") {
				t.Errorf("cancelling leads to %s", at)
			}
		})
	}
}
