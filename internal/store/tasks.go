package store

import (
	"errors"
	"time"

	"perennial/internal/fault"
	"perennial/internal/renewal"
)

const taskColumns = `id, account_id, number, state, version, scope, source_task, created_at, created_by, ready_at,
	expires_at, quoted_at, confirmed_at, confirmed_by, confirmed_email, ended_at, ended_by, suspended_at, price_revision, reconfirm,
	units, prepared, renewable, blocked, again, soon, list_total, fee_total, renewed, not_renewed, spent, left_total,
	due_left, shortfall, pause, why, confirmed_member`

// Lease says which process works on a task. Epoch counts the owners, Beat the
// steps they made.
type Lease struct {
	Owner string
	Epoch int64
	Beat  int64
}

func scanTask(r row, more ...any) (renewal.Task, error) {
	var t renewal.Task
	var created, ready, expires, quoted, confirmed, ended, suspended int64
	err := r.Scan(append([]any{&t.ID, &t.AccountID, &t.Number, &t.State, &t.Version, &t.Scope, &t.SourceTask, &created,
		&t.CreatedBy, &ready, &expires, &quoted, &confirmed, &t.ConfirmedBy, &t.ConfirmedEmail, &ended, &t.EndedBy, &suspended,
		&t.PriceRevision, &t.Reconfirm, &t.Units, &t.Prepared, &t.Renewable, &t.Blocked, &t.Again, &t.Soon, &t.ListMinor,
		&t.FeeMinor, &t.Renewed, &t.NotRenewed, &t.SpentMinor, &t.LeftMinor, &t.DueMinor, &t.Shortfall, &t.Pause, &t.Why, &t.ConfirmedMember}, more...)...)
	t.CreatedAt, t.ReadyAt, t.ExpiresAt, t.QuotedAt = instant(created), instant(ready), instant(expires), instant(quoted)
	t.ConfirmedAt, t.EndedAt, t.SuspendedAt = instant(confirmed), instant(ended), instant(suspended)
	return t, err
}

func taskValues(t renewal.Task) []any {
	return []any{t.ID, t.AccountID, t.Number, string(t.State), t.Version, t.Scope, t.SourceTask, millis(t.CreatedAt),
		t.CreatedBy, millis(t.ReadyAt), millis(t.ExpiresAt), millis(t.QuotedAt), millis(t.ConfirmedAt), t.ConfirmedBy,
		t.ConfirmedEmail, millis(t.EndedAt), t.EndedBy, millis(t.SuspendedAt), t.PriceRevision, t.Reconfirm, t.Units, t.Prepared,
		t.Renewable, t.Blocked, t.Again, t.Soon, t.ListMinor, t.FeeMinor, t.Renewed, t.NotRenewed, t.SpentMinor,
		t.LeftMinor, t.DueMinor, t.Shortfall, string(t.Pause), t.Why, t.ConfirmedMember}
}

// InsertTask adds a task with the next number of its account. A second open task
// of an account is a Conflict: the constraint decides, so it holds for any
// number of concurrent starts.
func (tx *Tx) InsertTask(t renewal.Task) (number int, err error) {
	if err := tx.one("SELECT COALESCE(MAX(number), 0) + 1 FROM task WHERE account_id = $1", []any{t.AccountID}, &t.Number); err != nil {
		return 0, err
	}
	names := append(columns(taskColumns), "owner", "epoch", "beat")
	err = tx.insert("task", names, [][]any{append(taskValues(t), "", 0, 0)})
	if unique(err) {
		return 0, fault.Wrap(err, fault.Conflict, "A renewal task is already open for this account.")
	}
	return t.Number, err
}

// Task finds a task of the account, or ErrNone.
func (tx *Tx) Task(accountID, id string) (renewal.Task, error) {
	return tx.oneTask("SELECT "+taskColumns+" FROM task WHERE account_id = $1 AND id = $2", accountID, id)
}

// LockTask finds a task of the account that this transaction will change.
func (tx *Tx) LockTask(accountID, id string) (renewal.Task, error) {
	return tx.oneTask("SELECT "+taskColumns+" FROM task WHERE account_id = $1 AND id = $2"+tx.dialect.rowLock, accountID, id)
}

// LockLeased finds a task of the account to work on, with its lease.
func (tx *Tx) LockLeased(accountID, id string) (renewal.Task, Lease, error) {
	return tx.leased(accountID, id, tx.dialect.rowLock)
}

// LockLeasedNow is LockLeased that returns ErrNone where somebody else has locked the
// task: the work on others does not wait for it.
func (tx *Tx) LockLeasedNow(accountID, id string) (renewal.Task, Lease, error) {
	return tx.leased(accountID, id, tx.dialect.rowLock+tx.dialect.skipLocked)
}

// Leased is LockLeased without the lock, to look at a lease that somebody else holds.
func (tx *Tx) Leased(accountID, id string) (renewal.Task, Lease, error) {
	return tx.leased(accountID, id, "")
}

func (tx *Tx) leased(accountID, id, lock string) (renewal.Task, Lease, error) {
	var t renewal.Task
	var l Lease
	err := tx.each("SELECT "+taskColumns+", owner, epoch, beat FROM task WHERE account_id = $1 AND id = $2"+lock, []any{accountID, id}, func(r row) error {
		var err error
		t, err = scanTask(r, &l.Owner, &l.Epoch, &l.Beat)
		return err
	})
	if err == nil && t.ID == "" {
		err = ErrNone
	}
	return t, l, err
}

// OpenTask finds the account's open task, or ErrNone.
func (tx *Tx) OpenTask(accountID string) (renewal.Task, error) {
	return tx.oneTask("SELECT "+taskColumns+` FROM task WHERE account_id = $1
		AND state IN ('generating', 'ready', 'running', 'suspended', 'cancelling')`, accountID)
}

func (tx *Tx) oneTask(query string, args ...any) (renewal.Task, error) {
	var t renewal.Task
	err := tx.each(query, args, func(r row) error {
		var err error
		t, err = scanTask(r)
		return err
	})
	if err == nil && t.ID == "" {
		err = ErrNone
	}
	return t, err
}

// Tasks lists the account's tasks, newest first, those with a number below before
// (or all where it is 0).
func (tx *Tx) Tasks(accountID string, before, limit int) ([]renewal.Task, error) {
	if before <= 0 {
		before = 1 << 31
	}
	return list(tx, "SELECT "+taskColumns+" FROM task WHERE account_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
		[]any{accountID, before, limit}, func(r row) (renewal.Task, error) { return scanTask(r) })
}

// Job is a task that a worker has something to do for.
type Job struct {
	TaskID    string
	AccountID string
	State     renewal.State
}

// Jobs lists what a worker has to do, over all accounts.
func (tx *Tx) Jobs() ([]Job, error) {
	return list(tx, "SELECT id, account_id, state FROM task WHERE state IN ('generating', 'running', 'cancelling') ORDER BY id", nil,
		func(r row) (Job, error) {
			var j Job
			err := r.Scan(&j.TaskID, &j.AccountID, &j.State)
			return j, err
		})
}

// DueReady lists ready tasks that expire at or before the instant.
func (tx *Tx) DueReady(by time.Time) ([]renewal.Task, error) {
	return list(tx, "SELECT "+taskColumns+" FROM task WHERE state = 'ready' AND expires_at <= $1 ORDER BY id",
		[]any{millis(by)}, func(r row) (renewal.Task, error) { return scanTask(r) })
}

// SuspendedTasks lists the tasks that wait for money.
func (tx *Tx) SuspendedTasks() ([]renewal.Task, error) {
	return list(tx, "SELECT "+taskColumns+" FROM task WHERE state = 'suspended' ORDER BY id", nil,
		func(r row) (renewal.Task, error) { return scanTask(r) })
}

func scanText(r row) (string, error) {
	var s string
	err := r.Scan(&s)
	return s, err
}

// Move takes a task from a state and version to the next state, if the table of
// package renewal allows it and nobody else was faster, and counts the version
// up. What else changes with the state is in t. A ready task that is confirmed
// must not have expired at now: that is decided here, in the one statement.
func (tx *Tx) Move(t renewal.Task, from renewal.State, now time.Time) (renewal.Task, error) {
	if !from.May(t.State) {
		return t, fault.New(fault.Conflict, "This task is %s and cannot become %s.", from, t.State)
	}
	query := `UPDATE task SET state = $1, version = version + 1, ready_at = $2, expires_at = $3, quoted_at = $4,
		confirmed_at = $5, confirmed_by = $6, confirmed_email = $7, ended_at = $8, ended_by = $9, suspended_at = $10,
		reconfirm = $11, shortfall = $12, pause = $13, why = $14, due_left = $15, confirmed_member = $16, owner = ''
		WHERE id = $17 AND account_id = $18 AND state = $19 AND version = $20`
	args := []any{string(t.State), millis(t.ReadyAt), millis(t.ExpiresAt), millis(t.QuotedAt), millis(t.ConfirmedAt),
		t.ConfirmedBy, t.ConfirmedEmail, millis(t.EndedAt), t.EndedBy, millis(t.SuspendedAt), t.Reconfirm, t.Shortfall,
		string(t.Pause), t.Why, t.DueMinor, t.ConfirmedMember, t.ID, t.AccountID, string(from), t.Version}
	if from == renewal.Ready && t.State == renewal.Running {
		query += " AND expires_at > $21"
		args = append(args, millis(now))
	}
	n, err := tx.exec(query, args...)
	if err != nil {
		return t, err
	}
	if n != 1 {
		return t, fault.New(fault.Conflict, "This task changed since the page was shown. This is how it stands now.")
	}
	t.Version++
	return t, nil
}

// Progress keeps how far a task has come. It is guarded by the epoch and the
// state, so that a worker that lost its lease changes nothing, and it leaves the
// version alone.
func (tx *Tx) Progress(t renewal.Task, epoch int64) error {
	n, err := tx.exec(`UPDATE task SET units = $1, prepared = $2, renewable = $3, blocked = $4, again = $5, soon = $6,
		list_total = $7, fee_total = $8, renewed = $9, not_renewed = $10, spent = $11, left_total = $12,
		price_revision = $13, due_left = $14, beat = beat + 1 WHERE id = $15 AND account_id = $16 AND state = $17 AND epoch = $18`,
		t.Units, t.Prepared, t.Renewable, t.Blocked, t.Again, t.Soon, t.ListMinor, t.FeeMinor, t.Renewed, t.NotRenewed,
		t.SpentMinor, t.LeftMinor, t.PriceRevision, t.DueMinor, t.ID, t.AccountID, string(t.State), epoch)
	if err == nil && n != 1 {
		err = ErrLeaseLost
	}
	return err
}

// ErrLeaseLost means that another worker has taken the task over, or that it is
// no longer in the state in which it was found.
var ErrLeaseLost = errors.New("the task's lease was lost")

// Requoted keeps new totals and a new version after the prices of a waiting task
// were looked up again, or after what it waits for has changed.
func (tx *Tx) Requoted(t renewal.Task) (renewal.Task, error) {
	n, err := tx.exec(`UPDATE task SET version = version + 1, list_total = $1, fee_total = $2, left_total = $3,
		quoted_at = $4, price_revision = $5, reconfirm = $6, pause = $7, why = $8, shortfall = $9
		WHERE id = $10 AND account_id = $11 AND state = $12 AND version = $13`,
		t.ListMinor, t.FeeMinor, t.LeftMinor, millis(t.QuotedAt), t.PriceRevision, t.Reconfirm, string(t.Pause), t.Why, t.Shortfall,
		t.ID, t.AccountID, string(t.State), t.Version)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "This task changed since the page was shown. This is how it stands now.")
	}
	t.Version++
	return t, err
}

// TakeLease makes owner the one who works on a task of the account whose lease was seen as l.
func (tx *Tx) TakeLease(accountID, id, owner string, l Lease) (Lease, error) {
	n, err := tx.exec("UPDATE task SET owner = $1, epoch = epoch + 1, beat = beat + 1 WHERE id = $2 AND account_id = $3 AND epoch = $4",
		owner, id, accountID, l.Epoch)
	if err == nil && n != 1 {
		err = ErrLeaseLost
	}
	return Lease{Owner: owner, Epoch: l.Epoch + 1, Beat: l.Beat + 1}, err
}
