package web

import (
	"net/url"
	"strings"

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
	return c.show(page{title: "Cards", nav: views.NavCards, body: views.Cards(views.CardsPage{
		Return: next, Cards: all, Enter: s.cardForm(back), MayPay: c.person.User.Role.Covers(account.Buyer), Sandbox: s.Sandbox, Now: s.Clock.Now(),
		Zone: c.account().Zone, NewKey: s.App.NewKey,
	})})
}

// cardForm is what the button needs that leads to the gateway's page for a new card;
// next is where to go on to with it. Without a gateway there is none.
func (s *server) cardForm(next string) views.EnterCard {
	if s.App.Gateway == nil {
		return views.EnterCard{}
	}
	return views.EnterCard{Key: s.App.NewKey(), Return: next}
}

// cardOrigin is where the gateway's page for a new card is, as a source of a content
// policy, which browsers hold the redirect of a form to as well.
func (s *server) cardOrigin() string {
	if s.App.Gateway == nil {
		return ""
	}
	page, err := url.Parse(s.App.Gateway.CardPage("x"))
	switch {
	case err != nil || page.Host == "":
		return ""
	case strings.Contains(page.Host, "["):
		return " " + page.Scheme + ":" // a policy has no word for an IPv6 address
	}
	return " " + page.Scheme + "://" + page.Host
}

// enterCard leads to the gateway's own page for a new card, which leads back here.
func (s *server) enterCard(c *call) error {
	in, err := c.values("return", "key")
	if err != nil {
		return err
	}
	query := url.Values{}
	if next := safeNext(in.Get("return"), ""); next != "" {
		query.Set("return", next)
	}
	back := *s.PublicURL
	back.Path = ""
	page, err := s.App.EnterCard(c.ctx(), c.actor(), back.String()+views.CardReturnPath(query), in.Get("key"))
	if err != nil {
		return backToCards(err)
	}
	return c.leave(page)
}

// newCard is where the gateway's page leads back to. It shows the card as the
// gateway knows it, and saves nothing.
func (s *server) newCard(c *call) error {
	in, err := c.values("session", "return")
	if err != nil {
		return err
	}
	next := safeNext(in.Get("return"), "")
	card, err := s.App.EnteredCard(c.ctx(), c.actor(), in.Get("session"))
	if err != nil {
		return backToCards(err)
	}
	if card.Brand == "" { // the person cancelled
		if next == "" {
			next = views.CardsPath()
		}
		return c.leave(next)
	}
	return c.show(page{title: "New card", nav: views.NavCards, body: views.NewCard(views.NewCardPage{
		Card: card, Session: in.Get("session"), Return: next, Key: s.App.NewKey(), Expired: card.Expired(s.Clock.Now()),
	})})
}

// addCard keeps a card that the gateway knows.
func (s *server) addCard(c *call) error {
	in, err := c.values("session", "return", "key")
	if err != nil {
		return err
	}
	if _, err := s.App.AddCard(c.ctx(), c.actor(), app.CardInput{Session: in.Get("session"), Key: in.Get("key")}); err != nil {
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
