package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"

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
	if err := db.ours(ctx); err != nil {
		return 0, err
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
	if err := db.ours(ctx); err != nil {
		return err
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

var created = regexp.MustCompile(`CREATE TABLE (\w+)`)

// ours refuses a database that another program made, before anything is written to
// it. Other programs may use the same PostgreSQL schema under names of their own.
func (db *DB) ours(ctx context.Context) error {
	first, err := migrations.ReadFile("migrations/00001_journey.sql")
	if err != nil {
		return err
	}
	var names []string
	for _, m := range created.FindAllStringSubmatch(string(first), -1) {
		names = append(names, m[1])
	}
	var versions bool
	var known, others []string
	err = db.Read(ctx, func(tx *Tx) error {
		versions, known, others = false, nil, nil
		return tx.each(db.dialect.tables, nil, func(r row) error {
			var name string
			err := r.Scan(&name)
			switch {
			case name == goose.DefaultTablename:
				versions = true
			case slices.Contains(names, name):
				known = append(known, name)
			default:
				others = append(others, name)
			}
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	whole := versions && len(known) == len(names)
	foreign := known
	if db.dialect.file != "" {
		foreign = append(foreign, others...)
	}
	if whole || len(foreign) == 0 {
		return nil
	}
	return fault.New(fault.Unavailable, "This database (%s) was not made by Perennial: it holds tables of another program, such as %s. Nothing was changed. Name another database.", db.Name(), foreign[0])
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
