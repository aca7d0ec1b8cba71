package inventory

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Unit is what a file says of one renewal unit.
type Unit struct {
	// HeadID is the ID of the primary instance.
	HeadID string
	// Rows are the primary instance first, where the file has it, then its
	// associated resources by ID.
	Rows  []Row
	entry int32 // of the row that it stands for
}

// HasHead tells whether the file has the unit's primary instance. Where it has
// not, the account must.
func (u Unit) HasHead() bool { return len(u.Rows) > 0 && u.Rows[0].Instance.ID == u.HeadID }

// IDs are the instances about which Compare wants to know what the account has.
func (u Unit) IDs() []string {
	var ids []string
	if !u.HasHead() {
		ids = append(ids, u.HeadID)
	}
	for _, r := range u.Rows {
		ids = append(ids, r.Instance.ID)
	}
	return ids
}

// Units yields the units of the file that hold no refused row, each whole, in
// the order of their primary instances. Children may stand anywhere in the file.
// After an error nothing more comes.
func (f *File) Units() iter.Seq2[Unit, error] {
	return func(yield func(Unit, error) bool) {
		rows := NewInstanceReader(io.NewSectionReader(f.in, 0, f.size))
		next := int32(0)
		for {
			row, refusals, err := rows.Next()
			if errors.Is(err, io.EOF) {
				if int(next) == len(f.entries) {
					return
				}
				err = errChanged
			}
			var u Unit
			if err == nil {
				if int(next) == len(f.entries) || row.Line != int(f.entries[next].line) {
					continue // a line without an ID, or beyond the limit of rows
				}
				if err = f.same(next, row, len(refusals) > 0); err == nil {
					u, err = f.unit(next, row)
				}
				next++
			}
			if err != nil {
				yield(Unit{}, fmt.Errorf("read units: %w", err))
				return
			}
			if len(u.Rows) > 0 && !yield(u, nil) {
				return
			}
		}
	}
}

// unit gathers the unit that the row at entry i stands for: a primary instance
// for its children, and the first of several orphans for all of them. For every
// other row, and where a row of the unit was refused, it is empty.
func (f *File) unit(i int32, row Row) (Unit, error) {
	e := f.entries[i]
	u := Unit{HeadID: row.Instance.ID, entry: i}
	head := e.id
	if e.parent == 0 {
		u.Rows = []Row{row}
	} else {
		u.HeadID, head = row.Instance.ParentID, e.parent
		if _, ok := f.find(e.parent); ok || f.under(e.parent)[0] != i {
			return Unit{}, nil
		}
	}
	children := f.under(head)
	if e.shared == refusedRow || slices.ContainsFunc(children, func(c int32) bool { return f.entries[c].shared == refusedRow }) {
		return Unit{}, nil
	}
	first := len(u.Rows)
	for _, c := range children {
		child, err := f.row(c)
		if err != nil {
			return Unit{}, err
		}
		u.Rows = append(u.Rows, child)
	}
	slices.SortFunc(u.Rows[first:], func(a, b Row) int { return cmp.Compare(a.Instance.ID, b.Instance.ID) })
	return u, nil
}

// Batches groups the units of the file into batches of at most so many rows,
// which is what one transaction applies. A larger unit is a batch by itself.
func (f *File) Batches(rows int) iter.Seq2[[]Unit, error] { return batches(f.Units(), rows) }

// Place is where a unit stands in its file, kept in the stead of the unit.
type Place struct {
	key   uint64 // grows with the ID
	entry int32
}

// Place tells where a unit that this file yielded stands.
func (f *File) Place(u Unit) Place {
	var key [8]byte
	copy(key[:], strings.TrimPrefix(u.HeadID, f.common))
	return Place{binary.BigEndian.Uint64(key[:]), u.entry}
}

// BatchesAt is Batches of the units at the given places, which it sorts: about in
// the order of their IDs, so that a batch touches few pages of what is kept in
// that order. In the order of a file every row would touch one of its own.
func (f *File) BatchesAt(places []Place, rows int) iter.Seq2[[]Unit, error] {
	slices.SortFunc(places, func(a, b Place) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.entry, b.entry)) })
	return batches(func(yield func(Unit, error) bool) {
		for _, p := range places {
			row, err := f.row(p.entry)
			var u Unit
			if err == nil {
				u, err = f.unit(p.entry, row)
			}
			if err != nil {
				yield(Unit{}, fmt.Errorf("read units: %w", err))
				return
			}
			if !yield(u, nil) {
				return
			}
		}
	}, rows)
}

func batches(units iter.Seq2[Unit, error], rows int) iter.Seq2[[]Unit, error] {
	return func(yield func([]Unit, error) bool) {
		var batch []Unit
		held := 0
		for u, err := range units {
			if err != nil {
				yield(nil, err)
				return
			}
			if held > 0 && held+len(u.Rows) > rows {
				if !yield(batch, nil) {
					return
				}
				batch, held = nil, 0
			}
			batch = append(batch, u)
			held += len(u.Rows)
		}
		if held > 0 {
			yield(batch, nil)
		}
	}
}
