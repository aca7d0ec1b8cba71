package invariant

import "slices"

// rules are the promises as queries. Money is compared in minor units. A state that
// is joined with an empty text keeps SQLite from searching the states of all
// accounts; a payment_id that is said not to be empty, or a status not to be 5, lets
// it use the index of those that are not.
var rules = slices.Concat(renewalRules, walletRules, orderRules)

var renewalRules = []rule{
	{1, "an account has more than one open task", `
		SELECT account_id, COUNT(*) AS tasks FROM task
		WHERE {account task} AND state IN ('generating', 'ready', 'running', 'suspended', 'cancelling') GROUP BY account_id HAVING COUNT(*) > 1`},
	{2, "a task ended without an end, or is open with one", `
		SELECT account_id, id, state, ended_at FROM task
		WHERE {account task} AND (state IN ('completed', 'cancelled', 'expired', 'failed')) <> (ended_at > 0)`},
	{2, "a task runs or ran that nobody confirmed", `
		SELECT account_id, id, state FROM task
		WHERE {account task} AND confirmed_at = 0 AND (state IN ('running', 'suspended', 'cancelling', 'completed') OR renewed > 0)`},
	{2, "a task completed with units left", `
		SELECT t.account_id, t.id, COUNT(*) AS waiting FROM task t JOIN item i ON i.task_id = t.id AND i.state = 'waiting'
		WHERE {account t} AND t.state || '' = 'completed' GROUP BY t.account_id, t.id`},
	{3, "a task holds more than 10,000 units, or none", `
		SELECT account_id, id, units FROM task
		WHERE {account task} AND state NOT IN ('generating', 'failed', 'cancelled') AND units NOT BETWEEN 1 AND 10000`},
	{3, "a task's items are not the units it found", `
		SELECT t.account_id, t.id, t.units, COUNT(i.number) AS items FROM task t LEFT JOIN item i ON i.task_id = t.id
		WHERE {account t} AND (t.state NOT IN ('generating', 'failed', 'cancelled') OR t.ready_at > 0)
		GROUP BY t.account_id, t.id, t.units HAVING COUNT(i.number) <> t.units OR MIN(i.number) <> 1 OR MAX(i.number) <> t.units`},
	{4, "a task expired before its 72 hours were over, or was confirmed after", `
		SELECT account_id, id, state, ready_at, expires_at, ended_at FROM task
		WHERE {account task} AND ((ready_at > 0 AND expires_at <> ready_at + 259200000) OR (state = 'expired' AND ended_at < expires_at))`},
	{8, "a renewed unit has no completed order with a captured payment", `
		SELECT i.account_id, i.task_id, i.number FROM task t JOIN item i ON i.task_id = t.id
		LEFT JOIN purchase_order o ON o.account_id = i.account_id AND o.id = i.order_id AND o.status = 5
			AND o.task_id = i.task_id AND o.item = i.number
		LEFT JOIN payment p ON p.id = o.payment_id AND p.account_id = i.account_id AND p.state = 'captured' AND p.purpose = 'renewal'
		WHERE {account t} AND i.state = 'renewed' AND (o.id IS NULL OR p.id IS NULL)`},
	{8, "a completed order belongs to a unit that is not renewed", `
		SELECT o.account_id, o.id, o.task_id, o.item FROM purchase_order o
		LEFT JOIN item i ON i.task_id = o.task_id AND i.number = o.item AND i.state = 'renewed' AND i.order_id = o.id
		WHERE {account o} AND o.status = 5 AND o.task_id <> '' AND i.number IS NULL`},
	{8, "an order does not hold a line for each instance of its unit", `
		SELECT o.account_id, o.id FROM purchase_order o JOIN item i ON i.task_id = o.task_id AND i.number = o.item
		LEFT JOIN order_line l ON l.account_id = o.account_id AND l.order_id = o.id AND l.instance_id = i.instance_id
			AND l.old_expiry = i.old_expiry AND l.new_expiry = i.new_expiry
		WHERE {account o} AND o.status = 5 AND l.instance_id IS NULL`},
	{8, "a completed order has no captured payment", `
		SELECT o.account_id, o.id, o.payment_id FROM purchase_order o
		LEFT JOIN payment p ON p.id = o.payment_id AND p.account_id = o.account_id AND p.state = 'captured' AND p.purpose = 'renewal'
		WHERE {account o} AND o.status = 5 AND p.id IS NULL`},
	{8, "an expiry was extended twice from the same instant, or two orders mean to", `
		SELECT account_id, instance_id, old_expiry, COUNT(*) AS times FROM order_line WHERE {account order_line} AND NOT cancelled
		GROUP BY account_id, instance_id, old_expiry HAVING COUNT(*) > 1`},
	{8, "a line is cancelled without its order, or counts though its order is cancelled", `
		SELECT l.account_id, l.order_id, l.instance_id FROM order_line l
		JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id
		WHERE {account l} AND l.cancelled <> (o.status = 4)`},
	{8, "an instance's last renewal is not its last paid extension", `
		SELECT n.account_id, n.id, n.expires_at, n.renewed_order FROM instance n
		LEFT JOIN order_line l ON l.account_id = n.account_id AND l.order_id = n.renewed_order AND l.instance_id = n.id
		WHERE {account n} AND n.renewed_order <> '' AND (l.instance_id IS NULL OR n.expires_at < l.new_expiry)`},
	{8, "a paid extension did not reach its instance", `
		SELECT l.account_id, l.instance_id, l.order_id FROM order_line l
		JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id AND o.status = 5
		JOIN instance n ON n.account_id = l.account_id AND n.id = l.instance_id
		WHERE {account l} AND (n.renewed_order = '' OR n.expires_at < l.new_expiry)`},
	{8, "money went back more than once, or more than was taken", `
		SELECT p.account_id, p.id, p.amount, CAST(SUM(f.amount) AS BIGINT) AS refunded FROM refund f JOIN payment p ON p.id = f.payment_id
		WHERE {account p} GROUP BY p.account_id, p.id, p.amount, p.state HAVING SUM(f.amount) > p.amount OR p.state <> 'captured'`},
	{8, "the gateway's money for a top-up was booked without its capture, or not at all", `
		SELECT p.account_id, p.id, p.state FROM payment p
		LEFT JOIN ledger_transaction t ON t.payment_id = p.id AND t.payment_id <> '' AND t.kind = 'top_up'
		WHERE {account p} AND p.purpose = 'top_up' AND (p.state = 'captured') <> (t.id IS NOT NULL)`},
	{9, "a payment was asked for without a key, or captured without the gateway's id", `
		SELECT account_id, id, state FROM payment
		WHERE {account payment} AND charged > 0 AND (gateway_key = '' OR (state IN ('prepared', 'unknown', 'captured') AND gateway_id = ''))`},
	{9, "a payment waits for the gateway and asks it for nothing", `
		SELECT account_id, id, state FROM payment WHERE {account payment} AND charged = 0 AND state <> 'captured'`},
	{9, "an order is being paid by no open payment, or a settled payment has orders left", `
		SELECT o.account_id, o.id, o.attempt_id FROM purchase_order o
		LEFT JOIN payment p ON p.id = o.attempt_id AND p.account_id = o.account_id AND p.state IN ('created', 'prepared', 'unknown')
		WHERE {account o} AND o.status = 3 AND o.status <> 5 AND p.id IS NULL`},
	{9, "a task ended while a payment of it is open", `
		SELECT p.account_id, p.id, p.task_id, t.state FROM payment p JOIN task t ON t.id = p.task_id
		WHERE {account p} AND p.state IN ('created', 'prepared', 'unknown') AND t.state NOT IN ('running', 'suspended', 'cancelling')`},
	{17, "an order that waits or is being paid does not keep others from its instances", `
		SELECT l.account_id, l.order_id, l.instance_id FROM order_line l
		JOIN purchase_order o ON o.account_id = l.account_id AND o.id = l.order_id AND o.status IN (3, 6) AND o.status <> 5
		JOIN instance n ON n.account_id = l.account_id AND n.id = l.instance_id
		WHERE {account o} AND (n.intent_order <> o.id OR n.expires_at <> l.old_expiry
			OR n.intent <> CASE o.status WHEN 6 THEN 'order_pending' ELSE 'renewal_in_progress' END)`},
	{17, "an instance is kept by an order that neither waits nor is being paid", `
		SELECT n.account_id, n.id, n.intent_order FROM instance n
		LEFT JOIN purchase_order o ON o.account_id = n.account_id AND o.id = n.intent_order AND o.status IN (3, 6)
		WHERE {account n} AND (n.intent <> '' OR n.intent_order <> '') AND o.id IS NULL`},
	{15, "a line's new expiry does not lie after its old one", `
		SELECT account_id, order_id, instance_id, old_expiry, new_expiry FROM order_line
		WHERE {account order_line} AND new_expiry <= old_expiry`},
	{11, "a unit was charged more than was quoted", `
		SELECT i.account_id, i.task_id, i.number, i.fee, o.fee AS paid FROM purchase_order o
		JOIN item i ON i.task_id = o.task_id AND i.number = o.item AND i.state = 'renewed'
		WHERE {account o} AND o.status = 5 AND o.fee > i.fee`},
	{12, "a ledger transaction does not sum to zero", `
		SELECT account_id, transaction_id, currency, CAST(SUM(amount) AS BIGINT) AS sum FROM ledger_entry
		WHERE {account ledger_entry} GROUP BY account_id, transaction_id, currency HAVING SUM(amount) <> 0`},
	{12, "a balance is not the sum of its entries", `
		SELECT w.account_id, w.balance, CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS entries FROM wallet w
		LEFT JOIN ledger_entry e ON e.account_id = w.account_id AND e.book = 'cash' AND e.currency = w.currency
		WHERE {account w} GROUP BY w.account_id, w.balance HAVING w.balance <> COALESCE(SUM(e.amount), 0)`},
	{12, "what is owed on a credit line is not the sum of its entries", `
		SELECT w.account_id, w.credit_used, CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS entries FROM wallet w
		LEFT JOIN ledger_entry e ON e.account_id = w.account_id AND e.book = 'credit' AND e.currency = w.currency
		WHERE {account w} GROUP BY w.account_id, w.credit_used HAVING w.credit_used <> -COALESCE(SUM(e.amount), 0)`},
	{12, "what a coupon has left is not the sum of its entries", `
		SELECT c.account_id, c.id, c.remaining, CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS entries FROM coupon c
		LEFT JOIN ledger_entry e ON e.account_id = c.account_id AND e.book = 'coupon:' || c.id AND e.currency = c.currency
		WHERE {account c} GROUP BY c.account_id, c.id, c.remaining HAVING c.remaining <> COALESCE(SUM(e.amount), 0)`},
	{12, "what is held is not what open payments and refunds hold", `
		SELECT w.account_id, CAST(COALESCE(h.held, 0) AS BIGINT) AS held, CAST(COALESCE(p.legs, 0) + COALESCE(f.owed, 0) AS BIGINT) AS needed FROM wallet w
		LEFT JOIN (SELECT account_id, SUM(amount) AS held FROM ledger_entry
			WHERE {account ledger_entry} AND book = 'holding' GROUP BY account_id) h ON h.account_id = w.account_id
		LEFT JOIN (SELECT p.account_id, SUM(g.amount) AS legs FROM payment p JOIN leg g ON g.payment_id = p.id AND g.kind <> 'card'
			WHERE {account p} AND p.state IN ('created', 'prepared', 'unknown') GROUP BY p.account_id) p ON p.account_id = w.account_id
		LEFT JOIN (SELECT account_id, SUM(charged) AS owed FROM refund
			WHERE {account refund} AND (state = 'created' OR (state = 'refused' AND order_id <> '')) GROUP BY account_id) f ON f.account_id = w.account_id
		WHERE {account w} AND COALESCE(h.held, 0) <> COALESCE(p.legs, 0) + COALESCE(f.owed, 0)`},
	{13, "a balance is negative, or more is owed than the credit line allows", `
		SELECT account_id, balance, credit_used FROM wallet
		WHERE {account wallet} AND (balance < 0 OR credit_used NOT BETWEEN 0 AND credit_limit)`},
	{13, "a coupon is overdrawn, or was used otherwise than it may be", `
		SELECT account_id, id, remaining FROM coupon WHERE {account coupon} AND (remaining NOT BETWEEN 0 AND face
			OR (single_use AND remaining NOT IN (0, face)) OR (use_for = 'new' AND remaining <> face))`},
	{14, "the lines of an order do not add up to it", `
		SELECT o.account_id, o.id, o.fee, CAST(COALESCE(SUM(l.fee), 0) AS BIGINT) AS lines FROM purchase_order o
		LEFT JOIN order_line l ON l.account_id = o.account_id AND l.order_id = o.id
		WHERE {account o} GROUP BY o.account_id, o.id, o.fee, o.list_fee HAVING o.fee <> COALESCE(SUM(l.fee), 0) OR o.list_fee <> COALESCE(SUM(l.list_fee), 0)`},
	{14, "the legs of an order do not add up to it", `
		SELECT o.account_id, o.id, o.fee, CAST(COALESCE(SUM(g.amount), 0) AS BIGINT) AS legs FROM purchase_order o
		LEFT JOIN leg g ON g.account_id = o.account_id AND g.order_id = o.id AND g.payment_id = o.payment_id
		WHERE {account o} AND o.status = 5 GROUP BY o.account_id, o.id, o.fee HAVING o.fee <> COALESCE(SUM(g.amount), 0)`},
	{14, "the orders of a payment, and what was refunded of it, do not add up to it", `
		SELECT p.account_id, p.id, p.amount, CAST(COALESCE(o.fees, 0) AS BIGINT) AS orders, CAST(COALESCE(f.refunded, 0) AS BIGINT) AS refunds FROM payment p
		LEFT JOIN (SELECT payment_id, SUM(fee) AS fees FROM purchase_order WHERE {account purchase_order} AND payment_id <> '' GROUP BY payment_id) o ON o.payment_id = p.id
		LEFT JOIN (SELECT payment_id, SUM(amount) AS refunded FROM refund WHERE {account refund} AND order_id <> '' GROUP BY payment_id) f ON f.payment_id = p.id
		WHERE {account p} AND p.purpose = 'renewal' AND p.state = 'captured' AND p.amount <> COALESCE(o.fees, 0) + COALESCE(f.refunded, 0)`},
	{14, "the card legs of a payment are not what the gateway was asked for", `
		SELECT p.account_id, p.id, p.charged, CAST(COALESCE(SUM(g.amount), 0) AS BIGINT) AS legs FROM payment p
		LEFT JOIN leg g ON g.payment_id = p.id AND g.kind = 'card'
		WHERE {account p} AND p.purpose = 'renewal' GROUP BY p.account_id, p.id, p.charged HAVING p.charged <> COALESCE(SUM(g.amount), 0)`},
	{14, "what a captured payment took is not what the ledger says", `
		SELECT p.account_id, p.id, p.amount, CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS spent FROM payment p
		LEFT JOIN ledger_transaction t ON t.payment_id = p.id AND t.payment_id <> ''
		LEFT JOIN ledger_entry e ON e.transaction_id = t.id AND (e.book IN ('cash', 'credit', 'gateway', 'bank') OR e.book LIKE 'coupon:%')
		WHERE {account p} AND p.state = 'captured' AND p.purpose = 'renewal' GROUP BY p.account_id, p.id, p.amount
		HAVING COALESCE(SUM(e.amount), 0) <> COALESCE((SELECT SUM(f.amount) FROM refund f
			WHERE f.payment_id = p.id AND f.state = 'refunded'), 0) + COALESCE((SELECT SUM(f.amount - f.charged) FROM refund f
			WHERE f.payment_id = p.id AND f.state <> 'refunded'), 0) - p.amount`},
	{14, "a top-up is not what the ledger says", `
		SELECT p.account_id, p.id, p.amount, CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS cash FROM payment p
		LEFT JOIN ledger_transaction t ON t.payment_id = p.id AND t.payment_id <> '' AND t.kind = 'top_up'
		LEFT JOIN ledger_entry e ON e.transaction_id = t.id AND e.book = 'cash'
		WHERE {account p} AND p.state = 'captured' AND p.purpose = 'top_up' GROUP BY p.account_id, p.id, p.amount HAVING COALESCE(SUM(e.amount), 0) <> p.amount`},
	{14, "a declined payment took something", `
		SELECT p.account_id, p.id, e.book, CAST(SUM(e.amount) AS BIGINT) AS amount FROM payment p
		JOIN ledger_transaction t ON t.payment_id = p.id AND t.payment_id <> '' JOIN ledger_entry e ON e.transaction_id = t.id
		WHERE {account p} AND p.state = 'declined' GROUP BY p.account_id, p.id, e.book HAVING SUM(e.amount) <> 0`},
	{14, "a task's counts or sums are not those of its items", `
		SELECT t.account_id, t.id, t.renewed, t.not_renewed, t.spent, t.left_total FROM task t JOIN (
			SELECT i.task_id,
				SUM(CASE WHEN i.state = 'renewed' THEN 1 ELSE 0 END) AS renewed,
				SUM(CASE WHEN i.state = 'failed' THEN 1 ELSE 0 END) AS failed,
				SUM(CASE WHEN i.state = 'blocked' THEN 1 ELSE 0 END) AS blocked,
				SUM(CASE WHEN i.state = 'renewed' THEN i.fee ELSE 0 END) AS spent,
				SUM(CASE WHEN i.state = 'waiting' THEN i.fee ELSE 0 END) AS waiting
			FROM task o JOIN item i ON i.task_id = o.id WHERE {account o} GROUP BY i.task_id) s ON s.task_id = t.id
		WHERE {account t} AND t.ready_at > 0 AND (t.renewed <> s.renewed OR t.not_renewed <> s.failed OR t.blocked <> s.blocked
			OR t.spent <> s.spent OR t.left_total <> s.waiting)`},
	{14, "what discounts take off a ready task, by kind, is not what they take off its items", `
		SELECT t.account_id, t.id, k.kind, COALESCE(d.amount, 0) AS kept FROM task t
		CROSS JOIN (SELECT 'contract' AS kind UNION ALL SELECT 'partner' UNION ALL SELECT 'promotional') k
		JOIN item i ON i.task_id = t.id AND i.state = 'waiting'
		LEFT JOIN task_discount d ON d.task_id = t.id AND d.kind = k.kind AND d.account_id = t.account_id
		WHERE {account t} AND t.state || '' = 'ready' GROUP BY t.account_id, t.id, k.kind, d.amount
		HAVING COALESCE(d.amount, 0) < SUM(CASE WHEN i.discount_kinds = k.kind THEN i.discount ELSE 0 END)
			OR COALESCE(d.amount, 0) > SUM(CASE WHEN i.discount_kinds LIKE '%' || k.kind || '%' THEN i.discount ELSE 0 END)`},
	{14, "what discounts take off a ready task is not what they take off its items", `
		SELECT t.account_id, t.id, t.list_total, t.fee_total FROM task t
		WHERE {account t} AND t.state || '' = 'ready' AND t.list_total - t.fee_total
			<> (SELECT COALESCE(SUM(d.amount), 0) FROM task_discount d WHERE d.task_id = t.id AND d.account_id = t.account_id)`},
	{15, "an item's new expiry does not lie after its old one", `
		SELECT i.account_id, i.task_id, i.number, i.old_expiry, i.new_expiry FROM task t JOIN item i ON i.task_id = t.id
		WHERE {account t} AND i.new_expiry <= i.old_expiry`},
	{15, "an associated resource does not share its primary's expiry", `
		SELECT c.account_id, c.id, c.expires_at, p.expires_at AS primary_expires_at FROM instance c
		JOIN instance p ON p.account_id = c.account_id AND p.id = c.parent_id
		WHERE {account c} AND c.parent_id <> '' AND c.expires_at <> p.expires_at`},
	{19, "a change that must be told was not", `
		SELECT t.account_id, t.id, t.state FROM task t
		LEFT JOIN outbox o ON o.account_id = t.account_id AND o.event_key = t.id AND o.kind = CASE t.state
			WHEN 'ready' THEN 'task_ready' WHEN 'completed' THEN 'task_completed' WHEN 'expired' THEN 'task_expired' ELSE 'task_failed' END
		WHERE {account t} AND t.state IN ('ready', 'completed', 'expired', 'failed') AND o.id IS NULL`},
	{19, "something was told that did not happen", `
		SELECT o.account_id, o.id, o.kind, o.event_key FROM outbox o LEFT JOIN task t ON t.account_id = o.account_id AND t.id = o.event_key
		WHERE {account o} AND ((o.kind = 'task_ready' AND COALESCE(t.ready_at, 0) = 0)
			OR (o.kind = 'task_completed' AND COALESCE(t.state, '') <> 'completed')
			OR (o.kind = 'task_expired' AND COALESCE(t.state, '') <> 'expired')
			OR (o.kind = 'task_failed' AND COALESCE(t.state, '') <> 'failed'))`},
	{20, "a unit was renewed without its audit row, or with two", `
		SELECT i.account_id, i.task_id, i.number, COUNT(a.id) AS rows FROM task t JOIN item i ON i.task_id = t.id
		LEFT JOIN audit a ON a.account_id = i.account_id AND a.action = 'renew' AND a.subject = 'instance ' || i.instance_id
			AND a.request_id = i.task_id
		WHERE {account t} AND i.state = 'renewed' GROUP BY i.account_id, i.task_id, i.number HAVING COUNT(a.id) <> 1`},
	{20, "a captured payment has no audit row, or two", `
		SELECT p.account_id, p.id, COUNT(a.id) AS rows FROM payment p
		LEFT JOIN audit a ON a.account_id = p.account_id AND a.action = 'pay' AND a.subject = 'payment ' || p.id
		WHERE {account p} AND p.purpose = 'renewal' AND p.state = 'captured' AND p.amount > 0 GROUP BY p.account_id, p.id HAVING COUNT(a.id) <> 1`},
	{20, "a task's changes of state are not all in the audit", `
		SELECT t.account_id, t.id, t.state, COUNT(a.id) AS rows FROM task t
		LEFT JOIN audit a ON a.account_id = t.account_id AND a.subject = 'task ' || t.id AND a.became = t.state
		WHERE {account t} GROUP BY t.account_id, t.id, t.state HAVING COUNT(a.id) = 0`},
}
