package views

import "perennial/internal/renewal"

// chosen is the address of the rows that are shown, with the columns that the
// person prefers.
func (p RenewalsPage) chosen() string {
	l := p.Listing
	l.Hidden = nil
	return RenewalsPath(ListingQuery(l))
}

// columnHint says why a column that is chosen may still not be seen: a laptop
// leaves it out.
func columnHint(c renewal.Column) string {
	if c == renewal.ColumnOrder {
		return "Where there is room for it."
	}
	return ""
}
