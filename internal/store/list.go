package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/internal/renewal"
)

// Scope is a filter made definite: the account, and the instants that it means now.
type Scope struct {
	AccountID string
	Filter    renewal.Filter
	Spans     []renewal.Span
	Now       time.Time
	// from is a place in the list by expiry. What lies behind it is meant, or with
	// down what lies before it. Zero: everything.
	from renewal.Cursor
	down bool
}

// where collects conditions and their parameters.
type where struct {
	parts []string
	args  []any
}

// add appends a condition in which every ? stands for the next of the values.
func (w *where) add(condition string, values ...any) {
	for _, v := range values {
		w.args = append(w.args, v)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.parts = append(w.parts, condition)
}

func addIn[T any](w *where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.add(column+" IN ("+strings.Repeat("?, ", len(values)-1)+"?)", args...)
}

func (w *where) String() string { return strings.Join(w.parts, " AND ") }

// contains is a LIKE pattern for a substring; ! escapes, since the backslash has
// no one meaning over the engines.
func contains(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}

// conditions turns a scope into SQL that only names columns of instance_list.
func (s Scope) conditions() *where {
	w := &where{}
	f := s.Filter
	w.add("account_id = ?", s.AccountID)
	w.add("parent_id = ?", "")
	w.add("mode = ?", string(f.Tab))
	w.spans(s.Spans, s.from, s.down)
	if f.Query != "" {
		// One search through all three, since calling a function costs a row more
		// than all else. A line break stands in none of them and in no query.
		w.add("lower(folded || '\n' || id || '\n' || order_id) LIKE ? ESCAPE '!'", contains(Fold(f.Query)))
	}
	if f.Name != "" {
		w.add("folded LIKE ? ESCAPE '!'", contains(Fold(f.Name)))
	}
	if f.Order != "" {
		w.add("order_id = ?", f.Order)
	}
	addIn(w, "id", f.IDs)
	addIn(w, "service_code", f.Services)
	addIn(w, "region_code", f.Regions)
	addIn(w, "project", f.Projects)
	if f.Blocked != "" {
		w.add("(hold = ? OR intent = ?)", string(f.Blocked), string(f.Blocked))
	}
	if f.HideUnpaid {
		w.add("hold <> ? AND intent <> ?", string(renewal.OrderPending), string(renewal.OrderPending))
	}
	switch f.Packages {
	case renewal.Hide:
		w.add("package = FALSE")
	case renewal.Only:
		w.add("package = TRUE")
	}
	since := millis(s.Now.Add(-renewal.RecentRenewal))
	switch f.Renewed {
	case renewal.Hide:
		w.add("renewed_at < ?", since)
	case renewal.Only:
		w.add("renewed_at >= ?", since)
	}
	return w
}

// spans keeps the expiries of the spans that lie beyond a place in the list. The
// outermost bounds let the index seek even where there are several spans. Where the
// place is such a bound, it takes the place of the bound: SQLite enters the index at
// the first bound that it finds, and would walk from there to the place.
func (w *where) spans(spans []renewal.Span, from renewal.Cursor, down bool) {
	first, last := "expires_at >= ?", "expires_at < ?"
	var firstArgs, lastArgs []any
	if !from.IsZero() {
		spans = renewal.Within(spans, fromPlace(from, down))
		place := []any{from.Number, from.ID}
		if down {
			last, lastArgs = "(expires_at, id) < (?, ?)", place
		} else {
			first, firstArgs = "(expires_at, id) > (?, ?)", place
		}
	}
	if len(spans) == 0 {
		w.add("1 = 0")
		return
	}
	if bound := spans[0].From; firstArgs == nil || millis(bound) > from.Number {
		first, firstArgs = "expires_at >= ?", []any{millis(bound)}
	}
	w.add(first, firstArgs...)
	if bound := spans[len(spans)-1].To; !bound.IsZero() && (lastArgs == nil || millis(bound) <= from.Number) {
		last, lastArgs = "expires_at < ?", []any{millis(bound)}
	}
	if lastArgs != nil {
		w.add(last, lastArgs...)
	}
	if len(spans) == 1 {
		return
	}
	var parts []string
	var args []any
	for _, s := range spans {
		parts = append(parts, "(expires_at >= ? AND expires_at < ?)")
		to := int64(1) << 62
		if !s.To.IsZero() {
			to = millis(s.To)
		}
		args = append(args, millis(s.From), to)
	}
	w.add("("+strings.Join(parts, " OR ")+")", args...)
}

// fromPlace is the time from the instant of a place on, or with down the time up to
// it. The instant itself is part of both: several units share it.
func fromPlace(from renewal.Cursor, down bool) renewal.Span {
	at := time.UnixMilli(from.Number)
	if down {
		return renewal.Span{To: at.Add(time.Millisecond)}
	}
	return renewal.Span{From: at}
}

// Count counts the units that match.
func (tx *Tx) Count(s Scope) (int, error) {
	var n int
	w := s.conditions()
	err := tx.one("SELECT COUNT(*) FROM instance WHERE "+w.String(), w.args, &n)
	return n, err
}

// beyond keeps what stands behind a place in a list that is sorted by another column
// than the index, or with down before it in the order of the column.
func (w *where) beyond(sort renewal.Sort, from renewal.Cursor, down bool) {
	than, value := ">", any(from.Number)
	if down {
		than = "<"
	}
	if sort.By == renewal.ByName {
		value = from.Text
	}
	w.add("("+sortColumns[sort.By]+", id) "+than+" (?, ?)", value, from.ID)
}

var sortColumns = map[renewal.SortKey]string{
	renewal.ByExpiry: "expires_at", renewal.ByName: "folded", renewal.ByFee: "list_fee",
}

// Listed is one row of a page: the place of a unit in the sorted list.
type Listed struct {
	ID     string
	Cursor renewal.Cursor
}

// Page finds one page of matching units, at most size+1 so that the caller sees
// whether there is more, in the order of the list. With before, it is the page
// that ends there, and the extra unit stands first.
func (tx *Tx) Page(s Scope, sort renewal.Sort, size int, after, before renewal.Cursor) ([]Listed, error) {
	query, args := s.page(sort, size, after, before)
	page, err := list(tx, query, args, func(r row) (Listed, error) {
		var l Listed
		var err error
		if sort.By == renewal.ByName {
			err = r.Scan(&l.ID, &l.Cursor.Text)
		} else {
			err = r.Scan(&l.ID, &l.Cursor.Number)
		}
		l.Cursor.ID = l.ID
		return l, err
	})
	if !before.IsZero() {
		slices.Reverse(page)
	}
	return page, err
}

func (s Scope) page(sort renewal.Sort, size int, after, before renewal.Cursor) (query string, args []any) {
	column := sortColumns[sort.By]
	backwards := !before.IsZero()
	from := after
	if backwards {
		from = before
	}
	direction, down := "ASC", sort.Desc != backwards
	if down {
		direction = "DESC"
	}
	if sort.By == renewal.ByExpiry {
		s.from, s.down = from, down
	}
	w := s.conditions()
	if sort.By != renewal.ByExpiry && !from.IsZero() {
		w.beyond(sort, from, down)
	}
	w.args = append(w.args, size+1)
	return fmt.Sprintf("SELECT id, %s FROM instance WHERE %s ORDER BY %s %s, id %s LIMIT $%d",
		column, w, column, direction, direction, len(w.args)), w.args
}

// Matching reads every unit of a scope with its associated resources in the order
// of payment: by expiry, then ID. It stops after limit units.
func (tx *Tx) Matching(s Scope, limit int) ([]renewal.Unit, error) {
	w := s.conditions()
	args := append(slices.Clone(w.args), limit)
	return tx.matching(w.String(), args, fmt.Sprintf(" ORDER BY expires_at, id LIMIT $%d", len(args)), len(w.args))
}

// MatchingItems reads the units that an ended task left waiting, in the order of payment.
func (tx *Tx) MatchingItems(accountID, taskID string) ([]renewal.Unit, error) {
	args := []any{accountID, taskID, string(renewal.ItemWaiting)}
	return tx.matching(`account_id = $1 AND parent_id = '' AND id IN
		(SELECT instance_id FROM item WHERE task_id = $2 AND account_id = $1 AND state = $3)`, args, " ORDER BY expires_at, id", len(args))
}

func (tx *Tx) matching(condition string, args []any, tail string, conditionArgs int) ([]renewal.Unit, error) {
	units, err := list(tx, "SELECT "+instanceColumns+" FROM instance WHERE "+condition+tail, args, func(r row) (renewal.Unit, error) {
		i, err := scanInstance(r)
		return renewal.Unit{Instance: i}, err
	})
	if err != nil || len(units) == 0 {
		return units, err
	}
	place := make(map[string]int, len(units))
	for n, u := range units {
		place[u.ID] = n
	}
	query := "SELECT " + instanceColumns + " FROM instance WHERE account_id = $1 AND parent_id IN (SELECT id FROM instance WHERE " +
		condition + ") ORDER BY parent_id, id"
	err = tx.each(query, args[:conditionArgs], func(r row) error {
		i, err := scanInstance(r)
		// Beyond the limit there may be parents that are not in the list.
		if n, ok := place[i.ParentID]; ok {
			units[n].Associated = append(units[n].Associated, i)
		}
		return err
	})
	return units, err
}

// TabCounts counts the units on each tab that are not released, and those of them
// that are expired or expire before soon.
func (tx *Tx) TabCounts(accountID string, oldest, soon time.Time) (counts map[renewal.Mode]int, urgent int, err error) {
	counts = map[renewal.Mode]int{}
	// Mode by mode, as a list counts: grouping costs a row four times as much.
	for _, mode := range renewal.Modes {
		listed := renewal.Span{From: oldest.Add(time.Millisecond)}
		s := Scope{AccountID: accountID, Filter: renewal.Filter{Tab: mode}, Spans: []renewal.Span{listed}}
		n, err := tx.Count(s)
		if err != nil {
			return nil, 0, err
		}
		if n == 0 {
			continue
		}
		counts[mode] = n
		s.Spans[0].To = soon
		if n, err = tx.Count(s); err != nil {
			return nil, 0, err
		}
		urgent += n
	}
	return counts, urgent, nil
}

// ExpiryAt finds the expiry of the matching unit at an offset in order of expiry;
// it answers "up to when do 10,000 fit", once per refusal and never per page.
func (tx *Tx) ExpiryAt(s Scope, offset int) (time.Time, error) {
	w := s.conditions()
	args := append(slices.Clone(w.args), offset)
	var ms int64
	err := tx.one(fmt.Sprintf("SELECT expires_at FROM instance WHERE %s ORDER BY expires_at, id LIMIT 1 OFFSET $%d", w, len(args)), args, &ms)
	return instant(ms), err
}
