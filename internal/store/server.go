package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"perennial/internal/fault"
)

// servedBy is the setting that names the server of a SQLite file. Every server of
// the file sees it, also where the lock file was deleted and made again.
const servedBy = "server"

// Tenure is one server's hold on a SQLite file: a row with its name and a beat. It
// belongs to one goroutine. On PostgreSQL, where servers share a database, it does
// nothing.
type Tenure struct {
	db    *DB
	name  string
	lock  string // identity of the lock file that this server holds
	beat  int
	mine  string // the row as this server wrote it last; empty before it holds the file
	other string // the row of another server, as it was seen first
}

// Tenure returns the hold of a server, which begins with Claim. The name differs
// between processes.
func (db *DB) Tenure(name string) (*Tenure, error) {
	t := &Tenure{db: db, name: name}
	if db.lock == nil {
		return t, nil
	}
	var err error
	t.lock, err = db.lock.identity()
	return t, err
}

// ErrAnotherServer is in the chain of the fault of a server that is not alone.
var ErrAnotherServer = errors.New("another server works on the database file")

func (t *Tenure) errAnother() error {
	return fault.Wrap(ErrAnotherServer, fault.Unavailable, "Another server is working on the database %s. This one stopped and charged nothing. Only one server may use a SQLite file.", t.db.Name())
}

// Claim makes this the server of the file and reports whether it is. Where the row
// names another server, whose lock does not prove it dead, it is false; patient says
// that the caller has seen that row unchanged for a whole lease, so that its server is
// gone. A row that changed meanwhile is a fault: that server lives.
func (t *Tenure) Claim(ctx context.Context, patient bool) (bool, error) {
	if t.db.lock == nil || t.mine != "" {
		return true, nil
	}
	claimed, mine := false, t.next()
	err := t.db.Write(ctx, func(tx *Tx) error {
		claimed = false
		row, err := tx.Setting(servedBy)
		if err != nil && !IsNone(err) {
			return err
		}
		switch {
		case row == "" || t.dead(row):
		case t.other == "":
			t.other = row
			return nil
		case row != t.other:
			return t.errAnother()
		case !patient:
			return nil
		}
		claimed, err = tx.SwapSetting(servedBy, row, mine)
		return err
	})
	if err == nil && claimed {
		t.mine = mine
	}
	return claimed, err
}

// dead reports whether the server of a row held the lock that this one holds now:
// a process keeps it as long as it lives.
func (t *Tenure) dead(row string) bool {
	fields := strings.Fields(row)
	return len(fields) == 3 && t.lock != "" && fields[1] == t.lock
}

func (t *Tenure) next() string {
	t.beat++
	return fmt.Sprintf("%s %s %d", t.name, t.lock, t.beat)
}

// Beat shows others that this server lives. It is a fault where another server has
// claimed the file since.
func (t *Tenure) Beat(ctx context.Context) error {
	if t.mine == "" {
		return nil
	}
	next := t.next()
	err := t.db.Write(ctx, func(tx *Tx) error {
		row, err := tx.Setting(servedBy)
		if err != nil && !IsNone(err) {
			return err
		}
		// A beat whose commit was not acknowledged may be in the row.
		if !strings.HasPrefix(row, t.name+" ") {
			return t.errAnother()
		}
		_, err = tx.SwapSetting(servedBy, row, next)
		return err
	})
	if err == nil {
		t.mine = next
	}
	return err
}

// End lets the next server claim the file at once.
func (t *Tenure) End(ctx context.Context) error {
	if t.mine == "" {
		return nil
	}
	err := t.db.Write(ctx, func(tx *Tx) error {
		row, err := tx.Setting(servedBy)
		if errors.Is(err, ErrNone) || err == nil && !strings.HasPrefix(row, t.name+" ") {
			return nil
		}
		if err == nil {
			_, err = tx.SwapSetting(servedBy, row, "")
		}
		return err
	})
	if err == nil {
		t.mine = ""
	}
	return err
}
