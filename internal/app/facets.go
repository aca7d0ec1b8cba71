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

// facetsAwaited is how many units an account may have for a page to wait for its
// choices: reading them takes as long as the page itself then.
const facetsAwaited = 20_000

// FacetsForPage returns the choices of an account for a page that has to come at once.
// It reports whether they are known: those of a large account are not at first, and
// are read from now on.
func (a *App) FacetsForPage(ctx context.Context, accountID string) (f Facets, known bool, err error) {
	tabs, _, err := a.TabCounts(ctx, accountID)
	if err != nil {
		return f, false, fmt.Errorf("count the tabs: %w", err)
	}
	units := 0
	for _, n := range tabs {
		units += n
	}
	if units > facetsAwaited {
		f, known = a.facets.soFar(accountID, "", a.readFacets(accountID))
		return f, known, nil
	}
	f, err = a.Facets(ctx, accountID)
	return f, true, err
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
