package store

import (
	"time"

	"perennial/internal/billing"
)

// Reconciliation is how far the gateway's list of payments was compared with the books.
type Reconciliation struct {
	Cursor    string
	Due       bool  // all of the list is to be compared before anything is charged
	Dues      int64 // how often that was asked for
	CheckedAt time.Time
}

// Reconciliation reads how far the comparison has come.
func (tx *Tx) Reconciliation() (r Reconciliation, err error) {
	var at int64
	err = tx.one("SELECT cursor, due, dues, checked_at FROM reconciliation WHERE name = 'gateway'", nil, &r.Cursor, &r.Due, &r.Dues, &at)
	r.CheckedAt = instant(at)
	return r, err
}

// KeepCursor keeps how far the gateway's list was compared.
func (tx *Tx) KeepCursor(cursor string) error {
	_, err := tx.exec("UPDATE reconciliation SET cursor = $1 WHERE name = 'gateway'", cursor)
	return err
}

// Reconciled keeps that the gateway's list was compared to its end, by a comparison that
// began with r. What has become due since stays so.
func (tx *Tx) Reconciled(r Reconciliation, now time.Time) error {
	_, err := tx.exec("UPDATE reconciliation SET due = due AND dues <> $1, checked_at = $2 WHERE name = 'gateway'", r.Dues, millis(now))
	return err
}

// ReconcileDue has all of the gateway's list compared before anything is charged.
func (tx *Tx) ReconcileDue() error {
	_, err := tx.exec("UPDATE reconciliation SET due = TRUE, dues = dues + 1 WHERE name = 'gateway'")
	return err
}

// Blocked reports whether a comparison is due, and how many discrepancies keep an
// account from charging.
func (tx *Tx) Blocked(accountID string) (due bool, open int, err error) {
	if err := tx.one("SELECT due FROM reconciliation WHERE name = 'gateway'", nil, &due); err != nil {
		return false, 0, err
	}
	err = tx.one(`SELECT COUNT(*) FROM discrepancy WHERE state IN ('open', 'returning') AND account_id IN ($1, '')
		AND kind IN ('missing', 'differs')`, []any{accountID}, &open)
	return due, open, err
}

// PaymentsByKey finds payments of all accounts by the keys that the gateway was
// asked with.
func (tx *Tx) PaymentsByKey(keys []string) (map[string]billing.Payment, error) {
	all := make(map[string]billing.Payment, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), parametersAStatement)
		args := make([]any, n)
		for i, key := range keys[:n] {
			args[i] = key
		}
		keys = keys[n:]
		found, err := list(tx, "SELECT "+paymentColumns+" FROM payment WHERE gateway_key <> '' AND gateway_key IN ("+places(1, n)+")", args, scanPayment)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			all[p.GatewayKey] = p
		}
	}
	return all, nil
}

// RefundedOf sums what went back, or is about to, through the gateway of a payment.
func (tx *Tx) RefundedOf(accountID, paymentID string) (minor int64, err error) {
	err = tx.one("SELECT CAST(COALESCE(SUM(charged), 0) AS BIGINT) FROM refund WHERE account_id = $1 AND payment_id = $2",
		[]any{accountID, paymentID}, &minor)
	return minor, err
}

// CapturedByGateway lists captured payments of all accounts that the gateway was
// asked for, by their IDs, those after an ID.
func (tx *Tx) CapturedByGateway(after string, limit int) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE id > $1 AND state = 'captured' AND gateway_id <> ''
		ORDER BY id LIMIT $2`, []any{after, limit}, scanPayment)
}

// OpenGatewayPayments lists payments of all accounts that are not settled, the
// oldest first.
func (tx *Tx) OpenGatewayPayments() ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE state IN ('created', 'prepared', 'unknown') ORDER BY created_at, id`, nil, scanPayment)
}

// SpendKey keeps that the gateway knows a key with which these books asked for nothing.
func (tx *Tx) SpendKey(key string, now time.Time) error {
	_, err := tx.insertOr("spent_key", columns("gateway_key, found_at"), [][]any{{key, millis(now)}}, " ON CONFLICT (gateway_key) DO NOTHING")
	return err
}

// KeySpent reports whether SpendKey has kept a key, or a payment of the account that
// is captured or declined has it. A payment that is open keeps its key: a second one
// under it is refused by the schema.
func (tx *Tx) KeySpent(accountID, key string) (bool, error) {
	var n int
	err := tx.one(`SELECT (SELECT COUNT(*) FROM spent_key WHERE gateway_key = $2)
		+ (SELECT COUNT(*) FROM payment WHERE account_id = $1 AND gateway_key = $2 AND state IN ('captured', 'declined'))`,
		[]any{accountID, key}, &n)
	return n > 0, err
}

// TaskAccount is the account of a task, or ErrNone.
func (tx *Tx) TaskAccount(taskID string) (accountID string, err error) {
	err = tx.one("SELECT account_id FROM task WHERE id = $1", []any{taskID}, &accountID)
	return accountID, err
}

const discrepancyColumns = `gateway_id, kind, account_id, state, gateway_key, card, amount, refunded, currency,
	captured_at, data, why, found_at, settled_at, settled_by, reference`

func scanDiscrepancy(r row) (billing.Discrepancy, error) {
	var d billing.Discrepancy
	var captured, found, settled int64
	err := r.Scan(&d.GatewayID, &d.Kind, &d.AccountID, &d.State, &d.GatewayKey, &d.Card, &d.Amount.Minor, &d.Refunded.Minor,
		&d.Amount.Currency, &captured, &d.Data, &d.Why, &found, &settled, &d.SettledBy, &d.Reference)
	d.CapturedAt, d.FoundAt, d.SettledAt, d.Refunded.Currency = instant(captured), instant(found), instant(settled), d.Amount.Currency
	return d, err
}

// InsertDiscrepancy keeps a discrepancy, and reports false where it is known.
func (tx *Tx) InsertDiscrepancy(d billing.Discrepancy) (bool, error) {
	n, err := tx.insertOr("discrepancy", columns(discrepancyColumns), [][]any{{d.GatewayID, string(d.Kind), d.AccountID, string(d.State),
		d.GatewayKey, d.Card, d.Amount.Minor, d.Refunded.Minor, string(d.Amount.Currency), millis(d.CapturedAt), d.Data, string(d.Why),
		millis(d.FoundAt), millis(d.SettledAt), d.SettledBy, d.Reference}}, " ON CONFLICT (gateway_id, kind) DO NOTHING")
	return n == 1, err
}

// Discrepancy finds a discrepancy, or ErrNone.
func (tx *Tx) Discrepancy(gatewayID string, kind billing.DiscrepancyKind) (billing.Discrepancy, error) {
	return first(list(tx, "SELECT "+discrepancyColumns+" FROM discrepancy WHERE gateway_id = $1 AND kind = $2",
		[]any{gatewayID, string(kind)}, scanDiscrepancy))
}

// OpenDiscrepancies lists the discrepancies of an account that are not settled, or of
// all accounts where accountID is empty, the oldest first.
func (tx *Tx) OpenDiscrepancies(accountID string) ([]billing.Discrepancy, error) {
	return list(tx, "SELECT "+discrepancyColumns+` FROM discrepancy WHERE state IN ('open', 'returning')
		AND ($1 = '' OR account_id = $1) ORDER BY found_at, gateway_id`, []any{accountID}, scanDiscrepancy)
}

// CountDiscrepancies counts the discrepancies of an account that are not settled.
func (tx *Tx) CountDiscrepancies(accountID string) (n int, err error) {
	err = tx.one("SELECT COUNT(*) FROM discrepancy WHERE state IN ('open', 'returning') AND account_id = $1", []any{accountID}, &n)
	return n, err
}

// MoveDiscrepancy keeps what became of a discrepancy that was in state from. It
// reports false where somebody else was faster.
func (tx *Tx) MoveDiscrepancy(d billing.Discrepancy, from billing.DiscrepancyState) (bool, error) {
	n, err := tx.exec(`UPDATE discrepancy SET state = $1, refunded = $2, why = $3, settled_at = $4, settled_by = $5, reference = $6
		WHERE gateway_id = $7 AND kind = $8 AND account_id = $9 AND state = $10`,
		string(d.State), d.Refunded.Minor, string(d.Why), millis(d.SettledAt), d.SettledBy, d.Reference,
		d.GatewayID, string(d.Kind), d.AccountID, string(from))
	return n == 1, err
}

// UnrecordedTasks lists the tasks that wait because the gateway refused a key.
func (tx *Tx) UnrecordedTasks() ([]OrderRef, error) {
	return list(tx, "SELECT account_id, id FROM task WHERE state = 'suspended' AND pause = 'declined' AND why = 'unrecorded'", nil,
		func(r row) (OrderRef, error) {
			var o OrderRef
			err := r.Scan(&o.AccountID, &o.ID)
			return o, err
		})
}
