package store

import (
	"context"
	"slices"
)

// Setback is a mark that is ahead of the books.
type Setback struct {
	Mark
	Held  int64 // how many records the books hold
	Other bool  // the mark belongs to another installation than the books
}

// Age is how the books compare with the marks outside of them.
type Age struct {
	Known bool // there were marks of these books, or there is nothing to be marked
	// Partial says that other servers keep marks of these books, too, which are not seen.
	Partial  bool
	Setbacks []Setback
}

// Older reports whether the books lack records that they have held.
func (a Age) Older() bool { return len(a.Setbacks) > 0 }

// Other reports whether there are marks of another installation, of which these
// books know nothing.
func (a Age) Other() bool {
	return slices.ContainsFunc(a.Setbacks, func(s Setback) bool { return s.Other })
}

// Age compares the books with the marks. A mark that is one commit ahead is no
// setback: nobody may have heard of the newest commit.
func (db *DB) Age(ctx context.Context) (a Age, err error) {
	var marked []Mark
	if db.marks != nil {
		if marked, err = db.marks.all(); err != nil {
			return a, err
		}
	}
	err = db.Read(ctx, func(tx *Tx) error {
		a = Age{}
		installation, err := tx.Installation()
		if err != nil {
			return err
		}
		var records int64
		if err := tx.one("SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) FROM wallet", nil, &records); err != nil {
			return err
		}
		a.Partial = db.dialect.file == ""
		a.Known = len(marked) > 0 || records == 0 && db.marks != nil
		for _, m := range marked {
			if m.Installation != installation {
				a.Setbacks = append(a.Setbacks, Setback{Mark: m, Other: true})
				continue
			}
			held, newest, err := tx.holds(m)
			if err != nil {
				return err
			}
			if held+1 < m.Records || held >= m.Records && !newest {
				a.Setbacks = append(a.Setbacks, Setback{Mark: m, Held: held})
			}
		}
		return nil
	})
	return a, err
}

// holds counts the records of an account, and reports whether the newest of a mark
// is among them.
func (tx *Tx) holds(m Mark) (records int64, newest bool, err error) {
	if err := tx.one("SELECT records FROM wallet WHERE account_id = $1", []any{m.AccountID}, &records); IsNone(err) {
		return 0, false, nil
	} else if err != nil {
		return 0, false, err
	}
	var n int
	err = tx.one(`SELECT (SELECT COUNT(*) FROM ledger_transaction WHERE account_id = $1 AND id = $2)
		+ (SELECT COUNT(*) FROM payment WHERE account_id = $1 AND id = $2)`, []any{m.AccountID, m.Newest}, &n)
	return records, n > 0, err
}

// AcceptAge writes the marks anew from the books as they are.
func (db *DB) AcceptAge(ctx context.Context) error {
	if db.marks == nil {
		return nil
	}
	var all []Mark
	err := db.Read(ctx, func(tx *Tx) error {
		installation, err := tx.Installation()
		if err != nil {
			return err
		}
		all, err = list(tx, "SELECT account_id, records, newest_record FROM wallet WHERE records > 0", nil, func(r row) (Mark, error) {
			m := Mark{Installation: installation}
			err := r.Scan(&m.AccountID, &m.Records, &m.Newest)
			return m, err
		})
		return err
	})
	if err != nil {
		return err
	}
	return db.marks.accept(all)
}
