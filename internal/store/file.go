package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"perennial/internal/fault"
)

// Backup writes a consistent copy of a SQLite database to a new file while the
// server goes on; the schema may be any. The copy gets its name when it is whole
// and on the disk, so whatever ends the program, no part of a backup looks like one.
// PostgreSQL has its own tools.
func (db *DB) Backup(ctx context.Context, path string) (err error) {
	if db.dialect.file == "" {
		return fault.New(fault.Invalid, "Back up PostgreSQL with pg_dump.")
	}
	if _, err := os.Lstat(path); err == nil {
		return backupExists(fs.ErrExist, path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.partial")
	if err != nil {
		return notWritten(err, path)
	}
	partial := file.Name()
	defer func() {
		if gone := os.Remove(partial); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if _, err := db.writer.ExecContext(ctx, "VACUUM INTO $1", partial); err != nil {
		return errors.Join(db.notCopied(path, err), file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return notWritten(err, path)
	}
	if err := place(partial, path); errors.Is(err, fs.ErrExist) {
		return backupExists(err, path)
	} else if err != nil {
		return notWritten(err, path)
	}
	return nil
}

// place gives a file that is on the disk its name, which no file may have yet.
func place(from, to string) error {
	// Unlike a rename, a link never takes the place of another file.
	err := os.Link(from, to)
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if err == nil {
		err = os.Remove(from)
	} else { // there are file systems without links
		var taken *os.File
		if taken, err = os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			err = errors.Join(taken.Close(), os.Rename(from, to))
		}
	}
	if err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func backupExists(err error, path string) error {
	return fault.Wrap(err, fault.Conflict, "%s exists already, and a backup is never written over anything. Name another file.", path)
}

func notWritten(err error, path string) error {
	return fault.Wrap(err, fault.Unavailable, "The backup %s cannot be written: %s.", path, err)
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
// with it. It compares indexes with their tables, which "quick_check" does not. A
// connection of its own reads what is on the disk and not what others have cached,
// and keeps no page waiting. PostgreSQL has its own tools.
func (db *DB) Damage(ctx context.Context) (all []string, err error) {
	if db.dialect.file == "" {
		return nil, nil
	}
	connector, err := db.dialect.reader()
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	err = db.describe(db.once(ctx, pool, &sql.TxOptions{ReadOnly: true}, func(tx *Tx) error {
		all, err = list(tx, "PRAGMA integrity_check(20)", nil, func(r row) (line string, err error) {
			return line, r.Scan(&line)
		})
		return err
	}))
	if len(all) == 1 && all[0] == "ok" {
		all = nil
	}
	return all, err
}
