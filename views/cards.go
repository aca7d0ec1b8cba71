package views

import (
	"fmt"
	"net/url"
	"time"

	"perennial/internal/billing"
	"perennial/views/ui"
)

// CardsPage lists the cards that top-ups and renewals may be charged to.
type CardsPage struct {
	Return  string         // where choosing one goes on to; empty: it stays here
	Cards   []billing.Card // the preferred one first
	Enter   EnterCard
	MayPay  bool
	Sandbox bool
	Now     time.Time
	Zone    *time.Location
	NewKey  func() string // each form has a key of its own
}

// EnterCard is what the button needs that leads to the gateway's own page for a new
// card. Without a gateway it has no key.
type EnterCard struct {
	Key    string
	Return string // where to go on to with the card
}

// NewCardPage shows a card that came back from the gateway, before it is kept.
type NewCardPage struct {
	Card    billing.Card
	Session string // in which it was entered
	Return  string // where to go on to; empty: the cards
	Key     string
	Expired bool
}

func cardExpiry(c billing.Card) string { return fmt.Sprintf("%02d/%d", c.Month, c.Year) }

func (p CardsPage) preferred() bool { return len(p.Cards) > 0 && p.Cards[0].Preferred }

// renewsWith says in a sentence what pays where the wallet does not reach.
func (p CardsPage) renewsWith() string {
	switch {
	case !p.preferred():
		return "No card is used for renewals: a task pauses where the wallet does not reach, and nothing is charged then."
	case p.Cards[0].Expired(p.Now):
		return p.Cards[0].String() + " has expired, so tasks pause where the wallet does not reach."
	}
	return "Where the wallet does not reach, renewals are charged to " + p.Cards[0].String() + ", up to 100 instances at a time."
}

// cancel is where to go on to without keeping the card.
func (p NewCardPage) cancel() string {
	if p.Return != "" {
		return p.Return
	}
	return CardsPath()
}

func cardOptions(cards []billing.Card, now time.Time) []ui.Option {
	var all []ui.Option
	for _, c := range cards {
		label := c.String() + ", expires " + cardExpiry(c)
		if c.Expired(now) {
			label = c.String() + ", expired " + cardExpiry(c)
		}
		all = append(all, ui.Option{Value: c.ID, Label: label})
	}
	return all
}

// CardsPath lists the cards (GET) and keeps a new one (POST).
func CardsPath() string { return "/wallet/cards" }

// CardsFor lists the cards for somebody who goes on to next with the chosen one.
func CardsFor(next string) string { return with(CardsPath(), url.Values{"return": {next}}) }

// CardReturnPath is where the gateway's page leads back to with a new card.
func CardReturnPath(query url.Values) string { return with("/wallet/cards/new", query) }

// CardEnterPath leads, by POST, to the gateway's page for a new card.
func CardEnterPath() string { return "/wallet/cards/enter" }

// CardPreferPath chooses, by POST, the card that renewals are charged to.
func CardPreferPath() string { return "/wallet/cards/preferred" }

// CardRemovePath keeps a card, by POST, from being charged any more.
func CardRemovePath(id string) string { return "/wallet/cards/" + url.PathEscape(id) + "/remove" }
