package invariant_test

// orderBreaks are the lies to the rules about orders that no task makes; they are
// told like breaks.
var orderBreaks = map[string][]string{
	"an order waits that was not given exactly seven days": {order(6, "")},
	"an order was paid after its time, or is cancelled as unpaid before": {
		order(3, "nowhere"),
		order(4, "") + "; UPDATE purchase_order SET why = 'unpaid', expires_at = 5, ended_at = 4 WHERE account_id = '{a}' AND id = 'RO-1'",
		"UPDATE purchase_order SET task_id = '', expires_at = 1, attempt_id = payment_id WHERE account_id = '{a}'"},
	"an account has more orders than it has counted": {order(6, "")},
	"an order was placed without its audit row, or with two": {
		order(6, ""),
		order(6, "") + "; UPDATE audit SET action = 'place', subject = 'order RO-1' WHERE account_id = '{a}' AND action = 'renew'"},
	"what became of an order is not in the audit": {
		order(6, "") + "; UPDATE audit SET subject = 'order RO-1', became = 'completed' WHERE account_id = '{a}' AND action = 'renew'"},
}
