package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/renewal"
)

// OrderFilter chooses orders of one account. Parts that are not set do not narrow.
type OrderFilter struct {
	Statuses []billing.OrderStatus
	Query    string    // part of an order ID or of an instance's ID or name, any letter case
	From     time.Time // ordered, or for paid ones paid, at or after
	To       time.Time // and before
	Services []string
	Regions  []string
	Paid     bool // completed orders, by when they were paid; otherwise by when they were made
}

func (f OrderFilter) column() string {
	if f.Paid {
		return "paid_at"
	}
	return "created_at"
}

func (f OrderFilter) conditions(accountID string) *where {
	w := &where{}
	w.add("r.account_id = ?", accountID)
	if f.Paid {
		w.parts = append(w.parts, "r.status = 5")
	} else {
		addIn(w, "r.status", f.Statuses)
	}
	if !f.From.IsZero() {
		w.add("r."+f.column()+" >= ?", millis(f.From))
	}
	if !f.To.IsZero() {
		w.add("r."+f.column()+" < ?", millis(f.To))
	}
	const lines = "EXISTS (SELECT 1 FROM order_line l WHERE l.account_id = r.account_id AND l.order_id = r.id AND "
	if f.Query != "" {
		p := contains(strings.ToLower(f.Query))
		w.add("(lower(r.id) LIKE ? ESCAPE '!' OR "+lines+"(lower(l.instance_id) LIKE ? ESCAPE '!' OR lower(l.name) LIKE ? ESCAPE '!')))", p, p, p)
	}
	for column, codes := range map[string][]string{"l.service_code": f.Services, "l.region_code": f.Regions} {
		if len(codes) > 0 {
			args := make([]any, len(codes))
			for n, c := range codes {
				args[n] = c
			}
			w.add(lines+column+" IN ("+strings.Repeat("?, ", len(codes)-1)+"?))", args...)
		}
	}
	return w
}

// OrderList lists orders of the account, the newest first: at most limit that
// follow the cursor after, or that end before the cursor before. Lines and legs of
// completed orders come with them.
func (tx *Tx) OrderList(accountID string, f OrderFilter, after, before renewal.Cursor, limit int) ([]billing.Order, error) {
	query, args := f.page(accountID, after, before, limit)
	found, err := list(tx, query, args, scanOrder)
	if err != nil {
		return nil, err
	}
	if !before.IsZero() {
		slices.Reverse(found)
	}
	byID := make(map[string]billing.Order, len(found))
	ids := make([]string, len(found))
	for n, o := range found {
		ids[n], byID[o.ID] = o.ID, o
	}
	if err := tx.addLines(accountID, ids, byID); err != nil {
		return nil, err
	}
	if err := tx.addLegs(accountID, ids, byID); err != nil {
		return nil, err
	}
	for n, id := range ids {
		found[n] = byID[id]
	}
	return found, nil
}

func (f OrderFilter) page(accountID string, after, before renewal.Cursor, limit int) (query string, args []any) {
	w := f.conditions(accountID)
	from, than, order := after, "<", "DESC"
	if !before.IsZero() {
		from, than, order = before, ">", "ASC"
	}
	if !from.IsZero() {
		w.add("(r."+f.column()+", r.id) "+than+" (?, ?)", from.Number, from.ID)
	}
	w.args = append(w.args, limit)
	columns := "r." + strings.Join(columns(orderColumns), ", r.")
	return fmt.Sprintf("SELECT %s FROM purchase_order r WHERE %s ORDER BY r.%s %s, r.id %s LIMIT $%d",
		columns, w, f.column(), order, order, len(w.args)), w.args
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

// CountOrders counts the account's orders in a status.
func (tx *Tx) CountOrders(accountID string, s billing.OrderStatus) (n int, err error) {
	err = tx.one("SELECT COUNT(*) FROM purchase_order WHERE account_id = $1 AND status = $2", []any{accountID, int(s)}, &n)
	return n, err
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
