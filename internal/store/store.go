// Package store is the one place for SQL. It keeps the vocabulary in SQLite or in
// PostgreSQL behind one implementation: one schema text, one query text, and a
// dialect for the few things in which the engines differ. It decides nothing:
// rules live in renewal, billing and account, and transactions are owned by app.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"perennial/internal/fault"
)

// readers is how many connections read a SQLite file beside its single writer.
const readers = 4

// attempts is how often a transaction is run when the engine asks to try again.
const attempts = 8

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect dialect
	writer  *sql.DB
	reader  *sql.DB
	lock    *fileLock
}

// Option changes how a database is opened.
type Option func(*options)

type options struct {
	wrap      func(driver.Connector) driver.Connector
	exclusive bool
}

// Wrap puts something between this package and the driver of the writing pool:
// fault injection in tests.
func Wrap(w func(driver.Connector) driver.Connector) Option {
	return func(o *options) { o.wrap = w }
}

// Exclusive refuses to open a SQLite file that another server holds. Programs
// that run beside a server, such as an import, leave it out.
func Exclusive() Option { return func(o *options) { o.exclusive = true } }

// Open opens the database at location: a file path, or a postgres:// address. It
// neither creates tables nor changes anything; call Migrate for that.
func Open(ctx context.Context, location string, opts ...Option) (*DB, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	d, err := parse(location)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: d}
	if o.exclusive && d.file != "" {
		if db.lock, err = lockFile(d.file + ".lock"); err != nil {
			return nil, err
		}
	}
	if err := db.connect(ctx, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context, o options) error {
	connector, err := db.dialect.writer()
	if err != nil {
		return err
	}
	if o.wrap != nil {
		connector = o.wrap(connector)
	}
	db.writer = sql.OpenDB(connector)
	db.reader = db.writer
	if db.dialect.reader == nil {
		db.writer.SetMaxOpenConns(16)
		db.writer.SetMaxIdleConns(8)
		return db.ping(ctx)
	}
	db.writer.SetMaxOpenConns(1)
	if connector, err = db.dialect.reader(); err != nil {
		return err
	}
	// The writer switches the file to WAL before anybody reads.
	db.dialect.ownFile()
	if err := db.ping(ctx); err != nil {
		return err
	}
	db.reader = sql.OpenDB(connector)
	db.reader.SetMaxOpenConns(readers)
	db.reader.SetMaxIdleConns(readers)
	return nil
}

func (db *DB) ping(ctx context.Context) error {
	err := db.writer.PingContext(ctx)
	if refused, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		// Whoever starts the program may know why; it holds no password.
		return fault.Wrap(err, fault.Unavailable, "The database cannot be reached: %s.", refused)
	}
	if err != nil {
		return db.describe(fmt.Errorf("open the database: %w", err))
	}
	return nil
}

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return db.describe(err)
	}
	return nil
}

// Exclusive tells whether no other process can work on this database: a SQLite
// file whose lock is held.
func (db *DB) Exclusive() bool { return db.lock != nil }

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.dialect.name }

// Handle gives the reading pool to package invariant, the second room with SQL.
func (db *DB) Handle() *sql.DB { return db.reader }

// Close ends all connections and frees the file.
func (db *DB) Close() error {
	var errs []error
	if db.reader != nil && db.reader != db.writer {
		errs = append(errs, db.reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.release())
	}
	return errors.Join(errs...)
}

// Write runs f in one transaction and commits it if f returns nil. Where the
// engine reports a conflict that may pass, f runs again from the start, so it
// must not change anything but the database.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, db.writer, nil, f)
}

// Read runs f in one read-only transaction, which sees one state of the database.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, db.reader, &sql.TxOptions{ReadOnly: true, Isolation: db.dialect.readLevel}, f)
}

func (db *DB) run(ctx context.Context, pool *sql.DB, o *sql.TxOptions, f func(*Tx) error) error {
	var err error
	for range attempts {
		if err = db.once(ctx, pool, o, f); err == nil || !transient(err) || ctx.Err() != nil {
			break
		}
	}
	// SQLite calls a statement that its context ended "interrupted" and says no
	// more; callers tell a stop from trouble by the context's error.
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return db.describe(err)
}

func (db *DB) once(ctx context.Context, pool *sql.DB, o *sql.TxOptions, f func(*Tx) error) (err error) {
	inner, err := pool.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{ctx: ctx, tx: inner, dialect: db.dialect, prepared: map[string]*sql.Stmt{}}
	committed := false
	defer func() {
		if !committed {
			// The transaction is over whatever this says: the error that led
			// here, or the panic, is what matters.
			_ = inner.Rollback()
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if tx.failed != nil {
		// An error that f swallowed: SQLite may have rolled back already.
		return fmt.Errorf("the transaction saw an error: %w", tx.failed)
	}
	if err := ctx.Err(); err != nil {
		return err // COMMIT would be sent in vain, and its outcome be unknown
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit: %w", db.dialect.lostCommit(err))
	}
	committed = true
	return nil
}

// millis is an instant as it is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant reads what millis wrote.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
