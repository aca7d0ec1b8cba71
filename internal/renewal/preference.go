package renewal

import "slices"

// Column is a column of the Renewals list that a person may leave out. The others
// always stand: name and ID say which instance it is, the status whether it can be
// used and renewed, the expiry why it is listed, and the operations what can be
// done about it. Without any of them a list proves nothing.
type Column string

// The columns that can be left out, in the order of the list.
const (
	ColumnService Column = "service"
	ColumnRegion  Column = "region"
	ColumnProject Column = "project"
	ColumnOrder   Column = "order"
	ColumnTerm    Column = "term"
	ColumnFee     Column = "fee"
	// NoColumn stands in an address for a list of every column, whatever the person
	// prefers: an address without columns follows the preference.
	NoColumn Column = "none"
)

// Columns are those that can be left out.
var Columns = []Column{ColumnService, ColumnRegion, ColumnProject, ColumnOrder, ColumnTerm, ColumnFee}

// Title is the column's head.
func (c Column) Title() string {
	switch c {
	case ColumnService:
		return "Service / specification"
	case ColumnRegion:
		return "Region"
	case ColumnProject:
		return "Project"
	case ColumnOrder:
		return "Order / provisioned"
	case ColumnTerm:
		return "Term"
	case ColumnFee:
		return "Estimated fee"
	}
	return string(c)
}

// Preference is how a person wants the console: the Renewals list, where its address
// says nothing else, and the keys. The zero Preference is that of somebody who has
// chosen nothing.
type Preference struct {
	Compact bool     // rows of one line
	Size    int      // rows on a page; 0: never chosen
	Hidden  []Column // in the order of Columns
	KeysOff bool     // keys of one character do nothing
}

// Preferring is the listing with what it does not say itself: the size, and with it
// the hidden columns, are what the person prefers.
func (l Listing) Preferring(p Preference) Listing {
	if l.Size == 0 {
		l.Size = p.Size
	}
	if l.Size == 0 {
		l.Size = DefaultSize
	}
	if len(l.Hidden) == 0 {
		l.Hidden = p.Hidden
	}
	return l
}

// Hides tells whether the list leaves a column out.
func (l Listing) Hides(c Column) bool { return slices.Contains(l.Hidden, c) }

// InOrder are the known of some columns, each once, in the order of the list.
func InOrder(some []Column) []Column {
	var all []Column
	for _, c := range Columns {
		if slices.Contains(some, c) {
			all = append(all, c)
		}
	}
	return all
}
