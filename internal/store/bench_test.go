package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// BenchmarkOneClick measures S1 (One-Click Renew to ready) and S2 (OK to
// completed) beside their floors: the same rows and writes by the sqlite3 shell,
// in the same run, on a copy of the same file. Only the ratios count.
func BenchmarkOneClick(b *testing.B) {
	for _, units := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) { benchOneClick(b, units) })
	}
}

func benchOneClick(b *testing.B, units int) {
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		b.Log("LEFT OUT: the floors, which the sqlite3 shell would show, and it is not installed")
	}
	var ready, completed, readyFloor, completedFloor []time.Duration
	for b.Loop() {
		w := testkit.NewWorld(b, testkit.SQLite)
		w.Prices(100)
		w.AddMany(units, 24*time.Hour)
		w.Deposit(int64(units) * testkit.UnitPrice)
		before := copyOf(b, w, "before")

		start := time.Now()
		task := w.Prepare(testkit.Everything)
		ready = append(ready, time.Since(start))
		prepared := copyOf(b, w, "prepared")

		start = time.Now()
		got := w.Confirm(task.ID)
		completed = append(completed, time.Since(start))
		if got.State != renewal.Completed || got.Renewed != units {
			b.Fatalf("%d of %d renewed, %s", got.Renewed, units, got.State)
		}
		if shell == "" {
			continue
		}
		readyFloor = append(readyFloor, runShell(b, shell, before, snapshotSQL(task)))
		completedFloor = append(completedFloor, runShell(b, shell, prepared, paymentSQL(b, w, task.ID)))
	}
	report := func(name string, ours, floor []time.Duration) {
		o := median(ours)
		b.ReportMetric(float64(o.Milliseconds()), name+"-ms")
		if len(floor) == 0 {
			return
		}
		f := median(floor)
		b.ReportMetric(float64(f.Milliseconds()), name+"-floor-ms")
		b.ReportMetric(float64(o)/float64(f), name+"-ratio")
	}
	report("S1", ready, readyFloor)
	report("S2", completed, completedFloor)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func copyOf(b *testing.B, w *testkit.World, name string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name+".db")
	w.Must(w.Store.Backup(w.Context(), path))
	return path
}

// runShell runs SQL on a file with the settings that the store uses.
func runShell(b *testing.B, shell, file, script string) time.Duration {
	b.Helper()
	path := file + ".sql"
	if err := os.WriteFile(path, []byte("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;\n"+script), 0o600); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	out, err := exec.Command(shell, "-bail", file, ".read "+path).CombinedOutput()
	took := time.Since(start)
	if err != nil {
		b.Fatalf("sqlite3: %v\n%s", err, out)
	}
	return took
}

// snapshotSQL writes all items of a task in one statement: snapshot, price join
// and the full row.
func snapshotSQL(t renewal.Task) string {
	return fmt.Sprintf(`INSERT INTO task (id, account_id, number, state, version, scope, source_task, created_at, created_by, ready_at,
		expires_at, quoted_at, confirmed_at, confirmed_by, confirmed_email, ended_at, ended_by, suspended_at, price_revision, reconfirm,
		units, prepared, renewable, blocked, again, soon, list_total, fee_total, renewed, not_renewed, spent, left_total, shortfall,
		why, owner, epoch, beat)
	VALUES ('%[1]s', '%[2]s', 1, 'generating', 1, '', '', 1, '', 0, 0, 0, 0, '', '', 0, '', 0, 0, FALSE,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', 0, 0);
	INSERT INTO item (task_id, number, account_id, instance_id, name, service_code, service_name, spec_code, region_code,
		region_name, project, period, state, reason, old_expiry, new_expiry, renewed_at, lines, list_fee, discount, fee, order_id, done_at)
	SELECT '%[1]s', row_number() OVER (ORDER BY i.expires_at, i.id), i.account_id, i.id, i.name, i.service_code, i.service_name,
		i.spec_code, i.region_code, i.region_name, i.project, i.period, 'waiting', i.hold, i.expires_at, i.expires_at + 2592000000,
		i.renewed_at, '[{"i":"' || i.id || '","o":"' || i.order_id || '","s":"' || i.spec_code || '","q":1,"l":' || p.list_price || '}]',
		p.list_price * i.quantity, 0, p.list_price * i.quantity, '', 0
	FROM instance i JOIN price p ON p.account_id = i.account_id AND p.service_code = i.service_code AND p.spec_code = i.spec_code
		AND p.region_code = i.region_code AND p.period = i.period
	WHERE i.account_id = '%[2]s' AND i.parent_id = '' AND i.mode = 'manual' AND i.expires_at > 0;`, t.ID, t.AccountID)
}

// paymentSQL repeats the writes of a finished task, a hundred units a transaction.
func paymentSQL(b *testing.B, w *testkit.World, taskID string) string {
	b.Helper()
	dump := func(table, where string, args ...any) []string {
		return inserts(b, w.Store.Handle(), table, where, args...)
	}
	orders := dump("purchase_order", "task_id = $1 ORDER BY item", taskID)
	lines := dump("order_line", "order_id IN (SELECT id FROM purchase_order WHERE task_id = $1) ORDER BY order_id", taskID)
	legs := dump("leg", "order_id IN (SELECT id FROM purchase_order WHERE task_id = $1) ORDER BY order_id", taskID)
	audits := dump("audit", "request_id = $1 AND action = 'renew' ORDER BY id", taskID)
	payments := dump("payment", "task_id = $1 ORDER BY id", taskID)
	ledger := dump("ledger_transaction", "task_id = $1 ORDER BY id", taskID)
	entries := dump("ledger_entry", "transaction_id IN (SELECT id FROM ledger_transaction WHERE task_id = $1) ORDER BY transaction_id", taskID)
	extensions := statements(b, w.Store.Handle(), `SELECT 'UPDATE instance SET expires_at = ' || l.new_expiry || ', renewed_at = 1, renewed_order = ''' || l.order_id ||
		''' WHERE account_id = ''' || l.account_id || ''' AND id = ''' || l.instance_id || ''' AND expires_at = ' || l.old_expiry || ';'
		FROM order_line l JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id WHERE o.task_id = $1 ORDER BY o.item`, taskID)
	items := statements(b, w.Store.Handle(), `SELECT 'UPDATE item SET state = ''renewed'', order_id = ''' || order_id || ''', done_at = 1 WHERE task_id = ''' ||
		task_id || ''' AND number = ' || number || ' AND state = ''waiting'';' FROM item WHERE task_id = $1 AND state = 'renewed' ORDER BY number`, taskID)
	var script strings.Builder
	for n := range orders {
		if n%100 == 0 {
			script.WriteString("BEGIN IMMEDIATE;\n" + payments[n/100])
		}
		script.WriteString(extensions[n] + orders[n] + lines[n] + legs[n] + items[n] + audits[n] + "\n")
		if n%100 == 99 || n == len(orders)-1 {
			k := n / 100
			script.WriteString(ledger[k] + entries[2*k] + entries[2*k+1])
			fmt.Fprintf(&script, "UPDATE wallet SET balance = balance - 1; UPDATE task SET renewed = %d, beat = beat + 1 WHERE id = '%s';\nCOMMIT;\n", n+1, taskID)
		}
	}
	return script.String()
}

// inserts turns the rows of a table into INSERT statements.
func inserts(b *testing.B, db *sql.DB, table, where string, args ...any) []string {
	b.Helper()
	rows, err := db.Query("SELECT * FROM "+table+" WHERE "+where, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	var all []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			b.Fatal(err)
		}
		literals := make([]string, len(columns))
		for i, v := range values {
			literals[i] = literal(*v.(*any))
		}
		all = append(all, "INSERT INTO "+table+" VALUES ("+strings.Join(literals, ", ")+");")
	}
	return all
}

func literal(v any) string {
	switch v := v.(type) {
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return fmt.Sprint(v)
}

func statements(b *testing.B, db *sql.DB, query string, args ...any) []string {
	b.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			b.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}
