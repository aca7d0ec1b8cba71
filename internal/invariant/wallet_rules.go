package invariant

// walletRules are the promises about money that comes in and goes back.
var walletRules = []rule{
	{14, "a top-up that is given back is not what the ledger says", `
		SELECT f.account_id, f.id, f.state, CAST(COALESCE(s.cash, 0) AS BIGINT) AS cash, CAST(COALESCE(s.held, 0) AS BIGINT) AS held FROM refund f
		LEFT JOIN (SELECT t.refund_id, SUM(CASE WHEN e.book = 'cash' THEN e.amount ELSE 0 END) AS cash,
				SUM(CASE WHEN e.book = 'holding' THEN e.amount ELSE 0 END) AS held
			FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id WHERE {account t} AND t.refund_id <> '' GROUP BY t.refund_id) s ON s.refund_id = f.id
		WHERE {account f} AND f.order_id = '' AND (COALESCE(s.cash, 0) <> CASE f.state WHEN 'refused' THEN 0 ELSE -f.amount END
			OR COALESCE(s.held, 0) <> CASE f.state WHEN 'created' THEN f.amount ELSE 0 END)`},
	{14, "more than a top-up was given back, or a part of it", `
		SELECT f.account_id, f.id, f.amount, p.amount AS topped_up FROM refund f JOIN payment p ON p.id = f.payment_id
		WHERE {account f} AND f.order_id = '' AND (p.purpose <> 'top_up' OR f.amount <> p.amount OR f.charged <> p.charged)`},
	{13, "more of a credit line is held than is used of it", `
		SELECT w.account_id, w.credit_used, CAST(SUM(g.amount) AS BIGINT) AS held FROM wallet w
		JOIN payment p ON p.account_id = w.account_id AND p.state IN ('created', 'prepared', 'unknown')
		JOIN leg g ON g.payment_id = p.id AND g.kind = 'credit'
		WHERE {account w} GROUP BY w.account_id, w.credit_used HAVING SUM(g.amount) > w.credit_used`},
	{19, "an account was not warned that its balance is low, or will not be when it is", `
		SELECT account_id, balance, low_mark FROM wallet WHERE {account wallet} AND low_told <> (balance < low_mark)`},
	{19, "an account was warned of a low balance that nothing took below its mark", `
		SELECT o.account_id, o.id, o.event_key FROM outbox o
		LEFT JOIN ledger_entry e ON e.account_id = o.account_id AND e.transaction_id = o.event_key AND e.book = 'cash' AND e.amount < 0
		WHERE {account o} AND o.kind = 'low_balance' AND e.amount IS NULL`},
	{20, "a coupon was given without its audit row, or with two", `
		SELECT c.account_id, c.id, COUNT(a.id) AS rows FROM coupon c
		LEFT JOIN audit a ON a.account_id = c.account_id AND a.action = 'grant' AND a.subject = 'coupon ' || c.id
		WHERE {account c} GROUP BY c.account_id, c.id HAVING COUNT(a.id) <> 1`},
	{20, "a discount was given without its audit row, or with two", `
		SELECT d.account_id, d.id, COUNT(a.id) AS rows FROM discount d
		LEFT JOIN audit a ON a.account_id = d.account_id AND a.action = 'grant' AND a.subject = 'discount ' || d.id
		WHERE {account d} GROUP BY d.account_id, d.id HAVING COUNT(a.id) <> 1`},
	{20, "a top-up was given back without its audit rows", `
		SELECT f.account_id, f.id, f.state, COUNT(a.id) AS rows FROM refund f
		LEFT JOIN audit a ON a.account_id = f.account_id AND a.action = 'refund' AND a.subject = 'payment ' || f.payment_id AND a.became = f.state
		WHERE {account f} AND f.order_id = '' GROUP BY f.account_id, f.id, f.state HAVING COUNT(a.id) <> 1`},
}
