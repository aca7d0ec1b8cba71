package store

import (
	"fmt"
	"slices"
	"time"

	"perennial/internal/billing"
	"perennial/internal/renewal"
)

// Ledger lists the account's ledger transactions as the wallet shows them, newest
// first: at most limit rows that follow the cursor after, or that end before the
// cursor before.
func (tx *Tx) Ledger(accountID string, after, before renewal.Cursor, limit int) ([]billing.Entry, error) {
	const query = `SELECT r.id, r.kind, r.at, r.value_date, r.reference, r.task_id, r.payment_id, e.amount, e.currency, r.cash_after
		FROM ledger_transaction r JOIN ledger_entry e ON e.transaction_id = r.id AND e.book = 'cash'`
	return newestFirst(tx, query, "at", accountID, after, before, limit, func(r row) (billing.Entry, error) {
		var e billing.Entry
		var at int64
		err := r.Scan(&e.ID, &e.Kind, &at, &e.ValueDate, &e.Reference, &e.TaskID, &e.PaymentID, &e.Amount.Minor, &e.Amount.Currency, &e.After.Minor)
		e.At, e.After.Currency = instant(at), e.Amount.Currency
		return e, err
	})
}

// newestFirst lists the rows of an account that the query calls r by an instant
// and the id, newest first.
func newestFirst[T any](tx *Tx, query, at, accountID string, after, before renewal.Cursor, limit int, scan func(row) (T, error)) ([]T, error) {
	backwards := !before.IsZero()
	from, than, order := after, "<", "DESC"
	if backwards {
		from, than, order = before, ">", "ASC"
	}
	query, args := query+" WHERE r.account_id = $1", []any{accountID}
	if !from.IsZero() {
		query += fmt.Sprintf(" AND (r.%s, r.id) %s ($2, $3)", at, than)
		args = append(args, from.Number, from.ID)
	}
	args = append(args, limit)
	query += fmt.Sprintf(" ORDER BY r.%s %s, r.id %s LIMIT $%d", at, order, order, len(args))
	rows, err := list(tx, query, args, scan)
	if backwards {
		slices.Reverse(rows)
	}
	return rows, err
}

// TopUpsNotBooked lists the account's top-ups that did not reach the balance: the
// ones whose outcome is open, and those declined at or after since. Newest first.
func (tx *Tx) TopUpsNotBooked(accountID string, since time.Time, limit int) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE account_id = $1 AND purpose = 'top_up'
		AND (state IN ('created', 'prepared', 'unknown') OR (state = 'declined' AND settled_at >= $2))
		ORDER BY created_at DESC, id DESC LIMIT $3`, []any{accountID, millis(since), limit}, scanPayment)
}
