package testkit_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"perennial/internal/testkit"
)

// onBoth runs a test with a wrapped pool of one connection on each engine, and
// an unwrapped count of what is really stored.
func onBoth(t *testing.T, test func(t *testing.T, f *testkit.Faults, db *sql.DB, stored func() int)) {
	t.Run("sqlite", func(t *testing.T) {
		withFaults(t, file("file:"+filepath.Join(t.TempDir(), "t.db")+"?_pragma=journal_mode(WAL)"), test)
	})
	t.Run("postgres", func(t *testing.T) {
		dsn, ok := testkit.PostgresDSN(t)
		if !ok {
			return
		}
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		withFaults(t, stdlib.GetConnector(*config), test)
	})
}

// file is the DSN of an SQLite database as a connector, which modernc's driver does not offer.
type file string

func (f file) Connect(context.Context) (driver.Conn, error) {
	return new(sqlite.Driver).Open(string(f))
}
func (f file) Driver() driver.Driver { return new(sqlite.Driver) }

func withFaults(t *testing.T, engine driver.Connector, test func(*testing.T, *testkit.Faults, *sql.DB, func() int)) {
	f := &testkit.Faults{}
	db, plain := sql.OpenDB(f.Wrap(engine)), sql.OpenDB(engine)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close(); plain.Close() })
	if _, err := db.Exec(`CREATE TABLE entry (id INTEGER PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	test(t, f, db, func() (n int) {
		if err := plain.QueryRow(`SELECT count(*) FROM entry`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	})
}

// enter stores id in a transaction of five operations: begin, query, prepare, exec, commit.
func enter(ctx context.Context, db *sql.DB, id int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, `SELECT count(*) FROM entry WHERE id = $1`, id)
	if err != nil {
		return err
	}
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO entry (id) VALUES ($1)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	if _, err := insert.ExecContext(ctx, id); err != nil {
		return err
	}
	return tx.Commit()
}

var errFull = errors.New("disk is full")

func TestFaultsStrikeEveryOperation(t *testing.T) {
	onBoth(t, func(t *testing.T, f *testkit.Faults, db *sql.DB, stored func() int) {
		want := []testkit.OpKind{testkit.OpBegin, testkit.OpQuery, testkit.OpPrepare, testkit.OpExec, testkit.OpCommit}
		var seen []testkit.OpKind
		f.Arm(func(op testkit.Op) testkit.Fault { seen = append(seen, op.Kind); return testkit.Fault{} })
		if err := enter(t.Context(), db, 0); err != nil || !slices.Equal(seen, want) || f.Count() != 5 {
			t.Fatalf("%v, operations %v (count %d), want %v", err, seen, f.Count(), want)
		}
		id, effects := 1, 1
		for _, when := range []testkit.When{testkit.Before, testkit.After, testkit.Reading} {
			for n := 1; ; n++ {
				f.ArmNth(n, testkit.Fault{Err: errFull, When: when})
				err := enter(t.Context(), db, id)
				if f.Struck() == 0 {
					effects++
					break
				}
				if !errors.Is(err, errFull) {
					t.Fatalf("when %d, operation %d: the caller hears %v", when, n, err)
				}
				if n == 5 && when == testkit.After {
					effects++
				}
				if got := stored(); got != effects {
					t.Fatalf("when %d, operation %d: %d rows stored, want %d", when, n, got, effects)
				}
				id++
			}
			id++
		}
		f.Disarm()
		if err := enter(t.Context(), db, id); err != nil || len(f.Misuses()) > 0 {
			t.Fatalf("after all faults: %v, misuses %v", err, f.Misuses())
		}
	})
}

func TestFaultsOutsideATransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, f *testkit.Faults, db *sql.DB, stored func() int) {
		f.ArmNth(1, testkit.Fault{Err: errFull, When: testkit.After})
		if _, err := db.Exec(`INSERT INTO entry (id) VALUES (1)`); !errors.Is(err, errFull) || stored() != 1 {
			t.Fatalf("%v with %d rows, want the error and the effect", err, stored())
		}
		f.ArmNth(1, testkit.Fault{Err: errFull})
		if _, err := db.Exec(`INSERT INTO entry (id) VALUES (2)`); !errors.Is(err, errFull) || stored() != 1 {
			t.Fatalf("%v with %d rows, want the error alone", err, stored())
		}
		f.Disarm()
		if _, err := db.Exec(`INSERT INTO entry (id) VALUES (3)`); err != nil || stored() != 2 {
			t.Fatalf("the connection is of no use any more: %v", err)
		}
	})
}

func TestFaultsDoCancels(t *testing.T) {
	onBoth(t, func(t *testing.T, f *testkit.Faults, db *sql.DB, stored func() int) {
		ctx, cancel := context.WithCancel(t.Context())
		f.ArmNth(4, testkit.Fault{Do: cancel})
		if err := enter(ctx, db, 1); !errors.Is(err, context.Canceled) || stored() != 0 {
			t.Fatalf("cancelled in mid-transaction: %v with %d rows", err, stored())
		}
		f.Disarm()
		if err := enter(t.Context(), db, 1); err != nil || stored() != 1 {
			t.Fatalf("after the cancelled one: %v with %d rows", err, stored())
		}
	})
}

func TestFaultsTellOfAStatementAfterAnError(t *testing.T) {
	onBoth(t, func(t *testing.T, f *testkit.Faults, db *sql.DB, stored func() int) {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(`INSERT INTO nowhere VALUES (1)`); err == nil {
			t.Fatal("a real error is needed here")
		}
		if _, err := tx.Exec(`INSERT INTO entry (id) VALUES (1)`); err == nil {
			t.Error("a statement after an error was let through")
		}
		if err := tx.Commit(); err == nil {
			t.Error("a commit after an error was let through")
		}
		if got := f.Misuses(); len(got) != 2 || !strings.Contains(got[0], "INSERT INTO entry") || stored() != 0 {
			t.Errorf("misuses %q, %d rows", got, stored())
		}
		if err := enter(t.Context(), db, 1); err != nil {
			t.Errorf("the next transaction suffers: %v", err)
		}
	})
}
