package store

import (
	"context"
	"fmt"

	"perennial/internal/renewal"
)

// Analyze lets PostgreSQL know how much an import has brought. Left to itself it
// counts once a minute, and until then takes a list of ids for a reason to read
// the whole account.
func (db *DB) Analyze(ctx context.Context) error {
	if db.dialect.analyze == "" {
		return nil
	}
	if _, err := db.writer.ExecContext(ctx, db.dialect.analyze+"instance, instance_source"); err != nil {
		return db.describe(fmt.Errorf("count the instances: %w", err))
	}
	return nil
}

// HasInstances tells whether the account has any instance.
func (tx *Tx) HasInstances(accountID string) (bool, error) {
	var id string
	err := tx.one("SELECT id FROM instance WHERE account_id = $1 LIMIT 1", []any{accountID}, &id)
	if IsNone(err) {
		return false, nil
	}
	return err == nil, err
}

// UnitFee is a unit with the list fee that is kept of it.
type UnitFee struct {
	renewal.Unit
	ListFee int64 // minor units, or NoListFee
}

// UnitFees reads, in the order of their ids, the units among the next limit
// instances after an id. It returns the id to go on after, empty at the end.
func (tx *Tx) UnitFees(accountID, after string, limit int) (units []UnitFee, next string, err error) {
	read := 0
	place := map[string]int{}
	var heads []string
	// The associated resources are read and passed over here: a condition on
	// parent_id would lead SQLite to an index that is not in this order.
	err = tx.each("SELECT list_fee, "+instanceColumns+" FROM instance WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3",
		[]any{accountID, after, limit}, func(r row) error {
			var u UnitFee
			i, err := scanInstance(following{r, []any{&u.ListFee}})
			u.Instance, next = i, i.ID
			if read++; i.ParentID == "" {
				place[i.ID] = len(units)
				heads, units = append(heads, i.ID), append(units, u)
			}
			return err
		})
	if err != nil {
		return nil, "", err
	}
	if read < limit {
		next = ""
	}
	hanging, err := tx.associated(accountID, heads, "")
	for id, all := range hanging {
		units[place[id]].Associated = all
	}
	return units, next, err
}

// following scans some columns that stand before others.
type following struct {
	row
	first []any
}

func (f following) Scan(into ...any) error { return f.row.Scan(append(f.first, into...)...) }

// SetListFee keeps the list fee of a unit, in minor units or NoListFee. It
// reports false where that changes nothing.
func (tx *Tx) SetListFee(accountID, id string, fee int64) (bool, error) {
	tx.changes(accountID)
	n, err := tx.exec("UPDATE instance SET list_fee = $1 WHERE account_id = $2 AND id = $3 AND list_fee <> $1", fee, accountID, id)
	return n == 1, err
}
