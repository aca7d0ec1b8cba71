package store

import (
	"cmp"
	"slices"

	"perennial/internal/billing"
	"perennial/internal/money"
)

// The statements of a receipt begin with the orders of the task. The conditions of
// the index purchase_order_item are repeated, so that it is used, and SQLite joins in
// the written order only where it reads CROSS JOIN: it walks over all lines or legs
// that the account ever had otherwise. So does PostgreSQL where a condition leaves few
// of all lines.
const (
	receiptOrders = " WHERE o.account_id = $1 AND o.task_id = $2 AND o.task_id <> '' AND o.status <> 4 AND o.status = 5"
	receiptKinds  = "SELECT l.discount_kind, CAST(SUM(l.discount) AS BIGINT) FROM purchase_order o CROSS JOIN order_line l" + receiptOrders +
		" AND l.account_id = o.account_id AND l.order_id = o.id GROUP BY l.discount_kind HAVING SUM(l.discount) > 0 ORDER BY l.discount_kind"
	receiptLegs = "SELECT g.kind, g.source, CAST(SUM(g.amount) AS BIGINT) FROM purchase_order o CROSS JOIN leg g" + receiptOrders +
		" AND g.account_id = o.account_id AND g.order_id = o.id AND g.payment_id = o.payment_id GROUP BY g.kind, g.source ORDER BY g.source"
)

// Receipt adds up what a task has paid.
func (tx *Tx) Receipt(accountID, taskID string, c money.Currency) (billing.Receipt, error) {
	zero := money.Of(0, c)
	s := billing.Receipt{List: zero, Discount: zero, Fee: zero, Captured: zero, Refunded: zero, Ledger: zero}
	args := []any{accountID, taskID}
	err := tx.one(`SELECT COUNT(*), CAST(COALESCE(SUM(o.list_fee), 0) AS BIGINT), CAST(COALESCE(SUM(o.discount), 0) AS BIGINT),
		CAST(COALESCE(SUM(o.fee), 0) AS BIGINT) FROM purchase_order o`+receiptOrders, args, &s.Orders, &s.List.Minor, &s.Discount.Minor, &s.Fee.Minor)
	if err != nil {
		return s, err
	}
	s.Kinds, err = list(tx, receiptKinds, args, func(r row) (billing.KindSum, error) {
		k := billing.KindSum{Amount: zero}
		err := r.Scan(&k.Kind, &k.Amount.Minor)
		return k, err
	})
	if err != nil {
		return s, err
	}
	const payments = " WHERE p.account_id = $1 AND p.purpose = 'renewal' AND p.task_id = $2 AND p.state = 'captured'"
	err = tx.one("SELECT COUNT(*), CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM payment p"+payments, args, &s.Payments, &s.Captured.Minor)
	if err != nil {
		return s, err
	}
	err = tx.one("SELECT CAST(COALESCE(SUM(f.amount), 0) AS BIGINT) FROM payment p JOIN refund f ON f.payment_id = p.id"+payments, args, &s.Refunded.Minor)
	if err != nil {
		return s, err
	}
	s.Legs, err = list(tx, receiptLegs, args, func(r row) (billing.Leg, error) {
		l := billing.Leg{Amount: zero}
		err := r.Scan(&l.Kind, &l.Source, &l.Amount.Minor)
		return l, err
	})
	if err != nil {
		return s, err
	}
	slices.SortStableFunc(s.Legs, func(a, b billing.Leg) int {
		return cmp.Compare(slices.Index(billing.LegKinds, a.Kind), slices.Index(billing.LegKinds, b.Kind))
	})
	err = tx.one(`SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) FROM ledger_transaction t
		JOIN ledger_entry e ON e.transaction_id = t.id AND e.book = 'cash'
		WHERE t.account_id = $1 AND t.task_id = $2 AND t.task_id <> ''`, args, &s.Ledger.Minor)
	return s, err
}
