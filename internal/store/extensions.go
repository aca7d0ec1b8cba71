package store

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Extension is one line of an order that renewed an instance, with the order and
// the task behind it.
type Extension struct {
	InstanceID string
	OrderID    string
	Status     billing.OrderStatus
	TaskID     string // empty where the order came from no task
	TaskNumber int
	By         string // who confirmed the task
	Period     renewal.Period
	OldExpiry  time.Time
	NewExpiry  time.Time
	Fee        money.Amount
	PaidAt     time.Time
}

// Extensions lists the renewals made here of the given instances, the latest
// first; the lines of one order stand together.
func (tx *Tx) Extensions(accountID string, ids []string) ([]Extension, error) {
	w := &where{}
	w.parts = append(w.parts, "NOT l.cancelled")
	w.add("l.account_id = ?", accountID)
	addIn(w, "l.instance_id", ids)
	return list(tx, `SELECT l.instance_id, o.id, o.status, o.task_id, COALESCE(t.number, 0), COALESCE(t.confirmed_by, ''),
		l.period, l.old_expiry, l.new_expiry, l.fee, o.currency, o.paid_at
		FROM order_line l JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id
		LEFT JOIN task t ON t.id = o.task_id AND t.account_id = o.account_id
		WHERE `+w.String()+` ORDER BY o.created_at DESC, o.id DESC, l.instance_id`, w.args, func(r row) (Extension, error) {
		var e Extension
		var from, to, paid int64
		err := r.Scan(&e.InstanceID, &e.OrderID, &e.Status, &e.TaskID, &e.TaskNumber, &e.By, &e.Period, &from, &to,
			&e.Fee.Minor, &e.Fee.Currency, &paid)
		e.OldExpiry, e.NewExpiry, e.PaidAt = instant(from), instant(to), instant(paid)
		return e, err
	})
}
