package web_test

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"perennial/internal/app"
	"perennial/internal/mail"
	"perennial/internal/testkit"
)

// The whole way of a person, in a browser with and without scripts: filter, click
// One-Click Renew, leave, come back through the mail, review, Renew Now, OK, run
// out of balance, top up, continue, and hold a receipt.
func TestTheWholeJourney(t *testing.T) {
	for name, options := range map[string][]testkit.TabOption{"scripts": nil, "no scripts": {testkit.WithoutJavaScript}} {
		t.Run(name, func(t *testing.T) { journey(t, options...) })
	}
}

func journey(t *testing.T, options ...testkit.TabOption) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(testkit.NewGateway(t).Client)))
	c.Prices(100)
	c.AddMany(10, 48*time.Hour)
	c.Add(testkit.Unit("later", 90*24*time.Hour))
	c.Deposit(6 * testkit.UnitPrice)
	tab, address := visit(t, c, options...)
	read := func(css string) string { return testkit.Get(tab, chromedp.Text(css)) }

	tab.Do(chromedp.Navigate(address+"/renewals?expires=30d"), chromedp.Click(`a[href^="/renewals/one-click/new"]`),
		chromedp.Click(`form[action="/renewals/one-click"] .btn-primary`), chromedp.WaitReady(`#task[data-state="generating"]`))
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("#results"))
	c.Rest()

	tab.Do(chromedp.Navigate(linkOfTheMail(t, c, address)), chromedp.WaitReady(`#task[data-state="ready"]`))
	tab.Do(chromedp.Click(`.rail a[href$="/confirm"]`), chromedp.Click(`form[action$="/confirm"] .btn-primary`),
		chromedp.WaitReady(`#task[data-state="running"]`))
	c.Rest()
	tab.Do(chromedp.Reload(), chromedp.WaitReady(`#task[data-state="suspended"]`))
	if said := read("#task"); !regexp.MustCompile(`(?s)Paused: balance is \$40\.00 short.*6 renewed, 4 left`).MatchString(said) {
		t.Errorf("paused: %s", said)
	}
	tab.Do(chromedp.Click(`.rail a[href^="/wallet/top-up"]`), chromedp.Click(`form[action^="/wallet/top-up"] .btn-primary`),
		chromedp.WaitReady(`#task[data-state="suspended"]`), chromedp.Click(`form[action$="/continue"] button`),
		chromedp.WaitReady(`#task[data-state="running"]`))
	c.Rest()
	tab.Do(chromedp.Reload(), chromedp.WaitReady(`#task[data-state="completed"]`))
	if said := read(".rail"); !regexp.MustCompile(`(?s)Receipt RT-0001.*Paid\s+\$100\.00.*From balance\s+\$100\.00`).MatchString(said) {
		t.Errorf("receipt: %s", said)
	}
	if c.Balance() != 0 {
		t.Errorf("%d cents are left", c.Balance())
	}
}

// linkOfTheMail finds where the mail about the ready task leads.
func linkOfTheMail(t *testing.T, c *console, address string) string {
	t.Helper()
	entries, _, err := c.App.Outbox(t.Context(), c.Account.ID, app.Place{})
	c.Must(err)
	public, err := url.Parse(address)
	c.Must(err)
	m, err := mail.Render(entries[0], public)
	c.Must(err)
	link := regexp.MustCompile(regexp.QuoteMeta(address) + `/tasks/\S+`).FindString(m.Text)
	if link == "" {
		t.Fatalf("the mail has no link:\n%s", m.Text)
	}
	return link
}
