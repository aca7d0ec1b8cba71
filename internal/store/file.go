package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"perennial/internal/fault"
)

// ownFile makes the file of a new SQLite database for its owner alone: it holds
// password hashes and session keys, and SQLite would let everybody on the machine
// read it. A file that exists is not touched, since closing a handle of it would
// drop SQLite's locks. What goes wrong here SQLite says better when it opens the file.
func (d dialect) ownFile() {
	if d.file == "" {
		return
	}
	if f, err := os.OpenFile(d.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close() // nothing was written
	}
}

// Backup writes a consistent copy of a SQLite database to a new file while the
// server goes on; the schema may be any. After an error there is no such file.
// PostgreSQL has its own tools.
func (db *DB) Backup(ctx context.Context, path string) (err error) {
	if db.dialect.file == "" {
		return fault.New(fault.Invalid, "Back up PostgreSQL with pg_dump.")
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, fault.Conflict, "%s exists already, and a backup is never written over anything. Name another file.", path)
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The backup cannot be written: %s.", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if _, err := db.writer.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return db.notCopied(path, err)
	}
	if err := file.Sync(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The backup cannot be written: %s.", err)
	}
	return nil
}

// notCopied says whose trouble ended a backup. SQLite does not tell the two files
// apart, but it writes to the copy alone.
func (db *DB) notCopied(path string, err error) error {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return fault.Wrap(err, fault.Unavailable, "The disk that would hold the backup %s is full.", path)
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
			return fault.Wrap(err, fault.Unavailable, "The backup %s cannot be written.", path)
		}
	}
	return db.describe(fmt.Errorf("back up to %s: %w", path, err))
}

// Damage has a SQLite file read through by its engine, and tells what is wrong
// with it. PostgreSQL has its own tools.
func (db *DB) Damage(ctx context.Context) (all []string, err error) {
	if db.dialect.file == "" {
		return nil, nil
	}
	err = db.Read(ctx, func(tx *Tx) error {
		all, err = list(tx, "PRAGMA integrity_check(20)", nil, func(r row) (line string, err error) {
			return line, r.Scan(&line)
		})
		return err
	})
	if len(all) == 1 && all[0] == "ok" {
		all = nil
	}
	return all, err
}
