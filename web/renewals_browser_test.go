package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"perennial/internal/app"
	"perennial/internal/testkit"
	"perennial/web"
)

// visit opens the Renewals page as a buyer who is signed in, in a real browser.
func visit(t *testing.T, c *console, options ...testkit.TabOption) (*testkit.Tab, string) {
	t.Helper()
	return visitAs(t, c, c.Buyer, options...)
}

func visitAs(t *testing.T, c *console, who app.Actor, options ...testkit.TabOption) (*testkit.Tab, string) {
	t.Helper()
	address := serve(t, c, nil)
	c.Must(c.App.SetPassword(c.Context(), c.Owner, who.Email, password))
	tab := testkit.Browser(t, options...)
	signIn(tab, address, who)
	return tab, address
}

// serve serves the console of a world where a browser reaches it, through what is
// wrapped around it.
func serve(t *testing.T, c *console, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	c.Must(err)
	served := newConsole(t, c.World, func(d *web.Deps) { d.PublicURL, d.Sandbox = address, true })
	server.Config.Handler = served.handler
	if wrap != nil {
		server.Config.Handler = wrap(served.handler)
	}
	return server.URL
}

func signIn(tab *testkit.Tab, address string, who app.Actor) {
	tab.Do(chromedp.Navigate(address+"/sign-in"), chromedp.SendKeys("#email", who.Email),
		chromedp.SendKeys("#password", password), chromedp.Click("form button"), chromedp.WaitReady("#results"))
}

// rows waits until the list shows exactly these rows.
func rows(t *testing.T, tab *testkit.Tab, want string) {
	t.Helper()
	const ids = `[...document.querySelectorAll("tr[data-id]")].map(r => r.dataset.id).join(" ")`
	testkit.Get(tab, chromedp.Poll[bool](ids+` === "`+want+`"`))
}

func query(tab *testkit.Tab) string {
	return testkit.Get(tab, chromedp.Evaluate[string](`location.search`))
}

func TestFiltersInABrowser(t *testing.T) {
	c := some(t)
	tab, _ := visit(t, c)
	rows(t, tab, "frozen expired expiring later")

	// A tick narrows the list at once and the address follows, short.
	tab.Do(chromedp.Click("#filter-status summary"), chromedp.Click("#status-expired"))
	rows(t, tab, "expired")
	if got := query(tab); got != "?status=expired&tab=manual" {
		t.Errorf("the address has %s", got)
	}
	// The menu stays open for the next tick.
	tab.Do(chromedp.Click("#status-frozen"))
	rows(t, tab, "frozen expired")

	// A token takes the ticks away too, not only their effect.
	tab.Do(chromedp.Click("a.token"))
	rows(t, tab, "frozen expired expiring later")
	if n := testkit.Get(tab, chromedp.Evaluate[int](`document.querySelectorAll("form.filters input:checked[name=status]").length`)); n != 0 {
		t.Errorf("%d ticks are left", n)
	}

	// Typing searches, and the box keeps the focus.
	tab.Do(chromedp.SendKeys("#q", "LATE"))
	rows(t, tab, "later")
	if id := testkit.Get(tab, chromedp.Evaluate[string](`document.activeElement.id`)); id != "q" {
		t.Errorf("the focus is on %q", id)
	}

	// Tabs are pages of the history, filters are not.
	tab.Do(chromedp.Click(`.tabs a:nth-child(2)`))
	rows(t, tab, "")
	tab.Do(chromedp.Click(`.empty a.btn`))
	rows(t, tab, "auto")
}

func TestOneClickInABrowser(t *testing.T) {
	c := some(t)
	tab, _ := visit(t, c)
	tab.Expect("409")
	tab.Do(chromedp.Click(`.head a.btn-primary`), chromedp.WaitVisible(`#dialog[open] #dialog-title`))
	c.AddMany(2, time.Hour)
	tab.Do(chromedp.Click(`#dialog button.btn-primary`), chromedp.WaitVisible(`#dialog .callout-bad`))
	if says := testkit.Get(tab, chromedp.Evaluate[string](`document.getElementById("dialog").textContent`)); !strings.Contains(says, "6 instances match now, not 4") {
		t.Errorf("the dialog says %s", says)
	}
	tab.Do(chromedp.Click(`#dialog button.btn-primary`))
	tab.Do(chromedp.WaitReady("#task"))
	c.Rest()
	if task := c.Task(path.Base(testkit.Get(tab, chromedp.Evaluate[string](`location.pathname`)))); task.Units != 6 {
		t.Errorf("the task has %d units", task.Units)
	}
}

func TestFiltersWithoutScripts(t *testing.T) {
	c := some(t)
	tab, _ := visit(t, c, testkit.WithoutJavaScript)
	tab.Do(chromedp.Click("#filter-status summary"), chromedp.Click("#status-expired"), chromedp.Click("form.filters noscript button"), chromedp.WaitReady("a.token"))
	rows(t, tab, "expired")
	if got := query(tab); got != "?status=expired&tab=manual" {
		t.Errorf("the address has %s", got)
	}
	tab.Do(chromedp.Click(`.head a.btn-primary`), chromedp.WaitVisible(`h1#dialog-title`), chromedp.Click(`form button.btn-primary`), chromedp.WaitReady("#task"))
}
