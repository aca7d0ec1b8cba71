package invariant_test

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/invariant"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// breaks lie to each rule in as many ways as it names. In the statements {a} is
// the account, {t1} its completed task and {t2} its ready one.
var breaks = map[string][]string{
	"an account has more than one open task": {
		"UPDATE task SET state = 'suspended', ended_at = 0 WHERE id = '{t1}'"},
	"a task ended without an end, or is open with one": {
		"UPDATE task SET ended_at = 0 WHERE id = '{t1}'",
		"UPDATE task SET ended_at = 5 WHERE id = '{t2}'"},
	"a task runs or ran that nobody confirmed": {
		"UPDATE task SET confirmed_at = 0 WHERE id = '{t1}'",
		"UPDATE task SET state = 'running' WHERE id = '{t2}'",
		"UPDATE task SET renewed = 1 WHERE id = '{t2}'"},
	"a task completed with units left": {
		"UPDATE item SET state = 'waiting' WHERE task_id = '{t1}' AND number = 1"},
	"a task holds more than 10,000 units, or none": {
		"UPDATE task SET units = 10001 WHERE id = '{t2}'",
		"UPDATE task SET units = 0 WHERE id = '{t2}'"},
	"a task's items are not the units it found": {
		"DELETE FROM item WHERE task_id = '{t2}' AND number = 1",
		"UPDATE item SET number = 7 WHERE task_id = '{t2}' AND number = 1"},
	"a task expired before its 72 hours were over, or was confirmed after": {
		"UPDATE task SET expires_at = expires_at + 1 WHERE id = '{t2}'",
		"UPDATE task SET expires_at = expires_at - 1 WHERE id = '{t2}'",
		"UPDATE task SET state = 'expired', ended_at = expires_at - 1 WHERE id = '{t2}'"},
	"a renewed unit has no completed order with a captured payment": {
		"UPDATE payment SET state = 'declined' WHERE account_id = '{a}'",
		"UPDATE item SET order_id = '' WHERE task_id = '{t1}' AND number = 1",
		"UPDATE purchase_order SET status = 6, payment_id = '' WHERE account_id = '{a}' AND item = 1"},
	"a completed order belongs to a unit that is not renewed": {
		"UPDATE item SET state = 'failed' WHERE task_id = '{t1}' AND number = 2",
		"UPDATE purchase_order SET item = 9 WHERE account_id = '{a}' AND item = 2"},
	"an order does not hold a line for each instance of its unit": {
		"DELETE FROM order_line WHERE account_id = '{a}' AND instance_id = 'u1'",
		"UPDATE order_line SET new_expiry = new_expiry + 1 WHERE account_id = '{a}' AND instance_id = 'u1'"},
	"an expiry was extended twice from the same instant, or two orders mean to": {
		"UPDATE order_line SET instance_id = 'u2' WHERE account_id = '{a}' AND instance_id = 'u1-disk'; UPDATE order_line SET old_expiry = 0 WHERE account_id = '{a}'"},
	"an instance's last renewal is not its last paid extension": {
		"UPDATE instance SET expires_at = expires_at - 1 WHERE account_id = '{a}' AND id = 'u2'",
		"UPDATE instance SET renewed_order = 'nowhere' WHERE account_id = '{a}' AND id = 'u2'"},
	"a paid extension did not reach its instance": {
		"UPDATE instance SET renewed_order = '' WHERE account_id = '{a}' AND id = 'u1-disk'"},
	"the gateway's money for a top-up was booked without its capture, or not at all": {
		topUp("captured", "key-1", "pay-1"),
		topUp("unknown", "key-2", "pay-2") + "; UPDATE ledger_transaction SET kind = 'top_up', payment_id = 'top-up {a}' WHERE account_id = '{a}' AND kind = 'deposit'"},
	"a payment was asked for without a key, or captured without the gateway's id": {
		topUp("created", "", ""), topUp("prepared", "key-3", ""), topUp("unknown", "key-4", ""), topUp("captured", "key-5", "")},
	"a unit was charged more than was quoted": {
		"UPDATE item SET fee = fee - 1 WHERE task_id = '{t1}' AND number = 1"},
	"a ledger transaction does not sum to zero": {
		"UPDATE ledger_entry SET amount = amount + 1 WHERE account_id = '{a}' AND book = 'bank'",
		"DELETE FROM ledger_entry WHERE account_id = '{a}' AND book = 'renewals'"},
	"a balance is not the sum of its entries": {
		"UPDATE wallet SET balance = balance + 1 WHERE account_id = '{a}'",
		"UPDATE ledger_entry SET amount = amount + 1 WHERE account_id = '{a}' AND book = 'cash' AND amount > 0"},
	"a balance is negative, or more is owed than the credit line allows": {
		"UPDATE wallet SET credit_used = 1 WHERE account_id = '{a}'",
		"UPDATE wallet SET balance = -1 WHERE account_id = '{a}'"},
	"the lines of an order do not add up to it": {
		"UPDATE order_line SET fee = fee + 1, list_fee = list_fee + 1 WHERE account_id = '{a}' AND instance_id = 'u2'",
		"UPDATE order_line SET discount = discount + 1, list_fee = list_fee + 1 WHERE account_id = '{a}' AND instance_id = 'u2'"},
	"the legs of an order do not add up to it": {
		"DELETE FROM leg WHERE account_id = '{a}'",
		"UPDATE leg SET amount = amount + 1 WHERE account_id = '{a}'"},
	"the orders of a payment, and what was refunded of it, do not add up to it": {
		refund("created", "RN-0001-00002", 1000, 0),
		"UPDATE payment SET amount = amount - 1 WHERE account_id = '{a}'"},
	"what a captured payment took is not what the ledger says": {
		"UPDATE ledger_entry SET amount = 2 * amount WHERE account_id = '{a}'",
		"UPDATE ledger_transaction SET payment_id = '' WHERE account_id = '{a}'"},
	"a top-up is not what the ledger says": {
		topUp("captured", "key-6", "pay-6")},
	"a task's counts or sums are not those of its items": {
		"UPDATE task SET renewed = renewed - 1 WHERE id = '{t1}'",
		"UPDATE task SET not_renewed = not_renewed + 1 WHERE id = '{t1}'",
		"UPDATE task SET blocked = blocked + 1 WHERE id = '{t2}'",
		"UPDATE task SET spent = spent + 1 WHERE id = '{t1}'",
		"UPDATE task SET left_total = left_total - 1 WHERE id = '{t2}'"},
	"an item's new expiry does not lie after its old one": {
		"UPDATE item SET new_expiry = old_expiry WHERE task_id = '{t2}'"},
	"an associated resource does not share its primary's expiry": {
		"UPDATE instance SET expires_at = expires_at + 1 WHERE account_id = '{a}' AND id = 'u1-disk'"},
	"a change that must be told was not": {
		"DELETE FROM outbox WHERE event_key = '{t2}'",
		"DELETE FROM outbox WHERE event_key = '{t1}' AND kind = 'task_completed'",
		"UPDATE task SET state = 'expired', ended_at = expires_at WHERE id = '{t2}'",
		"UPDATE task SET state = 'failed', ended_at = expires_at WHERE id = '{t2}'"},
	"something was told that did not happen": {
		"UPDATE outbox SET event_key = 'nothing' WHERE event_key = '{t2}'",
		"UPDATE outbox SET kind = 'task_completed' WHERE event_key = '{t2}'",
		"UPDATE outbox SET kind = 'task_expired' WHERE event_key = '{t2}'",
		"UPDATE outbox SET kind = 'task_failed' WHERE event_key = '{t2}'"},
	"a unit was renewed without its audit row, or with two": {
		"DELETE FROM audit WHERE account_id = '{a}' AND action = 'renew'",
		"UPDATE audit SET subject = 'instance u1' WHERE account_id = '{a}' AND subject = 'instance u2'"},
	"a captured payment has no audit row, or two": {
		"DELETE FROM audit WHERE account_id = '{a}' AND action = 'pay'",
		"UPDATE audit SET action = 'pay', subject = (SELECT 'payment ' || id FROM payment WHERE account_id = '{a}') WHERE account_id = '{a}' AND action = 'renew'"},
	"a task's changes of state are not all in the audit": {
		"DELETE FROM audit WHERE subject = 'task {t2}' AND became = 'ready'",
		"DELETE FROM audit WHERE subject = 'task {t1}' AND became = 'completed'"},
}

func topUp(state, key, id string) string {
	return fmt.Sprintf(`INSERT INTO payment (id, account_id, purpose, task_id, state, amount, charged, currency, gateway_key, gateway_id, reason, created_at, created_by, asked_at, settled_at, return_to)
		VALUES ('top-up {a}', '{a}', 'top_up', '', '%s', 1000, 1000, 'USD', '%s', '%s', '', 1, '', 1, 1, '')`, state, key, id)
}

// open opens the World's database past the store.
func open(t *testing.T, w *testkit.World, pragmas string) *sql.DB {
	t.Helper()
	driver, address := "sqlite", "file:"+w.Location+"?_pragma=busy_timeout(10000)"+pragmas
	if w.Store.Engine() == testkit.Postgres {
		driver, address = "pgx", w.Location
	}
	db, err := sql.Open(driver, address)
	w.Must(err)
	t.Cleanup(func() { w.Must(db.Close()) })
	return db
}

// liar is a connection that no constraint of ours holds back.
func liar(t *testing.T, w *testkit.World) *sql.DB {
	t.Helper()
	db := open(t, w, "&_pragma=ignore_check_constraints(ON)")
	must(t, db, "DROP INDEX task_open; DROP INDEX order_line_extension; DROP INDEX refund_once")
	if w.Store.Engine() == testkit.Postgres {
		must(t, db, `ALTER TABLE wallet DROP CONSTRAINT wallet_balance_check; ALTER TABLE wallet DROP CONSTRAINT wallet_check;
			ALTER TABLE coupon DROP CONSTRAINT coupon_check`)
	}
	return db
}

func must(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// honest makes an account with a completed and a ready task, and names them.
func honest(w *testkit.World, id string) (completed, ready string) {
	w.Helper()
	one := *w
	one.Account.ID, one.Buyer.AccountID = id, id
	w.Write(func(tx *store.Tx) error {
		if err := tx.InsertAccount(one.Account); err != nil {
			return err
		}
		return tx.InsertWallet(id, "USD")
	})
	one.Prices(100)
	first := testkit.Unit("u1", 24*time.Hour)
	first.Associated = append(first.Associated, testkit.Disk(first, "u1-disk"))
	one.Add(first, testkit.Unit("u2", 48*time.Hour))
	one.Deposit(10 * testkit.UnitPrice)
	completed = one.Confirm(one.Prepare(testkit.Everything).ID).ID
	return completed, one.Prepare(testkit.Everything).ID
}

func TestEveryRuleSeesItsLies(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		db := liar(t, w)
		// The World checks itself at its end, and finds nothing then.
		t.Cleanup(func() { wipe(t, w) })
		prepared, err := invariant.NewChecker(t.Context(), w.Store.Handle())
		w.Must(err)
		t.Cleanup(func() { w.Must(prepared.Close()) })
		n := 0
		maps.Copy(breaks, moneyBreaks)
		maps.Copy(breaks, orderBreaks)
		for says, lies := range breaks {
			for _, lie := range lies {
				n++
				account := fmt.Sprint("account-", n)
				t1, t2 := honest(w, account)
				if broken, err := invariant.Check(t.Context(), w.Store.Handle(), account); err != nil || len(broken) > 0 {
					t.Fatalf("before the lie: %v, %v", err, broken)
				}
				must(t, db, strings.NewReplacer("{a}", account, "{t1}", t1, "{t2}", t2).Replace(lie))
				broken, err := invariant.Check(t.Context(), w.Store.Handle(), account)
				if err != nil {
					t.Fatal(err)
				}
				if same, err := prepared.Check(t.Context(), account); err != nil || !slices.Equal(same, broken) {
					t.Errorf("prepared, the rules say %v, want %v: %v", same, broken, err)
				}
				seen := false
				for _, b := range broken {
					seen = seen || b.Says == says
					if b.Promise < 1 || b.Promise > 20 || !strings.Contains(b.String(), account) {
						t.Errorf("the report does not say which promise or account is broken: %s", b)
					}
				}
				if !seen {
					t.Errorf("%q is not seen after %s\nseen: %v", says, lie, broken)
				}
			}
		}
		if len(breaks) != invariant.Rules() {
			t.Errorf("%d rules, and lies for %d: each rule needs one that it catches", invariant.Rules(), len(breaks))
		}
		// An honest account hears nothing of the others; the whole check sees them all.
		honest(w, "honest")
		if broken, err := invariant.Check(t.Context(), w.Store.Handle(), "honest"); err != nil || len(broken) > 0 {
			t.Errorf("an honest account: %v, %v", err, broken)
		}
		all, err := invariant.Check(t.Context(), w.Store.Handle(), "")
		w.Must(err)
		found := map[string]bool{}
		for _, b := range all {
			found[b.Says] = true
		}
		for says := range breaks {
			if !found[says] {
				t.Errorf("over all accounts nobody is told that %s", says)
			}
		}
	})
}

// wipe empties what the lies were told about.
func wipe(t *testing.T, w *testkit.World) {
	t.Helper()
	db := open(t, w, "")
	for _, table := range []string{"leg", "order_line", "purchase_order", "ledger_entry", "ledger_transaction", "refund", "coupon", "discount", "payment", "item", "task_discount", "task",
		"outbox", "audit", "instance", "wallet"} {
		must(t, db, "DELETE FROM "+table)
	}
}
