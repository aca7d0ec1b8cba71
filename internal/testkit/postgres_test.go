package testkit_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"perennial/internal/testkit"
)

func TestPostgresDSNIsAnEmptyDatabaseOfItsOwn(t *testing.T) {
	first, ok := testkit.PostgresDSN(t)
	if !ok {
		return
	}
	second, _ := testkit.PostgresDSN(t)
	if first == second {
		t.Fatalf("two calls share the database %s", first)
	}
	conn, err := pgx.Connect(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var tables int
	var encoding, collation string
	err = conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'),
		pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()`).
		Scan(&tables, &encoding, &collation)
	if err != nil || tables != 0 || encoding != "UTF8" || collation != "C" {
		t.Fatalf("tables %d, encoding %s, collation %s, %v; want none, UTF8, C", tables, encoding, collation, err)
	}
}

func TestPostgresDSNDropsTheDatabaseThoughSomebodyIsConnected(t *testing.T) {
	var dsn string
	var left *pgx.Conn
	r := record(t, func(tb testing.TB) {
		var ok bool
		if dsn, ok = testkit.PostgresDSN(tb); !ok {
			return
		}
		left, _ = pgx.Connect(t.Context(), dsn)
	})
	if left == nil {
		t.Log(r.text())
		return
	}
	defer left.Close(t.Context())
	if r.failed {
		t.Fatalf("dropping failed: %s", r.text())
	}
	if conn, err := pgx.Connect(t.Context(), dsn); err == nil {
		conn.Close(t.Context())
		t.Fatal("the database is still there")
	}
}

func TestRequiredPostgresThatCannotBeReachedFails(t *testing.T) {
	t.Setenv("PERENNIAL_TEST_POSTGRES", "postgres://nobody@127.0.0.1:1/none")
	r := record(t, func(tb testing.TB) { testkit.PostgresDSN(tb) })
	if !r.failed || !strings.Contains(r.text(), "reach the PostgreSQL server") {
		t.Fatalf("a server that does not answer must fail the test, got %q", r.text())
	}
}
