package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"perennial/internal/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// provider prepares the migrations in the words of the engine. A file's number
// is its version.
func (db *DB) provider() (*goose.Provider, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, f := range files {
		text, err := migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(f.Name())
		if err != nil {
			return nil, err
		}
		query := db.dialect.schema(string(text))
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, query)
				if fill := fills[version]; fill != nil && err == nil {
					err = fill(ctx, tx)
				}
				return err
			},
		}, nil))
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...)}
	if db.dialect.goose == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // asks each second, for five minutes
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(db.dialect.goose, db.migrator(), nil, opts...)
}

// Migrate brings the schema to this program's version and tells how many steps
// that took. Each step is one transaction; a database of a newer program is refused.
func (db *DB) Migrate(ctx context.Context) (steps int, err error) {
	p, err := db.provider()
	if err != nil {
		return 0, fmt.Errorf("prepare migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return 0, db.describe(fmt.Errorf("read the schema's version: %w", err))
	}
	if current > target {
		return 0, fault.New(fault.Unavailable, "This database (%s) was made by a newer version of Perennial: its schema is %d, this program knows %d. Use the newer program.", db.Name(), current, target)
	}
	// SQLite has no lock that a second process could wait for: the one that finds a
	// step done by the other was rolled back, and goes on behind it.
	for range migrators {
		var results []*goose.MigrationResult
		if results, err = p.Up(ctx); err == nil {
			return len(results), nil
		}
	}
	return 0, db.describe(fmt.Errorf("migrate: %w", err))
}

// migrators is how many processes may migrate one database at once.
const migrators = 3

// CheckSchema refuses a database whose schema is not this program's.
func (db *DB) CheckSchema(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return db.describe(fmt.Errorf("read the schema's version: %w", err))
	case current < target:
		return fault.New(fault.Unavailable, "This database (%s) has schema %d and the program needs %d. Run perennial migrate first.", db.Name(), current, target)
	case current > target:
		return fault.New(fault.Unavailable, "This database (%s) was made by a newer version of Perennial: its schema is %d, this program knows %d. Use the newer program.", db.Name(), current, target)
	}
	return nil
}

// Name says which database this is, without a password.
func (db *DB) Name() string {
	if db.dialect.file != "" {
		return db.dialect.file
	}
	return "PostgreSQL"
}

// IsNone tells whether err says that a row does not exist.
func IsNone(err error) bool { return errors.Is(err, ErrNone) }
