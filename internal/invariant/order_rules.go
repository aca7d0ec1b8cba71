package invariant

// orderRules are the promises about orders that no task makes.
var orderRules = []rule{
	{17, "an order waits that was not given exactly seven days", `
		SELECT account_id, id, created_at, expires_at FROM purchase_order
		WHERE {account purchase_order} AND task_id = '' AND expires_at <> created_at + 604800000`},
	{17, "an order was paid after its time, or is cancelled as unpaid before", `
		SELECT o.account_id, o.id, o.status, o.expires_at, p.created_at FROM purchase_order o LEFT JOIN payment p ON p.id = o.attempt_id AND p.account_id = o.account_id
		WHERE {account o} AND o.task_id = '' AND ((o.status IN (3, 5) AND COALESCE(p.created_at, o.expires_at) >= o.expires_at)
			OR (o.status = 4 AND o.why = 'unpaid' AND o.ended_at < o.expires_at))`},
	{17, "an account has more orders than it has counted", `
		SELECT a.id AS account_id, a.order_number, COUNT(o.id) AS orders FROM account a
		JOIN purchase_order o ON o.account_id = a.id AND o.task_id = ''
		WHERE {account o} GROUP BY a.id, a.order_number HAVING COUNT(o.id) > a.order_number`},
	{20, "an order was placed without its audit row, or with two", `
		SELECT o.account_id, o.id, COUNT(a.id) AS rows FROM purchase_order o
		LEFT JOIN audit a ON a.account_id = o.account_id AND a.subject = 'order ' || o.id AND a.action = 'place'
		WHERE {account o} AND o.task_id = '' GROUP BY o.account_id, o.id HAVING COUNT(a.id) <> 1`},
	{20, "what became of an order is not in the audit", `
		SELECT o.account_id, o.id, o.status, COUNT(a.id) AS rows FROM purchase_order o
		LEFT JOIN audit a ON a.account_id = o.account_id AND a.subject = 'order ' || o.id AND a.became = CASE o.status
			WHEN 3 THEN 'processing' WHEN 4 THEN 'cancelled' WHEN 5 THEN 'completed' ELSE 'pending_payment' END
		WHERE {account o} AND o.task_id = '' GROUP BY o.account_id, o.id, o.status HAVING COUNT(a.id) = 0`},
}
