package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"
)

// Vital is how many rows of one kind are in one state, and since when the oldest is.
type Vital struct {
	Kind, State string
	Count       int64
	Since       time.Time // zero where none is, or where it says nothing
}

// vitals counts what is not settled, over partial indexes: it takes as long as there is
// open work, however much is done. Each batch of a task inserts a payment, so the newest
// one says when a running task last got further.
const vitals = `
	SELECT 'payment', state, COUNT(*), MIN(created_at) FROM payment WHERE state IN ('created', 'prepared', 'unknown') GROUP BY state
	UNION ALL SELECT 'refund', state, COUNT(*), MIN(created_at) FROM refund WHERE state = 'created' GROUP BY state
	UNION ALL SELECT 'task', state, COUNT(*), MIN(created_at) FROM task
		WHERE state IN ('generating', 'ready', 'running', 'suspended', 'cancelling') GROUP BY state
	UNION ALL SELECT 'pause', pause, COUNT(*), MIN(suspended_at) FROM task WHERE state = 'suspended' GROUP BY pause
	UNION ALL SELECT 'progress', 'running', COUNT(*), MIN(CASE WHEN at > confirmed_at THEN at ELSE confirmed_at END)
		FROM (SELECT t.confirmed_at AS confirmed_at, COALESCE((SELECT MAX(p.created_at) FROM payment p
			WHERE p.account_id = t.account_id AND p.task_id = t.id), 0) AS at FROM task t WHERE t.state = 'running') AS running
	UNION ALL SELECT 'mail', state, COUNT(*), MIN(created_at) FROM outbox WHERE state = 'queued' GROUP BY state
	UNION ALL SELECT 'discrepancy', kind, COUNT(*), MIN(found_at) FROM discrepancy WHERE state IN ('open', 'returning') GROUP BY kind
	UNION ALL SELECT 'compared', 'gateway', 1, checked_at FROM reconciliation WHERE name = 'gateway'`

// Vitals counts the open work of all accounts in one read.
func (tx *Tx) Vitals() ([]Vital, error) {
	return list(tx, vitals, nil, func(r row) (Vital, error) {
		var v Vital
		var since *int64 // MIN of no rows
		err := r.Scan(&v.Kind, &v.State, &v.Count, &since)
		if since != nil {
			v.Since = instant(*since)
		}
		return v, err
	})
}

// DeadMails counts mails that were given up. No index leads to them, so it is not for
// every reading.
func (tx *Tx) DeadMails() (n int64, err error) {
	err = tx.one("SELECT COUNT(*) FROM outbox WHERE state = 'dead'", nil, &n)
	return n, err
}

// Pool is the use of a pool of connections.
type Pool struct {
	Name   string
	Open   int
	InUse  int
	Waits  int64 // for a connection, since the start
	Waited time.Duration
}

// Pools returns the use of each pool.
func (db *DB) Pools() []Pool {
	var all []Pool
	add := func(name string, pool *sql.DB) {
		s := pool.Stats()
		all = append(all, Pool{name, s.OpenConnections, s.InUse, s.WaitCount, s.WaitDuration})
	}
	add("writer", db.writer)
	if db.reader != db.writer {
		add("reader", db.reader)
	}
	if db.maintenance != db.reader {
		add("maintenance", db.maintenance)
	}
	return all
}

// TurnsRefused returns how many transactions were refused because their turn did not
// come in time.
func (db *DB) TurnsRefused() int64 { return db.refused.Load() }

// LogSize returns how long SQLite's log is in bytes, or false where there is none. The
// file is not opened: closing a handle of it would drop SQLite's locks.
func (db *DB) LogSize() (int64, bool) {
	if db.dialect.file == "" {
		return 0, false
	}
	info, err := os.Stat(resolved(db.dialect.file) + "-wal")
	if err != nil {
		return 0, false
	}
	return info.Size(), true
}

// Writable returns an error where PostgreSQL answers and takes no writes, such as a
// standby. It changes no row. A SQLite file has one writer, which this would keep
// waiting: the beat of its server says the same.
func (db *DB) Writable(ctx context.Context) error {
	if db.dialect.file != "" {
		return nil
	}
	return db.WriteIfFree(ctx, func(tx *Tx) error {
		_, err := tx.exec("UPDATE setting SET value = value WHERE name = $1", "none of this name")
		return err
	})
}

// Sentence returns what an error says about the database, without the name of its file
// and without any value, for answers to strangers. It is empty where the error says
// nothing about the database.
func Sentence(err error) string {
	if errors.Is(err, ErrNewer) {
		return "A newer version has migrated the database."
	}
	sentence, _ := unusable(err)
	return sentence
}
