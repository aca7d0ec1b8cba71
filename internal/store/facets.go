package store

import "fmt"

// Facet is a code that occurs among units, its name, and how many carry it.
type Facet struct {
	Code  string
	Name  string
	Units int
}

// FacetColumn is a column by whose codes a list can be narrowed.
type FacetColumn struct{ code, name string }

// The facets of the Renewals page.
var (
	ByService = FacetColumn{"service_code", "service_name"}
	ByRegion  = FacetColumn{"region_code", "region_name"}
	ByProject = FacetColumn{"project", "project"}
)

// Facets lists the codes in a column over all primary instances of the account,
// by name.
func (tx *Tx) Facets(accountID string, by FacetColumn) ([]Facet, error) {
	return tx.facets(by, "account_id = $1 AND parent_id = ''", []any{accountID}, "3, 1")
}

// Breakdown counts the units of a scope by the codes in a column, the largest first.
func (tx *Tx) Breakdown(s Scope, by FacetColumn) ([]Facet, error) {
	w := s.conditions()
	return tx.facets(by, w.String(), w.args, "2 DESC, 1")
}

// facets groups by code in the covering index; a name is then read once a code.
// The account is the first parameter.
func (tx *Tx) facets(by FacetColumn, condition string, args []any, order string) ([]Facet, error) {
	query := fmt.Sprintf(`SELECT g.code, g.n, (SELECT MIN(i.%s) FROM instance i WHERE i.account_id = $1 AND i.id = g.some_id)
		FROM (SELECT %s AS code, COUNT(*) AS n, MIN(id) AS some_id FROM instance WHERE %s GROUP BY %s) g
		WHERE g.code <> '' ORDER BY %s`, by.name, by.code, condition, by.code, order)
	return list(tx, query, args, func(r row) (Facet, error) {
		var f Facet
		err := r.Scan(&f.Code, &f.Units, &f.Name)
		return f, err
	})
}
