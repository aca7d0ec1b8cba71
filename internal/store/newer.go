package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pressly/goose/v3"

	"perennial/internal/fault"
)

// ErrNewer is in the chain where a newer program has migrated the database: what it
// expects of rows this one does not know, so this one writes none.
var ErrNewer = errors.New("the schema is newer than this program")

// newestMigration is the schema that this program knows.
var newestMigration = sync.OnceValue(func() int64 {
	files, err := migrations.ReadDir("migrations")
	newest := int64(0)
	for _, f := range files {
		version, numbered := goose.NumericComponent(f.Name())
		err = errors.Join(err, numbered)
		newest = max(newest, version)
	}
	if err != nil {
		panic(fmt.Sprintf("store: the migrations in the program cannot be read: %v", err))
	}
	return newest
})

const schemaVersion = "SELECT MAX(version_id) FROM goose_db_version"

// notNewer refuses a database whose schema this program does not know.
func notNewer(version int64) error {
	if version <= newestMigration() {
		return nil
	}
	return fault.Wrap(fmt.Errorf("%w: %w: schema %d, known %d", ErrTrouble, ErrNewer, version, newestMigration()), fault.Unavailable,
		"A newer version of Perennial has taken over the database, so this server has stopped working.")
}

// current refuses to write into a newer schema.
func (tx *Tx) current() error {
	var version int64
	if err := tx.one(schemaVersion, nil, &version); err != nil {
		return err
	}
	return notNewer(version)
}

// Ping returns an error where the database does not answer, or was migrated by a newer
// program.
func (db *DB) Ping(ctx context.Context) error {
	var version int64
	if err := db.reader.QueryRowContext(ctx, schemaVersion).Scan(&version); err != nil {
		return db.describe(err)
	}
	return notNewer(version)
}
