package renewal_test

import (
	"slices"
	"testing"

	"perennial/internal/renewal"
)

// The address wins over what the person prefers, and that over what is usual.
func TestPreferring(t *testing.T) {
	chosen := renewal.Preference{Size: 20, Hidden: []renewal.Column{renewal.ColumnRegion}}
	for _, c := range []struct {
		query  string
		prefer renewal.Preference
		size   int
		hides  []renewal.Column
	}{
		{"", renewal.Preference{}, 50, nil},
		{"", chosen, 20, chosen.Hidden},
		{"size=100", chosen, 100, chosen.Hidden},
		{"hide=fee&hide=order&hide=fee", chosen, 20, []renewal.Column{renewal.ColumnOrder, renewal.ColumnFee}},
		{"hide=none", chosen, 20, nil},
		{"hide=none&hide=term", chosen, 20, []renewal.Column{renewal.ColumnTerm}},
		{"hide=expires&hide=name", chosen, 20, chosen.Hidden},
		{"hide=&size=", chosen, 20, chosen.Hidden},
	} {
		l, _ := renewal.ParseListing(query(t, c.query))
		l = l.Preferring(c.prefer)
		var hides []renewal.Column
		for _, column := range renewal.Columns {
			if l.Hides(column) {
				hides = append(hides, column)
			}
		}
		if l.Size != c.size || !slices.Equal(hides, c.hides) {
			t.Errorf("%q of who prefers %v: %d rows without %v", c.query, c.prefer, l.Size, hides)
		}
	}
}
