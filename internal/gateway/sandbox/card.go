package sandbox

import "strings"

// The tokens of the test cards. They say what they are and never change, so a
// card that a person picked outlives every restart, and a demonstration can have
// cards before anybody has picked one.
const (
	Visa         = "tok_visa_4242"       // pays
	Mastercard   = "tok_mastercard_4444" // pays
	NoFunds      = "tok_visa_9995"       // is always declined with insufficient_funds
	Authenticate = "tok_visa_3155"       // is always declined with authentication_required
	Expired      = "tok_visa_0069"       // is always declined with card_expired
)

// Card is what a token stands for.
type Card struct {
	Token    string `json:"token"`
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
}

// testCard is a card with what it does when it is charged.
type testCard struct {
	Card
	decline string // the reason for which it is always declined
	Does    string // in words, for the page
}

// deck is in the order of the page.
var deck = []testCard{
	{Card{Visa, "Visa", "4242", 12, 2039}, "", "Pays"},
	{Card{Mastercard, "Mastercard", "4444", 8, 2038}, "", "Pays"},
	{Card{NoFunds, "Visa", "9995", 3, 2039}, "insufficient_funds", "Is always declined: not enough funds"},
	{Card{Authenticate, "Visa", "3155", 6, 2039}, "authentication_required", "Is always declined: the bank wants the card holder to confirm"},
	{Card{Expired, "Visa", "0069", 5, 2024}, "card_expired", "Is always declined: expired"},
}

// cards is the deck by token.
var cards = func() map[string]testCard {
	m := make(map[string]testCard, len(deck))
	for _, c := range deck {
		m[c.Token] = c
	}
	return m
}()

// lookUp finds the test card that is charged by a token. A token with a hyphen and
// more behind it is another one for the same card, as gateways make for each customer.
func lookUp(token string) (testCard, bool) {
	plain, _, _ := strings.Cut(token, "-")
	c, ok := cards[plain]
	return c, ok
}

// Cards lists the test cards.
func Cards() []Card {
	list := make([]Card, len(deck))
	for i, c := range deck {
		list[i] = c.Card
	}
	return list
}
