package store

import (
	"errors"
	"time"

	"perennial/internal/billing"
)

// ErrOthersCard means that a card's token is saved in another account.
var ErrOthersCard = errors.New("the card is saved in another account")

// InsertCard keeps a card of the account, whose token pays for no other account
// from then on, or returns ErrOthersCard.
func (tx *Tx) InsertCard(accountID string, c billing.Card) error {
	if _, err := tx.insertOr("card_owner", columns("token, account_id"), [][]any{{c.Token, accountID}}, " ON CONFLICT (token) DO NOTHING"); err != nil {
		return err
	}
	var owner string
	if err := tx.one("SELECT account_id FROM card_owner WHERE token = $1", []any{c.Token}, &owner); err != nil {
		return err
	}
	if owner != accountID {
		return ErrOthersCard
	}
	return tx.insertCard(accountID, c)
}

func (tx *Tx) insertCard(accountID string, c billing.Card) error {
	return tx.insert("card", append(columns(cardColumns), "account_id"), [][]any{{c.ID, c.Token, c.Brand, c.LastFour, c.Month, c.Year,
		c.Preferred, millis(c.AddedAt), c.AddedBy, millis(c.RemovedAt), accountID}})
}

// InsertForgottenCard keeps a card that paid before these books were set back, and
// that nobody can charge. It owns no token.
func (tx *Tx) InsertForgottenCard(accountID string, c billing.Card) error {
	return tx.insertCard(accountID, c)
}

// RemoveCard keeps that a card is not to be charged any more, and frees its token.
// It reports false where there is no such card.
func (tx *Tx) RemoveCard(accountID, id string, now time.Time) (bool, error) {
	n, err := tx.exec("UPDATE card SET removed_at = $1, preferred = FALSE WHERE account_id = $2 AND id = $3 AND removed_at = 0",
		millis(now), accountID, id)
	if err != nil || n != 1 {
		return false, err
	}
	_, err = tx.exec(`DELETE FROM card_owner WHERE account_id = $1
		AND token = (SELECT token FROM card WHERE account_id = $1 AND id = $2)`, accountID, id)
	return true, err
}

// CardSession is a visit of a member to the gateway's card page.
type CardSession struct {
	ID     string
	Card   billing.Card // with the token that the gateway told, or empty
	CardID string       // of the card that it was saved as, or empty
}

// InsertCardSession keeps that a session is a member's.
func (tx *Tx) InsertCardSession(accountID, memberID, id string, now time.Time) error {
	_, err := tx.insertOr("card_session", columns("id, account_id, member_id, opened_at, token, brand, last4, exp_month, exp_year, card_id"),
		[][]any{{id, accountID, memberID, millis(now), "", "", "", 0, 0, ""}}, " ON CONFLICT (id) DO NOTHING")
	return err
}

// CardSession finds a session of a member, or ErrNone.
func (tx *Tx) CardSession(accountID, memberID, id string) (CardSession, error) {
	s := CardSession{ID: id}
	err := tx.one(`SELECT token, brand, last4, exp_month, exp_year, card_id FROM card_session
		WHERE account_id = $1 AND member_id = $2 AND id = $3`, []any{accountID, memberID, id},
		&s.Card.Token, &s.Card.Brand, &s.Card.LastFour, &s.Card.Month, &s.Card.Year, &s.CardID)
	return s, err
}

// AnswerCardSession keeps the card that the gateway told of a session, once.
func (tx *Tx) AnswerCardSession(accountID, id string, c billing.Card) error {
	_, err := tx.exec(`UPDATE card_session SET token = $1, brand = $2, last4 = $3, exp_month = $4, exp_year = $5
		WHERE account_id = $6 AND id = $7 AND token = ''`, c.Token, c.Brand, c.LastFour, c.Month, c.Year, accountID, id)
	return err
}

// SaveCardSession keeps as which card a session was saved, and forgets its token.
// It reports false where it was saved before.
func (tx *Tx) SaveCardSession(accountID, id, cardID string) (bool, error) {
	n, err := tx.exec("UPDATE card_session SET card_id = $1, token = '' WHERE account_id = $2 AND id = $3 AND card_id = ''", cardID, accountID, id)
	return n == 1, err
}

// CountCardQuestions counts what a member asked the gateway after an instant, and
// says when the first of it was. Older questions are forgotten.
func (tx *Tx) CountCardQuestions(accountID, memberID, kind string, since time.Time) (n int, first time.Time, err error) {
	if _, err := tx.exec("DELETE FROM card_question WHERE account_id = $1 AND member_id = $2 AND kind = $3 AND at <= $4",
		accountID, memberID, kind, millis(since)); err != nil {
		return 0, first, err
	}
	var at int64
	err = tx.one("SELECT COUNT(*), COALESCE(MIN(at), 0) FROM card_question WHERE account_id = $1 AND member_id = $2 AND kind = $3",
		[]any{accountID, memberID, kind}, &n, &at)
	return n, instant(at), err
}

// InsertCardQuestion keeps that a member is about to ask the gateway.
func (tx *Tx) InsertCardQuestion(id, accountID, memberID, kind string, now time.Time) error {
	return tx.insert("card_question", columns("id, account_id, member_id, kind, at"), [][]any{{id, accountID, memberID, kind, millis(now)}})
}
