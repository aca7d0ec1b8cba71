package store

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
)

const (
	orderColumns = `account_id, id, status, task_id, item, payment_id, attempt_id, instance_id, currency, list_fee,
		discount, fee, created_at, created_by, expires_at, paid_at, ended_at, why`
	orderLineColumns = `account_id, order_id, instance_id, name, service_code, service_name, spec_code, region_code,
		region_name, project, period, quantity, old_expiry, new_expiry, list_fee, discount, discount_kind, fee`
)

// InsertOrders keeps paid or unpaid orders with their lines, and the legs that pay
// them by the payment that captured them or is under way. A second order that
// would renew an instance from the same expiry is a duplicate.
func (tx *Tx) InsertOrders(orders []billing.Order) error {
	var rows, lines [][]any
	for _, o := range orders {
		rows = append(rows, []any{o.AccountID, o.ID, int(o.Status), o.TaskID, o.Item, o.PaymentID, o.AttemptID, o.Lines[0].InstanceID,
			string(o.Fee.Currency), o.List.Minor, o.Discount.Minor, o.Fee.Minor, millis(o.CreatedAt), o.CreatedBy,
			millis(o.ExpiresAt), millis(o.PaidAt), millis(o.EndedAt), string(o.Why), billing.RenewalOrder,
			o.Lines[0].ServiceCode, o.Lines[0].RegionCode, foundBy(o)})
		for _, l := range o.Lines {
			lines = append(lines, []any{o.AccountID, o.ID, l.InstanceID, l.Name, l.ServiceCode, l.ServiceName, l.SpecCode,
				l.RegionCode, l.RegionName, l.Project, l.Period, l.Quantity, millis(l.OldExpiry), millis(l.NewExpiry),
				l.List.Minor, l.Discount.Minor, l.DiscountKind, l.Fee.Minor, o.Status == billing.OrderCancelled})
		}
	}
	if err := tx.insert("purchase_order", append(columns(orderColumns), "kind", "service_code", "region_code", "found_by"), rows); err != nil {
		return err
	}
	if err := tx.insert("order_line", append(columns(orderLineColumns), "cancelled"), lines); err != nil {
		return err
	}
	return tx.InsertLegs(orders)
}

// foundBy is what a search for an order looks through. A line break stands in none
// of its parts and in no search.
func foundBy(o billing.Order) string {
	return Fold(o.Lines[0].Name) + "\n" + Fold(o.Lines[0].InstanceID) + "\n" + Fold(o.ID)
}

// InsertLegs keeps how orders are paid by the payment that captured them or is
// under way.
func (tx *Tx) InsertLegs(orders []billing.Order) error {
	var legs [][]any
	for _, o := range orders {
		payment := o.PaymentID
		if payment == "" {
			payment = o.AttemptID
		}
		for _, g := range o.Legs {
			legs = append(legs, []any{o.AccountID, payment, o.ID, string(g.Kind), g.Source, g.Amount.Minor})
		}
	}
	return tx.insert("leg", columns("account_id, payment_id, order_id, kind, source, amount"), legs)
}

func scanOrder(r row) (billing.Order, error) {
	var o billing.Order
	var c money.Currency
	var instanceID string // the primary's, which Lines[0] carries
	var created, expires, paid, ended int64
	err := r.Scan(&o.AccountID, &o.ID, &o.Status, &o.TaskID, &o.Item, &o.PaymentID, &o.AttemptID, &instanceID, &c, &o.List.Minor,
		&o.Discount.Minor, &o.Fee.Minor, &created, &o.CreatedBy, &expires, &paid, &ended, &o.Why)
	o.List.Currency, o.Discount.Currency, o.Fee.Currency = c, c, c
	o.CreatedAt, o.ExpiresAt, o.PaidAt, o.EndedAt = instant(created), instant(expires), instant(paid), instant(ended)
	return o, err
}

// LockOrders finds orders of the account that this transaction will change, with
// their lines, by ID; what does not exist is not in the map.
func (tx *Tx) LockOrders(accountID string, ids []string) (map[string]billing.Order, error) {
	return tx.orders(accountID, ids, tx.dialect.rowLock)
}

// Orders finds orders of the account with their lines, by ID.
func (tx *Tx) Orders(accountID string, ids []string) (map[string]billing.Order, error) {
	return tx.orders(accountID, ids, "")
}

func (tx *Tx) orders(accountID string, ids []string, lock string) (map[string]billing.Order, error) {
	all := make(map[string]billing.Order, len(ids))
	err := tx.byIDs("SELECT "+orderColumns+" FROM purchase_order WHERE account_id = $1 AND id IN ", accountID, ids, " ORDER BY id"+lock, func(r row) error {
		o, err := scanOrder(r)
		all[o.ID] = o
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, tx.addLines(accountID, ids, all)
}

// addLines reads the lines of orders, the primary instance's first.
func (tx *Tx) addLines(accountID string, ids []string, all map[string]billing.Order) error {
	const query = `SELECT l.order_id, l.instance_id, l.name, l.service_code, l.service_name, l.spec_code, l.region_code, l.region_name,
		l.project, l.period, l.quantity, l.old_expiry, l.new_expiry, l.list_fee, l.discount, l.discount_kind, l.fee
		FROM order_line l JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id
		WHERE l.account_id = $1 AND l.order_id IN `
	const order = " ORDER BY l.order_id, CASE WHEN l.instance_id = o.instance_id THEN 0 ELSE 1 END, l.instance_id"
	return tx.byIDs(query, accountID, ids, order, func(r row) error {
		var id string
		var l billing.OrderLine
		var from, to int64
		err := r.Scan(&id, &l.InstanceID, &l.Name, &l.ServiceCode, &l.ServiceName, &l.SpecCode, &l.RegionCode, &l.RegionName,
			&l.Project, &l.Period, &l.Quantity, &from, &to, &l.List.Minor, &l.Discount.Minor, &l.DiscountKind, &l.Fee.Minor)
		o := all[id]
		c := o.Fee.Currency
		l.List.Currency, l.Discount.Currency, l.Fee.Currency = c, c, c
		l.OldExpiry, l.NewExpiry = instant(from), instant(to)
		o.Lines = append(o.Lines, l)
		all[id] = o
		return err
	})
}

// underWay orders by item first, which the IDs follow: by ID alone, SQLite would
// walk over all orders of the account, which stand in that order already.
const underWay = "SELECT " + orderColumns + " FROM purchase_order WHERE status = 3 AND attempt_id = $1 AND account_id = $2 ORDER BY item, id"

// OrdersUnderWay finds the orders that a payment is about to pay, with lines and
// legs, in the order of their IDs.
func (tx *Tx) OrdersUnderWay(accountID, paymentID string) ([]billing.Order, error) {
	return tx.ordersUnderWay(accountID, paymentID, "")
}

// LockUnderWay is OrdersUnderWay for orders that are about to be changed.
func (tx *Tx) LockUnderWay(accountID, paymentID string) ([]billing.Order, error) {
	return tx.ordersUnderWay(accountID, paymentID, tx.dialect.rowLock)
}

func (tx *Tx) ordersUnderWay(accountID, paymentID, lock string) ([]billing.Order, error) {
	all, err := list(tx, underWay+lock, []any{paymentID, accountID}, scanOrder)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	byID := make(map[string]billing.Order, len(all))
	for n, o := range all {
		ids[n], byID[o.ID] = o.ID, o
	}
	if err := tx.addLines(accountID, ids, byID); err != nil {
		return nil, err
	}
	err = tx.each("SELECT order_id, kind, source, amount FROM leg WHERE payment_id = $1 AND account_id = $2 ORDER BY order_id, kind", []any{paymentID, accountID}, func(r row) error {
		var id string
		var l billing.Leg
		err := r.Scan(&id, &l.Kind, &l.Source, &l.Amount.Minor)
		o := byID[id]
		l.Amount.Currency = o.Fee.Currency
		o.Legs = append(o.Legs, l)
		byID[id] = o
		return err
	})
	for n, id := range ids {
		all[n] = byID[id]
	}
	return all, err
}

// CountUnderWay counts the orders that a payment is about to pay.
func (tx *Tx) CountUnderWay(accountID, paymentID string) (n int, err error) {
	err = tx.one("SELECT COUNT(*) FROM purchase_order WHERE status = 3 AND attempt_id = $1 AND account_id = $2", []any{paymentID, accountID}, &n)
	return n, err
}

// MoveOrder keeps what became of an order that was in status from. It reports
// false where somebody else was faster. The lines of a cancelled order make room
// for another one.
func (tx *Tx) MoveOrder(o billing.Order, from billing.OrderStatus) (bool, error) {
	n, err := tx.exec(`UPDATE purchase_order SET status = $1, payment_id = $2, attempt_id = $3, paid_at = $4, ended_at = $5, why = $6
		WHERE account_id = $7 AND id = $8 AND status = $9`,
		int(o.Status), o.PaymentID, o.AttemptID, millis(o.PaidAt), millis(o.EndedAt), string(o.Why), o.AccountID, o.ID, int(from))
	if err != nil || n != 1 || o.Status != billing.OrderCancelled {
		return n == 1, err
	}
	_, err = tx.exec("UPDATE order_line SET cancelled = TRUE WHERE account_id = $1 AND order_id = $2", o.AccountID, o.ID)
	return true, err
}

// OrderRef names an order of some account.
type OrderRef struct{ AccountID, ID string }

// OrdersUnpaidBy lists orders that have waited for payment until an instant.
func (tx *Tx) OrdersUnpaidBy(by time.Time, limit int) ([]OrderRef, error) {
	return list(tx, "SELECT account_id, id FROM purchase_order WHERE status = 6 AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2",
		[]any{millis(by), limit}, func(r row) (OrderRef, error) {
			var o OrderRef
			err := r.Scan(&o.AccountID, &o.ID)
			return o, err
		})
}

// NextOrderNumber is the number of the account's next order that no task makes.
// Whoever asks at the same time waits until this transaction ends.
func (tx *Tx) NextOrderNumber(accountID string) (n int, err error) {
	if _, err := tx.exec("UPDATE account SET order_number = order_number + 1 WHERE id = $1", accountID); err != nil {
		return 0, err
	}
	err = tx.one("SELECT order_number FROM account WHERE id = $1", []any{accountID}, &n)
	return n, err
}

// TakeOrder keeps that an order is paid or about to be. It reports false where the
// order no longer waits for payment, or its time is over at now.
func (tx *Tx) TakeOrder(o billing.Order, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE purchase_order SET status = $1, payment_id = $2, attempt_id = $3, paid_at = $4
		WHERE account_id = $5 AND id = $6 AND status = 6 AND expires_at > $7`,
		int(o.Status), o.PaymentID, o.AttemptID, millis(o.PaidAt), o.AccountID, o.ID, millis(now))
	return n == 1, err
}
