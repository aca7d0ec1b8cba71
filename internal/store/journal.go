package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/internal/fault"
	"perennial/internal/notice"
	"perennial/internal/renewal"
)

// Audit is one change of money or state: who, when, what, from, to, and the
// request in which it happened.
type Audit struct {
	ID        string
	AccountID string
	At        time.Time
	Actor     string
	Action    string
	Subject   string // kind and id, as in "task 0193…"
	Was       string
	Became    string
	RequestID string
}

// InsertAudits keeps audit rows. Nothing ever changes or deletes one.
func (tx *Tx) InsertAudits(all ...Audit) error {
	rows := make([][]any, len(all))
	for n, a := range all {
		rows[n] = []any{a.ID, a.AccountID, millis(a.At), a.Actor, a.Action, a.Subject, a.Was, a.Became, a.RequestID}
	}
	return tx.insert("audit", columns("id, account_id, at, actor, action, subject, was, became, request_id"), rows)
}

// Request is something asked with an idempotency key.
type Request struct {
	Key         string
	Route       string
	Fingerprint string // of everything the form said
	Answer      string // the page that answers it
}

// Answered looks for an earlier request with the same key. The same request gets
// its answer again; another one with that key is a Conflict.
func (tx *Tx) Answered(accountID string, r Request) (answer string, found bool, err error) {
	var was Request
	err = tx.one("SELECT route, fingerprint, answer FROM request WHERE account_id = $1 AND key = $2",
		[]any{accountID, r.Key}, &was.Route, &was.Fingerprint, &was.Answer)
	switch {
	case IsNone(err):
		return "", false, nil
	case err != nil:
		return "", false, err
	case was.Route != r.Route || was.Fingerprint != r.Fingerprint:
		return "", false, fault.New(fault.Conflict, "This form was already sent with other values. Open the page again to see how it stands.")
	}
	return was.Answer, true, nil
}

// InsertRequest keeps a request in the transaction of its effect. Two of the same
// key at once collide here, and the later one is run again and finds the answer.
func (tx *Tx) InsertRequest(accountID string, r Request, now time.Time) error {
	return tx.insert("request", columns("account_id, key, route, fingerprint, answer, created_at"),
		[][]any{{accountID, r.Key, r.Route, r.Fingerprint, r.Answer, millis(now)}})
}

const outboxColumns = `id, account_id, kind, event_key, facts, recipients, reached, state, attempts, next_at, last_error,
	created_at, sent_at, members`

func scanEntry(r row) (notice.Entry, error) {
	var e notice.Entry
	var recipients, reached, facts, members string
	var next, created, sent int64
	err := r.Scan(&e.ID, &e.AccountID, &e.Kind, &e.EventKey, &facts, &recipients, &reached, &e.State, &e.Attempts, &next,
		&e.LastError, &created, &sent, &members)
	e.Facts, e.Recipients, e.Reached = []byte(facts), strings.Fields(recipients), strings.Fields(reached)
	e.NextAt, e.CreatedAt, e.SentAt, e.Members = instant(next), instant(created), instant(sent), strings.Fields(members)
	return e, err
}

// Tell puts a notice into the outbox, in the transaction of the change that
// caused it, for the account's address and for members by id. A second notice of
// the same event is skipped.
func (tx *Tx) Tell(id, accountID string, n notice.Notice, now time.Time, members ...string) error {
	facts, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write the facts of %s: %w", n.Kind(), err)
	}
	recipients, err := tx.addresses(accountID, members)
	if err != nil {
		return err
	}
	_, err = tx.insertOr("outbox", columns(outboxColumns), [][]any{{id, accountID, string(n.Kind()), n.EventKey(), string(facts),
		strings.Join(recipients, " "), "", string(notice.Queued), 0, millis(now), "", millis(now), 0, strings.Join(members, " ")}},
		" ON CONFLICT (account_id, kind, event_key) DO NOTHING")
	return err
}

// addresses returns the account's address, then those of the given people who are
// members of the account now.
func (tx *Tx) addresses(accountID string, members []string) ([]string, error) {
	to := make([]string, 1)
	if err := tx.one("SELECT email FROM account WHERE id = $1", []any{accountID}, &to[0]); err != nil {
		return nil, err
	}
	for _, id := range members {
		var email string
		err := tx.one("SELECT email FROM member WHERE account_id = $1 AND id = $2", []any{accountID, id}, &email)
		if err != nil && !IsNone(err) {
			return nil, err
		}
		if err == nil && !slices.Contains(to, email) {
			to = append(to, email)
		}
	}
	return to, nil
}

// Told tells whether an event is in the outbox already.
func (tx *Tx) Told(accountID string, n notice.Notice) (bool, error) {
	var count int
	err := tx.one("SELECT COUNT(*) FROM outbox WHERE account_id = $1 AND kind = $2 AND event_key = $3",
		[]any{accountID, string(n.Kind()), n.EventKey()}, &count)
	return count > 0, err
}

// DueEntries lists queued mails whose time has come, oldest first.
func (tx *Tx) DueEntries(now time.Time, limit int) ([]notice.Entry, error) {
	return list(tx, "SELECT "+outboxColumns+" FROM outbox WHERE state = 'queued' AND next_at <= $1 ORDER BY next_at, id LIMIT $2",
		[]any{millis(now), limit}, scanEntry)
}

// ClaimEntry reserves a due mail for one sender until the instant next, counts the
// attempt, and looks the recipients up again: a person who was deleted since gets
// nothing more. Those who have the mail already stay on the list. It reports false
// where another sender has it.
func (tx *Tx) ClaimEntry(e notice.Entry, next time.Time) (notice.Entry, bool, error) {
	to, err := tx.addresses(e.AccountID, e.Members)
	if err != nil {
		return e, false, err
	}
	for _, has := range e.Reached {
		if !slices.Contains(to, has) {
			to = append(to, has)
		}
	}
	n, err := tx.exec(`UPDATE outbox SET attempts = attempts + 1, next_at = $1, recipients = $2
		WHERE account_id = $3 AND id = $4 AND state = 'queued' AND next_at = $5`,
		millis(next), strings.Join(to, " "), e.AccountID, e.ID, millis(e.NextAt))
	e.Attempts, e.Recipients = e.Attempts+1, to
	return e, n == 1, err
}

// SettleEntry keeps what became of an attempt that began when the entry had so
// many attempts; an entry that was settled or retried meanwhile is left alone.
func (tx *Tx) SettleEntry(e notice.Entry) error {
	_, err := tx.exec(`UPDATE outbox SET state = $1, next_at = $2, last_error = $3, sent_at = $4, reached = $5
		WHERE id = $6 AND account_id = $7 AND state = 'queued' AND attempts = $8`,
		string(e.State), millis(e.NextAt), e.LastError, millis(e.SentAt), strings.Join(e.Reached, " "), e.ID, e.AccountID, e.Attempts)
	return err
}

// RetryEntry queues a dead mail again. It reports false where it is not dead.
func (tx *Tx) RetryEntry(accountID, id string, now time.Time) (bool, error) {
	n, err := tx.exec("UPDATE outbox SET state = 'queued', attempts = 0, next_at = $1 WHERE account_id = $2 AND id = $3 AND state = 'dead'",
		millis(now), accountID, id)
	return n == 1, err
}

// Entry finds a row of the account's outbox, or ErrNone.
func (tx *Tx) Entry(accountID, id string) (notice.Entry, error) {
	all, err := list(tx, "SELECT "+outboxColumns+" FROM outbox WHERE account_id = $1 AND id = $2", []any{accountID, id}, scanEntry)
	if err == nil && len(all) == 0 {
		err = ErrNone
	}
	if err != nil {
		return notice.Entry{}, err
	}
	return all[0], nil
}

// Entries lists the account's outbox, newest first: at most limit rows that
// follow the cursor after, or that end before the cursor before.
func (tx *Tx) Entries(accountID string, after, before renewal.Cursor, limit int) ([]notice.Entry, error) {
	return newestFirst(tx, "SELECT "+outboxColumns+" FROM outbox r", "created_at", accountID, after, before, limit, scanEntry)
}

// Unread counts the notices of the account after an instant.
func (tx *Tx) Unread(accountID string, since time.Time) (int, error) {
	var n int
	err := tx.one("SELECT COUNT(*) FROM outbox WHERE account_id = $1 AND created_at > $2", []any{accountID, millis(since)}, &n)
	return n, err
}
