package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// fills are what steps do in Go after their SQL, where new rows follow from what
// SQL common to both engines cannot read. Each is as finished as its step: it must
// not follow later changes of this package.
var fills = map[int64]func(context.Context, *sql.Tx) error{
	8: fillTaskDiscounts,
}

// takenOff is an amount in the table of step 8.
type takenOff struct{ account, task, kind string }

// fillTaskDiscounts adds up the discounts of tasks that are ready.
func fillTaskDiscounts(ctx context.Context, tx *sql.Tx) error {
	sums, err := readTakenOff(ctx, tx)
	if err != nil {
		return fmt.Errorf("add up the discounts of open tasks: %w", err)
	}
	for of, amount := range sums {
		if _, err := tx.ExecContext(ctx, "INSERT INTO task_discount (account_id, task_id, kind, amount) VALUES ($1, $2, $3, $4)",
			of.account, of.task, of.kind, amount); err != nil {
			return fmt.Errorf("keep the discounts of task %s: %w", of.task, err)
		}
	}
	return nil
}

func readTakenOff(ctx context.Context, tx *sql.Tx) (map[takenOff]int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT i.account_id, i.task_id, i.lines FROM item i JOIN task t ON t.id = i.task_id
		WHERE t.state = 'ready' AND i.state = 'waiting' AND i.discount > 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // whatever it says, Err has said
	sums := map[takenOff]int64{}
	for rows.Next() {
		var of takenOff
		var text string
		if err := rows.Scan(&of.account, &of.task, &text); err != nil {
			return nil, err
		}
		var lines []struct {
			Discount int64  `json:"d"`
			Kind     string `json:"k"`
		}
		if err := json.Unmarshal([]byte(text), &lines); err != nil {
			return nil, fmt.Errorf("read the lines of task %s: %w", of.task, err)
		}
		for _, l := range lines {
			if of.kind = l.Kind; l.Discount > 0 {
				sums[of] += l.Discount
			}
		}
	}
	return sums, rows.Err()
}
