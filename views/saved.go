package views

import (
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// SavedViewsPage lists the views that a person keeps.
type SavedViewsPage struct {
	Rows    []SavedView
	Problem string // why a view was not saved; empty: nothing was refused
}

// SavedView is a view with what it shows in words.
type SavedView struct {
	renewal.View
	Words string
}

func (p SavedViewsPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	return []ui.FieldError{{Text: p.Problem}}
}

// viewHref is the list of a view.
func viewHref(v renewal.View) string { return RenewalsPath(nil) + "?" + v.Query }

// query is the list as a view keeps it: from its beginning.
func (p RenewalsPage) query() string { return ViewQuery(p.shown()) }

// ViewQuery is the query of a list from its beginning, which equal lists have alike.
// It says which columns there are even where all are: what a view shows does not
// change with what the person prefers later.
func ViewQuery(l renewal.Listing) string {
	l.After, l.Before = renewal.Cursor{}, renewal.Cursor{}
	if len(l.Hidden) == 0 {
		l.Hidden = []renewal.Column{renewal.NoColumn}
	}
	return ListingQuery(l).Encode()
}
