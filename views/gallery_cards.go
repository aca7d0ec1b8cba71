package views

import "perennial/internal/billing"

// sampleCards are a card that renewals are charged to, one that is not, and one
// that has expired.
func sampleCards() []billing.Card {
	return []billing.Card{
		{ID: "c1", Token: "tok_visa", Brand: "Visa", LastFour: "4242", Month: 12, Year: 2039, Preferred: true, AddedAt: hoursAgo(700), AddedBy: "Wei Chen"},
		{ID: "c2", Token: "tok_master", Brand: "Mastercard", LastFour: "4444", Month: 3, Year: 2031, AddedAt: hoursAgo(30), AddedBy: "Li Na"},
		{ID: "c3", Token: "tok_old", Brand: "Visa", LastFour: "0002", Month: 10, Year: 2026, AddedAt: hoursAgo(9000), AddedBy: "Wei Chen"},
	}
}

func cardSpecimens() []Specimen {
	full := CardsPage{Cards: sampleCards(), Enter: EnterCard{Key: "k1"}, MayPay: true, Sandbox: true, Now: sampleTime,
		Zone: sampleZone, NewKey: sampleKey}
	viewer, none, closed := full, full, full
	viewer.MayPay, viewer.Cards = false, full.Cards[1:]
	none.Cards = nil
	closed.Cards, closed.Enter = nil, EnterCard{}
	fresh := NewCardPage{Card: full.Cards[0], Session: "cs_1", Return: TopUpPath(nil), Key: "k1"}
	stale := NewCardPage{Card: full.Cards[2], Session: "cs_1", Key: "k1", Expired: true}
	return []Specimen{
		{"page-cards", true, inShell("", "Cards", NavCards, Cards(full))},
		{"page-cards-viewer", true, inShell("dark", "Cards", NavCards, Cards(viewer))},
		{"page-cards-none", true, inShell("", "Cards", NavCards, Cards(none))},
		{"page-cards-no-gateway", true, inShell("dark", "Cards", NavCards, Cards(closed))},
		{"page-card-new", true, inShell("", "New card", NavCards, NewCard(fresh))},
		{"page-card-new-expired", true, inShell("dark", "New card", NavCards, NewCard(stale))},
	}
}
