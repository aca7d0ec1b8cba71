package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

// byHand walks a way through the console in a browser with and without scripts: what
// a person does is the same.
func byHand(t *testing.T, walk func(t *testing.T, options ...testkit.TabOption)) {
	for name, options := range map[string][]testkit.TabOption{"scripts": nil, "no scripts": {testkit.WithoutJavaScript}} {
		t.Run(name, func(t *testing.T) { walk(t, options...) })
	}
}

// reads fails unless a part of the page says all of the sentences.
func reads(t *testing.T, tab *testkit.Tab, css string, sentences ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(testkit.Get(tab, chromedp.Text(css))), " ")
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("%s does not say %q but %q", css, s, text)
		}
	}
}

func TestOrdersByHand(t *testing.T) {
	byHand(t, func(t *testing.T, options ...testkit.TabOption) {
		c := ordering(t)
		c.Add(testkit.Unit("ecs-d", 4*renewal.Day))
		c.Deposit(3 * testkit.UnitPrice)
		tab, address := visit(t, c, options...)
		const waits, paid, cancelled = `#order[data-status="pending_payment"]`, `#order[data-status="completed"]`, `#order[data-status="cancelled"]`
		for _, id := range []string{"ecs-a", "ecs-b", "ecs-c", "ecs-d"} {
			tab.Do(chromedp.Navigate(address+views.InstancePath(id)), chromedp.Click(`form[action$="/order"] .btn-primary`), chromedp.WaitReady(waits))
		}

		// One is cancelled, one is paid alone, two are paid together.
		tab.Do(chromedp.Click(`a[href$="/cancel"]`), chromedp.Click(`form[action$="/cancel"] .btn-danger`), chromedp.WaitReady(cancelled))
		tab.Do(chromedp.Navigate(address+"/orders/RO-00001"), chromedp.Click(`.rail a[href$="/pay"]`), chromedp.WaitReady("#pay"),
			chromedp.Click(`#pay form .btn-primary`), chromedp.WaitReady(paid))
		reads(t, tab, "main", "Paid $10.00")
		tab.Do(chromedp.Navigate(address+"/orders"), chromedp.Click(`.tabs a[href*="status=pending_payment"]`), chromedp.WaitReady(`.tabs a[href*="status=pending_payment"][aria-current]`),
			chromedp.Click(`tr[data-id="RO-00002"] input`), chromedp.Click(`tr[data-id="RO-00003"] input`), chromedp.Click(`.picked .btn-primary`), chromedp.WaitReady("#pay"))
		reads(t, tab, "#pay", "RO-00002", "RO-00003", "$20.00")
		tab.Do(chromedp.Click(`#pay form .btn-primary`), chromedp.WaitNotPresent("#pay"))
		tab.Do(chromedp.Navigate(address+"/orders/RO-00003"), chromedp.WaitReady(paid))

		// What was paid for is in the history, and is found there.
		tab.Do(chromedp.Navigate(address+"/history"), chromedp.SendKeys("#q", "ecs-b\r"), chromedp.WaitReady("a.token"))
		rows(t, tab, "RO-00002")
		if c.Balance() != 0 {
			t.Errorf("%d cents are left", c.Balance())
		}
	})
}

func TestTheWalletByHand(t *testing.T) {
	byHand(t, func(t *testing.T, options ...testkit.TabOption) {
		c := newConsole(t, testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(testkit.NewGateway(t).Client)))
		c.Prices(100)
		c.AddMany(2, renewal.Day)
		c.granted(nil, "SPRING")
		tab, address := visit(t, c, options...)

		// A card is entered at the gateway, saved here, chosen for renewals, and removed.
		tab.Do(chromedp.Navigate(address+"/wallet/cards"), chromedp.Click(`#enter-card button`), chromedp.WaitReady(`form[action="/cards/new"]`),
			chromedp.Click(`label:nth-of-type(2) input`), chromedp.Click("form button"), chromedp.WaitReady(`form[action="/wallet/cards"] input[name="session"]`), chromedp.Click(`main .btn-primary`))
		tab.Do(chromedp.WaitReady(`tr[data-id]:nth-child(2)`))
		const other = `tr[data-id]:not([data-id="card-visa"])`
		tab.Do(chromedp.Click(other+` form[action$="/preferred"] button`), chromedp.WaitReady(other+` .badge-info`),
			chromedp.Click(other+` form[action$="/remove"] button`), chromedp.WaitNotPresent(other))

		tab.Do(chromedp.Navigate(address+"/wallet"), chromedp.Click(`a[href^="/wallet/top-up"]`), chromedp.SendKeys("#amount", "12.50"),
			chromedp.Click(`#topup form .btn-primary`), chromedp.WaitReady(`tr[data-kind="top_up"]`))
		reads(t, tab, "main", "$12.50")
		if c.Balance() != 12_50 {
			t.Errorf("the balance is %d", c.Balance())
		}

		tab.Do(chromedp.Navigate(address+"/wallet/coupons"), chromedp.Click(`a[href="/wallet/coupons/SPRING"]`), chromedp.WaitReady(`tr[data-kind]`))
		reads(t, tab, "main", "Coupon SPRING", "$15.00")
	})
}

func TestMessagesAndMailByHand(t *testing.T) {
	byHand(t, func(t *testing.T, options ...testkit.TabOption) {
		c := told(t)
		dead := c.bury(t)
		tab, address := visitAs(t, c, c.Owner, options...)
		tab.Do(chromedp.Click(`a.bar-item[href="/notifications"]`), chromedp.WaitReady("article[data-unread]"),
			chromedp.Click(`form[action="/notifications/read"] button`), chromedp.WaitNotPresent("article[data-unread]"))
		reads(t, tab, "main", "All read")

		tab.Do(chromedp.Navigate(address+"/admin/outbox"), chromedp.Click(`a[href="`+views.OutboxMailPath(dead)+`"]`), chromedp.WaitReady(`.letter`),
			chromedp.Click(`form[action$="/retry"] button`), chromedp.WaitNotPresent(`form[action$="/retry"]`))
		reads(t, tab, "main", "Outbox")
	})
}

func TestAnImportByHand(t *testing.T) {
	byHand(t, func(t *testing.T, options ...testkit.TabOption) {
		w := testkit.NewWorld(t, testkit.SQLite)
		t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
		c := newConsole(t, w)
		file := filepath.Join(t.TempDir(), "estate.csv")
		w.Must(os.WriteFile(file, []byte(estateOf(testkit.Unit("ecs-new", renewal.Day))), 0o600))
		tab, address := visitAs(t, c, c.Owner, options...)
		tab.Do(chromedp.Navigate(address+"/admin/import"), chromedp.SetUploadFiles("#file", []string{file}), chromedp.Click("main form .btn-primary"))
		state := func(want string) {
			t.Helper()
			tab.Do(chromedp.WaitReady(`#import`))
			w.App.Uploads.Wait(w.Context(), testkit.Get(tab, chromedp.Evaluate[string](`location.pathname.split("/").pop()`)))
			tab.Do(chromedp.Reload(), chromedp.WaitReady(`#import[data-state="`+want+`"]`))
		}
		state("checked")
		tab.Do(chromedp.Click(`#import form .btn-primary`), chromedp.WaitNotPresent(`#import[data-state="checked"]`))
		state("applied")
		tab.Do(chromedp.Click(`.rail a[href="/renewals"]`), chromedp.WaitReady(`tr[data-id="ecs-new"]`))
	})
}

func TestThemeAndSignOutByHand(t *testing.T) {
	byHand(t, func(t *testing.T, options ...testkit.TabOption) {
		tab, _ := visit(t, some(t), options...)
		background := func() string {
			return testkit.Get(tab, chromedp.Evaluate[string](`getComputedStyle(document.documentElement).backgroundColor`))
		}
		light := background()
		tab.Do(chromedp.Click(`.theme-dark`), chromedp.WaitReady(`html[data-theme="dark"] #results`))
		if background() == light {
			t.Errorf("the dark page is %s", light)
		}
		tab.Do(chromedp.Click(`form[action="/preferences"] button[value="compact"]`), chromedp.WaitReady(`.grid-compact`))
		tab.Do(chromedp.Click(`.bar-top .menu-end summary`), chromedp.Click(`form[action="/sign-out"] button`), chromedp.WaitReady(`#password`))
		testkit.Get(tab, chromedp.Evaluate[any](`history.back()`))
		tab.Do(chromedp.WaitReady(`#password`))
	})
}

func TestColumnsAndRowsByHand(t *testing.T) {
	byHand(t, func(t *testing.T, options ...testkit.TabOption) {
		c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
		c.Prices(100)
		c.AddMany(12, renewal.Day)
		tab, address := visit(t, c, options...)
		const menu, button = `.menu:has([name="columns"]) summary`, `button[name="columns"]`
		tab.Do(chromedp.Navigate(address+"/renewals?hide=none&q=ecs&size=50"), chromedp.Click(menu), chromedp.Click("#show-region"), chromedp.Click("#show-term"), chromedp.Click(button),
			chromedp.WaitNotPresent(`[data-label="Region"]`))
		if got := query(tab); got != "?q=ecs&size=50&tab=manual" {
			t.Errorf("after the columns the address has %s", got)
		}
		tab.Do(chromedp.Click(`.pager-sizes button[value="10"]`), chromedp.WaitNotPresent("tbody tr:nth-child(11)"))
		if got := query(tab); got != "?q=ecs&tab=manual" {
			t.Errorf("after the size the address has %s", got)
		}
		// What was chosen is there on the next visit, and what is kept now shows it again.
		tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("tbody tr:nth-child(10)"), chromedp.WaitNotPresent(`[data-label="Term"]`), chromedp.WaitNotPresent("tbody tr:nth-child(11)"))
		tab.Do(chromedp.Click("#saved-views summary"), chromedp.SendKeys("#view", "Short"), chromedp.Click("#saved-views form button"), chromedp.WaitReady(`#saved-views [aria-current]`))
		tab.Do(chromedp.Click(menu), chromedp.Click("#show-region"), chromedp.Click(button), chromedp.WaitReady(`[data-label="Region"]`))
		tab.Do(chromedp.Click("#saved-views summary"), chromedp.Click("#saved-views li a"), chromedp.WaitNotPresent(`[data-label="Region"]`))
	})
}
