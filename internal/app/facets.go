package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/renewal"
	"perennial/internal/store"
)

// facetsFor is how old the choices in the filter menus may be before they are read
// again, and facetsStale how old while they are: they change with an import only, and
// reading them walks the whole list.
const (
	facetsFor   = time.Minute
	facetsStale = time.Hour
)

// Facets are the choices that the filters of the Renewals page offer.
type Facets struct {
	Services []Choice
	Regions  []Choice
	Projects []Choice // none where the account does not use enterprise projects
}

// Choice is a code that occurs in the account, and its name.
type Choice struct{ Code, Name string }

// Names are the names behind the codes.
func (f Facets) Names() renewal.Names {
	return renewal.Names{Services: namesOf(f.Services), Regions: namesOf(f.Regions)}
}

func namesOf(choices []Choice) map[string]string {
	names := make(map[string]string, len(choices))
	for _, c := range choices {
		names[c.Code] = c.Name
	}
	return names
}

// Facets reads the choices of an account. They may be a minute old, and where they
// were read within the hour, the old ones are returned while they are read again.
func (a *App) Facets(ctx context.Context, accountID string) (Facets, error) {
	f, err := a.facets.get(ctx, accountID, "", a.readFacets(accountID))
	if err != nil {
		return f, fmt.Errorf("read the choices of the filters: %w", err)
	}
	return f, nil
}

// FacetsSoFar returns the choices of an account without waiting for them, and reports
// whether they have been read. Where they have not, they are from now on.
func (a *App) FacetsSoFar(accountID string) (Facets, bool) {
	return a.facets.soFar(accountID, "", a.readFacets(accountID))
}

func (a *App) readFacets(accountID string) search[Facets] {
	return func(ctx context.Context) (f Facets, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) error {
			all, err := tx.Facets(accountID)
			f = Facets{Services: choices(all.Services), Regions: choices(all.Regions), Projects: choices(all.Projects)}
			return err
		})
		return f, err
	}
}

func choices(facets []store.Facet) []Choice {
	var all []Choice
	for _, one := range facets {
		all = append(all, Choice{one.Code, one.Name})
	}
	return all
}
