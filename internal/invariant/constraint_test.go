package invariant_test

import (
	"strings"
	"testing"

	"perennial/internal/testkit"
)

// What a constraint can promise, a constraint promises: the database itself
// refuses these, whatever the program above it says.
func TestTheDatabaseRefusesLies(t *testing.T) {
	twice := map[string]string{
		"promise 1: a second open task":                "UPDATE task SET state = 'running' WHERE id = '{t1}'",
		"promise 3: a unit twice in a task":            "UPDATE item SET instance_id = 'u1' WHERE task_id = '{t1}' AND number = 2",
		"promise 8: two orders for one unit of a task": "UPDATE purchase_order SET item = 1 WHERE account_id = '{a}' AND item = 2",
		"promise 8: an expiry extended twice":          "UPDATE order_line SET instance_id = 'u2', old_expiry = (SELECT MAX(old_expiry) FROM order_line WHERE account_id = '{a}') WHERE account_id = '{a}' AND instance_id = 'u1'",
		"promise 9: one key for two payments":          topUp("created", "same", "") + "; " + strings.Replace(topUp("created", "same", ""), "'top-up {a}'", "'another'", 1),
		"promise 12: a payment booked twice":           "UPDATE ledger_transaction SET kind = 'renewal', payment_id = (SELECT id FROM payment WHERE account_id = '{a}') WHERE account_id = '{a}'",
		"promise 8: an order refunded twice":           refund("created", "RN-0001-00001", 1, 1) + ";" + strings.Replace(refund("created", "RN-0001-00001", 1, 1), "'{a} RN", "'again RN", 1),
		"promise 17: two orders for one expiry":        order(6, "") + "; UPDATE order_line SET old_expiry = 5 WHERE account_id = '{a}' AND instance_id = 'u2'",
		"promise 12: a bank reference booked twice":    "INSERT INTO ledger_transaction SELECT 'again', account_id, kind, at, value_date, reference, payment_id, task_id, cash_after, refund_id FROM ledger_transaction WHERE account_id = '{a}' AND kind = 'deposit'",
		"promise 19: an event told twice":              "UPDATE outbox SET kind = 'task_ready', event_key = '{t2}' WHERE account_id = '{a}'",
		"promise 6: a key used twice":                  "INSERT INTO request SELECT account_id, key, 'other', '', '', 0 FROM request WHERE account_id = '{a}'",
	}
	wrong := map[string]string{
		"promise 2: a state that does not exist":           "UPDATE task SET state = 'paused' WHERE id = '{t1}'",
		"promise 8: a completed order without its payment": "UPDATE purchase_order SET payment_id = '' WHERE account_id = '{a}'",
		"promise 8: an unpaid order with a payment":        "UPDATE purchase_order SET status = 6 WHERE account_id = '{a}'",
		"promise 11: a negative fee":                       "UPDATE purchase_order SET fee = -1, list_fee = -1, discount = 0 WHERE account_id = '{a}'",
		"promise 13: a negative balance":                   "UPDATE wallet SET balance = -1 WHERE account_id = '{a}'",
		"promise 13: more owed than the credit line":       "UPDATE wallet SET credit_used = 1 WHERE account_id = '{a}'",
		"promise 13: a coupon below nothing":               coupon("remaining", "-1"),
		"promise 13: a coupon above its value":             coupon("remaining", "101"),
		"promise 14: an order that is not list − discount": "UPDATE purchase_order SET discount = discount + 1 WHERE account_id = '{a}'",
		"promise 14: a line that is not list − discount":   "UPDATE order_line SET fee = fee - 1 WHERE account_id = '{a}'",
		"promise 14: a leg of nothing":                     "UPDATE leg SET amount = 0 WHERE account_id = '{a}'",
	}
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		db := open(t, w, "")
		t1, t2 := honest(w, "honest")
		for constraint, lies := range map[string]map[string]string{"unique": twice, "check": wrong} {
			for what, lie := range lies {
				tx, err := db.Begin()
				w.Must(err)
				_, err = tx.Exec(strings.NewReplacer("{a}", "honest", "{t1}", t1, "{t2}", t2).Replace(lie))
				if err == nil || !strings.Contains(strings.ToLower(err.Error()), constraint) {
					t.Errorf("%s: no %s constraint refuses it: %v", what, constraint, err)
				}
				w.Must(tx.Rollback())
			}
		}
	})
}
