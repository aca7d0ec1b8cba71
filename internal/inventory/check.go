package inventory

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"slices"
	"sort"
	"strings"

	"perennial/internal/renewal"
)

// errChanged tells that the file is no longer what was checked.
var errChanged = errors.New("the file changed while it was being imported; import it again when it is complete")

// File is an instance file whose rows were checked, each by itself and all
// together. It remembers where each row stands, and no row.
type File struct {
	in      io.ReaderAt
	size    int64
	header  *table // places the columns of a row read on its own
	seed    maphash.Seed
	entries []entry // in the order of the file
	byID    []int32 // entries by hashed ID, equal ones in the order of the file
	byHead  []int32 // children by hashed parent, equal ones in the order of the file
	common  string  // what all IDs begin with
}

// entry is what is kept of a row. IDs are kept as 64-bit hashes under a seed of
// this run: in a file of a million rows two different IDs meet with a chance of
// one in forty million, and then the import is refused and works when repeated.
type entry struct {
	id     uint64
	parent uint64 // 0 for a primary instance
	offset int64
	shared uint64 // what a unit has in common, or refusedRow
	line   int32
	length int32
}

const refusedRow = 0

// shared packs what all instances of a unit have in common: the expiry in
// milliseconds, period and policy. It is never refusedRow, since no period is 0.
func shared(i renewal.Instance) uint64 {
	return uint64(i.ExpiresAt.UnixMilli())<<8 | uint64(i.Period)<<4 | uint64(i.Policy)
}

// Check reads a whole instance file and says what is wrong with it: rows that
// cannot be read, IDs that stand twice, and children that do not fit their
// primary instance. Parents that are not in the file are left to Compare. The
// report counts rows and refusals only. The error is one of reading.
func Check(ctx context.Context, file io.ReaderAt, size int64) (*File, *Report, error) {
	f := &File{in: file, size: size, seed: maphash.MakeSeed()}
	report := &Report{}
	if err := f.read(ctx, report); err != nil {
		return nil, nil, fmt.Errorf("read instances: %w", err)
	}
	f.order()
	f.refuseDuplicates(report)
	if err := f.refuseChildren(ctx, report); err != nil {
		return nil, nil, fmt.Errorf("check instances: %w", err)
	}
	report.sort()
	return f, report, nil
}

func (f *File) hash(id string) uint64 { return maphash.String(f.seed, id) | 1 }

func (f *File) read(ctx context.Context, report *Report) error {
	rows := NewInstanceReader(io.NewSectionReader(f.in, 0, f.size))
	f.header = rows.table
	for {
		row, refusals, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		report.Refuse(refusals...)
		if row.Line == 1 {
			continue // the refused header
		}
		if report.Rows++; report.Rows > MaximumRows || row.Line > math.MaxInt32 {
			report.Refuse(Refusal{Line: row.Line, Reason: fmt.Sprintf("A file has at most %d rows. Split it.", MaximumRows)})
			return nil
		}
		if report.Rows%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if row.Instance.ID == "" {
			continue
		}
		e := entry{id: f.hash(row.Instance.ID), offset: row.offset, line: int32(row.Line), length: int32(row.length)}
		if row.Instance.ParentID != "" {
			e.parent = f.hash(row.Instance.ParentID)
		}
		if e.shared = shared(row.Instance); len(refusals) > 0 {
			e.shared = refusedRow
		}
		f.begin(row.Instance.ID)
		f.entries = append(f.entries, e)
	}
}

// begin keeps what the ID has in common with all before it.
func (f *File) begin(id string) {
	if len(f.entries) == 0 {
		f.common = id
	}
	for !strings.HasPrefix(id, f.common) {
		f.common = f.common[:len(f.common)-1]
	}
}

func (f *File) order() {
	f.byID = make([]int32, len(f.entries))
	for i, e := range f.entries {
		f.byID[i] = int32(i)
		if e.parent != 0 {
			f.byHead = append(f.byHead, int32(i))
		}
	}
	by := func(key func(entry) uint64) func(a, b int32) int {
		return func(a, b int32) int {
			x, y := key(f.entries[a]), key(f.entries[b])
			if x < y {
				return -1
			} else if x > y {
				return 1
			}
			return int(a - b)
		}
	}
	slices.SortFunc(f.byID, by(func(e entry) uint64 { return e.id }))
	slices.SortFunc(f.byHead, by(func(e entry) uint64 { return e.parent }))
}

// find returns the first entry of an ID.
func (f *File) find(id uint64) (int32, bool) {
	n := sort.Search(len(f.byID), func(n int) bool { return f.entries[f.byID[n]].id >= id })
	if n == len(f.byID) || f.entries[f.byID[n]].id != id {
		return 0, false
	}
	return f.byID[n], true
}

// Has tells whether an ID stands in the file.
func (f *File) Has(id string) bool { _, ok := f.find(f.hash(id)); return ok }

// under returns the children of a parent in the order of the file.
func (f *File) under(parent uint64) []int32 {
	at := func(n int) uint64 { return f.entries[f.byHead[n]].parent }
	from := sort.Search(len(f.byHead), func(n int) bool { return at(n) >= parent })
	to := from + sort.Search(len(f.byHead)-from, func(n int) bool { return at(from+n) > parent })
	return f.byHead[from:to]
}

// row reads one row again. It may be a refused one.
func (f *File) row(i int32) (Row, error) {
	e := f.entries[i]
	text := make([]byte, e.length)
	if n, err := f.in.ReadAt(text, e.offset); n < len(text) {
		if errors.Is(err, io.EOF) {
			return Row{}, errChanged
		}
		return Row{}, err
	}
	rec, refusals := f.header.parse(line{number: int(e.line), offset: e.offset, text: text})
	row, more := readInstance(rec, len(refusals) > 0)
	return row, f.same(i, row, len(refusals)+len(more) > 0)
}

// same tells whether a row is what it was when the file was checked.
func (f *File) same(i int32, row Row, refused bool) error {
	e := f.entries[i]
	parent := uint64(0)
	if row.Instance.ParentID != "" {
		parent = f.hash(row.Instance.ParentID)
	}
	if e.id != f.hash(row.Instance.ID) || e.parent != parent ||
		(e.shared != refusedRow && (refused || e.shared != shared(row.Instance))) {
		return errChanged
	}
	return nil
}
