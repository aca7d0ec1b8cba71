package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/views"
	"perennial/views/ui"
)

// cards lists the cards of the account.
func (s *server) cards(c *call) error {
	in, err := c.values("return")
	if err != nil {
		return err
	}
	all, err := s.App.Cards(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	next := safeNext(in.Get("return"), "")
	// A new card pays for renewals once it is chosen here.
	back := ""
	if next != "" {
		back = views.CardsFor(next)
	}
	enter, err := s.enterCard(c, back)
	if err != nil {
		return err
	}
	return c.show(page{title: "Cards", nav: views.NavCards, body: views.Cards(views.CardsPage{
		Return: next, Cards: all, Enter: enter, MayPay: c.person.User.Role.Covers(account.Buyer), Sandbox: s.Sandbox, Now: s.Clock.Now(),
		Zone: c.account().Zone, NewKey: s.App.NewKey,
	})})
}

// enterCard is the gateway's own page for a new card, which leads back here; next
// is where to go on to from there. Without a gateway there is none.
func (s *server) enterCard(c *call, next string) (string, error) {
	mark, err := c.cardMark()
	if err != nil || s.App.Gateway == nil {
		return "", err
	}
	query := url.Values{"mark": {mark}}
	if next != "" {
		query.Set("return", next)
	}
	back := *s.PublicURL
	back.Path = ""
	return s.App.Gateway.CardPage(back.String() + views.CardReturnPath(query)), nil
}

// cardMark tells a session from every other, so that nobody is led here with a
// card that somebody else entered.
func (c *call) cardMark() (string, error) {
	session, err := c.session()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte("perennial card page " + session.ID))
	return hex.EncodeToString(sum[:16]), nil
}

// enteredHere refuses a card that comes without the mark of this session.
func (c *call) enteredHere(mark string) error {
	own, err := c.cardMark()
	if err == nil && subtle.ConstantTimeCompare([]byte(mark), []byte(own)) != 1 {
		err = fault.New(fault.Invalid, "This card was not entered in this session. Nothing was saved; add it from here again.").
			With("Open the cards", views.CardsPath())
	}
	return err
}

// newCard is where the gateway's page leads back to. It shows the card as the
// gateway knows it, and keeps nothing.
func (s *server) newCard(c *call) error {
	in, err := c.values("mark", "token", "cancelled", "return")
	if err != nil {
		return err
	}
	if err := c.enteredHere(in.Get("mark")); err != nil {
		return err
	}
	next := safeNext(in.Get("return"), "")
	if in.Get("cancelled") != "" || in.Get("token") == "" {
		if next == "" {
			next = views.CardsPath()
		}
		return c.leave(next)
	}
	card, err := s.App.CardAt(c.ctx(), in.Get("token"))
	if err != nil {
		return backToCards(err)
	}
	return c.show(page{title: "New card", nav: views.NavCards, body: views.NewCard(views.NewCardPage{
		Card: card, Mark: in.Get("mark"), Return: next, Key: s.App.NewKey(), Expired: card.Expired(s.Clock.Now()),
	})})
}

// addCard keeps a card that the gateway knows.
func (s *server) addCard(c *call) error {
	in, err := c.values("mark", "token", "return", "key")
	if err != nil {
		return err
	}
	if err := c.enteredHere(in.Get("mark")); err != nil {
		return err
	}
	if _, err := s.App.AddCard(c.ctx(), c.actor(), app.CardInput{Token: in.Get("token"), Key: in.Get("key")}); err != nil {
		return backToCards(err)
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: "The card is saved. Nothing was charged."})
	return c.leave(safeNext(in.Get("return"), views.CardsPath()))
}

// preferCard chooses the card that renewals are charged to, or none.
func (s *server) preferCard(c *call) error {
	in, err := c.values("card", "return", "key")
	if err != nil {
		return err
	}
	if err := s.App.PreferCard(c.ctx(), c.actor(), in.Get("card"), in.Get("key")); err != nil {
		return backToCards(err)
	}
	text := "Renewals are charged to the card where the wallet does not reach."
	if in.Get("card") == "" {
		text = "No card is charged for renewals. Tasks pause where the wallet does not reach."
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: text})
	return c.leave(safeNext(in.Get("return"), views.CardsPath()))
}

// removeCard keeps a card from being charged any more.
func (s *server) removeCard(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("key")
	if err != nil {
		return err
	}
	if err := s.App.RemoveCard(c.ctx(), c.actor(), id, in.Get("key")); err != nil {
		return backToCards(err)
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: "The card is removed. Nothing is charged to it any more."})
	return c.leave(views.CardsPath())
}

// backToCards gives a fault the way back to the cards.
func backToCards(err error) error {
	if f, ok := fault.Of(err); ok && f.Remedy.Href == "" {
		return f.With("Back to the cards", views.CardsPath())
	}
	return err
}
