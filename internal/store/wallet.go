package store

import (
	"fmt"
	"slices"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// booked sums what a ledger transaction entered into some books.
func booked(books string) string {
	return "CAST(COALESCE((SELECT SUM(e.amount) FROM ledger_entry e WHERE e.transaction_id = r.id AND e.book " + books + "), 0) AS BIGINT)"
}

var ledgerQuery = `SELECT r.id, r.kind, r.at, r.value_date, r.reference, r.task_id, r.payment_id, r.refund_id, w.currency, r.cash_after,
	` + booked("= 'cash'") + ", " + booked("= 'credit'") + ", " + booked("LIKE 'coupon:%'") + ", " + booked("= 'gateway'") + `,
	COALESCE((SELECT t.number FROM task t WHERE t.account_id = r.account_id AND t.id = r.task_id), 0),
	COALESCE((SELECT p.purpose FROM payment p WHERE p.account_id = r.account_id AND p.id = r.payment_id), '')
	FROM ledger_transaction r JOIN wallet w ON w.account_id = r.account_id`

// Ledger lists the account's ledger transactions as the wallet shows them, newest
// first: at most limit rows that follow the cursor after, or that end before the
// cursor before.
func (tx *Tx) Ledger(accountID string, after, before renewal.Cursor, limit int) ([]billing.Entry, error) {
	entries, err := newestFirst(tx, ledgerQuery, "at", accountID, after, before, limit, scanLedger)
	if err != nil {
		return nil, err
	}
	return entries, tx.addOrders(accountID, entries)
}

// ordersPaid finds the first order of each payment. It enters the legs by their
// payment: the account as another condition leads both engines to walk over all
// legs of the account.
const ordersPaid = `SELECT p.id, MIN(g.order_id) FROM payment p CROSS JOIN leg g
	WHERE g.payment_id = p.id AND p.account_id = $1 AND p.id IN `

// addOrders names an order of each payment that was not made by a task.
func (tx *Tx) addOrders(accountID string, entries []billing.Entry) error {
	var payments []string
	for _, e := range entries {
		if e.TaskID == "" && e.Purpose == billing.ForRenewal {
			payments = append(payments, e.PaymentID)
		}
	}
	orders := map[string]string{}
	err := tx.byIDs(ordersPaid, accountID, payments, " GROUP BY p.id", func(r row) error {
		var payment, order string
		err := r.Scan(&payment, &order)
		orders[payment] = order
		return err
	})
	for n := range entries {
		entries[n].OrderID = orders[entries[n].PaymentID]
	}
	return err
}

func scanLedger(r row) (billing.Entry, error) {
	var e billing.Entry
	var c money.Currency
	var at int64
	err := r.Scan(&e.ID, &e.Kind, &at, &e.ValueDate, &e.Reference, &e.TaskID, &e.PaymentID, &e.RefundID, &c, &e.After.Minor,
		&e.Amount.Minor, &e.Credit.Minor, &e.Coupons.Minor, &e.Card.Minor, &e.Task, &e.Purpose)
	e.At, e.Card.Minor = instant(at), -e.Card.Minor // the book holds what came in
	e.After.Currency, e.Amount.Currency, e.Credit.Currency, e.Coupons.Currency, e.Card.Currency = c, c, c, c, c
	return e, err
}

// CouponUses lists what was entered into the book of a coupon, the oldest first:
// Coupons is the change, After what the coupon had left then.
func (tx *Tx) CouponUses(accountID, couponID string) ([]billing.Entry, error) {
	left := int64(0)
	uses, err := list(tx, ledgerQuery+` WHERE r.account_id = $1 AND r.id IN
		(SELECT e.transaction_id FROM ledger_entry e WHERE e.account_id = $1 AND e.book = $2) ORDER BY r.at, r.id`,
		[]any{accountID, string(billing.BookOfCoupon(couponID))}, scanLedger)
	if err != nil {
		return nil, err
	}
	if err := tx.addOrders(accountID, uses); err != nil {
		return nil, err
	}
	changes := map[string]int64{}
	err = tx.each("SELECT transaction_id, amount FROM ledger_entry WHERE account_id = $1 AND book = $2",
		[]any{accountID, string(billing.BookOfCoupon(couponID))}, func(r row) error {
			var id string
			var amount int64
			err := r.Scan(&id, &amount)
			changes[id] = amount
			return err
		})
	for n := range uses {
		uses[n].Coupons.Minor = changes[uses[n].ID] // of this one alone
		left += uses[n].Coupons.Minor
		uses[n].After.Minor = left
	}
	return uses, err
}

// Due is what the units of one service that expire in the quarter of an hour that
// begins At cost before discounts.
type Due struct {
	At      time.Time
	Service string
	Period  renewal.Period
	Units   int
	List    int64 // minor units
}

// DueRenewals lists what units of a mode with a price cost that expire from one
// instant on and before another, in the order of their expiry.
func (tx *Tx) DueRenewals(accountID string, mode renewal.Mode, from, until time.Time) ([]Due, error) {
	return list(tx, `SELECT expires_at / 900000, service_code, period, COUNT(*), CAST(SUM(list_fee) AS BIGINT) FROM instance
		WHERE account_id = $1 AND parent_id = '' AND mode = $2 AND expires_at >= $3 AND expires_at < $4 AND list_fee > 0
		GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, []any{accountID, string(mode), millis(from), millis(until)}, func(r row) (Due, error) {
		var d Due
		var quarter int64
		err := r.Scan(&quarter, &d.Service, &d.Period, &d.Units, &d.List)
		d.At = instant(quarter * Quarter.Milliseconds())
		return d, err
	})
}

// newestFirst lists the rows of an account that the query calls r by an instant
// and the id, newest first.
func newestFirst[T any](tx *Tx, query, at, accountID string, after, before renewal.Cursor, limit int, scan func(row) (T, error)) ([]T, error) {
	query, args := newestQuery(query, at, accountID, after, before, limit)
	rows, err := list(tx, query, args, scan)
	if !before.IsZero() {
		slices.Reverse(rows)
	}
	return rows, err
}

func newestQuery(query, at, accountID string, after, before renewal.Cursor, limit int) (string, []any) {
	from, than, order := after, "<", "DESC"
	if !before.IsZero() {
		from, than, order = before, ">", "ASC"
	}
	query, args := query+" WHERE r.account_id = $1", []any{accountID}
	if !from.IsZero() {
		query += fmt.Sprintf(" AND (r.%s, r.id) %s ($2, $3)", at, than)
		args = append(args, from.Number, from.ID)
	}
	args = append(args, limit)
	return query + fmt.Sprintf(" ORDER BY r.%s %s, r.id %s LIMIT $%d", at, order, order, len(args)), args
}

// TopUpsNotBooked lists the account's top-ups that did not reach the balance: the
// ones whose outcome is open, and those declined at or after since. Newest first.
func (tx *Tx) TopUpsNotBooked(accountID string, since time.Time, limit int) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE account_id = $1 AND purpose = 'top_up'
		AND (state IN ('created', 'prepared', 'unknown') OR (state = 'declined' AND settled_at >= $2))
		ORDER BY created_at DESC, id DESC LIMIT $3`, []any{accountID, millis(since), limit}, scanPayment)
}
