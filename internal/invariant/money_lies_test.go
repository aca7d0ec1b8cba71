package invariant_test

import "fmt"

// moneyBreaks are the lies to the rules about coupons, credit lines, cards, orders
// that wait, and refunds; they are told like breaks.
var moneyBreaks = map[string][]string{
	"a completed order has no captured payment": {
		"UPDATE payment SET state = 'declined' WHERE account_id = '{a}'",
		"UPDATE payment SET purpose = 'top_up' WHERE account_id = '{a}'"},
	"a line is cancelled without its order, or counts though its order is cancelled": {
		"UPDATE order_line SET cancelled = TRUE WHERE account_id = '{a}' AND instance_id = 'u2'",
		order(4, ""),
	},
	"money went back more than once, or more than was taken": {
		refund("refunded", "RN-0001-00001", 1250, 0) + ";" + refund("refunded", "RN-0001-00001 again", 1250, 0),
		refund("created", "", 1000, 1000) + "; UPDATE payment SET state = 'unknown' WHERE account_id = '{a}'"},
	"a payment waits for the gateway and asks it for nothing": {
		"UPDATE payment SET state = 'created' WHERE account_id = '{a}'"},
	"an order is being paid by no open payment, or a settled payment has orders left": {
		order(3, "nowhere")},
	"a task ended while a payment of it is open": {
		"UPDATE payment SET state = 'unknown' WHERE account_id = '{a}'"},
	"an order that waits or is being paid does not keep others from its instances": {
		order(6, ""),
		order(6, "") + "; UPDATE instance SET intent = 'renewal_in_progress', intent_order = 'RO-1' WHERE account_id = '{a}' AND id = 'u2'",
		order(6, "") + "; UPDATE instance SET intent = 'order_pending', intent_order = 'RO-1', expires_at = 1 WHERE account_id = '{a}' AND id = 'u2'",
		order(3, "") + "; UPDATE instance SET intent = 'order_pending', intent_order = 'RO-1' WHERE account_id = '{a}' AND id = 'u2'"},
	"an instance is kept by an order that neither waits nor is being paid": {
		"UPDATE instance SET intent = 'order_pending', intent_order = 'RN-0001-00002' WHERE account_id = '{a}' AND id = 'u2'",
		"UPDATE instance SET intent_order = 'nowhere' WHERE account_id = '{a}' AND id = 'u2'"},
	"a line's new expiry does not lie after its old one": {
		"UPDATE order_line SET new_expiry = old_expiry WHERE account_id = '{a}' AND instance_id = 'u2'"},
	"what is owed on a credit line is not the sum of its entries": {
		"UPDATE wallet SET credit_limit = 10, credit_used = 5 WHERE account_id = '{a}'"},
	"what a coupon has left is not the sum of its entries": {
		coupon("remaining", "5")},
	"what is held is not what open payments and refunds hold": {
		"UPDATE ledger_entry SET book = 'holding' WHERE account_id = '{a}' AND book = 'renewals'",
		"UPDATE payment SET state = 'unknown' WHERE account_id = '{a}'",
		refund("created", "RN-0001-00001", 1250, 1000)},
	"more of a credit line is held than is used of it": {
		"UPDATE payment SET state = 'unknown' WHERE account_id = '{a}'; UPDATE leg SET kind = 'credit' WHERE account_id = '{a}'"},
	"a coupon is overdrawn, or was used otherwise than it may be": {
		coupon("remaining", "-1"), coupon("remaining", "101"), coupon("use_for", "'new'"), coupon("single_use", "TRUE")},
	"the card legs of a payment are not what the gateway was asked for": {
		"UPDATE leg SET kind = 'card' WHERE account_id = '{a}'",
		"UPDATE payment SET charged = 1 WHERE account_id = '{a}'"},
	"a top-up that is given back is not what the ledger says": {
		wholeRefund("created", 1000, 1000),
		wholeRefund("refunded", 1000, 1000),
		wholeRefund("refused", 1000, 1000) + "; UPDATE ledger_transaction SET refund_id = '{a} whole' WHERE account_id = '{a}' AND kind = 'deposit'"},
	"more than a top-up was given back, or a part of it": {
		refund("created", "", 1000, 1000),
		wholeRefund("created", 1001, 1000),
		wholeRefund("created", 1000, 999)},
	"an account was not warned that its balance is low, or will not be when it is": {
		"UPDATE wallet SET low_mark = balance + 1 WHERE account_id = '{a}'",
		"UPDATE wallet SET low_mark = balance, low_told = TRUE WHERE account_id = '{a}'"},
	"an account was warned of a low balance that nothing took below its mark": {
		"UPDATE outbox SET kind = 'low_balance' WHERE event_key = '{t2}'",
		"UPDATE outbox SET kind = 'low_balance', event_key = (SELECT id FROM ledger_transaction WHERE account_id = '{a}' AND kind = 'deposit') WHERE event_key = '{t2}'"},
	"a coupon was given without its audit row, or with two": {
		coupon("name", "''"),
		coupon("name", "''") + "; UPDATE audit SET action = 'grant', subject = 'coupon c1' WHERE account_id = '{a}' AND action = 'renew'"},
	"a discount was given without its audit row, or with two": {
		discountLie,
		discountLie + "; UPDATE audit SET action = 'grant', subject = 'discount d1' WHERE account_id = '{a}' AND action = 'renew'"},
	"a top-up was given back without its audit rows": {
		wholeRefund("created", 1000, 1000)},
	"a declined payment took something": {
		"UPDATE payment SET state = 'declined' WHERE account_id = '{a}'"},
	"what discounts take off a ready task, by kind, is not what they take off its items": {
		takenOff("{a}", "partner"),
		"UPDATE item SET discount = 5, discount_kinds = 'contract' WHERE task_id = '{t2}' AND number = 1",
		"UPDATE item SET discount = 5, discount_kinds = 'partner promotional' WHERE task_id = '{t2}' AND number = 1; " + takenOff("{a}", "contract")},
	"what discounts take off a ready task is not what they take off its items": {
		takenOff("{a}", "partner"),
		"UPDATE task SET list_total = list_total + 5 WHERE id = '{t2}'; " + takenOff("nobody", "partner")},
}

// order makes an order over u2 that is in a status and is paid by an attempt.
func order(status int, attempt string) string {
	return fmt.Sprintf(`INSERT INTO purchase_order (account_id, id, kind, status, task_id, item, payment_id, attempt_id, instance_id, currency, list_fee, discount, fee, created_at, paid_at)
		VALUES ('{a}', 'RO-1', 2, %d, '', 0, '', '%s', 'u2', 'USD', 1000, 0, 1000, 1, 0);
		INSERT INTO order_line (account_id, order_id, instance_id, name, service_code, service_name, spec_code, region_code, region_name, project, period, quantity, old_expiry, new_expiry, list_fee, discount, discount_kind, fee)
		SELECT account_id, 'RO-1', instance_id, name, service_code, service_name, spec_code, region_code, region_name, project, period, quantity, new_expiry, new_expiry + 1, 1000, 0, '', 1000
		FROM order_line WHERE account_id = '{a}' AND instance_id = 'u2'`, status, attempt)
}

// refund gives an order of the account's payment back.
func refund(state, order string, amount, charged int) string {
	return fmt.Sprintf(`INSERT INTO refund (account_id, id, payment_id, order_id, state, amount, charged, currency, gateway_key, reason, created_at, created_by, asked_at, settled_at)
		SELECT account_id, '{a} %s', id, '%s', '%s', %d, %d, 'USD', '', '', 1, '', 0, 0 FROM payment WHERE account_id = '{a}'`, order, order, state, amount, charged)
}

// wholeRefund gives back a top-up of which the ledger knows nothing.
func wholeRefund(state string, amount, charged int) string {
	return topUp("captured", "key of {a}", "id of {a}") + fmt.Sprintf(`; INSERT INTO refund (account_id, id, payment_id, order_id, state, amount, charged, currency, gateway_key, reason, created_at, created_by, asked_at, settled_at)
		VALUES ('{a}', '{a} whole', 'top-up {a}', '', '%s', %d, %d, 'USD', '', '', 1, '', 0, 0)`, state, amount, charged)
}

// discountLie makes a discount that nobody granted.
const discountLie = `INSERT INTO discount (account_id, id, kind, name, rate, valid_from, valid_until, services, created_at)
	VALUES ('{a}', 'd1', 'partner', '', 100, 1, 0, '', 1)`

// takenOff keeps a discount of 5 for the ready task.
func takenOff(account, kind string) string {
	return fmt.Sprintf("INSERT INTO task_discount (account_id, task_id, kind, amount) VALUES ('%s', '{t2}', '%s', 5)", account, kind)
}

// coupon makes a coupon of 100 that has 50 left, of which the ledger knows, and
// then sets one column of it.
func coupon(column, value string) string {
	return fmt.Sprintf(`INSERT INTO coupon (account_id, id, type, name, currency, face, remaining, valid_from, valid_until, use_for, services, minimum, single_use, excludes, frozen, created_at)
		VALUES ('{a}', 'c1', 1, '', 'USD', 100, 50, 1, 2, 'both', '', 0, FALSE, '', FALSE, 1);
		INSERT INTO ledger_transaction (id, account_id, kind, at, value_date, reference, payment_id, task_id, cash_after) VALUES ('grant {a}', '{a}', 'grant', 1, '', '', '', '', 0);
		INSERT INTO ledger_entry (transaction_id, account_id, book, currency, amount) VALUES ('grant {a}', '{a}', 'coupon:c1', 'USD', 50), ('grant {a}', '{a}', 'grants', 'USD', -50);
		UPDATE coupon SET %s = %s WHERE account_id = '{a}'`, column, value)
}
