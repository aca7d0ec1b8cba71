package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// wantUnavailable fails the test unless the error is a fault that says the words.
func wantUnavailable(t *testing.T, err error, words ...string) {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Kind != fault.Unavailable {
		t.Fatalf("%v, want a fault of kind Unavailable", err)
	}
	for _, word := range words {
		if !strings.Contains(f.Message, word) {
			t.Errorf("%q does not say %q", f.Message, word)
		}
	}
}

// empty opens a database in which there is nothing yet.
func empty(t *testing.T, engine string) (db *store.DB, location string) {
	t.Helper()
	location = filepath.Join(t.TempDir(), "empty.db")
	if engine == testkit.Postgres {
		location = testkit.NewWorld(t, engine).Location // leaves the test out where there is no server
		if dsn, ok := testkit.PostgresDSN(t); ok {
			location = dsn
		}
	}
	db, err := store.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, location
}

func TestMigrateOnceAndOnlyOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		db, location := empty(t, engine)
		wantUnavailable(t, db.CheckSchema(t.Context()), db.Name(), "perennial migrate")
		// Two servers that start at once.
		second, err := store.Open(t.Context(), location)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { second.Close() })
		var both sync.WaitGroup
		steps := make([]int, 2)
		for n, one := range []*store.DB{db, second} {
			both.Go(func() {
				var err error
				if steps[n], err = one.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		again, err := db.Migrate(t.Context())
		if err != nil || again != 0 || steps[0]+steps[1] == 0 || steps[0] > 0 && steps[1] > 0 {
			t.Errorf("steps %v, then %d: %v", steps, again, err)
		}
		if err := db.CheckSchema(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherSchemaIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct{ lie, word string }{
		"older": {"DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)", "perennial migrate"},
		"newer": {"INSERT INTO goose_db_version (version_id, is_applied) SELECT 1000 + MAX(version_id), is_applied FROM goose_db_version WHERE version_id > 0 GROUP BY is_applied", "newer"},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
				raw(t, w, c.lie)
				wantUnavailable(t, w.Store.CheckSchema(t.Context()), w.Store.Name(), c.word)
				if name == "newer" {
					steps, err := w.Store.Migrate(t.Context())
					wantUnavailable(t, err, w.Store.Name(), c.word)
					if steps != 0 {
						t.Errorf("%d steps in a newer database", steps)
					}
				}
			})
		})
	}
}

// raw changes the World's database past the store.
func raw(t *testing.T, w *testkit.World, statement string) {
	t.Helper()
	driver := map[string]string{testkit.SQLite: "sqlite", testkit.Postgres: "pgx"}[w.Store.Engine()]
	db, err := sql.Open(driver, w.Location)
	w.Must(err)
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestOneServerPerFile(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	first, err := store.Open(t.Context(), w.Location, store.Exclusive())
	w.Must(err)
	_, err = store.Open(t.Context(), w.Location, store.Exclusive())
	wantUnavailable(t, err, "Another server", w.Location+".lock")
	beside, err := store.Open(t.Context(), w.Location) // an import beside the server
	w.Must(err)
	if !first.Exclusive() || beside.Exclusive() {
		t.Errorf("exclusive: %t, %t", first.Exclusive(), beside.Exclusive())
	}
	w.Must(beside.Close())
	if _, err = store.Open(t.Context(), w.Location, store.Exclusive()); err == nil {
		t.Error("an import that ends frees the server's lock")
	}
	w.Must(first.Close())
	next, err := store.Open(t.Context(), w.Location, store.Exclusive())
	w.Must(err)
	w.Must(next.Close())
}

func TestNoFileIsExclusiveOnPostgres(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	db, err := store.Open(t.Context(), w.Location, store.Exclusive())
	w.Must(err)
	defer db.Close()
	if db.Exclusive() {
		t.Error("a PostgreSQL database is exclusive, and dead workers would be taken over at once")
	}
	if f, _ := fault.Of(db.Backup(t.Context(), filepath.Join(t.TempDir(), "b.db"))); f == nil || !strings.Contains(f.Message, "pg_dump") {
		t.Errorf("a backup of PostgreSQL: %v", f)
	}
}

func TestADatabaseThatIsNotThere(t *testing.T) {
	_, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "no folder", "perennial.db"))
	wantUnavailable(t, err, "no folder", "cannot be read")
	_, err = store.Open(t.Context(), "postgres://perennial:hunter2@127.0.0.1:1/perennial?connect_timeout=5")
	wantUnavailable(t, err, "cannot be reached")
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the password is told: %v", err)
	}
	if sentence, yes := store.Unusable(&net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}); !yes || !strings.Contains(sentence, "cannot be reached") {
		t.Errorf("a connection that broke: %q, %t", sentence, yes)
	}
	if _, err := store.Open(t.Context(), "postgres://%zz:hunter2@/"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an address that is none: %v", err)
	}
	_, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "no folder", "perennial.db"), store.Exclusive())
	wantUnavailable(t, err, "lock")
}

// Whoever starts the program hears why a server lets nobody in; who asks later
// hears that the database cannot be reached.
func TestAServerThatLetsNobodyIn(t *testing.T) {
	dsn, ok := testkit.PostgresDSN(t)
	if !ok {
		return
	}
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/none-of-this-name"
	_, err = store.Open(t.Context(), address.String())
	wantUnavailable(t, err, "cannot be reached", "does not exist")
	refused, _ := errors.AsType[*pgconn.ConnectError](err)
	if sentence, yes := store.Unusable(fmt.Errorf("begin: %w", refused)); !yes || sentence != "The database cannot be reached." {
		t.Errorf("%q, %t", sentence, yes)
	}
}

func TestWhatIsNoDatabaseIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), path)
	wantUnavailable(t, err, "damaged", path)
}

// A copy is damaged byte by byte from its second page on; nothing of it is taken
// for data, and nothing is ever written to it.
func TestADamagedFileIsSaid(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(500, renewal.Day)
	path := filepath.Join(t.TempDir(), "copy.db")
	w.Must(w.Store.Backup(t.Context(), path))
	whole, err := os.ReadFile(path)
	w.Must(err)
	for at := 4096; at < len(whole); at++ {
		whole[at] = 0xff
	}
	w.Must(os.WriteFile(path, whole, 0o600))
	db, err := store.Open(t.Context(), path)
	if err == nil {
		defer db.Close()
		err = db.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.Account(w.Account.ID); return err })
		wantUnavailable(t, err, "damaged", path)
		_, err = db.Migrate(t.Context())
		wantUnavailable(t, err, "damaged", path)
		err = db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertWallet("somebody", "USD") })
	}
	wantUnavailable(t, err, "damaged", path)
}

func TestBackupRefusesToOverwrite(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	path := filepath.Join(t.TempDir(), "backup.db")
	w.Must(w.Store.Backup(t.Context(), path))
	before, err := os.ReadFile(path)
	w.Must(err)
	w.Deposit(5)
	if err := w.Store.Backup(t.Context(), path); err == nil {
		t.Error("an older backup was overwritten")
	}
	after, err := os.ReadFile(path)
	w.Must(err)
	if !bytes.Equal(before, after) {
		t.Error("a refused backup changed the older one")
	}
}

func TestABackupThatCannotBeWrittenSaysSo(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	path := filepath.Join(t.TempDir(), "no folder", "backup.db")
	err := w.Store.Backup(t.Context(), path)
	wantUnavailable(t, err, "backup", path)
	if strings.Contains(err.Error(), "Nothing was charged") {
		t.Errorf("the database is blamed: %v", err)
	}

	// Half a backup is none.
	path = filepath.Join(t.TempDir(), "backup.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Store.Backup(ctx, path); err == nil {
		t.Error("a backup that was given up is no error")
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("half a backup is left: %v, %v", left, err)
	}
}

// The files hold password hashes and session keys.
func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	db, location := empty(t, testkit.SQLite)
	_, err := db.Migrate(t.Context())
	w.Must(err)
	backup := filepath.Join(t.TempDir(), "backup.db")
	w.Must(db.Backup(t.Context(), backup))
	for _, file := range []string{location, location + "-wal", location + "-shm", backup} {
		info, err := os.Stat(file)
		w.Must(err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", file, info.Mode())
		}
	}
}

func TestDamageBetweenIndexAndTableIsFound(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, renewal.Day)
		if damage, err := w.Store.Damage(t.Context()); err != nil || len(damage) > 0 {
			t.Errorf("a whole database: %v, %v", damage, err)
		}
	})
	w := testkit.NewWorld(t, testkit.SQLite)
	raw(t, w, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'instance_list'")
	damage, err := w.Store.Damage(t.Context())
	if err != nil || len(damage) == 0 {
		t.Errorf("pages that nothing uses: %v, %v", damage, err)
	}
}

// A row under a value that is not its own in an index: each of the two is whole, and
// "quick_check" finds nothing wrong.
func TestDamage_FindsAnIndexThatIsNotItsTable(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	raw(t, w, "CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'member_account'")
	raw(t, w, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'member_account'")
	raw(t, w, "UPDATE member SET email = 'else@acme.example' WHERE id = 'li'")
	raw(t, w, "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM kept")
	damage, err := w.Store.Damage(t.Context())
	if err != nil || len(damage) != 1 || !strings.Contains(damage[0], "member_account") {
		t.Errorf("%v, %v", damage, err)
	}
}
