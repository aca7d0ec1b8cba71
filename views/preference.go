package views

import "perennial/internal/renewal"

// chosen is the address of the rows that are shown, with the columns that the
// person prefers.
func (p RenewalsPage) chosen() string {
	l := p.Listing
	l.Hidden = nil
	return RenewalsPath(ListingQuery(l))
}

// columnHint says why a column that is chosen may still not be seen.
func columnHint(c renewal.Column) string {
	if c == renewal.ColumnOrder {
		return "On a wide screen and on a phone."
	}
	return ""
}
