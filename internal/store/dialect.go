package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// dialect is everything in which the two engines differ.
type dialect struct {
	name      string
	goose     goose.Dialect
	scattered int    // parameters of a statement that inserts rows far from each other
	rowLock   string // suffix of a SELECT that will be followed by an UPDATE
	// skipLocked follows rowLock where a row that somebody else holds is left out.
	skipLocked string
	textType   string // how a text column is declared
	tables     string // the statement that lists the names of all tables
	analyze    string // the statement that counts a table anew, where plans follow such counts
	readLevel  sql.IsolationLevel
	writer     func() (driver.Connector, error)
	reader     func() (driver.Connector, error) // nil where the writer's pool reads too
	// maintenance connects for what may take minutes, where that differs.
	maintenance func() (driver.Connector, error)
	file        string // the database file, SQLite only
}

func parse(location string) (dialect, error) {
	if strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://") {
		return postgres(location)
	}
	return sqliteFile(strings.TrimPrefix(location, "sqlite:"))
}

func sqliteFile(path string) (dialect, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return dialect{}, fmt.Errorf("find the database file: %w", err)
	}
	// Every PRAGMA is in the DSN, because one sent by Exec reaches a single
	// connection of the pool. A transaction is tried again a few times (tryLimit), so
	// that a file which somebody else locks is given up after a quarter of a minute.
	dsn := func(readOnly bool) string {
		// ownFile makes a new file. A connection that is opened later must not put an
		// empty one in the place of a file that was deleted meanwhile.
		q := url.Values{"mode": {"rw"}}
		// A page in a cache costs twice its size, for every connection; what does not
		// stand in these caches is read from the operating system's.
		pragmas := []string{"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "cache_size(-2000)"}
		if readOnly {
			pragmas = append(pragmas, "query_only(ON)")
		} else {
			q.Set("_txlock", "immediate")
		}
		q["_pragma"] = pragmas
		return "file:" + (&url.URL{Path: abs}).EscapedPath() + "?" + q.Encode()
	}
	connector := func(readOnly bool) func() (driver.Connector, error) {
		return func() (driver.Connector, error) {
			c, err := sqlite.NewConnector(dsn(readOnly))
			if err != nil {
				return nil, err
			}
			return keeping{c}, nil
		}
	}
	return dialect{
		name: "sqlite", goose: goose.DialectSQLite3, textType: "TEXT",
		tables: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
		// Of a statement with several rows SQLite keeps a copy of each page that it
		// touches, to be able to take it back half-way; here every row touches others.
		scattered: 1, readLevel: sql.LevelDefault,
		writer: connector(false), reader: connector(true), file: abs,
	}, nil
}

var textColumn = regexp.MustCompile(`\bTEXT\b`)

// schema adapts the one schema text to the engine: PostgreSQL must order text by
// bytes, as SQLite does.
func (d dialect) schema(text string) string { return textColumn.ReplaceAllString(text, d.textType) }
