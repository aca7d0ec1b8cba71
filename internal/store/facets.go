package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"perennial/internal/renewal"
)

// Facet is a code that occurs among units, its name, and how many carry it.
type Facet struct {
	Code  string
	Name  string
	Units int
}

// Facets are the codes by which a list can be narrowed. Units without an enterprise
// project have no code of one.
type Facets struct {
	Services []Facet
	Regions  []Facet
	Projects []Facet
}

// codes are a unit's service, region and enterprise project in one column, which is
// read faster than three. A line break stands in none of them. Facets and Parts read
// every unit and group them here: SQLite sorts all of them to do so, which takes nine
// times as long.
const codes = "service_code || '\n' || region_code || '\n' || project"

// Facets lists the codes of all primary instances of the account, by name.
func (tx *Tx) Facets(accountID string) (Facets, error) {
	type sharing struct {
		units int
		first string
	}
	all := map[string]*sharing{}
	var key, id sql.RawBytes
	err := tx.each("SELECT "+codes+", id FROM instance WHERE account_id = $1 AND parent_id = ''", []any{accountID}, func(r row) error {
		if err := r.Scan(&key, &id); err != nil {
			return err
		}
		s := all[string(key)]
		if s == nil {
			s = &sharing{first: string(id)}
			all[string(key)] = s
		}
		s.units++
		if string(id) < s.first {
			s.first = string(id)
		}
		return nil
	})
	if err != nil {
		return Facets{}, err
	}
	g := newGroups()
	for key, s := range all {
		service, region := g.add(key, s.units)
		from(service, region, s.first)
	}
	if err := tx.name(accountID, g); err != nil {
		return Facets{}, err
	}
	return g.sorted(func(a, b Facet) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	}), nil
}

// Parts is a scope broken down. Its facets have no names, which the index that is
// walked does not hold.
type Parts struct {
	Facets     // the largest first
	Units  int // all of them
	Recent int // renewed here within renewal.RecentRenewal
	Unpaid int // with an order that waits for payment
}

// Parts counts the units of a scope and breaks them down, in one walk.
func (tx *Tx) Parts(s Scope) (p Parts, err error) {
	query, args := s.parts()
	all := map[string]*int{}
	var key sql.RawBytes
	err = tx.each(query, args, func(r row) error {
		var recent, unpaid int
		if err := r.Scan(&key, &recent, &unpaid); err != nil {
			return err
		}
		n := all[string(key)]
		if n == nil {
			n = new(int)
			all[string(key)] = n
		}
		*n++
		p.Units, p.Recent, p.Unpaid = p.Units+1, p.Recent+recent, p.Unpaid+unpaid
		return nil
	})
	g := newGroups()
	for key, n := range all {
		g.add(key, *n)
	}
	p.Facets = g.sorted(func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Code, b.Code))
	})
	return p, err
}

func (s Scope) parts() (query string, args []any) {
	w := s.conditions()
	n := len(w.args)
	return fmt.Sprintf(`SELECT %s, CASE WHEN renewed_at >= $%d THEN 1 ELSE 0 END, CASE WHEN hold = $%d OR intent = $%d THEN 1 ELSE 0 END
		FROM instance WHERE %s`, codes, n+1, n+2, n+2, w), append(w.args, millis(s.Now.Add(-renewal.RecentRenewal)), string(renewal.OrderPending))
}

// groups adds up facets by code.
type groups struct{ services, regions, projects map[string]*Facet }

func newGroups() groups {
	return groups{map[string]*Facet{}, map[string]*Facet{}, map[string]*Facet{}}
}

// add counts units that share their codes.
func (g groups) add(codes string, units int) (service, region *Facet) {
	code := strings.SplitN(codes, "\n", 3)
	service, region = at(g.services, code[0]), at(g.regions, code[1])
	project := at(g.projects, code[2])
	project.Name = project.Code
	for _, f := range []*Facet{service, region, project} {
		f.Units += units
	}
	return service, region
}

func at(codes map[string]*Facet, code string) *Facet {
	if codes[code] == nil {
		codes[code] = &Facet{Code: code}
	}
	return codes[code]
}

// from keeps the first instance of a service and of a region in place of its name.
func from(service, region *Facet, id string) {
	for _, f := range []*Facet{service, region} {
		if f.Name == "" || id < f.Name {
			f.Name = id
		}
	}
}

// name reads the names of services and regions from the first instance of each.
func (tx *Tx) name(accountID string, g groups) error {
	first := map[string][2][]*Facet{}
	for n, codes := range []map[string]*Facet{g.services, g.regions} {
		for _, f := range codes {
			both := first[f.Name]
			both[n] = append(both[n], f)
			first[f.Name] = both
		}
	}
	ids := slices.Sorted(maps.Keys(first))
	return tx.byIDs("SELECT id, service_name, region_name FROM instance WHERE account_id = $1 AND id IN ", accountID, ids, "", func(r row) error {
		var id string
		var names [2]string
		err := r.Scan(&id, &names[0], &names[1])
		for n, facets := range first[id] {
			for _, f := range facets {
				f.Name = names[n]
			}
		}
		return err
	})
}

func (g groups) sorted(order func(a, b Facet) int) Facets {
	sorted := func(codes map[string]*Facet) (all []Facet) {
		for code, f := range codes {
			if code != "" {
				all = append(all, *f)
			}
		}
		slices.SortFunc(all, order)
		return all
	}
	return Facets{Services: sorted(g.services), Regions: sorted(g.regions), Projects: sorted(g.projects)}
}
