package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// Interruptions counts how often the database could not be reached since it was
// opened. A failover in between may have lost the latest commits.
func (db *DB) Interruptions() int64 { return db.interrupted.Load() }

// noteInterruption counts an error that says that the server of the database is gone.
func (db *DB) noteInterruption(err error) {
	if err != nil && db.dialect.file == "" && disconnected(err) {
		db.interrupted.Add(1)
	}
}

func disconnected(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// The operator or a crash ends connections, or the server goes down or comes up.
		return pg.Code[:2] == "08" || pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03"
	}
	_, broken := errors.AsType[*net.OpError](err)
	return broken || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}
