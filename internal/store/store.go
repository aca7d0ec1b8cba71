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
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"perennial/internal/fault"
)

// attempts is how often a transaction is run when the engine asks to try again.
const attempts = 8

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect     dialect
	writer      *sql.DB
	reader      *sql.DB
	maintenance *sql.DB // with longer time-outs; SQLite: reader
	patient     bool    // opened for maintenance
	lock        *fileLock

	writing     *lane       // nil where the writing pool has turns of its own
	pages       *lane       // of the reading pool
	slow        *lane       // of the maintenance pool
	locked      atomic.Bool // another program holds the SQLite file
	marks       *marks      // nil where there is no place for them
	interrupted atomic.Int64
	watchers    watchers
	opened      os.FileInfo  // the SQLite file as it was opened
	damages     atomic.Int64 // errors that cast doubt on the file
	refused     atomic.Int64 // transactions whose turn did not come
}

// Option changes how a database is opened.
type Option func(*options)

type options struct {
	wrap        func(driver.Connector) driver.Connector
	exclusive   bool
	maintenance bool
	stateDir    string
}

// Wrap puts something between this package and the driver of the writing pool:
// fault injection in tests.
func Wrap(w func(driver.Connector) driver.Connector) Option {
	return func(o *options) { o.wrap = w }
}

// Exclusive refuses to open a SQLite file that another server holds. Programs
// that run beside a server, such as an import, leave it out.
func Exclusive() Option { return func(o *options) { o.exclusive = true } }

// Maintenance is for programs that run beside a server: they may take longer for a
// statement and wait longer for a lock.
func Maintenance() Option { return func(o *options) { o.maintenance = true } }

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
	db := &DB{dialect: d, patient: o.maintenance}
	if err := d.oneName(); err != nil {
		return nil, err
	}
	if o.exclusive && d.file != "" {
		if db.lock, err = lockFile(resolved(d.file) + ".lock"); err != nil {
			return nil, err
		}
	}
	err = db.connect(ctx, o)
	if path := db.marksPath(o); err == nil && path != "" {
		db.marks, err = openMarks(path)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context, o options) error {
	pool := func(make func() (driver.Connector, error), wrap bool) (*sql.DB, error) {
		connector, err := make()
		if err != nil {
			return nil, err
		}
		if o.wrap != nil && wrap {
			connector = o.wrap(connector)
		}
		return sql.OpenDB(connector), nil
	}
	first := db.dialect.writer
	if o.maintenance && db.dialect.maintenance != nil {
		first = db.dialect.maintenance
	}
	var err error
	if db.writer, err = pool(first, true); err != nil {
		return err
	}
	db.reader = db.writer
	if db.dialect.reader == nil {
		db.pages, db.slow = newLane(connections, connections*3/4, connections*3/4), newLane(spare, 1, 1)
		db.writer.SetMaxOpenConns(connections + spare)
		db.writer.SetMaxIdleConns(connections / 2)
		if db.maintenance, err = pool(db.dialect.maintenance, true); err != nil {
			return err
		}
		db.maintenance.SetMaxOpenConns(2 * spare)
		return db.ping(ctx)
	}
	// SQLite reads in this process: one account must not have all of its processors
	// while others want them.
	few := max(1, min(readers*3/4, runtime.GOMAXPROCS(0)-1))
	db.writing, db.pages = newLane(1, 1, 1), newLane(readers, readers*3/4, few)
	db.slow = db.pages
	db.writer.SetMaxOpenConns(1)
	// The writer switches the file to WAL before anybody reads.
	if err := db.dialect.ownFile(); err != nil {
		return err
	}
	if err := db.ping(ctx); err != nil {
		return err
	}
	if db.opened, err = os.Stat(db.dialect.file); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The database file %s was moved or deleted while it was being opened.", db.dialect.file)
	}
	if db.reader, err = pool(db.dialect.reader, false); err != nil {
		return err
	}
	db.maintenance = db.reader
	db.reader.SetMaxOpenConns(readers + spare)
	db.reader.SetMaxIdleConns(readers + spare)
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

// Exclusive tells whether no other process can work on this database: a SQLite
// file whose lock is held.
func (db *DB) Exclusive() bool { return db.lock != nil }

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.dialect.name }

// Handle gives the reading pool to package invariant, the second room with SQL.
func (db *DB) Handle() *sql.DB { return db.maintenance }

// migrator is the pool through which the schema is changed, which may take long.
func (db *DB) migrator() *sql.DB {
	if db.writing != nil {
		return db.writer
	}
	return db.maintenance
}

// Close ends all connections and frees the file.
func (db *DB) Close() error {
	var errs []error
	if db.maintenance != nil && db.maintenance != db.reader {
		errs = append(errs, db.maintenance.Close())
	}
	if db.reader != nil && db.reader != db.writer {
		errs = append(errs, db.reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
	}
	if db.marks != nil {
		errs = append(errs, db.marks.close())
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
	return db.run(ctx, nil, effort{attempts, tryLimit, transient}, f)
}

// WriteUnlessLocked is Write for work that can be left for later: it does not go on
// waiting for a row that somebody else holds.
func (db *DB) WriteUnlessLocked(ctx context.Context, f func(*Tx) error) error {
	unlocked := func(err error) bool { return transient(err) && !IsLocked(err) }
	return db.run(ctx, nil, effort{attempts, tryLimit, unlocked}, f)
}

// WriteIfFree is Write for what a page can do without: it is tried once.
func (db *DB) WriteIfFree(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, nil, effort{1, time.Second, transient}, f)
}

// effort is how often a transaction is run, for how long, and after which errors.
type effort struct {
	runs  int
	wait  time.Duration
	again func(error) bool
}

// Read runs f in one read-only transaction, which sees one state of the database.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.run(ctx, &sql.TxOptions{ReadOnly: true, Isolation: db.dialect.readLevel}, effort{attempts, tryLimit, transient}, f)
}

// place is where a transaction runs, and the lane in which it waits for that; nil
// where it need not.
func (db *DB) place(ctx context.Context, write bool) (*sql.DB, *lane) {
	pool, turns := db.reader, db.pages
	if isMaintenance(ctx) {
		pool, turns = db.maintenance, db.slow
	}
	if write && db.writing != nil {
		return db.writer, db.writing
	}
	if accountOf(ctx) == "" {
		turns = nil
	}
	return pool, turns
}

func (db *DB) run(outer context.Context, o *sql.TxOptions, e effort, f func(*Tx) error) error {
	pool, turns := db.place(outer, o == nil)
	limit := transactionLimit
	if db.patient || isMaintenance(outer) {
		limit = maintenanceLimit
	}
	ctx, cancel := context.WithTimeout(outer, limit)
	defer cancel()
	trying, stop := context.WithTimeout(ctx, e.wait)
	defer stop()
	if turns != nil {
		account := accountOf(outer)
		if err := turns.enter(trying, account); err != nil && outer.Err() == nil {
			return db.busy()
		} else if err != nil {
			return db.describe(fmt.Errorf("wait for a turn: %w", err))
		}
		defer turns.leave(account)
	}
	var err error
	for range e.runs {
		err = db.once(ctx, pool, o, f)
		db.noteInterruption(err)
		if err == nil || !e.again(err) || trying.Err() != nil {
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
	if db.writing != nil && o == nil {
		db.locked.Store(err != nil && transient(err))
	}
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{ctx: ctx, tx: inner, dialect: db.dialect, prepared: map[string]*sql.Stmt{}}
	defer db.tell(tx)
	committed := false
	defer func() {
		if !committed {
			// The transaction is over whatever this says: the error that led
			// here, or the panic, is what matters.
			_ = inner.Rollback()
		}
	}()
	if o == nil {
		if err := tx.current(); err != nil {
			return err
		}
	}
	if err := f(tx); err != nil {
		return err
	}
	if tx.failed != nil {
		// An error that f swallowed: SQLite may have rolled back already.
		return fmt.Errorf("the transaction saw an error: %w", tx.failed)
	}
	var moved []Mark
	if db.marks != nil {
		if moved, err = tx.marks(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err // COMMIT would be sent in vain, and its outcome be unknown
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit: %w", db.dialect.lostCommit(err))
	}
	committed = true
	if db.marks != nil {
		// The commit stands whatever becomes of its mark; Age returns this error.
		_ = db.marks.write(moved)
	}
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
