package store

import (
	"slices"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// ItemScope chooses units of one task. Parts that are not set do not narrow.
type ItemScope struct {
	AccountID string
	TaskID    string
	States    []renewal.ItemState
	Reason    renewal.Reason
	Service   string // code
	From      int    // numbered so or higher
	// Again says whether units renewed here at or after Since are hidden or the
	// only ones; Soon says the same of those whose new expiry lies before Until.
	Again renewal.Choice
	Since time.Time
	Soon  renewal.Choice
	Until time.Time
	// Changed chooses those whose price changed while the task waited.
	Changed bool
}

func (s ItemScope) conditions() *where {
	w := &where{}
	w.add("task_id = ?", s.TaskID)
	w.add("account_id = ?", s.AccountID)
	addIn(w, "state", s.States)
	if s.Reason != "" {
		w.add("reason = ?", string(s.Reason))
	}
	if s.Service != "" {
		w.add("service_code = ?", s.Service)
	}
	if s.From > 0 {
		w.add("number >= ?", s.From)
	}
	if s.Changed {
		w.add("was_fee >= ?", 0)
	}
	w.either(s.Again, "renewed_at < ?", "renewed_at >= ?", s.Since)
	w.either(s.Soon, "new_expiry >= ?", "new_expiry < ?", s.Until)
	return w
}

func (w *where) either(c renewal.Choice, hide, only string, at time.Time) {
	switch c {
	case renewal.Hide:
		w.add(hide, millis(at))
	case renewal.Only:
		w.add(only, millis(at))
	}
}

// CountItems tells how many units of a task a scope chooses.
func (tx *Tx) CountItems(s ItemScope) (n int, err error) {
	w := s.conditions()
	err = tx.one("SELECT COUNT(*) FROM item WHERE "+w.String(), w.args, &n)
	return n, err
}

// Items reads units of a task by number: at most limit of them after one number,
// or, where before is set, the last ones that stand before it.
func (tx *Tx) Items(s ItemScope, after, before, limit int, c money.Currency) ([]renewal.Item, error) {
	w := s.conditions()
	order := " ORDER BY number"
	if after > 0 {
		w.add("number > ?", after)
	}
	if before > 0 {
		w.add("number < ?", before)
		order += " DESC"
	}
	// The limit is written out as one more parameter.
	w.args = append(w.args, limit)
	items, err := list(tx, "SELECT "+itemColumns+" FROM item WHERE "+w.String()+order+" LIMIT "+places(len(w.args), 1), w.args,
		func(r row) (renewal.Item, error) { return scanItem(r, c) })
	if before > 0 {
		slices.Reverse(items)
	}
	return items, err
}

// Tallies counts all units of a task in one scan.
func (tx *Tx) Tallies(accountID, taskID string, since, until time.Time, c money.Currency) ([]renewal.Tally, error) {
	return list(tx, `SELECT state, reason, service_code, MAX(service_name), COUNT(*), CAST(SUM(list_fee) AS BIGINT),
		CAST(SUM(discount) AS BIGINT), CAST(SUM(fee) AS BIGINT),
		CAST(SUM(CASE WHEN renewed_at >= $1 THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN new_expiry < $2 THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN was_fee >= 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN was_fee >= 0 THEN was_fee ELSE fee END) AS BIGINT)
		FROM item WHERE task_id = $3 AND account_id = $4 GROUP BY state, reason, service_code ORDER BY 4, 3, 1, 2`,
		[]any{millis(since), millis(until), taskID, accountID}, func(r row) (renewal.Tally, error) {
			t := renewal.Tally{List: money.Of(0, c), Discount: money.Of(0, c), Fee: money.Of(0, c), Was: money.Of(0, c)}
			err := r.Scan(&t.State, &t.Reason, &t.ServiceCode, &t.ServiceName, &t.Units, &t.List.Minor, &t.Discount.Minor,
				&t.Fee.Minor, &t.Again, &t.Soon, &t.Changed, &t.Was.Minor)
			return t, err
		})
}

// TaskDiscounts are what is taken off the list prices of the renewable units of a
// task that is ready, by kind.
func (tx *Tx) TaskDiscounts(accountID, taskID string, c money.Currency) ([]billing.KindSum, error) {
	return list(tx, "SELECT kind, amount FROM task_discount WHERE task_id = $1 AND account_id = $2 ORDER BY kind", []any{taskID, accountID},
		func(r row) (billing.KindSum, error) {
			k := billing.KindSum{Amount: money.Of(0, c)}
			err := r.Scan(&k.Kind, &k.Amount.Minor)
			return k, err
		})
}

// KeepTaskDiscounts replaces them.
func (tx *Tx) KeepTaskDiscounts(accountID, taskID string, sums []billing.KindSum) error {
	if _, err := tx.exec("DELETE FROM task_discount WHERE task_id = $1 AND account_id = $2", taskID, accountID); err != nil {
		return err
	}
	rows := make([][]any, len(sums))
	for n, s := range sums {
		rows[n] = []any{accountID, taskID, s.Kind, s.Amount.Minor}
	}
	return tx.insert("task_discount", columns("account_id, task_id, kind, amount"), rows)
}

// Earlier finds renewals of instances paid here at or after an instant.
func (tx *Tx) Earlier(accountID string, ids []string, since time.Time, c money.Currency) ([]billing.Earlier, error) {
	var all []billing.Earlier
	err := tx.byIDs(`SELECT l.instance_id, l.new_expiry, o.id, o.task_id, COALESCE(t.number, 0), COALESCE(p.created_by, ''), o.paid_at, o.fee
		FROM order_line l JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id AND o.status = 5
		LEFT JOIN payment p ON p.id = o.payment_id AND p.account_id = o.account_id
		LEFT JOIN task t ON t.id = o.task_id AND t.account_id = o.account_id
		WHERE NOT l.cancelled AND l.account_id = $1 AND l.instance_id IN `, accountID, ids, "", func(r row) error {
		e := billing.Earlier{Fee: money.Of(0, c)}
		var expiry, paid int64
		err := r.Scan(&e.InstanceID, &expiry, &e.OrderID, &e.TaskID, &e.TaskNumber, &e.By, &paid, &e.Fee.Minor)
		if e.NewExpiry, e.At = instant(expiry), instant(paid); err == nil && !e.At.Before(since) {
			all = append(all, e)
		}
		return err
	})
	return all, err
}

// PaidOrders reads orders of the account with the legs that paid them, by ID.
func (tx *Tx) PaidOrders(accountID string, ids []string, c money.Currency) (map[string]billing.Order, error) {
	paid := make(map[string]billing.Order, len(ids))
	err := tx.byIDs("SELECT id, payment_id, paid_at, list_fee, discount, fee FROM purchase_order WHERE account_id = $1 AND id IN ",
		accountID, ids, "", func(r row) error {
			p := billing.Order{AccountID: accountID, Status: billing.OrderCompleted, List: money.Of(0, c), Discount: money.Of(0, c), Fee: money.Of(0, c)}
			var at int64
			err := r.Scan(&p.ID, &p.PaymentID, &at, &p.List.Minor, &p.Discount.Minor, &p.Fee.Minor)
			p.PaidAt = instant(at)
			paid[p.ID] = p
			return err
		})
	if err != nil {
		return nil, err
	}
	err = tx.byIDs(`SELECT g.order_id, g.kind, g.source, g.amount FROM leg g JOIN purchase_order o ON o.account_id = g.account_id
		AND o.id = g.order_id AND o.payment_id = g.payment_id WHERE g.account_id = $1 AND g.order_id IN `, accountID, ids, " ORDER BY g.order_id, g.kind", func(r row) error {
		var id string
		leg := billing.Leg{Amount: money.Of(0, c)}
		err := r.Scan(&id, &leg.Kind, &leg.Source, &leg.Amount.Minor)
		p := paid[id]
		p.Legs = append(p.Legs, leg)
		paid[id] = p
		return err
	})
	return paid, err
}
