package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

const itemColumns = `task_id, number, instance_id, name, service_code, service_name, spec_code, region_code,
	region_name, project, period, state, reason, old_expiry, new_expiry, renewed_at, lines, list_fee, discount, fee,
	order_id, done_at, discount_kinds, was_fee`

// storedLine is a line of a quote as it is kept in an item. It is only ever read
// as a whole, so it needs no table of its own. Service and region are left out
// where they are those of the first line, which are the item's.
type storedLine struct {
	ID       string `json:"i"`
	Order    string `json:"o,omitempty"`
	Service  string `json:"v,omitempty"`
	Spec     string `json:"s"`
	Region   string `json:"r,omitempty"`
	Quantity int64  `json:"q"`
	List     int64  `json:"l"`
	Discount int64  `json:"d,omitempty"`
	Kind     string `json:"k,omitempty"`
}

func packLines(lines []renewal.Line) (string, error) {
	stored := make([]storedLine, len(lines))
	for n, l := range lines {
		stored[n] = storedLine{ID: l.InstanceID, Order: l.OrderID, Spec: l.SpecCode, Quantity: l.Quantity, List: l.List.Minor,
			Discount: l.Discount.Minor, Kind: l.DiscountKind}
		if l.ServiceCode != lines[0].ServiceCode {
			stored[n].Service = l.ServiceCode
		}
		if l.RegionCode != lines[0].RegionCode {
			stored[n].Region = l.RegionCode
		}
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

func unpackLines(text string, c money.Currency) ([]renewal.Line, error) {
	var stored []storedLine
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("read the lines of an item: %w", err)
	}
	lines := make([]renewal.Line, len(stored))
	for n, l := range stored {
		lines[n] = renewal.Line{InstanceID: l.ID, OrderID: l.Order, ServiceCode: l.Service, SpecCode: l.Spec, RegionCode: l.Region, Quantity: l.Quantity,
			List: money.Of(l.List, c), Discount: money.Of(l.Discount, c), DiscountKind: l.Kind,
			Fee: money.Of(l.List-l.Discount, c)}
	}
	return lines, nil
}

func scanItem(r row, c money.Currency) (renewal.Item, error) {
	var i renewal.Item
	var oldExpiry, newExpiry, renewed, done, listFee, discount, fee, was int64
	var lines, kinds string // kinds are those of the lines, kept beside them for PayableItems
	if err := r.Scan(&i.TaskID, &i.Number, &i.InstanceID, &i.Name, &i.ServiceCode, &i.ServiceName, &i.SpecCode,
		&i.RegionCode, &i.RegionName, &i.Project, &i.Period, &i.State, &i.Reason, &oldExpiry, &newExpiry, &renewed,
		&lines, &listFee, &discount, &fee, &i.OrderID, &done, &kinds, &was); err != nil {
		return i, err
	}
	i.OldExpiry, i.NewExpiry, i.RenewedAt, i.DoneAt = instant(oldExpiry), instant(newExpiry), instant(renewed), instant(done)
	i.List, i.Discount, i.Fee = money.Of(listFee, c), money.Of(discount, c), money.Of(fee, c)
	if i.Requoted = was >= 0; i.Requoted {
		i.WasFee = money.Of(was, c)
	}
	var err error
	i.Lines, err = unpackLines(lines, c)
	for n := range i.Lines {
		l := &i.Lines[n]
		l.ServiceCode, l.RegionCode = cmp.Or(l.ServiceCode, i.ServiceCode), cmp.Or(l.RegionCode, i.RegionCode)
	}
	i.Associated = max(0, len(i.Lines)-1)
	return i, err
}

// InsertItems adds items to a task.
func (tx *Tx) InsertItems(accountID string, items []renewal.Item) error {
	rows := make([][]any, len(items))
	for n, i := range items {
		lines, err := packLines(i.Lines)
		if err != nil {
			return err
		}
		rows[n] = []any{i.TaskID, i.Number, i.InstanceID, i.Name, i.ServiceCode, i.ServiceName, i.SpecCode, i.RegionCode,
			i.RegionName, i.Project, i.Period, string(i.State), string(i.Reason), millis(i.OldExpiry), millis(i.NewExpiry),
			millis(i.RenewedAt), lines, i.List.Minor, i.Discount.Minor, i.Fee.Minor, i.OrderID, millis(i.DoneAt), words(kindsOf(i.Lines)), wasFee(i), accountID}
	}
	return tx.insert("item", append(columns(itemColumns), "account_id"), rows)
}

// DeleteItems empties a task that is prepared anew.
func (tx *Tx) DeleteItems(accountID, taskID string) error {
	_, err := tx.exec("DELETE FROM item WHERE task_id = $1 AND account_id = $2", taskID, accountID)
	return err
}

// Waiting reads the next units of a task to pay for, in their order.
func (tx *Tx) Waiting(accountID, taskID string, limit int, c money.Currency) ([]renewal.Item, error) {
	return list(tx, "SELECT "+itemColumns+" FROM item WHERE task_id = $1 AND account_id = $2 AND state = 'waiting' ORDER BY number LIMIT $3",
		[]any{taskID, accountID, limit}, func(r row) (renewal.Item, error) { return scanItem(r, c) })
}

// FinishItem settles one waiting item. It reports false where the item is no
// longer waiting.
func (tx *Tx) FinishItem(accountID, taskID string, number int, state renewal.ItemState, why renewal.Reason, fee int64, orderID string, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE item SET state = $1, reason = $2, fee = $3, order_id = $4, done_at = $5
		WHERE task_id = $6 AND account_id = $7 AND number = $8 AND state = 'waiting'`,
		string(state), string(why), fee, orderID, millis(now), taskID, accountID, number)
	return n == 1, err
}

// wasFee is the fee of an item before it was quoted anew, or -1.
func wasFee(i renewal.Item) int64 {
	if i.Requoted {
		return i.WasFee.Minor
	}
	return -1
}

// ForgetRequotes makes the present quotes of a task the ones from which the next
// changes are told.
func (tx *Tx) ForgetRequotes(accountID, taskID string) error {
	_, err := tx.exec("UPDATE item SET was_fee = -1 WHERE task_id = $1 AND account_id = $2 AND was_fee >= 0", taskID, accountID)
	return err
}

// RequoteItem replaces the quote of a waiting item and keeps the fee that it had.
func (tx *Tx) RequoteItem(accountID, taskID string, number int, q renewal.Quote) error {
	lines, err := packLines(q.Lines)
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE item SET lines = $1, list_fee = $2, discount = $3, was_fee = fee, fee = $4, discount_kinds = $5
		WHERE task_id = $6 AND account_id = $7 AND number = $8 AND state = 'waiting'`,
		lines, q.List.Minor, q.Discount.Minor, q.Fee.Minor, words(kindsOf(q.Lines)), taskID, accountID, number)
	return err
}

// NameOrder keeps the order that was made for a waiting item, so that the next one
// is told from it where this one fails.
func (tx *Tx) NameOrder(accountID, taskID string, number int, orderID string) error {
	_, err := tx.exec("UPDATE item SET order_id = $1 WHERE task_id = $2 AND account_id = $3 AND number = $4 AND state = 'waiting'", orderID, taskID, accountID, number)
	return err
}

// QuotedFees sums the quotes of the waiting items that orders of a task are for.
func (tx *Tx) QuotedFees(accountID, taskID string, orders []billing.Order) (minor int64, err error) {
	if taskID == "" {
		return 0, nil
	}
	w := &where{}
	w.add("task_id = ?", taskID)
	w.add("account_id = ?", accountID)
	numbers := make([]int, len(orders))
	for n, o := range orders {
		numbers[n] = o.Item
	}
	addIn(w, "number", numbers)
	err = tx.one("SELECT CAST(COALESCE(SUM(fee), 0) AS BIGINT) FROM item WHERE state = 'waiting' AND "+w.String(), w.args, &minor)
	return minor, err
}

// Endangered lists units left in a task that freeze or are released until by, the
// soonest first. Both spans of expiries are given by the rules of retention.
func (tx *Tx) Endangered(accountID, taskID string, freezing, releasing renewal.Span, limit int) (first []renewal.Item, total int, err error) {
	const condition = ` FROM item WHERE task_id = $1 AND account_id = $2 AND state = 'waiting'
		AND ((old_expiry > $3 AND old_expiry <= $4) OR (old_expiry > $5 AND old_expiry <= $6))`
	args := []any{taskID, accountID, millis(freezing.From), millis(freezing.To), millis(releasing.From), millis(releasing.To)}
	if err := tx.one("SELECT COUNT(*)"+condition, args, &total); err != nil {
		return nil, 0, err
	}
	first, err = list(tx, "SELECT instance_id, name, old_expiry"+condition+" ORDER BY number LIMIT $7", append(args, limit), func(r row) (renewal.Item, error) {
		var i renewal.Item
		var expiry int64
		err := r.Scan(&i.InstanceID, &i.Name, &expiry)
		i.OldExpiry = instant(expiry)
		return i, err
	})
	return first, total, err
}

// AgainWaiting counts the units left in a task that were renewed here at or after
// the instant, whether before the task was prepared or since.
func (tx *Tx) AgainWaiting(accountID, taskID string, since time.Time) (int, error) {
	var n int
	err := tx.one(`SELECT COUNT(*) FROM instance i CROSS JOIN item t
		WHERE i.account_id = $1 AND i.renewed_at >= $3 AND t.task_id = $2 AND t.account_id = $1 AND t.instance_id = i.id AND t.state = 'waiting'`, []any{accountID, taskID, millis(since)}, &n)
	return n, err
}

// PayableItem is what a payment plan has to know of a waiting item.
type PayableItem struct {
	Number int
	billing.Payable
}

// PayableItems reads what is left of a task for a plan, in the order of payment.
func (tx *Tx) PayableItems(accountID, taskID string, c money.Currency) ([]PayableItem, error) {
	return list(tx, "SELECT number, instance_id, service_code, discount_kinds, fee FROM item WHERE task_id = $1 AND account_id = $2 AND state = 'waiting' ORDER BY number",
		[]any{taskID, accountID}, func(r row) (PayableItem, error) {
			i := PayableItem{Payable: billing.Payable{Fee: money.Of(0, c)}}
			var kinds string
			err := r.Scan(&i.Number, &i.InstanceID, &i.Service, &kinds, &i.Fee.Minor)
			i.Item, i.Kinds = i.Number, strings.Fields(kinds)
			return i, err
		})
}

func kindsOf(lines []renewal.Line) []billing.DiscountKind {
	return billing.KindsOf(renewal.Quote{Lines: lines})
}
