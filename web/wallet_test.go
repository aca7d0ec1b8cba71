package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/testkit"
	"perennial/web"
)

// shown reads an answer that must have a status.
func shown(t testing.TB, a *httptest.ResponseRecorder, status int) *goquery.Document {
	t.Helper()
	if a.Code != status {
		t.Fatalf("status %d, want %d: %s", a.Code, status, a.Body)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// says fails unless the page, as it is read, has all of the sentences.
func says(t *testing.T, doc *goquery.Document, sentences ...string) {
	t.Helper()
	page := doc.Find("main")
	if page.Length() == 0 {
		page = doc.Find("body") // a part
	}
	text := strings.Join(strings.Fields(page.Text()), " ")
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q but %q", s, text)
		}
	}
}

// till is a console with a card gateway.
func till(t *testing.T) (*console, *testkit.Gateway) {
	g := testkit.NewGateway(t, "https://renewals.example.com")
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(g.Client)), func(d *web.Deps) { d.Sandbox = true })
	return c, g
}

// topUp fills in the form and sends it as often as asked.
func (b *browser) topUp(amount, back string, times int) (answers []*httptest.ResponseRecorder) {
	b.t.Helper()
	doc := shown(b.t, b.get("/wallet/top-up?"+url.Values{"amount": {amount}, "return": {back}}.Encode()), http.StatusOK)
	form := url.Values{"amount": {amount}}
	doc.Find(`main form[action="/wallet/top-up"] input[type=hidden]`).Each(func(_ int, s *goquery.Selection) {
		form.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	for range times {
		answers = append(answers, b.post("/wallet/top-up", form))
	}
	return answers
}

func TestTheWalletPage(t *testing.T) {
	c, _ := till(t)
	c.Prices(100)
	c.AddMany(2, time.Hour)
	c.Deposit(25_00)
	c.Clock.Advance(time.Minute)
	task := c.Confirm(c.Prepare(testkit.Everything).ID)
	doc := shown(t, c.signedIn(t, c.Viewer).get("/wallet"), http.StatusOK)
	for selector, want := range map[string]string{
		".rail .money-big":                             "500",
		`tr[data-kind="renewal"] .card-end .money`:     "-2000",
		`tr[data-kind="deposit"] .card-end .money`:     "2500",
		`tr[data-kind="deposit"] td:last-child .money`: "2500",
	} {
		if got := doc.Find(selector).AttrOr("data-amount", ""); got != want {
			t.Errorf("%s is %q, want %s", selector, got, want)
		}
	}
	if got := doc.Find(`tr[data-kind="renewal"] a`); got.AttrOr("href", "") != "/tasks/"+task.ID || got.Text() != "Renewal RT-0001" {
		t.Errorf("the payment leads to %s", got.AttrOr("href", ""))
	}
	if got := doc.Find(`tr[data-kind="renewal"] .card-end`).Text(); !strings.Contains(got, "\u2212$20") {
		t.Errorf("the payment reads %q", got)
	}
	says(t, doc, "Value date 2026-11-20", "Buyers and owners may top up.", "Bank transfer")
	if doc.Find(`main a[href^="/wallet/top-up"]`).Length() != 0 {
		t.Error("a viewer is offered a top-up")
	}
}

func TestTheLedgerGoesOn(t *testing.T) {
	c, _ := till(t)
	for n := range 60 {
		c.Clock.Advance(time.Second)
		c.Deposit(int64(n + 1))
	}
	b := c.signedIn(t, c.Viewer)
	next := shown(t, b.get("/wallet"), http.StatusOK).Find(`.pager a:contains("Next")`).AttrOr("href", "")
	doc := shown(t, b.get(next, part), http.StatusOK)
	if n := doc.Find("tbody tr").Length(); n != 10 || doc.Find("#results").Length() != 1 || doc.Find("header").Is(".bar-top") {
		t.Errorf("the second page has %d rows", n)
	}
	if n := shown(t, b.get("/wallet?after=nonsense&before=%00"), http.StatusOK).Find("tbody tr").Length(); n != 50 {
		t.Errorf("a damaged cursor leads to %d rows", n)
	}
}

func TestATopUpLeadsBackWithItsResult(t *testing.T) {
	c, g := till(t)
	b := c.signedIn(t, c.Buyer)
	for _, a := range b.topUp("741.30", "/wallet?x=1", 2) {
		if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/wallet?x=1" {
			t.Fatalf("%d to %q", a.Code, a.Header().Get("Location"))
		}
	}
	if doc := shown(t, b.get("/wallet"), http.StatusOK); !strings.Contains(doc.Find("#flash").Text(), "Added $741.30. The balance is now $741.30.") {
		t.Errorf("the flash says %q", doc.Find("#flash").Text())
	}
	if n := len(g.Captures()); n != 1 || c.Balance() != 741_30 {
		t.Errorf("%d captures, balance %d", n, c.Balance())
	}
}

// Who goes back in the browser's history finds a new form, with a key of its own:
// it must not propose what was added a moment ago.
func TestAnAmountThatWasJustAddedIsNotProposedAgain(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Buyer)
	proposed := func(amount string) (*goquery.Document, string) {
		doc := shown(t, b.get("/wallet/top-up?return=/tasks/7&amount="+amount), http.StatusOK)
		return doc, doc.Find("#amount").AttrOr("value", "")
	}
	if _, got := proposed("741.30"); got != "741.30" {
		t.Errorf("%q is proposed", got)
	}
	b.topUp("741.30", "/tasks/7", 1)
	doc, got := proposed("741.30")
	if got != "" || doc.Find(`input[name="return"]`).AttrOr("value", "") != "/tasks/7" {
		t.Errorf("%q is proposed again", got)
	}
	says(t, doc, "$741.30 was added a short while ago", "It reached the balance at 2026-11-22 14:00 (UTC+8). Type an amount only to add more.")
	if doc, got := proposed("20"); got != "20" || strings.Contains(doc.Text(), "short while ago") {
		t.Errorf("another amount: %q is proposed", got)
	}
	c.Clock.Advance(time.Hour)
	b = c.signedIn(t, c.Buyer)
	if _, got := proposed("741.30"); got != "741.30" {
		t.Errorf("an hour later %q is proposed", got)
	}
}

// The address to return to is a path of this console, whatever the link says.
func TestATopUpNeverLeadsElsewhere(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Buyer)
	for _, back := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		if to := b.topUp("1", back, 1)[0].Header().Get("Location"); to != "/wallet" {
			t.Errorf("%q leads to %q", back, to)
		}
		form := url.Values{"amount": {"1"}, "return": {back}, "key": {c.App.NewKey()}}
		if to := b.post("/wallet/top-up", form).Header().Get("Location"); to != "/wallet" {
			t.Errorf("%q, forged, leads to %q", back, to)
		}
	}
}

func TestADeclinedTopUpShowsTheFormAgain(t *testing.T) {
	c, g := till(t)
	g.SetMood("decline:insufficient_funds")
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.topUp("10", "/tasks/7", 1)[0], http.StatusUnprocessableEntity)
	says(t, doc, "Nothing was charged", "The card does not have enough funds.")
	if doc.Find("#amount").AttrOr("value", "") != "10" || doc.Find(`input[name="return"]`).AttrOr("value", "") != "/tasks/7" {
		t.Error("what was typed is lost")
	}
	says(t, shown(t, b.get("/wallet"), http.StatusOK), "Top-up of $10.00 declined")
	g.SetMood("approve")
	form := url.Values{"amount": {"10"}, "key": {doc.Find(`input[name="key"]`).AttrOr("value", "")}}
	if a := b.post("/wallet/top-up", form); a.Code != http.StatusSeeOther {
		t.Errorf("the form that was shown again is answered %d", a.Code)
	}
}

func TestATopUpWhoseOutcomeIsNotKnown(t *testing.T) {
	c, g := till(t)
	g.SetMood("reset_after")
	b := c.signedIn(t, c.Buyer)
	page := b.topUp("500", "/tasks/7", 1)[0].Header().Get("Location")
	doc := shown(t, b.get(page), http.StatusOK)
	const sentence = "We asked the gateway and do not know yet whether $500.00 was charged. Nothing is charged twice: this is checked until it is known."
	says(t, doc, sentence)
	live := doc.Find("#topup [hx-trigger]").AttrOr("hx-get", "")
	if doc.Find("noscript meta[http-equiv]").Length() == 0 && !strings.Contains(doc.Find("head noscript").Text(), "refresh") {
		t.Error("without scripts the page never learns more")
	}
	says(t, shown(t, b.get("/wallet"), http.StatusOK), sentence)

	g.SetMood("approve")
	c.Clock.Advance(time.Minute)
	_, err := c.App.WorkPayments(t.Context())
	c.Must(err)
	doc = shown(t, b.get(live, part), http.StatusOK)
	says(t, doc, "Added $500.00. The balance is now $500.00.")
	if doc.Find("[hx-trigger]").Length() != 0 || doc.Find(`a:contains("Back to the task")`).AttrOr("href", "") != "/tasks/7" {
		t.Error("the page goes on asking, or does not lead back")
	}
	if n := len(g.Captures()); n != 1 {
		t.Errorf("%d captures", n)
	}
}

func TestAmountsThatAreRefused(t *testing.T) {
	c, g := till(t)
	b := c.signedIn(t, c.Buyer)
	for typed, sentence := range map[string]string{
		"": "Type the amount", "-5": "more than nothing", "12.345": "more than 2 decimals", "€5": "wallet is in USD",
		"99999999999999999999": "too large", "10000000.01": "at most $10,000,000.00", "<b>": "wallet is in USD",
	} {
		doc := shown(t, b.post("/wallet/top-up", url.Values{"amount": {typed}, "key": {c.App.NewKey()}}), http.StatusUnprocessableEntity)
		says(t, doc, sentence)
		if got := doc.Find("#amount").AttrOr("value", "none"); got != typed || doc.Find("#amount").AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%q became %q", typed, got)
		}
	}
	if doc := shown(t, b.get("/wallet/top-up?amount=%3Cb%3E"), http.StatusOK); doc.Find("#amount").AttrOr("value", "") != "" {
		t.Error("an amount that is none was filled in")
	}
	if n := len(g.Captures()); n != 0 {
		t.Errorf("%d captures", n)
	}
}

func TestWhoMayTopUp(t *testing.T) {
	c, g := till(t)
	viewer := c.signedIn(t, c.Viewer)
	for _, a := range []*httptest.ResponseRecorder{
		viewer.get("/wallet/top-up"),
		viewer.post("/wallet/top-up", url.Values{"amount": {"1"}, "key": {c.App.NewKey()}}),
	} {
		says(t, shown(t, a, http.StatusForbidden), "Buyers and owners may do this.")
	}
	if len(g.Captures()) != 0 {
		t.Error("a viewer charged the gateway")
	}
	for name, a := range map[string]*httptest.ResponseRecorder{"status": viewer.get("/wallet/top-ups/none"), "live": viewer.get("/wallet/top-ups/none/live", part)} {
		if a.Code != http.StatusNotFound {
			t.Errorf("%s of no top-up: %d", name, a.Code)
		}
	}
}

func TestWithoutAGateway(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.get("/wallet/top-up?amount=5"), http.StatusOK)
	says(t, doc, "No card gateway is configured, so money comes in by bank transfer only.")
	if doc.Find("main form").Length() != 0 || shown(t, b.get("/wallet"), http.StatusOK).Find(`main a[href^="/wallet/top-up"]`).Length() != 0 {
		t.Error("a top-up is offered that cannot be made")
	}
	if a := b.post("/wallet/top-up", url.Values{"amount": {"5"}, "key": {"k"}}); a.Code != http.StatusServiceUnavailable {
		t.Errorf("a top-up that cannot be made: %d", a.Code)
	}
	if strings.Contains(fmt.Sprint(doc.Text()), "sandbox") {
		t.Error("there is no sandbox here")
	}
}
