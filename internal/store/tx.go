package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Tx is one transaction. It lives for one call of Write or Read, carries that
// call's context, and belongs to one goroutine. After a statement failed it
// refuses every further one: SQLite may have rolled back silently, and the next
// statement would then commit alone.
type Tx struct {
	ctx      context.Context
	tx       *sql.Tx
	dialect  dialect
	prepared map[string]*sql.Stmt
	failed   error
	moved    map[string]bool // accounts whose money this transaction moves
	changed  []string        // accounts whose instances it changes
}

// errAfterError is what a transaction answers after it saw an error.
var errAfterError = errors.New("the transaction has already failed")

// ErrNone is returned by queries for one row that found none.
var ErrNone = errors.New("no such row")

func (tx *Tx) statement(query string) (*sql.Stmt, error) {
	if tx.failed != nil {
		return nil, fmt.Errorf("%w: %w", errAfterError, tx.failed)
	}
	if s := tx.prepared[query]; s != nil {
		return s, nil
	}
	s, err := tx.tx.PrepareContext(tx.ctx, query)
	if err != nil {
		return nil, tx.fail(query, err)
	}
	tx.prepared[query] = s
	return s, nil
}

func (tx *Tx) fail(query string, err error) error {
	tx.failed = err
	words := strings.Fields(query)
	return fmt.Errorf("%s: %w", strings.Join(words[:min(len(words), 4)], " "), err)
}

// exec runs a statement and tells how many rows it changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	s, err := tx.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, tx.fail(query, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, tx.fail(query, err)
	}
	return n, nil
}

// one runs a query for one row and returns ErrNone where there is none.
func (tx *Tx) one(query string, args []any, into ...any) error {
	s, err := tx.statement(query)
	if err != nil {
		return err
	}
	err = s.QueryRowContext(tx.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNone
	}
	if err != nil {
		return tx.fail(query, err)
	}
	return nil
}

// each runs a query and calls scan for every row.
func (tx *Tx) each(query string, args []any, scan func(row) error) error {
	s, err := tx.statement(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err != nil {
		return tx.fail(query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return tx.fail(query, err)
		}
	}
	if err := rows.Err(); err != nil {
		return tx.fail(query, err)
	}
	return nil
}

// row is a row of a result that can be scanned once.
type row interface{ Scan(...any) error }

// list runs a query and collects what scan makes of each row.
func list[T any](tx *Tx, query string, args []any, scan func(row) (T, error)) ([]T, error) {
	var all []T
	err := tx.each(query, args, func(r row) error {
		one, err := scan(r)
		all = append(all, one)
		return err
	})
	return all, err
}

// parametersAStatement keeps statements small: modernc binds in quadratic time.
const parametersAStatement = 100

// insert writes rows into a table, several a statement.
func (tx *Tx) insert(table string, columns []string, rows [][]any) error {
	_, err := tx.insertOr(table, columns, rows, "")
	return err
}

// scatter is insert for many rows that do not come in the order of the table's indexes.
func (tx *Tx) scatter(table string, columns []string, rows [][]any) error {
	_, err := tx.insertBy(max(1, tx.dialect.scattered/len(columns)), table, columns, rows, "")
	return err
}

func (tx *Tx) insertOr(table string, columns []string, rows [][]any, conflict string) (int64, error) {
	return tx.insertBy(max(1, parametersAStatement/len(columns)), table, columns, rows, conflict)
}

func (tx *Tx) insertBy(size int, table string, columns []string, rows [][]any, conflict string) (int64, error) {
	var inserted int64
	for len(rows) > 0 {
		n := min(size, len(rows))
		args := make([]any, 0, n*len(columns))
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		query := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " +
			tuples(n, len(columns)) + conflict
		changed, err := tx.exec(query, args...)
		if err != nil {
			return inserted, err
		}
		inserted += changed
		rows = rows[n:]
	}
	return inserted, nil
}

// tuples writes ($1, $2), ($3, $4) for n rows of so many columns.
func tuples(n, columns int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		b.WriteString(places(i*columns+1, columns))
		b.WriteByte(')')
	}
	return b.String()
}

// places writes $from, $from+1, … for so many parameters.
func places(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// columns splits a comma-separated list of column names.
func columns(names string) []string {
	parts := strings.Split(names, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
