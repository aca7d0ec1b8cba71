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
	f, err := a.facets.get(ctx, accountID, "", func(ctx context.Context) (f Facets, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			f, err = facetsOf(tx, accountID)
			return err
		})
		return f, err
	})
	if err != nil {
		return f, fmt.Errorf("read the choices of the filters: %w", err)
	}
	return f, nil
}

func facetsOf(tx *store.Tx, accountID string) (f Facets, err error) {
	for by, choices := range map[store.FacetColumn]*[]Choice{
		store.ByService: &f.Services, store.ByRegion: &f.Regions, store.ByProject: &f.Projects,
	} {
		facets, err := tx.Facets(accountID, by)
		if err != nil {
			return f, err
		}
		for _, one := range facets {
			*choices = append(*choices, Choice{one.Code, one.Name})
		}
	}
	return f, nil
}
