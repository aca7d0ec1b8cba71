package store_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"perennial/internal/testkit"
)

const (
	due      = "the worker asks what is due over all accounts, and names the account of each from then on"
	compared = "the gateway is compared with the books over all accounts: it knows of none"
	signsIn  = "the e-mail address that somebody signs in with says which account it is"
	ofParent = "the row that it belongs to is of the account: naming the account here, too, has both engines walk over all rows of the account"
)

// overAllAccounts are the statements on rows of an account that name no account, by
// the function that holds them and where it has others by the table, with the reason.
var overAllAccounts = map[string]string{
	"Jobs":                     due,
	"DueReady":                 due,
	"SuspendedTasks":           due,
	"UnrecordedTasks":          due,
	"OrdersUnpaidBy":           due,
	"OpenPayments":             due,
	"OpenRefunds":              due,
	"HeldRefunds":              due,
	"DueEntries":               due,
	"OldPriceBook":             due,
	"CapturedByGateway":        compared,
	"OpenGatewayPayments":      compared,
	"PaymentsByKey":            compared,
	"TaskAccount":              compared,
	"Discrepancy":              compared,
	"MemberByEmail":            signsIn,
	"LockMemberByEmail":        signsIn,
	"CountRefused":             signsIn,
	"Session":                  "the secret of a session says whose it is",
	"InsertCard":               "the owner of a token is looked for in all accounts, so that two never share one",
	"Latest":                   "the clock does not start before anything that happened in any account",
	"Vitals":                   "metrics count the open work of all accounts",
	"DeadMails":                "metrics count the dead mails of all accounts",
	"Age":                      "the records of all accounts are compared with the marks",
	"AcceptAge":                "the marks of all accounts are written",
	"readTakenOff":             "a migration fills the rows of all accounts",
	"Ledger: ledger_entry":     ofParent,
	"CouponUses: ledger_entry": ofParent,
	"Receipt: ledger_entry":    ofParent,
	"Receipt: refund":          ofParent,
	"CreditHeld: leg":          ofParent,
	"addOrders: leg":           ofParent,
}

// Promise 21. A statement that names no account can read or change the rows of
// another customer when an id is mixed up.
func TestEveryStatementNamesTheAccountOfItsRows(t *testing.T) {
	statements := readStatements(t, storeFiles(t))
	if len(statements) < 150 {
		t.Fatalf("only %d statements were found", len(statements))
	}
	tables := tenantTables(t)
	needed := map[string]bool{}
	for _, s := range statements {
		for _, table := range withoutAccount(s.text, tables) {
			of := s.name + ": " + table
			if overAllAccounts[of] == "" {
				of = s.name
			}
			needed[of] = true
			if overAllAccounts[of] == "" {
				t.Errorf("%s names no account for %s:\n%s", s.name, table, s.text)
			}
		}
	}
	for of := range overAllAccounts {
		if !needed[of] {
			t.Errorf("%s names the account in every statement, or is gone: take it off the list", of)
		}
	}
}

// The check itself sees a condition that is missing.
func TestAStatementWithoutItsAccountIsRefused(t *testing.T) {
	tables := []string{"item", "task", "payment"}
	for text, want := range map[string][]string{
		"SELECT id FROM task WHERE account_id = $1 AND id = $2":                                               nil,
		"SELECT account_id FROM task WHERE id = $1":                                                           {"task"},
		"SELECT id FROM setting WHERE name = $1":                                                              nil,
		"SELECT id FROM task WHERE account_id IN ($1, '')":                                                    nil,
		"UPDATE item SET fee = $1 WHERE task_id = $2 AND account_id = $3":                                     nil,
		"UPDATE item SET account_id = $1 WHERE task_id = $2":                                                  {"item"},
		"DELETE FROM item WHERE task_id = $1":                                                                 {"item"},
		"SELECT 1 FROM task t JOIN payment p ON p.task_id = t.id WHERE t.account_id = $1":                     {"payment"},
		"SELECT 1 FROM task t JOIN payment p ON p.account_id = t.account_id WHERE t.id = $1":                  {"task", "payment"},
		"SELECT 1 FROM task t JOIN payment p ON p.account_id = t.account_id AND t.account_id = $1":            nil,
		"SELECT 1 FROM task t JOIN payment p ON p.account_id = t.account_id JOIN item i ON i.account_id = $1": {"task", "payment"},
		"SELECT (SELECT 1 FROM item i WHERE i.number = 1) FROM item i WHERE i.account_id = $1":                {"item"},
		"SELECT 1 FROM task WHERE account_id = $1 AND id IN (SELECT task_id FROM item)":                       {"item"},
		"SELECT 1 FROM task WHERE account_id = $1 AND id IN (SELECT task_id FROM item WHERE account_id = $1)": nil,
	} {
		if got := withoutAccount(text, tables); !slices.Equal(got, want) {
			t.Errorf("%s\ngot %q, want %q", text, got, want)
		}
	}
}

// Parts of a statement are found where they are: in constants, in conditions that are
// collected, in the callers of a function and in what it calls.
func TestStatementsArePutTogether(t *testing.T) {
	var got []string
	for _, s := range readStatements(t, map[string]string{"a.go": `package store
		import ("database/sql"; "fmt")
		type Tx struct{ tx *sql.Tx }
		type where struct{}
		func (w *where) add(condition string, values ...any) {}
		func (w *where) String() string { return "" }
		type one struct{}
		type other struct{}
		func (one) conditions() *where { w := &where{}; w.add("account_id = ?", 2); return w }
		func (other) conditions() *where { w := &where{}; w.add("id = ?", 2); return w }
		func list[T any](tx *Tx, query string, scan func() T) { tx.tx.QueryContext(nil, query) }
		func (tx *Tx) exec(query string) { tx.tx.ExecContext(nil, query+" LIMIT 1") }
		const named = "SELECT id FROM task " + which
		const which = "WHERE id = $1"
		func (tx *Tx) A() { list(tx, named, func() sql.Row { return sql.Row{} }) }
		func (tx *Tx) B(o one) {
			query := "DELETE FROM task WHERE "
			query += o.conditions().String()
			tx.exec(query)
		}
		func (tx *Tx) C(o other) { w := o.conditions(); tx.exec(fmt.Sprintf("DELETE FROM task WHERE %s", w)) }
		`}) {
		got = append(got, s.name+": "+strings.Join(strings.Fields(s.text), " "))
	}
	slices.Sort(got)
	want := []string{
		"A: SELECT id FROM task WHERE id = $1",
		"B: DELETE FROM task WHERE account_id = ? LIMIT 1",
		"C: DELETE FROM task WHERE %s id = ? LIMIT 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// tenantTables are the tables whose rows belong to an account.
func tenantTables(t *testing.T) []string {
	t.Helper()
	w := testkit.NewWorld(t, testkit.SQLite)
	rows, err := w.Store.Handle().QueryContext(t.Context(), `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name = 'account_id'`)
	w.Must(err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		w.Must(rows.Scan(&name))
		all = append(all, name)
	}
	w.Must(rows.Err())
	return all
}

var (
	reference = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?([a-z]\w*))?`)
	condition = regexp.MustCompile(`(?:(\w+)\.)?account_id (?:= (?:(\w+)\.account_id\b|[$?])|IN \([$?])`)
	changes   = regexp.MustCompile(`(?s)\bSET\b.*?\bWHERE\b`)
)

// withoutAccount lists the tables of a statement that it reads or changes without a
// condition on the account of their rows. A table that is joined by the account of
// another has one where that other has.
func withoutAccount(text string, tables []string) (without []string) {
	named := map[string]int{}       // conditions, by what they call the table
	given := map[string]bool{}      // those that have a parameter
	joined := map[string][]string{} // those that are joined by the account
	for _, m := range condition.FindAllStringSubmatch(changes.ReplaceAllString(text, "WHERE"), -1) {
		named[m[1]]++
		if m[2] == "" {
			given[m[1]] = true
			continue
		}
		named[m[2]]++
		joined[m[1]], joined[m[2]] = append(joined[m[1]], m[2]), append(joined[m[2]], m[1])
	}
	for _, name := range slices.Collect(maps.Keys(given)) {
		spread(name, joined, given)
	}
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(tables, m[1]) {
			continue
		}
		name := m[2]
		if name == "" && named[m[1]] > 0 {
			name = m[1]
		}
		if named[name]--; named[name] < 0 || !given[name] {
			without = append(without, m[1])
		}
	}
	return without
}

// spread gives the account of a table to those that are joined by it.
func spread(from string, joined map[string][]string, given map[string]bool) {
	for _, to := range joined[from] {
		if !given[to] {
			given[to] = true
			spread(to, joined, given)
		}
	}
}

// storeFiles are the files of the package, without its tests.
func storeFiles(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		body, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(body)
	}
	return files
}
