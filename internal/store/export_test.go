package store

import "perennial/internal/renewal"

// CountQuery and PageQuery are the statements behind a list, for tests of what an
// engine makes of them.
func (s Scope) CountQuery() (string, []any) {
	w := s.conditions()
	return "SELECT COUNT(*) FROM instance WHERE " + w.String(), w.args
}

// PageQuery is the statement of one page.
func (s Scope) PageQuery(sort renewal.Sort, size int, after, before renewal.Cursor) (string, []any) {
	return s.page(sort, size, after, before)
}

// Unusable is unusable.
var Unusable = unusable

// PageQuery and SumsQuery are the statements behind lists of orders.
func (f OrderFilter) PageQuery(accountID string, after renewal.Cursor, limit int) (string, []any) {
	return f.page(accountID, after, renewal.Cursor{}, limit)
}

// SumsQuery is the statement that adds up.
func (f OrderFilter) SumsQuery(accountID string) (string, []any) { return f.sums(accountID) }
