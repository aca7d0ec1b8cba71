package app

import (
	"context"
	"errors"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/store"
)

// CardInput names the session in which a person entered a card on the gateway's page.
type CardInput struct {
	Session string
	Key     string
}

// AddCard keeps the card of a session in the account under the gateway's token for
// it. It pays for top-ups; for renewals it pays only once a person has preferred it.
func (a *App) AddCard(ctx context.Context, who Actor, in CardInput) (cardID string, err error) {
	if _, err := a.EnteredCard(ctx, who, in.Session); err != nil {
		return "", err
	}
	return a.once(ctx, who.AccountID, asked(in.Key, "add card", in.Session), func(tx *store.Tx, now time.Time) (string, error) {
		s, err := tx.CardSession(who.AccountID, who.UserID, in.Session)
		if err != nil {
			return "", err
		}
		card := s.Card
		switch {
		case s.CardID != "":
			return "", savedAlready(card)
		case card.Token == "":
			return "", fault.New(fault.Invalid, "No card was entered. Nothing was saved; add it from here again.")
		case card.Expired(now):
			return "", fault.Field("card", "This card has expired. Enter another one.")
		}
		cards, err := tx.Cards(who.AccountID)
		if err != nil {
			return "", err
		}
		for _, c := range cards {
			if c.Token == card.Token {
				return "", savedAlready(c)
			}
		}
		card.ID, card.AddedAt, card.AddedBy = a.newID(now), now, who.Name
		if err := tx.InsertCard(who.AccountID, card); err != nil {
			if errors.Is(err, store.ErrOthersCard) {
				return "", fault.Wrap(err, fault.Conflict, "The card ending in %s is saved in another account of this console, and pays for that one only. Nothing was saved.", card.LastFour)
			}
			return "", err
		}
		if _, err := tx.SaveCardSession(who.AccountID, s.ID, card.ID); err != nil {
			return "", err
		}
		return card.ID, a.audit(tx, who, now, "add card", "card "+card.ID, "", card.Brand+" "+card.LastFour)
	})
}

func savedAlready(c billing.Card) error {
	return fault.New(fault.Conflict, "The card ending in %s is saved already.", c.LastFour)
}

// Cards lists the cards of an account that were not removed, the preferred one first.
func (a *App) Cards(ctx context.Context, accountID string) (all []billing.Card, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err = tx.Cards(accountID)
		return err
	})
	return all, err
}

func noGateway() error {
	return fault.New(fault.Unavailable, "No card gateway is configured. Pay by bank transfer: the operator records it.")
}

// PreferCard chooses the card that pays for renewals where the wallet does not
// reach; with an empty cardID none does, and tasks pause there instead.
func (a *App) PreferCard(ctx context.Context, who Actor, cardID, key string) error {
	_, err := a.once(ctx, who.AccountID, asked(key, "prefer card", cardID), func(tx *store.Tx, now time.Time) (string, error) {
		was, err := preferred(tx, who.AccountID)
		if err != nil {
			return "", err
		}
		if cardID != "" {
			card, err := tx.Card(who.AccountID, cardID)
			if store.IsNone(err) {
				return "", noCard()
			}
			if err == nil && card.Expired(now) {
				err = fault.Field("card", "The card ending in %s has expired. Choose another one.", card.LastFour)
			}
			if err != nil {
				return "", err
			}
		}
		ok, err := tx.PreferCard(who.AccountID, cardID)
		if err == nil && !ok {
			err = noCard()
		}
		if err != nil {
			return "", err
		}
		return "done", a.audit(tx, who, now, "prefer card", "wallet "+who.AccountID, was, cardID)
	})
	return err
}

// preferred is the ID of the card that pays for renewals, or nothing.
func preferred(tx *store.Tx, accountID string) (string, error) {
	cards, err := tx.Cards(accountID)
	if err != nil || len(cards) == 0 || !cards[0].Preferred {
		return "", err
	}
	return cards[0].ID, nil
}

// RemoveCard keeps a card from being charged any more. Payments that name it stay.
// While the outcome of one is not known the card stays, too: the gateway may still
// charge it.
func (a *App) RemoveCard(ctx context.Context, who Actor, cardID, key string) error {
	_, err := a.once(ctx, who.AccountID, asked(key, "remove card", cardID), func(tx *store.Tx, now time.Time) (string, error) {
		// Whoever is about to charge a card holds the wallet.
		if _, err := tx.LockWallet(who.AccountID); err != nil {
			return "", err
		}
		open, err := tx.HasOpenPayment(who.AccountID, cardID)
		if err != nil {
			return "", err
		}
		if open {
			return "", fault.New(fault.Conflict, "This card is being charged, and the outcome is not known yet. Remove it once it is.")
		}
		ok, err := tx.RemoveCard(who.AccountID, cardID, now)
		if err == nil && !ok {
			err = noCard()
		}
		if err != nil {
			return "", err
		}
		return "done", a.audit(tx, who, now, "remove card", "card "+cardID, "", "removed")
	})
	return err
}

func noCard() error { return fault.New(fault.NotFound, "There is no such card in this account.") }
