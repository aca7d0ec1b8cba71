// Package invariant states the promises that data can break as queries: each
// finds the rows that break one. It only reads, and it does not share a line with
// the code that writes, because it is there to catch that code lying.
package invariant

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Broken is one row that breaks a promise.
type Broken struct {
	Promise int // its number in the list of promises
	Says    string
	Row     string
}

func (b Broken) String() string {
	return fmt.Sprintf("promise %d: %s: %s", b.Promise, b.Says, b.Row)
}

// rule is a query that finds what must not exist. Its columns describe the row;
// {account} stands where rows of one account are asked for.
type rule struct {
	promise int
	says    string
	query   string
}

// rowsShown is how many rows of one rule are reported.
const rowsShown = 5

// Check runs every rule, for one account or, where accountID is empty, for all.
// It sees one state of the database.
func Check(ctx context.Context, db *sql.DB, accountID string) ([]Broken, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	// Nothing was written, so there is nothing that a rollback could fail to undo.
	defer func() { _ = tx.Rollback() }()
	var all []Broken
	for _, r := range rules {
		found, err := r.find(ctx, tx, accountID)
		if err != nil {
			return all, fmt.Errorf("check %q: %w", r.says, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// Rules tells how many rules there are.
func Rules() int { return len(rules) }

func (r rule) find(ctx context.Context, tx *sql.Tx, accountID string) ([]Broken, error) {
	// Every rule names the account of its rows as "account_id" in its result.
	query := "SELECT * FROM (" + r.query + ") AS broken"
	var args []any
	if accountID != "" {
		query += " WHERE account_id = $1"
		args = append(args, accountID)
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("%s LIMIT %d", query, rowsShown), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var found []Broken
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		parts := make([]string, len(names))
		for i, name := range names {
			parts[i] = fmt.Sprintf("%s=%v", name, *values[i].(*any))
		}
		found = append(found, Broken{r.promise, r.says, strings.Join(parts, " ")})
	}
	return found, rows.Err()
}
