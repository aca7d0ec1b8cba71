package store

import (
	"time"

	"perennial/internal/billing"
)

const refundColumns = `id, account_id, payment_id, order_id, state, amount, charged, currency, gateway_key, reason,
	created_at, created_by, settled_at`

func scanRefund(r row) (billing.Refunding, error) {
	var f billing.Refunding
	var created, settled int64
	err := r.Scan(&f.ID, &f.AccountID, &f.PaymentID, &f.OrderID, &f.State, &f.Amount.Minor, &f.Charged.Minor, &f.Amount.Currency,
		&f.GatewayKey, &f.Reason, &created, &f.CreatedBy, &settled)
	f.CreatedAt, f.SettledAt, f.Charged.Currency = instant(created), instant(settled), f.Amount.Currency
	return f, err
}

// InsertRefund keeps that a captured payment, or one order of it, is given back.
// A second refund of the same is a duplicate.
func (tx *Tx) InsertRefund(f billing.Refunding) error {
	return tx.insert("refund", append(columns(refundColumns), "asked_at"), [][]any{{f.ID, f.AccountID, f.PaymentID, f.OrderID, string(f.State),
		f.Amount.Minor, f.Charged.Minor, string(f.Amount.Currency), f.GatewayKey, f.Reason, millis(f.CreatedAt), f.CreatedBy,
		millis(f.SettledAt), 0}})
}

// OpenRefunds lists refunds that the gateway has not answered and was last asked
// for at or before an instant, or after now, where the clock was set back since.
func (tx *Tx) OpenRefunds(askedBy, now time.Time, limit int) ([]billing.Refunding, error) {
	return list(tx, "SELECT "+refundColumns+" FROM refund WHERE state = 'created' AND (asked_at <= $1 OR asked_at > $2) ORDER BY asked_at, id LIMIT $3",
		[]any{millis(askedBy), millis(now), limit}, scanRefund)
}

// Refunds lists the refunds of a payment.
func (tx *Tx) Refunds(accountID, paymentID string) ([]billing.Refunding, error) {
	return list(tx, "SELECT "+refundColumns+" FROM refund WHERE account_id = $1 AND payment_id = $2 ORDER BY id",
		[]any{accountID, paymentID}, scanRefund)
}

// RefundsOfTask lists what was given back of the payments of a task, the oldest first.
func (tx *Tx) RefundsOfTask(accountID, taskID string) ([]billing.Refunding, error) {
	return list(tx, "SELECT "+refundColumns+` FROM refund WHERE account_id = $1 AND payment_id IN
		(SELECT id FROM payment WHERE account_id = $1 AND task_id = $2) ORDER BY id`, []any{accountID, taskID}, scanRefund)
}

// HeldRefunds lists what the gateway refused to give back of orders, of every
// account: no balance has it.
func (tx *Tx) HeldRefunds() ([]billing.Refunding, error) {
	return list(tx, "SELECT "+refundColumns+" FROM refund WHERE state = 'refused' AND order_id <> '' ORDER BY account_id, id", nil, scanRefund)
}

// MoveRefund keeps what is now known of a refund that was in a state. It reports
// false where it is not in that state any more.
func (tx *Tx) MoveRefund(f billing.Refunding, from billing.RefundState, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE refund SET state = $1, reason = $2, settled_at = $3, asked_at = $4
		WHERE account_id = $5 AND id = $6 AND state = $7`,
		string(f.State), f.Reason, millis(f.SettledAt), millis(now), f.AccountID, f.ID, string(from))
	return n == 1, err
}
