package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"perennial/internal/fault"
)

// ErrTrouble is in the chain of every error of the database itself: it is full,
// locked, damaged or cannot be reached. Such an error says nothing about money: only
// the caller knows what was done before.
var ErrTrouble = errors.New("the database is in trouble")

// errNoTurn is the error of a transaction that waited for its turn in vain.
var errNoTurn = fmt.Errorf("%w: no turn", ErrTrouble)

// ErrOutcomeUnknown is in the chain where COMMIT was sent and its answer was lost:
// the transaction may have taken effect. It is ErrTrouble, too.
var ErrOutcomeUnknown = errors.New("the answer to COMMIT was lost")

// lostCommit marks the error of a COMMIT that may have taken effect. A refusal of
// the engine is definite: the transaction was rolled back.
func (d dialect) lostCommit(err error) error {
	if d.refusedCommit(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
}

func (d dialect) refusedCommit(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return d.file != "" // SQLite was interrupted; of a server the answer was not awaited
	}
	if errors.Is(err, sql.ErrTxDone) {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// After FATAL and PANIC the session is gone, and COMMIT may be in the log.
		return pg.Severity == "ERROR" && pg.Code != "40003" // statement completion unknown
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		// A frame that could not be flushed may still be found by the next process.
		return lite.Code()&0xff != sqlite3.SQLITE_IOERR
	}
	return pgconn.SafeToRetry(err) || errors.Is(err, pgx.ErrTxCommitRollback)
}

// transient reports whether the same transaction may succeed if it is run again. Of
// one whose COMMIT was sent without an answer nobody knows.
func transient(err error) bool {
	if errors.Is(err, ErrOutcomeUnknown) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "40001", "40P01", // serialization failure, deadlock
			"57014", lockTimeout, // a statement or a lock took too long
			"25P03", "57P01": // the session was ended, and the transaction with it
			return true
		}
		return false
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqlite3.SQLITE_BUSY || lite.Code()&0xff == sqlite3.SQLITE_LOCKED
	}
	return lostConnection(err)
}

// lockTimeout is what PostgreSQL answers who waited too long for a row.
const lockTimeout = "55P03"

// IsLocked reports whether somebody else held a row for longer than was waited.
func IsLocked(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == lockTimeout
}

func lostConnection(err error) bool {
	_, broken := errors.AsType[*net.OpError](err)
	return broken || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}

// unique reports whether err is the violation of a unique constraint.
func unique(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

const (
	unreachable = "The database cannot be reached."
	late        = "The database did not answer in time."
)

// unusable reports whether the database itself is in trouble: full, read-only,
// locked, damaged or not there.
func unusable(err error) (sentence string, yes bool) {
	// Who is not let in hears a reason of the server, too, which comes below.
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return unreachable, true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case lockTimeout, "40P01", "40001":
			return "The same data is being changed by somebody else.", true
		case "57014", "25P03":
			return late, true
		case "25006":
			return "The database takes no writes.", true
		}
		switch pg.Code[:2] {
		case "53":
			return "The database has run out of room or connections.", true
		case "57", "58", "08":
			return "The database is not available.", true
		case "XX":
			return "The database is damaged.", true
		}
		return "", false
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return "The disk that holds the database is full.", true
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return "The database is locked by another program.", true
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
			return "The database file cannot be read or written.", true
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			return "The database file may not be written.", true
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return "The database file is damaged. Restore a backup.", true
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return late, true
	}
	if lostConnection(err) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, os.ErrNotExist) {
		return unreachable, true
	}
	return "", false
}

// Describe is for the errors of queries that other rooms send through Handle.
func (db *DB) Describe(err error) error { return db.describe(err) }

// describe turns trouble of the database itself into a fault with a sentence. The
// sentence says what happened to the database, and nothing about money.
func (db *DB) describe(err error) error {
	if err == nil {
		return nil
	}
	db.doubt(err)
	unknown := errors.Is(err, ErrOutcomeUnknown)
	if _, ok := fault.Of(err); ok && !unknown {
		return err
	}
	sentence, yes := unusable(err)
	if unknown {
		sentence = "The database did not confirm the change, so it is not known yet whether it was saved."
	} else if !yes {
		return err
	}
	return db.trouble(err, sentence)
}

func (db *DB) trouble(err error, sentence string) error {
	if db.dialect.file != "" {
		sentence += " The file is " + db.dialect.file + "."
	}
	return fault.Wrap(fmt.Errorf("%w: %w", ErrTrouble, err), fault.Unavailable, "%s", sentence)
}
