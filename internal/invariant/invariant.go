// Package invariant states the promises that data can break as queries: each
// finds the rows that break one. It only reads, and it does not share a line with
// the code that writes, because it is there to catch that code lying.
package invariant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
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

// rule is a query that finds what must not exist. Its columns describe the row, the
// first of them its account.
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
	return check(ctx, db, func(tx *sql.Tx, n int) (*sql.Rows, error) {
		if accountID == "" {
			return tx.QueryContext(ctx, rules[n].text(false))
		}
		return tx.QueryContext(ctx, rules[n].text(true), accountID)
	})
}

// CheckRule runs rule n of Rules for one account. A rule is one query and sees one
// state of the database; a server that checks an account rule by rule keeps none
// open for long.
func CheckRule(ctx context.Context, db *sql.DB, n int, accountID string) ([]Broken, error) {
	rows, err := db.QueryContext(ctx, rules[n].text(true), accountID)
	if err != nil {
		return nil, fmt.Errorf("check %q: %w", rules[n].says, err)
	}
	broken, err := rules[n].read(rows)
	if err != nil {
		return nil, fmt.Errorf("check %q: %w", rules[n].says, err)
	}
	return broken, nil
}

// check runs every rule by its number in one transaction.
func check(ctx context.Context, db *sql.DB, run func(tx *sql.Tx, n int) (*sql.Rows, error)) ([]Broken, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	// Nothing was written, so there is nothing that a rollback could fail to undo.
	defer func() { _ = tx.Rollback() }()
	var all []Broken
	for n, r := range rules {
		rows, err := run(tx, n)
		if err == nil {
			var found []Broken
			found, err = r.read(rows)
			all = append(all, found...)
		}
		if err != nil {
			return all, fmt.Errorf("check %q: %w", r.says, err)
		}
	}
	return all, nil
}

// Checker is Check for one account at a time with the queries prepared, for whoever
// checks over and over: SQLite takes longer to read them than to answer them.
type Checker struct {
	db         *sql.DB
	statements []*sql.Stmt
}

// NewChecker prepares the rules on a database.
func NewChecker(ctx context.Context, db *sql.DB) (*Checker, error) {
	c := &Checker{db: db}
	for _, r := range rules {
		s, err := db.PrepareContext(ctx, r.text(true))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", r.says, err), c.Close())
		}
		c.statements = append(c.statements, s)
	}
	return c, nil
}

// Check runs every rule for an account.
func (c *Checker) Check(ctx context.Context, accountID string) ([]Broken, error) {
	return check(ctx, c.db, func(tx *sql.Tx, n int) (*sql.Rows, error) {
		return tx.StmtContext(ctx, c.statements[n]).QueryContext(ctx, accountID)
	})
}

// Close frees the prepared queries.
func (c *Checker) Close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Rules tells how many rules there are.
func Rules() int { return len(rules) }

// accountOf is how a rule names the rows that it reads of one account: {account t}
// is a condition on the account of t. It has to be inside the rule, at each table from
// which it starts, so that the check of an account reads no other account's rows.
var accountOf = regexp.MustCompile(`\{account (\w+)\}`)

// text is the query, for one account, which is its parameter, or for all.
func (r rule) text(one bool) string {
	condition := "TRUE"
	if one {
		condition = "${1}.account_id = $$1"
	}
	return fmt.Sprintf("%s LIMIT %d", accountOf.ReplaceAllString(r.query, condition), rowsShown)
}

func (r rule) read(rows *sql.Rows) ([]Broken, error) {
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
