package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/billing"
	"perennial/internal/store"
	"perennial/internal/testkit"
	"perennial/views"
)

// kept lists the cards of the account as they are stored.
func (c *console) kept() (all []billing.Card) {
	c.Helper()
	c.Read(func(tx *store.Tx) (err error) { all, err = tx.Cards(c.Account.ID); return err })
	return all
}

// enterCard presses the button of a page that leads to the gateway's page, enters a
// card there, and returns the path that the gateway leads back to.
func enterCard(t *testing.T, b *browser, doc *goquery.Document, token string) string {
	t.Helper()
	a := b.press(doc.Find("main form#enter-card"))
	at, err := url.Parse(a.Header().Get("Location"))
	if err != nil || a.Code != http.StatusSeeOther || at.Path != "/cards/new" || len(at.Query()) != 1 {
		t.Fatalf("%d to %s: %v", a.Code, at, err)
	}
	if !strings.Contains(b.get("/wallet/cards").Header().Get("Content-Security-Policy"), "form-action 'self' "+at.Scheme+"://"+at.Host+";") {
		t.Fatal("a browser would not follow the form to the gateway")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(at.Scheme+"://"+at.Host+at.Path, url.Values{"session": at.Query()["session"], "card": {token}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("the gateway answers %d: %v", answer.StatusCode, err)
	}
	return back.RequestURI()
}

// press sends a form of a page as it stands, with what is chosen in it.
func (b *browser) press(form *goquery.Selection) *httptest.ResponseRecorder {
	b.t.Helper()
	fields := url.Values{}
	form.Find("input, select").Each(func(_ int, s *goquery.Selection) {
		fields.Set(s.AttrOr("name", ""), s.AttrOr("value", s.Find("option[selected]").AttrOr("value", "")))
	})
	return b.post(form.AttrOr("action", ""), fields)
}

func TestACardIsEnteredAtTheGateway(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.get("/wallet/cards"), http.StatusOK)
	says(t, doc, "Visa •••• 4242", "12/2039", "No card is used for renewals")
	back := enterCard(t, b, doc, testkit.MastercardToken)
	if !strings.HasPrefix(back, "/wallet/cards/new?session=") || strings.Contains(back, "tok_") {
		t.Fatalf("the gateway leads back to %s", back)
	}
	for range 2 { // looking keeps nothing
		doc = shown(t, b.get(back), http.StatusOK)
	}
	says(t, doc, "Mastercard •••• 4444, expires", "Saving charges nothing")
	if len(c.kept()) != 1 {
		t.Fatal("a GET kept a card")
	}
	form := doc.Find(`main form[action="/wallet/cards"]`)
	c.Clock.Advance(time.Second)
	for range 2 { // a double click
		if a := b.press(form); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/wallet/cards" {
			t.Fatalf("%d to %q: %s", a.Code, a.Header().Get("Location"), a.Body)
		}
	}
	cards := c.kept()
	if len(cards) != 2 || cards[1].Token != testkit.MastercardToken || cards[1].AddedBy != "Li Na" || cards[1].Preferred {
		t.Fatalf("%+v", cards)
	}

	doc = shown(t, b.get("/wallet/cards"), http.StatusOK)
	row := doc.Find(`tr[data-id="` + cards[1].ID + `"]`)
	b.press(row.Find(`form:contains("Use for renewals")`))
	doc = shown(t, b.get("/wallet/cards"), http.StatusOK)
	says(t, doc, "renewals are charged to Mastercard •••• 4444")
	b.press(doc.Find(`form:contains("Stop using")`))
	says(t, shown(t, b.get("/wallet/cards"), http.StatusOK), "No card is used for renewals")
	b.press(row.Find(`form:contains("Remove")`))
	if doc = shown(t, b.get("/wallet/cards"), http.StatusOK); doc.Find("tbody tr").Length() != 1 || len(c.kept()) != 1 {
		t.Error("the card is still there")
	}
}

// Who wants another card for a paused task is led back to it with the chosen one.
func TestAnotherCardLeadsBackToTheTask(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Buyer)
	for place, back := range map[string]string{"/tasks/7": "/tasks/7", "https://elsewhere.example/": "/wallet/cards"} {
		doc := shown(t, b.get(views.CardsFor(place)), http.StatusOK)
		if n := doc.Find(`main a[href="` + place + `"]`).Length(); (n == 1) != (place == back) {
			t.Errorf("%d links to %s", n, place)
		}
		away := enterCard(t, b, doc, testkit.MastercardToken)
		to := b.press(shown(t, b.get(away), http.StatusOK).Find(`main form[action="/wallet/cards"]`)).Header().Get("Location")
		doc = shown(t, b.get(to), http.StatusOK)
		form := doc.Find(`tr:contains("4444") form:contains("Use for renewals")`)
		if a := b.press(form); a.Code != http.StatusSeeOther || a.Header().Get("Location") != back {
			t.Errorf("%s: %d to %q", place, a.Code, a.Header().Get("Location"))
		}
		for _, card := range c.kept() {
			if card.Token == testkit.MastercardToken {
				c.Must(c.App.RemoveCard(t.Context(), c.Buyer, card.ID, c.App.NewKey()))
			}
		}
	}
}

// A card that is missing for a top-up is entered on the way, and what was asked
// for is not lost.
func TestATopUpFetchesItsCard(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Buyer)
	c.Must(c.App.RemoveCard(t.Context(), c.Buyer, testkit.VisaCard.ID, c.App.NewKey()))
	doc := shown(t, b.get("/wallet/top-up?amount=741.30&return=/tasks/7"), http.StatusOK)
	says(t, doc, "No card is saved")
	back := enterCard(t, b, doc, testkit.VisaCard.Token)
	a := b.press(shown(t, b.get(back), http.StatusOK).Find(`main form[action="/wallet/cards"]`))
	to := a.Header().Get("Location")
	doc = shown(t, b.get(to), http.StatusOK)
	if doc.Find("#amount").AttrOr("value", "") != "741.30" || doc.Find(`input[name="return"]`).AttrOr("value", "") != "/tasks/7" {
		t.Fatalf("%s lost what was asked for", to)
	}
	if a = b.press(doc.Find(`main form[action="/wallet/top-up"]`)); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/tasks/7" {
		t.Errorf("%d to %q", a.Code, a.Header().Get("Location"))
	}
}

func TestATopUpChargesTheChosenCard(t *testing.T) {
	c, g := till(t)
	b := c.signedIn(t, c.Buyer)
	poor := billing.Card{ID: "poor", Token: testkit.NoFundsToken, Brand: "Visa", LastFour: "9995", Month: 12, Year: 2039, AddedAt: testkit.Start}
	old := billing.Card{ID: "old", Token: testkit.ExpiredToken, Brand: "Visa", LastFour: "0069", Month: 10, Year: 2026, AddedAt: testkit.Start}
	c.Write(func(tx *store.Tx) error {
		if err := tx.InsertCard(c.Account.ID, poor); err != nil {
			return err
		}
		return tx.InsertCard(c.Account.ID, old)
	})
	send := func(card string) *httptest.ResponseRecorder {
		return b.post("/wallet/top-up", url.Values{"amount": {"5.00"}, "card": {card}, "key": {c.App.NewKey()}})
	}
	for card, sentence := range map[string]string{"poor": "The card does not have enough funds.", "old": "The card ending in 0069 has expired",
		"": "Choose the card to charge.", "somebody-elses": "Choose the card to charge."} {
		doc := shown(t, send(card), http.StatusUnprocessableEntity)
		says(t, doc, sentence)
		if got := doc.Find("#amount").AttrOr("value", ""); got != "5.00" {
			t.Errorf("%q: the amount became %q", card, got)
		}
		if got := doc.Find("#card option[selected]").AttrOr("value", ""); got != card && card != "" && card != "somebody-elses" {
			t.Errorf("%q: the choice became %q", card, got)
		}
		if wrong := doc.Find(`#card[aria-invalid]`).Length() == 1; wrong != (card != "poor") {
			t.Errorf("%q: the field is marked: %t", card, wrong)
		}
	}
	if a := send("card-visa"); a.Code != http.StatusSeeOther || len(g.Captures()) != 1 || c.Balance() != 500 {
		t.Errorf("%d, %v", a.Code, g.Captures())
	}
}

// Anybody can make an address that leads here with a session.
func TestACardThatSomebodyElseEnteredIsNotShown(t *testing.T) {
	c, _ := till(t)
	mine, theirs := c.signedIn(t, c.Buyer), c.signedIn(t, c.Owner)
	back := enterCard(t, theirs, shown(t, theirs.get("/wallet/cards"), http.StatusOK), testkit.MastercardToken)
	session := strings.TrimPrefix(back, "/wallet/cards/new?session=")
	for _, path := range []string{back, "/wallet/cards/new", "/wallet/cards/new?session=x", "/wallet/cards/new?token=" + testkit.MastercardToken} {
		doc := shown(t, mine.get(path), http.StatusUnprocessableEntity)
		says(t, doc, "This card was not entered by you. Nothing was saved")
		if strings.Contains(doc.Text(), "4444") {
			t.Error("the card is shown")
		}
	}
	for _, session := range []string{"", "x", session} {
		doc := shown(t, mine.post("/wallet/cards", url.Values{"session": {session}, "key": {c.App.NewKey()}}), http.StatusUnprocessableEntity)
		says(t, doc, "This card was not entered by you. Nothing was saved")
	}
	if len(c.kept()) != 1 {
		t.Error("a card was kept")
	}
}

// Who cancels at the gateway comes back with a session in which no card was entered.
func TestACardThatWasNotEnteredIsNotSaved(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Buyer)
	a := b.press(shown(t, b.get("/wallet/cards"), http.StatusOK).Find("main form#enter-card"))
	_, session, _ := strings.Cut(a.Header().Get("Location"), "session=")
	if a := b.get("/wallet/cards/new?session=" + session); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/wallet/cards" {
		t.Errorf("%d to %q", a.Code, a.Header().Get("Location"))
	}
	says(t, shown(t, b.post("/wallet/cards", url.Values{"session": {session}, "key": {c.App.NewKey()}}), http.StatusUnprocessableEntity), "No card was entered.")
}

func TestAGatewayThatDoesNotAnswerKeepsNoCard(t *testing.T) {
	c, g := till(t)
	b := c.signedIn(t, c.Buyer)
	const sentence = "The card gateway does not answer. Nothing was saved; try again."
	doc := shown(t, b.get("/wallet/cards"), http.StatusOK)
	g.SetMood("error_before", "card")
	says(t, shown(t, b.press(doc.Find("main form#enter-card")), http.StatusServiceUnavailable), sentence)
	g.SetMood("approve", "card")
	back := enterCard(t, b, doc, testkit.MastercardToken)
	session := strings.TrimPrefix(back, "/wallet/cards/new?session=")
	g.SetMood("error_before", "card")
	says(t, shown(t, b.get(back), http.StatusServiceUnavailable), sentence)
	says(t, shown(t, b.post("/wallet/cards", url.Values{"session": {session}, "key": {c.App.NewKey()}}), http.StatusServiceUnavailable), sentence)
	g.SetMood("approve", "card")
	form := shown(t, b.get(back), http.StatusOK).Find("main form")
	g.SetMood("error_before", "card") // it has told the card, and is not asked again
	if a := b.press(form); a.Code != http.StatusSeeOther || len(c.kept()) != 2 {
		t.Errorf("%d, %+v", a.Code, c.kept())
	}
	form = shown(t, b.get(back), http.StatusOK).Find("main form")
	says(t, shown(t, b.press(form), http.StatusConflict), "The card ending in 4444 is saved already.")
	for _, held := range []string{c.Log.String(), b.get(back).Body.String(), b.get("/wallet/cards").Body.String()} {
		if strings.Contains(held, "tok_") {
			t.Errorf("a token can be read in %s", held)
		}
	}
}

func TestACardThatHasExpiredPaysNothing(t *testing.T) {
	c, _ := till(t)
	b := c.signedIn(t, c.Owner)
	b.post("/wallet/cards/preferred", url.Values{"card": {testkit.VisaCard.ID}, "key": {c.App.NewKey()}})
	c.Clock.Set(time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC))
	b = c.signedIn(t, c.Owner)
	says(t, shown(t, b.get("/wallet/cards"), http.StatusOK), "Visa •••• 4242 has expired, so tasks pause", "Expired 12/2039")
	says(t, shown(t, b.post("/wallet/cards/preferred", url.Values{"card": {testkit.VisaCard.ID}, "key": {c.App.NewKey()}}), http.StatusUnprocessableEntity), "has expired")
	for _, path := range []string{"/wallet/cards/preferred", "/wallet/cards/nothing/remove"} {
		says(t, shown(t, b.post(path, url.Values{"card": {"nothing"}, "key": {c.App.NewKey()}}), http.StatusNotFound), "There is no such card in this account.")
	}
}

func TestAViewerSeesTheCards(t *testing.T) {
	c, _ := till(t)
	doc := shown(t, c.signedIn(t, c.Viewer).get("/wallet/cards"), http.StatusOK)
	says(t, doc, "Visa •••• 4242", "Buyers and owners may add, choose and remove cards.")
	if doc.Find("main form, main form#enter-card").Length() != 0 {
		t.Error("a viewer is offered what only buyers may do")
	}
	bare := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	says(t, shown(t, bare.signedIn(t, bare.Buyer).get("/wallet/cards"), http.StatusOK), "No card gateway is configured.")
}
