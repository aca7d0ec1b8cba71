package store

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
)

// Balance reads the cash balance of the account.
func (tx *Tx) Balance(accountID string) (money.Amount, error) {
	return tx.balance(accountID, "")
}

// LockBalance reads the cash balance, which nobody else changes until this
// transaction ends.
func (tx *Tx) LockBalance(accountID string) (money.Amount, error) {
	return tx.balance(accountID, tx.dialect.rowLock)
}

func (tx *Tx) balance(accountID, lock string) (money.Amount, error) {
	var a money.Amount
	err := tx.one("SELECT balance, currency FROM wallet WHERE account_id = $1"+lock, []any{accountID}, &a.Minor, &a.Currency)
	return a, err
}

// InsertWallet opens the wallet of a new account.
func (tx *Tx) InsertWallet(accountID string, c money.Currency) error {
	return tx.insert("wallet", columns("account_id, currency, balance"), [][]any{{accountID, string(c), 0}})
}

// Debit takes an amount from the balance if it is there. The condition is in the
// statement, so no number of concurrent debits spends more than there is.
func (tx *Tx) Debit(accountID string, a money.Amount) (bool, error) {
	n, err := tx.exec("UPDATE wallet SET balance = balance - $1 WHERE account_id = $2 AND currency = $3 AND balance >= $1",
		a.Minor, accountID, string(a.Currency))
	return n == 1, err
}

// Credit adds an amount to the balance.
func (tx *Tx) Credit(accountID string, a money.Amount) error {
	const most = int64(1) << 62 // far from overflow, far from any wallet
	n, err := tx.exec("UPDATE wallet SET balance = balance + $1 WHERE account_id = $2 AND currency = $3 AND balance <= $4",
		a.Minor, accountID, string(a.Currency), most-a.Minor)
	if err == nil && n != 1 {
		err = fault.New(fault.Invalid, "The balance cannot take %s: the amount is too large or in another currency.", a)
	}
	return err
}

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
	if err := tx.insert("ledger_transaction", columns("id, account_id, kind, at, value_date, reference, payment_id, task_id, cash_after"),
		[][]any{{e.ID, accountID, string(e.Kind), millis(e.At), e.ValueDate, e.Reference, e.PaymentID, e.TaskID, after.Minor}}); err != nil {
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

const paymentColumns = `id, account_id, purpose, task_id, state, amount, currency, gateway_key, gateway_id, reason,
	created_at, created_by, settled_at, return_to`

func scanPayment(r row) (billing.Payment, error) {
	var p billing.Payment
	var created, settled int64
	err := r.Scan(&p.ID, &p.AccountID, &p.Purpose, &p.TaskID, &p.State, &p.Amount.Minor, &p.Amount.Currency,
		&p.GatewayKey, &p.GatewayID, &p.Reason, &created, &p.CreatedBy, &settled, &p.ReturnTo)
	p.CreatedAt, p.SettledAt = instant(created), instant(settled)
	return p, err
}

// InsertPayment keeps a new attempt to move money.
func (tx *Tx) InsertPayment(p billing.Payment) error {
	return tx.insert("payment", append(columns(paymentColumns), "asked_at"), [][]any{{p.ID, p.AccountID, string(p.Purpose), p.TaskID,
		string(p.State), p.Amount.Minor, string(p.Amount.Currency), p.GatewayKey, p.GatewayID, p.Reason,
		millis(p.CreatedAt), p.CreatedBy, millis(p.SettledAt), p.ReturnTo, millis(p.CreatedAt)}})
}

// Payment finds a payment of the account, or ErrNone.
func (tx *Tx) Payment(accountID, id string) (billing.Payment, error) {
	all, err := list(tx, "SELECT "+paymentColumns+" FROM payment WHERE account_id = $1 AND id = $2", []any{accountID, id}, scanPayment)
	if err == nil && len(all) == 0 {
		err = ErrNone
	}
	if err != nil {
		return billing.Payment{}, err
	}
	return all[0], nil
}

// OpenPayments lists payments whose outcome is not settled and for which the
// gateway was last asked at or before the instant, oldest first.
func (tx *Tx) OpenPayments(askedBy time.Time, limit int) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE state IN ('created', 'prepared', 'unknown')
		AND asked_at <= $1 ORDER BY asked_at, id LIMIT $2`, []any{millis(askedBy), limit}, scanPayment)
}

// MovePayment keeps what is now known of a payment that was in state from. It
// reports false where somebody else has learned more meanwhile.
func (tx *Tx) MovePayment(p billing.Payment, from billing.PaymentState, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE payment SET state = $1, gateway_id = $2, reason = $3, settled_at = $4, asked_at = $5
		WHERE id = $6 AND account_id = $7 AND state = $8`,
		string(p.State), p.GatewayID, p.Reason, millis(p.SettledAt), millis(now), p.ID, p.AccountID, string(from))
	return n == 1, err
}

// InsertOrders keeps paid or unpaid orders with their lines and the legs that
// paid them.
func (tx *Tx) InsertOrders(orders []billing.Order) error {
	var rows, lines, legs [][]any
	for _, o := range orders {
		rows = append(rows, []any{o.AccountID, o.ID, billing.RenewalOrder, int(o.Status), o.TaskID, o.Item, o.PaymentID,
			string(o.Fee.Currency), o.List.Minor, o.Discount.Minor, o.Fee.Minor, millis(o.CreatedAt), millis(o.PaidAt)})
		for _, l := range o.Lines {
			lines = append(lines, []any{o.AccountID, o.ID, l.InstanceID, l.Name, l.ServiceCode, l.ServiceName, l.SpecCode,
				l.RegionCode, l.RegionName, l.Project, l.Period, l.Quantity, millis(l.OldExpiry), millis(l.NewExpiry),
				l.List.Minor, l.Discount.Minor, l.DiscountKind, l.Fee.Minor})
		}
		for _, g := range o.Legs {
			legs = append(legs, []any{o.AccountID, o.PaymentID, o.ID, string(g.Kind), "", g.Amount.Minor})
		}
	}
	if err := tx.insert("purchase_order", columns(orderColumns), rows); err != nil {
		return err
	}
	if err := tx.insert("order_line", columns(orderLineColumns), lines); err != nil {
		return err
	}
	return tx.insert("leg", columns("account_id, payment_id, order_id, kind, source, amount"), legs)
}

const (
	orderColumns = `account_id, id, kind, status, task_id, item, payment_id, currency, list_fee, discount, fee,
		created_at, paid_at`
	orderLineColumns = `account_id, order_id, instance_id, name, service_code, service_name, spec_code, region_code,
		region_name, project, period, quantity, old_expiry, new_expiry, list_fee, discount, discount_kind, fee`
)
