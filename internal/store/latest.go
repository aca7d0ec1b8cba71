package store

import "time"

// past are the columns that hold instants which have been; deadlines and expiries
// are not among them.
const past = `SELECT MAX(created_at) AS at FROM account
	UNION ALL SELECT MAX(at) FROM audit
	UNION ALL SELECT MAX(at) FROM ledger_transaction
	UNION ALL SELECT MAX(created_at) FROM request
	UNION ALL SELECT MAX(used_at) FROM session
	UNION ALL SELECT MAX(window_at) FROM sign_in_limit
	UNION ALL SELECT MAX(created_at) FROM member
	UNION ALL SELECT MAX(notices_read_at) FROM member
	UNION ALL SELECT MAX(ready_at) FROM task
	UNION ALL SELECT MAX(confirmed_at) FROM task
	UNION ALL SELECT MAX(ended_at) FROM task
	UNION ALL SELECT MAX(created_at) FROM outbox
	UNION ALL SELECT MAX(sent_at) FROM outbox
	UNION ALL SELECT MAX(asked_at) FROM payment
	UNION ALL SELECT MAX(settled_at) FROM payment`

// Latest is the latest instant at which anything is known to have happened here,
// or the zero time. A clock that is set by hand may not start before it.
func (tx *Tx) Latest() (time.Time, error) {
	var at int64
	err := tx.one("SELECT COALESCE(MAX(at), 0) FROM ("+past+") AS everything", nil, &at)
	return instant(at), err
}
