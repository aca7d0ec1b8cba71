package testkit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"perennial/internal/store"
	"perennial/internal/testkit/cluster"
)

// PostgresDSN makes an empty PostgreSQL database for this test, dropped when the
// test ends, and returns its URL. ok is false where the machine has no server
// and none is required; the test has then been told in its log.
//
// The server is the one that PERENNIAL_TEST_POSTGRES names, whose role may make
// databases, or else one that this process starts for itself.
func PostgresDSN(tb testing.TB) (dsn string, ok bool) {
	tb.Helper()
	server, err := postgres(tb)
	if err != nil {
		leaveOut(tb, "postgres", err)
		return "", false
	}
	// template0 is what an administrator's CREATE DATABASE starts from, without
	// what somebody may have left in template1.
	return copyOf(tb, server, "template0"), true
}

// migratedDSN is PostgresDSN of a database that has the schema: a copy of one
// that this process migrated, because migrating each anew takes longer than most
// tests.
func migratedDSN(tb testing.TB) (dsn string, ok bool) {
	tb.Helper()
	server, err := postgres(tb)
	if err != nil {
		leaveOut(tb, "postgres", err)
		return "", false
	}
	migrated.once.Do(func() {
		name := fmt.Sprintf("template_%d", os.Getpid())
		if migrated.err = administer(server, "CREATE DATABASE "+name+" TEMPLATE template0", ""); migrated.err != nil {
			return
		}
		atExit(tb, func() {
			if err := administer(server, "DROP DATABASE "+name+" WITH (FORCE)", ""); err != nil {
				fmt.Fprintln(os.Stderr, "testkit:", err)
			}
		})
		migrated.name, migrated.err = name, migrate(named(tb, server, name))
	})
	if migrated.err != nil {
		tb.Fatalf("testkit: migrate a database to copy: %v", migrated.err)
	}
	return copyOf(tb, server, migrated.name), true
}

// migrated is the database that migratedDSN copies.
var migrated struct {
	once sync.Once
	name string
	err  error
}

func migrate(location string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, location)
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx)
	return errors.Join(err, db.Close())
}

// copyOf makes a database for this test from a template. Its files are copied, because
// writing a small database through the log, as servers since 15 do, takes five times
// as long.
func copyOf(tb testing.TB, server, template string) string {
	tb.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))
	if err := administer(server, "CREATE DATABASE "+name+" TEMPLATE "+template, " STRATEGY FILE_COPY"); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	tb.Cleanup(func() {
		if err := administer(server, "DROP DATABASE "+name+" WITH (FORCE)", ""); err != nil {
			tb.Errorf("testkit: %v", err)
		}
	})
	return named(tb, server, name)
}

// named is the address of a database on a server.
func named(tb testing.TB, server, name string) string {
	tb.Helper()
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("testkit: PERENNIAL_TEST_POSTGRES: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

var databases atomic.Int64

// own is the server that this process started, kept even when it failed to
// start, so that it is tried once.
var own struct {
	once   sync.Once
	server *cluster.Cluster
	err    error
}

// postgres is the URL through which databases are made.
func postgres(tb testing.TB) (string, error) {
	tb.Helper()
	if dsn := os.Getenv("PERENNIAL_TEST_POSTGRES"); dsn != "" {
		return dsn, nil
	}
	own.once.Do(func() {
		if own.server, own.err = cluster.Start(context.Background()); own.err == nil {
			atExit(tb, own.server.Stop)
		}
	})
	if own.err != nil {
		return "", own.err
	}
	return own.server.DSN("postgres"), nil
}

// administer runs a statement, with a clause that servers before 15 do not know.
func administer(server, statement, since15 string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("reach the PostgreSQL server for tests: %w", err)
	}
	defer conn.Close(ctx)
	major, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 15 {
		statement += since15
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
