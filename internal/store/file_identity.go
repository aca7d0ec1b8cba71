package store

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"perennial/internal/fault"
)

// ownFile makes the file of a new SQLite database for its owner alone: it holds
// password hashes and session keys, and SQLite would let everybody on the machine
// read it. A file that exists is not touched, since closing a handle of it would
// drop SQLite's locks. What goes wrong here SQLite says better when it opens the file.
func (d dialect) ownFile() error {
	if d.file == "" {
		return nil
	}
	path := resolved(d.file)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		// An empty database in place of a lost one would look like one that works.
		// SQLite deletes its log when the last server closes it, and the marks stay.
		for _, beside := range []string{path + "-wal", path + "-shm", path + ".mark"} {
			if info, err := os.Stat(beside); err == nil && (info.Size() > 0 || !strings.HasSuffix(beside, ".mark")) {
				return fault.New(fault.Unavailable, "The database file %s is missing, but %s is still there, so the database was moved or deleted. "+
					"Put the file back, or restore a backup and delete the -wal and -shm files. Delete those two and the .mark file to start with an empty database.", path, beside)
			}
		}
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close() // nothing was written
	}
	return nil
}

// resolved is a path without symlinks, also where nothing is at its end yet.
func resolved(path string) string {
	const most = 40 // links in a chain, as in the kernel
	for range most {
		if whole, err := filepath.EvalSymlinks(path); err == nil {
			return whole
		}
		target, err := os.Readlink(path)
		if err != nil {
			if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
				return filepath.Join(folder, filepath.Base(path))
			}
			return path
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return path
}

// oneName refuses a SQLite file that another path leads to without a symlink.
// SQLite keeps its log beside the path, so two programs that open the file by
// different paths would each write to a log of their own and damage the file.
func (d dialect) oneName() error {
	if d.file == "" {
		return nil
	}
	path := resolved(d.file)
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && links(info) > 1 {
		return fault.New(fault.Unavailable, "The database file %s has %d names (hard links), and two programs that open it by different names damage it. "+
			"Delete the other names, or copy the file and use the copy.", path, links(info))
	}
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil && mountedOn(mounts, path) {
		return fault.New(fault.Unavailable, "The database file %s is mounted by itself, so its log does not lie beside it on the disk and would be lost. "+
			"Mount the folder that holds the file instead.", path)
	}
	return nil
}

// mountedOn reports whether Linux's list of mounts has one at a path.
func mountedOn(mounts []byte, path string) bool {
	escaped := strings.NewReplacer(`\`, `\134`, " ", `\040`, "\t", `\011`, "\n", `\012`).Replace(path)
	lines := bufio.NewScanner(bytes.NewReader(mounts))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 4 && fields[4] == escaped {
			return true
		}
	}
	return false
}

// CheckFile returns an error where the SQLite file is no longer at its path, or
// another one is. SQLite would go on with the file that it has open, and what is
// written to that is lost when the server ends.
func (db *DB) CheckFile() error {
	if db.opened == nil {
		return nil
	}
	path := db.dialect.file
	now, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.Unavailable, "The database file %s was moved or deleted while the server was running. The server stopped, and nothing more was charged. "+
			"Put the file back and start the server again, or restore a backup and first delete %[1]s-wal and %[1]s-shm.", path)
	case err == nil && !os.SameFile(db.opened, now):
		return fault.New(fault.Unavailable, "The database file %s was replaced while the server was running. The server stopped, and nothing more was charged. "+
			"If this is a restored backup, delete %[1]s-wal and %[1]s-shm, run perennial doctor, and start the server again.", path)
	}
	return nil // what cannot be looked at is not known to be gone
}

// doubt counts errors after which a SQLite file has to be read through again.
func (db *DB) doubt(err error) {
	lite, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		db.damages.Add(1)
	}
}

// Doubts returns how many errors have cast doubt on the SQLite file so far.
func (db *DB) Doubts() int64 { return db.damages.Load() }
