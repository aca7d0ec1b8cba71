package invariant_test

import (
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"testing"

	"perennial/internal/invariant"
	"perennial/internal/testkit"
)

// keys are the columns by which a row is found from a row of the account: they are
// those of one account by what they hold.
var keys = regexp.MustCompile(`\((account_id|id|task_id|payment_id|transaction_id)=\?`)

// The check of one account reads no other account's rows: every table is searched
// by the account, or by a key that a row of the account holds.
func TestCheckRule_ReadsTheRowsOfOneAccount(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	db := open(t, w, "")
	var tables []string
	each(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'", func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		tables = append(tables, name)
		return err
	})
	aliased := regexp.MustCompile(`(?:FROM|JOIN) (\w+) (\w+) `)
	invariant.EachQuery(func(says, query string) {
		aliases := map[string]string{}
		for _, m := range aliased.FindAllStringSubmatch(strings.ReplaceAll(query, "\n", " "), -1) {
			aliases[m[2]] = m[1]
		}
		searched := false
		each(t, db, "EXPLAIN QUERY PLAN "+query, func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			how, rest, _ := strings.Cut(detail, " ")
			name, _, _ := strings.Cut(rest, " ")
			of := aliases[name]
			if slices.Contains(tables, name) {
				of = name
			}
			switch {
			case of == "" || how != "SCAN" && how != "SEARCH":
			case how == "SCAN" || !keys.MatchString(detail):
				t.Errorf("%s: %s", says, detail)
			default:
				searched = searched || strings.Contains(detail, "(account_id=?")
			}
			return err
		}, "acme")
		if !searched {
			t.Errorf("%s: no table is searched by the account", says)
		}
	})
}

// each calls f with every row of a query.
func each(t *testing.T, db *sql.DB, query string, f func(*sql.Rows) error, args ...any) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
