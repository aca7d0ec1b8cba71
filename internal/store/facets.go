package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

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

// Facets lists the codes of all primary instances of the account, by name.
func (tx *Tx) Facets(accountID string) (Facets, error) {
	g := newGroups()
	err := tx.each("SELECT service_code, region_code, project, COUNT(*), MIN(id) FROM instance"+
		" WHERE account_id = $1 AND parent_id = '' GROUP BY service_code, region_code, project", []any{accountID}, func(r row) error {
		var service, region, project, id string
		var units int
		err := r.Scan(&service, &region, &project, &units, &id)
		g.add(service, region, project, units)
		g.from(service, region, id)
		return err
	})
	if err != nil {
		return Facets{}, err
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
	g := newGroups()
	err = tx.each(query, args, func(r row) error {
		var service, region, project string
		var units, recent, unpaid int
		err := r.Scan(&service, &region, &project, &units, &recent, &unpaid)
		g.add(service, region, project, units)
		p.Units, p.Recent, p.Unpaid = p.Units+units, p.Recent+recent, p.Unpaid+unpaid
		return err
	})
	p.Facets = g.sorted(func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Code, b.Code))
	})
	return p, err
}

func (s Scope) parts() (query string, args []any) {
	w := s.conditions()
	n := len(w.args)
	return fmt.Sprintf(`SELECT service_code, region_code, project, COUNT(*), SUM(CASE WHEN renewed_at >= $%d THEN 1 ELSE 0 END),
		SUM(CASE WHEN hold = $%d OR intent = $%d THEN 1 ELSE 0 END) FROM instance WHERE %s GROUP BY service_code, region_code, project`,
		n+1, n+2, n+2, w), append(w.args, millis(s.Now.Add(-renewal.RecentRenewal)), string(renewal.OrderPending))
}

// groups adds up facets by code.
type groups struct{ services, regions, projects map[string]*Facet }

func newGroups() groups {
	return groups{map[string]*Facet{}, map[string]*Facet{}, map[string]*Facet{}}
}

// add counts units that share a service, a region and an enterprise project.
func (g groups) add(service, region, project string, units int) {
	at(g.services, service).Units += units
	at(g.regions, region).Units += units
	f := at(g.projects, project)
	f.Units += units
	f.Name = project
}

func at(codes map[string]*Facet, code string) *Facet {
	if codes[code] == nil {
		codes[code] = &Facet{Code: code}
	}
	return codes[code]
}

// from keeps the first instance of a service and of a region in place of its name.
func (g groups) from(service, region, id string) {
	for _, f := range []*Facet{g.services[service], g.regions[region]} {
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
