package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"perennial/internal/fault"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func TestMigrate_RefusesAnotherProgramsDatabase(t *testing.T) {
	for name, tables := range map[string]string{
		"the same name":     "CREATE TABLE account (id TEXT)",
		"another name":      "CREATE TABLE places (id TEXT)",
		"goose, not ours":   "CREATE TABLE goose_db_version (id INTEGER); CREATE TABLE account (id TEXT)",
		"goose, other name": "CREATE TABLE goose_db_version (id INTEGER); CREATE TABLE places (id TEXT)",
	} {
		path := filepath.Join(t.TempDir(), "other.db")
		other, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Exec(tables); err != nil {
			t.Fatal(err)
		}
		count := func() (n int) {
			if err := other.QueryRow("SELECT COUNT(*) FROM sqlite_schema").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Migrate(t.Context())
		wantUnavailable(t, err, "not made by Perennial", path)
		wantUnavailable(t, db.CheckSchema(t.Context()), "not made by Perennial", path)
		if after := count(); after != before {
			t.Errorf("%s: %d tables and indexes, there were %d", name, after, before)
		}
		if err := errors.Join(db.Close(), other.Close()); err != nil {
			t.Error(err)
		}
	}
}

// PostgreSQL schemas are shared; only a table of the same name stands in the way.
func TestMigrate_SharesAPostgresSchemaUnlessNamesCollide(t *testing.T) {
	for table, refused := range map[string]bool{"spatial_ref_sys": false, "account": true} {
		db, location := empty(t, testkit.Postgres)
		other, err := sql.Open("pgx", location)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Exec("CREATE TABLE " + table + " (id TEXT)"); err != nil {
			t.Fatal(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
		_, err = db.Migrate(t.Context())
		if _, isFault := fault.Of(err); isFault != refused || (err != nil) != refused {
			t.Errorf("beside a table %s: %v", table, err)
		}
	}
}
