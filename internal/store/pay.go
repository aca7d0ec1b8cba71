package store

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
)

// Posting is one side of a ledger transaction.
type Posting struct {
	Book   billing.Book
	Amount money.Amount
}

// Post writes a ledger transaction. Its postings must sum to zero; the caller has
// already changed the cached balance, which is read back as the balance after it.
func (tx *Tx) Post(accountID string, e billing.Entry, postings ...Posting) error {
	sum := money.Of(0, postings[0].Amount.Currency)
	var err error
	for _, p := range postings {
		if sum, err = sum.Add(p.Amount); err != nil {
			return err
		}
	}
	if !sum.IsZero() {
		return fault.New(fault.Internal, "ledger transaction %s sums to %s", e.ID, sum)
	}
	after, err := tx.Balance(accountID)
	if err != nil {
		return err
	}
	if err := tx.insert("ledger_transaction", columns("id, account_id, kind, at, value_date, reference, payment_id, task_id, refund_id, cash_after"),
		[][]any{{e.ID, accountID, string(e.Kind), millis(e.At), e.ValueDate, e.Reference, e.PaymentID, e.TaskID, e.RefundID, after.Minor}}); err != nil {
		return err
	}
	if err := tx.countRecord(accountID, e.ID); err != nil {
		return err
	}
	rows := make([][]any, len(postings))
	for n, p := range postings {
		rows[n] = []any{e.ID, accountID, string(p.Book), string(p.Amount.Currency), p.Amount.Minor}
	}
	return tx.insert("ledger_entry", columns("transaction_id, account_id, book, currency, amount"), rows)
}

// IsDuplicate tells whether err says that a row with this key already exists.
func IsDuplicate(err error) bool { return unique(err) }

const paymentColumns = `id, account_id, purpose, task_id, state, amount, currency, charged, card_id, gateway_key,
	gateway_id, reason, created_at, created_by, settled_at, return_to, data`

func scanPayment(r row) (billing.Payment, error) {
	var p billing.Payment
	var created, settled int64
	err := r.Scan(&p.ID, &p.AccountID, &p.Purpose, &p.TaskID, &p.State, &p.Amount.Minor, &p.Amount.Currency,
		&p.Charged.Minor, &p.CardID, &p.GatewayKey, &p.GatewayID, &p.Reason, &created, &p.CreatedBy, &settled, &p.ReturnTo, &p.Data)
	p.CreatedAt, p.SettledAt, p.Charged.Currency = instant(created), instant(settled), p.Amount.Currency
	return p, err
}

// InsertPayment keeps a new attempt to move money. The worker asks the gateway for
// it from the instant askAt on.
func (tx *Tx) InsertPayment(p billing.Payment, askAt time.Time) error {
	if p.GatewayKey != "" {
		if err := tx.countRecord(p.AccountID, p.ID); err != nil {
			return err
		}
	}
	return tx.insert("payment", append(columns(paymentColumns), "asked_at"), [][]any{{p.ID, p.AccountID, string(p.Purpose), p.TaskID,
		string(p.State), p.Amount.Minor, string(p.Amount.Currency), p.Charged.Minor, p.CardID, p.GatewayKey, p.GatewayID, p.Reason,
		millis(p.CreatedAt), p.CreatedBy, millis(p.SettledAt), p.ReturnTo, p.Data, millis(askAt)}})
}

// Payment finds a payment of the account, or ErrNone.
func (tx *Tx) Payment(accountID, id string) (billing.Payment, error) {
	return first(list(tx, "SELECT "+paymentColumns+" FROM payment WHERE account_id = $1 AND id = $2", []any{accountID, id}, scanPayment))
}

// HasOpenPayment tells whether a card is named by a payment that the gateway has
// not decided.
func (tx *Tx) HasOpenPayment(accountID, cardID string) (bool, error) {
	var n int
	err := tx.one(`SELECT COUNT(*) FROM payment WHERE state IN ('created', 'prepared', 'unknown')
		AND account_id = $1 AND card_id = $2`, []any{accountID, cardID}, &n)
	return n > 0, err
}

// OpenPaymentOf finds the payment of a task that the gateway has not decided, or ErrNone.
func (tx *Tx) OpenPaymentOf(accountID, taskID string) (billing.Payment, error) {
	return first(list(tx, openPaymentOf, []any{accountID, taskID}, scanPayment))
}

const openPaymentOf = "SELECT " + paymentColumns + ` FROM payment WHERE state IN ('created', 'prepared', 'unknown')
	AND account_id = $1 AND task_id = $2 AND task_id <> ''`

// CardPayments lists the payments of a task that a card was asked for, the oldest
// first: captured, declined, and the one that is open.
func (tx *Tx) CardPayments(accountID, taskID string) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE account_id = $1 AND task_id = $2 AND charged > 0
		ORDER BY created_at, id`, []any{accountID, taskID}, scanPayment)
}

// CardAttempts counts the payments that asked a card for a part of an order. One
// whose key the gateway refused was no attempt.
func (tx *Tx) CardAttempts(accountID, orderID string) (n int, err error) {
	err = tx.one(`SELECT COUNT(*) FROM leg g JOIN payment p ON p.id = g.payment_id AND p.account_id = g.account_id
		WHERE g.account_id = $1 AND g.order_id = $2 AND g.kind = 'card' AND p.reason <> 'unrecorded'`, []any{accountID, orderID}, &n)
	return n, err
}

// CardAttemptsWithin counts the payments of a task whose key has a prefix and that
// are captured or declined in these books.
func (tx *Tx) CardAttemptsWithin(accountID, taskID, keyPrefix string) (n int, err error) {
	err = tx.one(`SELECT COUNT(*) FROM payment WHERE account_id = $1 AND task_id = $2 AND gateway_key LIKE $3
		AND state IN ('captured', 'declined')`, []any{accountID, taskID, keyPrefix + "%"}, &n)
	return n, err
}

// ReleaseKey frees the key of a declined payment, so that what the gateway knows
// under it can be entered.
func (tx *Tx) ReleaseKey(accountID, paymentID string) error {
	_, err := tx.exec("UPDATE payment SET gateway_key = 'released-' || id WHERE account_id = $1 AND id = $2 AND state = 'declined'", accountID, paymentID)
	return err
}

// OpenPayments lists payments whose outcome is not settled and for which the
// gateway was last asked at or before an instant, oldest first. One that was asked
// about after now is listed, too: the clock was set back since.
func (tx *Tx) OpenPayments(askedBy, now time.Time, limit int) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE state IN ('created', 'prepared', 'unknown')
		AND (asked_at <= $1 OR asked_at > $2) ORDER BY asked_at, id LIMIT $3`, []any{millis(askedBy), millis(now), limit}, scanPayment)
}

// MovePayment keeps what is now known of a payment that was in state from. It
// reports false where somebody else has learned more meanwhile.
func (tx *Tx) MovePayment(p billing.Payment, from billing.PaymentState, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE payment SET state = $1, gateway_id = $2, reason = $3, settled_at = $4, asked_at = $5
		WHERE id = $6 AND account_id = $7 AND state = $8`,
		string(p.State), p.GatewayID, p.Reason, millis(p.SettledAt), millis(now), p.ID, p.AccountID, string(from))
	return n == 1, err
}
