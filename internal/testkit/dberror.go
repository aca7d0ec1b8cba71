package testkit

import (
	"context"
	"database/sql/driver"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// DBErrors are real errors of an engine, by what they mean: busy and serialization
// may pass when the transaction is run again; full, gone and damaged do not.
func DBErrors(tb testing.TB, engine string) map[string]error {
	tb.Helper()
	if engine == Postgres {
		pg := func(code, message string) error {
			return &pgconn.PgError{Severity: "ERROR", Code: code, Message: message}
		}
		return map[string]error{
			"busy":          pg("40P01", "deadlock detected"),
			"serialization": pg("40001", "could not serialize access"),
			"full":          pg("53100", "could not extend file: No space left on device"),
			"gone":          pg("58030", "could not read block: Input/output error"),
			"damaged":       pg("XX001", "invalid page in block"),
		}
	}
	dir := tb.TempDir()
	damaged := filepath.Join(dir, "damaged.db")
	if err := os.WriteFile(damaged, []byte("These are words and no database, and they go on for more than the hundred bytes of a header, as they must."), 0o600); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	const table = "CREATE TABLE t (x BLOB)"
	busy := provoke(tb, filepath.Join(dir, "busy.db"), 2, "BEGIN IMMEDIATE")
	return map[string]error{
		"busy":          busy,
		"serialization": busy, // SQLite has one writer and no other conflict
		"full":          provoke(tb, filepath.Join(dir, "full.db")+"?_pragma=max_page_count(2)", 1, table, "INSERT INTO t VALUES (zeroblob(100000))"),
		"gone":          provoke(tb, filepath.Join(dir, "no folder", "gone.db"), 1, table),
		"damaged":       provoke(tb, damaged, 1, table),
	}
}

// provoke has so many connections to a file carry out statements, in vain for the
// last of them: nobody but SQLite's driver can make its errors.
func provoke(tb testing.TB, path string, conns int, statements ...string) (err error) {
	tb.Helper()
	for range conns {
		conn, opening := new(sqlite.Driver).Open("file:" + path)
		if err = opening; err != nil {
			break
		}
		defer conn.Close()
		for _, s := range statements {
			if _, err = conn.(driver.ExecerContext).ExecContext(context.Background(), s, nil); err != nil {
				break
			}
		}
	}
	if err == nil {
		tb.Fatalf("testkit: %s met no error", path)
	}
	return err
}
