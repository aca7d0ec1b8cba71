package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/store"
)

// CardQuestions is how many cards a person may enter, and how often a person may
// have the gateway asked about one, in CardWindow: more would be trying cards out.
const (
	CardQuestions = 10
	CardWindow    = time.Hour
)

// EnterCard makes a session of the gateway for a new card of the actor's account
// and returns the address of the page on which it is entered. The page leads back
// to returnTo with the id of the session.
func (a *App) EnterCard(ctx context.Context, who Actor, returnTo, key string) (page string, err error) {
	if a.Gateway == nil {
		return "", noGateway()
	}
	if !usableKey(key) {
		return "", noKey()
	}
	if err := a.countCardQuestion(ctx, who, "session"); err != nil {
		return "", err
	}
	id, err := a.Gateway.AskCard(ctx, "card-"+who.AccountID+"-"+who.UserID+"-"+key, who.AccountID, returnTo)
	if err != nil {
		return "", noAnswer(err)
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertCardSession(who.AccountID, who.UserID, id, a.Clock.Now())
	})
	if err != nil {
		return "", fmt.Errorf("keep a card session: %w", err)
	}
	return a.Gateway.CardPage(id), nil
}

// EnteredCard returns the card that the actor entered in a session, without saving
// it; where none was entered its token is empty. The gateway is asked until it tells
// a card, and not after that.
func (a *App) EnteredCard(ctx context.Context, who Actor, session string) (billing.Card, error) {
	if a.Gateway == nil {
		return billing.Card{}, noGateway()
	}
	var s store.CardSession
	err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = tx.CardSession(who.AccountID, who.UserID, session)
		return err
	})
	if store.IsNone(err) {
		return billing.Card{}, fault.New(fault.Invalid, "This card was not entered by you. Nothing was saved; add it from here again.")
	}
	if err != nil || s.Card.Brand != "" {
		return s.Card, err
	}
	if err := a.countCardQuestion(ctx, who, "card"); err != nil {
		return billing.Card{}, err
	}
	c, entered, err := a.Gateway.Answered(ctx, session, who.AccountID)
	if err != nil || !entered {
		return billing.Card{}, noAnswer(err)
	}
	card := billing.Card{Token: c.Token, Brand: c.Brand, LastFour: c.Last4, Month: c.ExpMonth, Year: c.ExpYear}
	return card, a.Store.Write(ctx, func(tx *store.Tx) error { return tx.AnswerCardSession(who.AccountID, session, card) })
}

// noAnswer puts the gateway's error into a sentence.
func noAnswer(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gateway.ErrNotFound) || errors.Is(err, gateway.ErrInvalid) || errors.Is(err, gateway.ErrKeyReused):
		return fault.Wrap(err, fault.Invalid, "The card gateway does not know this card. Enter it again.")
	}
	return fault.Wrap(err, fault.Unavailable, "The card gateway does not answer. Nothing was saved; try again.")
}

// countCardQuestion counts what a person asks before the gateway is asked, so that
// ten at once are ten.
func (a *App) countCardQuestion(ctx context.Context, who Actor, kind string) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.LockAccount(who.AccountID); err != nil {
			return err
		}
		now := a.Clock.Now()
		n, first, err := tx.CountCardQuestions(who.AccountID, who.UserID, kind, now.Add(-CardWindow))
		if err != nil {
			return err
		}
		if n >= CardQuestions {
			wait := first.Add(CardWindow).Sub(now)
			f := fault.New(fault.TooMany, "You have entered many cards within an hour. Try again in %d min.", int((wait+time.Minute-1)/time.Minute))
			f.RetryAfter = int((wait + time.Second - 1) / time.Second)
			return f
		}
		return tx.InsertCardQuestion(a.newID(now), who.AccountID, who.UserID, kind, now)
	})
}
