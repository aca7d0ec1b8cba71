package store

import (
	"encoding/json"
	"fmt"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

const itemColumns = `task_id, number, instance_id, name, service_code, service_name, spec_code, region_code,
	region_name, project, period, state, reason, old_expiry, new_expiry, renewed_at, lines, list_fee, discount, fee,
	order_id, done_at`

// storedLine is a line of a quote as it is kept in an item. It is only ever read
// as a whole, so it needs no table of its own.
type storedLine struct {
	ID       string `json:"i"`
	List     int64  `json:"l"`
	Discount int64  `json:"d,omitempty"`
	Kind     string `json:"k,omitempty"`
}

func packLines(lines []renewal.Line) (string, error) {
	stored := make([]storedLine, len(lines))
	for n, l := range lines {
		stored[n] = storedLine{l.InstanceID, l.List.Minor, l.Discount.Minor, l.DiscountKind}
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
		lines[n] = renewal.Line{InstanceID: l.ID, List: money.Of(l.List, c), Discount: money.Of(l.Discount, c),
			DiscountKind: l.Kind, Fee: money.Of(l.List-l.Discount, c)}
	}
	return lines, nil
}

func scanItem(r row, c money.Currency) (renewal.Item, error) {
	var i renewal.Item
	var oldExpiry, newExpiry, renewed, done, listFee, discount, fee int64
	var lines string
	if err := r.Scan(&i.TaskID, &i.Number, &i.InstanceID, &i.Name, &i.ServiceCode, &i.ServiceName, &i.SpecCode,
		&i.RegionCode, &i.RegionName, &i.Project, &i.Period, &i.State, &i.Reason, &oldExpiry, &newExpiry, &renewed,
		&lines, &listFee, &discount, &fee, &i.OrderID, &done); err != nil {
		return i, err
	}
	i.OldExpiry, i.NewExpiry, i.RenewedAt, i.DoneAt = instant(oldExpiry), instant(newExpiry), instant(renewed), instant(done)
	i.List, i.Discount, i.Fee = money.Of(listFee, c), money.Of(discount, c), money.Of(fee, c)
	var err error
	i.Lines, err = unpackLines(lines, c)
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
			millis(i.RenewedAt), lines, i.List.Minor, i.Discount.Minor, i.Fee.Minor, i.OrderID, millis(i.DoneAt), accountID}
	}
	return tx.insert("item", append(columns(itemColumns), "account_id"), rows)
}

// DeleteItems empties a task that is prepared anew.
func (tx *Tx) DeleteItems(taskID string) error {
	_, err := tx.exec("DELETE FROM item WHERE task_id = $1", taskID)
	return err
}

// Waiting reads the next units of a task to pay for, in their order.
func (tx *Tx) Waiting(taskID string, limit int, c money.Currency) ([]renewal.Item, error) {
	return list(tx, "SELECT "+itemColumns+" FROM item WHERE task_id = $1 AND state = 'waiting' ORDER BY number LIMIT $2",
		[]any{taskID, limit}, func(r row) (renewal.Item, error) { return scanItem(r, c) })
}

// FinishItem settles one waiting item. It reports false where the item is no
// longer waiting.
func (tx *Tx) FinishItem(taskID string, number int, state renewal.ItemState, why renewal.Reason, fee int64, orderID string, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE item SET state = $1, reason = $2, fee = $3, order_id = $4, done_at = $5
		WHERE task_id = $6 AND number = $7 AND state = 'waiting'`,
		string(state), string(why), fee, orderID, millis(now), taskID, number)
	return n == 1, err
}

// RequoteItem replaces the quote of a waiting item.
func (tx *Tx) RequoteItem(taskID string, number int, q renewal.Quote) error {
	lines, err := packLines(q.Lines)
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE item SET lines = $1, list_fee = $2, discount = $3, fee = $4
		WHERE task_id = $5 AND number = $6 AND state = 'waiting'`,
		lines, q.List.Minor, q.Discount.Minor, q.Fee.Minor, taskID, number)
	return err
}

// WaitingFees reads the quoted fees of what is left, in the order of payment.
func (tx *Tx) WaitingFees(taskID string, c money.Currency) (fees []money.Amount, numbers []int, err error) {
	err = tx.each("SELECT number, fee FROM item WHERE task_id = $1 AND state = 'waiting' ORDER BY number", []any{taskID}, func(r row) error {
		var number int
		var fee int64
		err := r.Scan(&number, &fee)
		fees, numbers = append(fees, money.Of(fee, c)), append(numbers, number)
		return err
	})
	return fees, numbers, err
}

// WaitingIDs lists the instances that are left, in the order of payment.
func (tx *Tx) WaitingIDs(taskID string) ([]string, error) {
	return list(tx, "SELECT instance_id FROM item WHERE task_id = $1 AND state = 'waiting' ORDER BY number", []any{taskID}, scanText)
}
