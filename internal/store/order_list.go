package store

import (
	"fmt"
	"maps"
	"slices"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// ordered finds orders of one account in the index that a filter is for.
type ordered struct {
	billing.OrderFilter
	accountID string
}

func (f ordered) column() string {
	if f.Renewed {
		return "paid_at"
	}
	return "created_at"
}

// conditions name only columns of the index that the list reads. The conditions of
// partial indexes are written out, so that they are used.
func (f ordered) conditions() *where {
	w := &where{}
	w.add("r.account_id = ?", f.accountID)
	switch {
	case f.Renewed:
		w.parts = append(w.parts, "r.status = 5")
	case f.Status == billing.OrderCompleted:
		w.add("r.status = ?", int(f.Status))
	case f.Status != 0:
		w.add("r.status <> 5 AND r.status = ?", int(f.Status))
	}
	if !f.From.IsZero() {
		w.add("r."+f.column()+" >= ?", millis(f.From))
	}
	if !f.To.IsZero() {
		w.add("r."+f.column()+" < ?", millis(f.To))
	}
	if f.Renewed {
		addIn(w, "r.service_code", f.Services)
		addIn(w, "r.region_code", f.Regions)
	}
	if f.Query != "" {
		w.add(`(r.found_by LIKE ? ESCAPE '!' OR r.id IN (SELECT l.order_id FROM order_line l
			WHERE l.account_id = ? AND l.instance_id = ? AND NOT l.cancelled))`, contains(Fold(f.Query)), f.accountID, f.Query)
	}
	return w
}

// OrderList lists orders of the account, the newest first: at most limit that
// follow the cursor after, or that end before the cursor before. Lines and legs
// come with them.
func (tx *Tx) OrderList(accountID string, f billing.OrderFilter, after, before renewal.Cursor, limit int) ([]billing.Order, error) {
	query, args := ordered{f, accountID}.page(after, before, limit)
	ids, err := list(tx, query, args, scanText)
	if err != nil {
		return nil, err
	}
	if !before.IsZero() {
		slices.Reverse(ids)
	}
	byID, err := tx.Orders(accountID, ids)
	if err != nil {
		return nil, err
	}
	if err := tx.addLegs(accountID, ids, byID); err != nil {
		return nil, err
	}
	found := make([]billing.Order, len(ids))
	for n, id := range ids {
		found[n] = byID[id]
	}
	return found, nil
}

func (f ordered) page(after, before renewal.Cursor, limit int) (query string, args []any) {
	w := f.conditions()
	from, than, order := after, "<", "DESC"
	if !before.IsZero() {
		from, than, order = before, ">", "ASC"
	}
	if !from.IsZero() {
		w.add("(r."+f.column()+", r.id) "+than+" (?, ?)", from.Number, from.ID)
	}
	w.args = append(w.args, limit)
	return fmt.Sprintf("SELECT r.id FROM purchase_order r WHERE %s ORDER BY r.%s %s, r.id %s LIMIT $%d",
		w, f.column(), order, order, len(w.args)), w.args
}

// OrderSums counts the renewals that match and adds up what was paid for them.
func (tx *Tx) OrderSums(accountID string, f billing.OrderFilter, c money.Currency) (n int, fees money.Amount, err error) {
	query, args := ordered{f, accountID}.sums()
	fees.Currency = c
	err = tx.one(query, args, &n, &fees.Minor)
	return n, fees, err
}

func (f ordered) sums() (query string, args []any) {
	w := f.conditions()
	return "SELECT COUNT(*), CAST(COALESCE(SUM(r.fee), 0) AS BIGINT) FROM purchase_order r WHERE " + w.String(), w.args
}

// OrderLegs adds to orders of the account how they were paid or would be.
func (tx *Tx) OrderLegs(accountID string, orders map[string]billing.Order) error {
	return tx.addLegs(accountID, slices.Sorted(maps.Keys(orders)), orders)
}

// addLegs reads how completed orders were paid, and how those being paid would be.
func (tx *Tx) addLegs(accountID string, ids []string, all map[string]billing.Order) error {
	return tx.byIDs("SELECT order_id, payment_id, kind, source, amount FROM leg WHERE account_id = $1 AND order_id IN ",
		accountID, ids, " ORDER BY order_id, kind, source", func(r row) error {
			var id, payment string
			var l billing.Leg
			err := r.Scan(&id, &payment, &l.Kind, &l.Source, &l.Amount.Minor)
			o := all[id]
			l.Amount.Currency = o.Fee.Currency
			if payment == o.PaymentID || o.Status == billing.Processing && payment == o.AttemptID {
				o.Legs = append(o.Legs, l)
				all[id] = o
			}
			return err
		})
}

// CountWaiting counts the account's orders that wait for payment.
func (tx *Tx) CountWaiting(accountID string) (n int, err error) {
	w := ordered{billing.OrderFilter{Status: billing.PendingPayment}, accountID}.conditions()
	err = tx.one("SELECT COUNT(*) FROM purchase_order r WHERE "+w.String(), w.args, &n)
	return n, err
}

// PaymentsOfOrder lists the attempts to pay an order, the first one first.
func (tx *Tx) PaymentsOfOrder(accountID, orderID string) ([]billing.Payment, error) {
	return list(tx, "SELECT "+paymentColumns+` FROM payment WHERE account_id = $1 AND id IN (
		SELECT payment_id FROM leg WHERE account_id = $1 AND order_id = $2
		UNION SELECT payment_id FROM purchase_order WHERE account_id = $1 AND id = $2
		UNION SELECT attempt_id FROM purchase_order WHERE account_id = $1 AND id = $2) ORDER BY created_at, id`,
		[]any{accountID, orderID}, scanPayment)
}

// Audits lists what happened to a subject of the account, the first first.
func (tx *Tx) Audits(accountID, subject string) ([]Audit, error) {
	return list(tx, `SELECT id, account_id, at, actor, action, subject, was, became, request_id FROM audit
		WHERE account_id = $1 AND subject = $2 ORDER BY id`, []any{accountID, subject}, func(r row) (Audit, error) {
		var a Audit
		var at int64
		err := r.Scan(&a.ID, &a.AccountID, &at, &a.Actor, &a.Action, &a.Subject, &a.Was, &a.Became, &a.RequestID)
		a.At = instant(at)
		return a, err
	})
}

// Payments finds payments of the account by ID.
func (tx *Tx) Payments(accountID string, ids []string) (map[string]billing.Payment, error) {
	all := make(map[string]billing.Payment, len(ids))
	err := tx.byIDs("SELECT "+paymentColumns+" FROM payment WHERE account_id = $1 AND id IN ", accountID, ids, "", func(r row) error {
		p, err := scanPayment(r)
		all[p.ID] = p
		return err
	})
	return all, err
}

// TaskPeople is who prepared and who confirmed a task.
type TaskPeople struct {
	Number                  int
	PreparedBy, ConfirmedBy string
}

// PeopleOfTasks finds who prepared and who confirmed tasks of the account, by ID.
func (tx *Tx) PeopleOfTasks(accountID string, ids []string) (map[string]TaskPeople, error) {
	all := make(map[string]TaskPeople, len(ids))
	err := tx.byIDs("SELECT id, number, created_by, confirmed_by FROM task WHERE account_id = $1 AND id IN ", accountID, ids, "", func(r row) error {
		var id string
		var p TaskPeople
		err := r.Scan(&id, &p.Number, &p.PreparedBy, &p.ConfirmedBy)
		all[id] = p
		return err
	})
	return all, err
}
