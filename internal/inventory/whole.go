package inventory

import (
	"context"
	"fmt"
	"slices"

	"perennial/internal/renewal"
)

// refuseDuplicates refuses each row whose ID stands in an earlier one.
func (f *File) refuseDuplicates(report *Report) {
	var again [][2]int32 // a row and the first with its ID
	for n, i := range f.byID {
		if n > 0 && f.entries[f.byID[n-1]].id == f.entries[i].id {
			first, _ := f.find(f.entries[i].id)
			again = append(again, [2]int32{i, first})
		}
	}
	slices.SortFunc(again, func(a, b [2]int32) int { return int(a[0] - b[0]) })
	for _, d := range again {
		f.refuse(report, d[0], resourceID, func(i renewal.Instance) (string, string) {
			return i.ID, fmt.Sprintf("This ID stands twice: here and on line %d.", f.entries[d[1]].line)
		})
	}
}

// refuse marks a row as refused. What it says of it needs the row, which is
// read only where the report still shows refusals. It cannot fail: a file that
// changed meanwhile fails where its rows are used.
func (f *File) refuse(report *Report, i int32, column int, say func(renewal.Instance) (value, reason string)) {
	r := Refusal{Line: int(f.entries[i].line), Column: instanceNames[column]}
	if !report.full() {
		row, err := f.row(i)
		if err != nil {
			row = Row{}
		}
		value, reason := say(row.Instance)
		r.Value, r.Reason = visible(value), reason
	}
	f.entries[i].shared = refusedRow
	report.Refuse(r)
}

// refuseChildren refuses each child whose primary instance, where the file has
// it, is itself a child, or expires otherwise.
func (f *File) refuseChildren(ctx context.Context, report *Report) error {
	for n := range f.entries {
		i := int32(n)
		if n%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		e := f.entries[i]
		if e.parent == 0 {
			continue
		}
		if n, _ := slices.BinarySearch(f.under(e.parent), i); n >= MaximumAssociated {
			f.refuse(report, i, parentID, func(i renewal.Instance) (string, string) {
				return i.ParentID, "A primary instance has at most 1,000 associated resources."
			})
			continue
		}
		p, ok := f.find(e.parent)
		if !ok || e.id == e.parent {
			continue
		}
		parent := f.entries[p]
		if parent.parent != 0 {
			f.refuse(report, i, parentID, func(i renewal.Instance) (string, string) {
				return i.ParentID, fmt.Sprintf("Line %d has this instance as an associated resource, so nothing can hang under it: there is one level.", parent.line)
			})
			continue
		}
		if e.shared == refusedRow || parent.shared == refusedRow || e.shared == parent.shared {
			continue
		}
		head, err := f.row(p)
		if err != nil {
			return err
		}
		child, err := f.row(i)
		if err != nil {
			return err
		}
		column, value, theirs := difference(child.Instance, head.Instance)
		f.refuse(report, i, column, func(renewal.Instance) (string, string) {
			return value, fmt.Sprintf("An associated resource shares the %s of its primary instance, which is %s on line %d.", sharedWords[column], theirs, parent.line)
		})
	}
	return nil
}

// sharedWords are the columns that all instances of a unit have in common.
var sharedWords = map[int]string{periodType: "period type", expireTime: "expiry", expirePolicy: "expire policy"}

// difference tells the first column that an instance should share with its head
// and does not, with both values.
func difference(i, head renewal.Instance) (column int, value, theirs string) {
	for _, c := range []int{periodType, expireTime, expirePolicy} {
		write := instanceColumns[c].text
		if write(i) != write(head) {
			return c, write(i), write(head)
		}
	}
	return -1, "", ""
}
