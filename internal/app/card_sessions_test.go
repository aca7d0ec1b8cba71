package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// entered is the session in which a person entered a card at the gateway.
func entered(w *testkit.World, g *testkit.Gateway, who app.Actor, token string) string {
	w.Helper()
	page, err := w.App.EnterCard(w.Context(), who, "http://127.0.0.1/", w.App.NewKey())
	w.Must(err)
	_, session, _ := strings.Cut(page, "session=")
	if ok, err := g.Pick(session, token); err != nil || !ok {
		w.Fatal(ok, err)
	}
	return session
}

func withCards(t *testing.T, test func(t *testing.T, w *testkit.World, g *testkit.Gateway)) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		g := testkit.NewGateway(t)
		test(t, testkit.NewWorld(t, engine, testkit.WithGateway(g.Client)), g)
	})
}

// globex is a buyer of another account of the same console.
func globex(w *testkit.World) app.Actor {
	w.Helper()
	who := app.Actor{UserID: "kim", AccountID: "globex", Name: "Kim", Email: "kim@globex.example", Role: account.Buyer, RequestID: "test"}
	_, err := w.App.CreateAccount(w.Context(), app.AccountInput{ID: who.AccountID, Name: "Globex", Currency: "USD", Zone: "UTC", Email: "pay@globex.example"})
	w.Must(err)
	return who
}

func cardsOf(w *testkit.World, accountID string) int {
	return int(number(w, "SELECT COUNT(*) FROM card WHERE account_id = $1 AND removed_at = 0", accountID))
}

// Promise 21, for cards: a session is its person's, and saved once.
func TestPromise21ACardSessionIsItsPersons(t *testing.T) {
	withCards(t, func(t *testing.T, w *testkit.World, g *testkit.Gateway) {
		session, other := entered(w, g, w.Buyer, testkit.MastercardToken), globex(w)
		for _, who := range []app.Actor{w.Owner, other} {
			_, err := w.App.EnteredCard(t.Context(), who, session)
			wantKind(t, err, fault.Invalid, "not entered by you")
			_, err = w.App.AddCard(t.Context(), who, app.CardInput{Session: session, Key: w.App.NewKey()})
			wantKind(t, err, fault.Invalid, "not entered by you")
		}
		for range 2 { // a double click
			_, err := w.App.AddCard(t.Context(), w.Buyer, app.CardInput{Session: session, Key: "k"})
			w.Must(err)
		}
		_, err := w.App.AddCard(t.Context(), w.Buyer, app.CardInput{Session: session, Key: "l"})
		wantKind(t, err, fault.Conflict, "saved already")
		if cardsOf(w, w.Account.ID) != 2 || cardsOf(w, other.AccountID) != 0 {
			t.Errorf("%d and %d cards are saved", cardsOf(w, w.Account.ID), cardsOf(w, other.AccountID))
		}
	})
}

// A card that is saved in one account pays for no other, until it is removed.
func TestPromise21ACardPaysForOneAccount(t *testing.T) {
	withCards(t, func(t *testing.T, w *testkit.World, g *testkit.Gateway) {
		other := globex(w)
		_, err := w.App.AddCard(t.Context(), other, app.CardInput{Session: entered(w, g, other, testkit.VisaCard.Token), Key: w.App.NewKey()})
		wantKind(t, err, fault.Conflict, "saved in another account")
		if n := cardsOf(w, other.AccountID); n != 0 {
			t.Errorf("%d cards are saved", n)
		}
		w.Must(w.App.RemoveCard(t.Context(), w.Buyer, testkit.VisaCard.ID, w.App.NewKey()))
		_, err = w.App.AddCard(t.Context(), other, app.CardInput{Session: entered(w, g, other, testkit.VisaCard.Token), Key: w.App.NewKey()})
		w.Must(err)
		_, err = w.App.AddCard(t.Context(), w.Buyer, app.CardInput{Session: entered(w, g, w.Buyer, testkit.VisaCard.Token), Key: w.App.NewKey()})
		wantKind(t, err, fault.Conflict, "saved in another account")
	})
}

// Of two accounts that save a card at once, one has it.
func TestPromise21TwoAccountsSaveACardAtOnce(t *testing.T) {
	withCards(t, func(t *testing.T, w *testkit.World, g *testkit.Gateway) {
		who := []app.Actor{w.Buyer, globex(w)}
		sessions := []string{entered(w, g, who[0], testkit.MastercardToken), entered(w, g, who[1], testkit.MastercardToken)}
		saved := 0
		for _, err := range together(2, func(n int) error {
			_, err := w.App.AddCard(w.Context(), who[n], app.CardInput{Session: sessions[n], Key: w.App.NewKey()})
			return err
		}) {
			if err == nil {
				saved++
			} else {
				wantKind(t, err, fault.Conflict, "saved in another account")
			}
		}
		if n := cardsOf(w, w.Account.ID) - 1 + cardsOf(w, "globex"); saved != 1 || n != 1 {
			t.Errorf("%d were told that it is saved, %d are", saved, n)
		}
	})
}

// Nobody tries cards out: ten sessions and ten questions an hour are a person's.
func TestCardsCannotBeTriedOut(t *testing.T) {
	withCards(t, func(t *testing.T, w *testkit.World, g *testkit.Gateway) {
		page, err := w.App.EnterCard(t.Context(), w.Buyer, "http://127.0.0.1/", "k")
		w.Must(err)
		_, open, _ := strings.Cut(page, "session=")
		ask := func() error { _, err := w.App.EnteredCard(t.Context(), w.Buyer, open); return err }
		enter := func() error {
			_, err := w.App.EnterCard(t.Context(), w.Buyer, "http://127.0.0.1/", w.App.NewKey())
			return err
		}
		for range app.CardQuestions - 1 {
			w.Must(enter())
		}
		w.Clock.Advance(90 * time.Second)
		for range app.CardQuestions {
			w.Must(ask())
		}
		wantKind(t, enter(), fault.TooMany, "Try again in 59 min.")
		wantKind(t, ask(), fault.TooMany, "Try again in 60 min.")
		if _, err := w.App.EnterCard(t.Context(), w.Owner, "http://127.0.0.1/", "k"); err != nil {
			t.Errorf("somebody else is refused: %v", err)
		}
		g.SetMood("error_before", "card") // who is refused asks the gateway nothing
		wantKind(t, ask(), fault.TooMany)
		g.SetMood("approve", "card")
		w.Clock.Advance(app.CardWindow - 90*time.Second)
		w.Must(enter())
		wantKind(t, ask(), fault.TooMany, "Try again in 2 min.")
		w.Clock.Advance(90 * time.Second)
		w.Must(ask())
	})
}

// A token is kept where a card is charged by it, and nowhere else.
func TestASessionForgetsItsToken(t *testing.T) {
	withCards(t, func(t *testing.T, w *testkit.World, g *testkit.Gateway) {
		_, err := w.App.AddCard(context.WithoutCancel(t.Context()), w.Buyer, app.CardInput{Session: entered(w, g, w.Buyer, testkit.MastercardToken), Key: "k"})
		w.Must(err)
		if n := number(w, "SELECT COUNT(*) FROM card_session WHERE token <> ''"); n != 0 {
			t.Errorf("%d sessions hold a token", n)
		}
		w.Read(func(tx *store.Tx) error {
			cards, err := tx.Cards(w.Account.ID)
			if len(cards) != 2 || !slices.ContainsFunc(cards, func(c billing.Card) bool { return c.Token == testkit.MastercardToken }) {
				t.Errorf("%+v", cards)
			}
			return err
		})
	})
}
