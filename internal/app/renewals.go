package app

import (
	"context"
	"time"

	"perennial/internal/account"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// countsFor is how old the counts on the tabs and in the navigation may be.
const countsFor = 2 * time.Second

// tabCounts are the counts of one account.
type tabCounts struct {
	tabs   map[renewal.Mode]int
	urgent int
}

// TabCounts counts the units on each tab, whatever the filters say, and those on
// any tab that are expired or expire within 7 days. Both may be two seconds old.
func (a *App) TabCounts(ctx context.Context, accountID string) (tabs map[renewal.Mode]int, urgent int, err error) {
	c, err := a.counts.get(ctx, accountID, func() (c tabCounts, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) error {
			acc, err := tx.Account(accountID)
			if err != nil {
				return err
			}
			now := a.Clock.Now()
			c.tabs, c.urgent, err = tx.TabCounts(accountID, retentionOf(acc).OldestListed(now), now.Add(renewal.ExpiringWithin))
			return err
		})
		return c, err
	})
	return c.tabs, c.urgent, err
}

// Row is one unit on the Renewals page.
type Row struct {
	renewal.Unit
	Status renewal.Status
	Quote  renewal.Quote
	Priced bool
	// Blocked is why the unit cannot be renewed now, or empty.
	Blocked   renewal.Reason
	NewExpiry time.Time // after one more term
}

// Renewals is one page of the list.
type Renewals struct {
	Account   account.Account
	Retention renewal.Retention
	Now       time.Time
	Rows      []Row
	Matching  int
	Previous  renewal.Cursor // pass as Before; zero on the first page
	Next      renewal.Cursor // pass as After; zero on the last page
}

// List finds one page of the units that match, with their status and fee at now.
func (a *App) List(ctx context.Context, accountID string, l renewal.Listing) (page Renewals, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.Account(accountID)
		if err != nil {
			return err
		}
		scope := scopeOf(acc, l.Filter, now)
		page = Renewals{Account: acc, Retention: retentionOf(acc), Now: now}
		listed, err := tx.Page(scope, l.Sort, l.Size, l.After, l.Before)
		if err != nil {
			return err
		}
		if page.Matching, err = matching(tx, scope, l, listed); err != nil {
			return err
		}
		listed = page.cut(listed, l)
		page.Rows, err = rowsOf(tx, acc, listed, now)
		return err
	})
	return page, err
}

// matching counts what matches, and walks over nothing twice: a first page that is
// the last one too has counted itself, and behind another only the rest is counted.
func matching(tx *store.Tx, scope store.Scope, l renewal.Listing, listed []store.Listed) (int, error) {
	first := l.After.IsZero() && l.Before.IsZero()
	switch {
	case first && len(listed) <= l.Size:
		return len(listed), nil
	case first && l.Sort == renewal.Sort{By: renewal.ByExpiry}:
		rest, err := tx.CountAfter(scope, listed[len(listed)-1].Cursor)
		return len(listed) + rest, err
	}
	return tx.Count(scope)
}

// cut drops the extra unit by which the store says that there is more, and sets
// the cursors of the neighbouring pages.
func (p *Renewals) cut(listed []store.Listed, l renewal.Listing) []store.Listed {
	more := len(listed) > l.Size
	backwards := !l.Before.IsZero()
	switch {
	case more && backwards:
		listed = listed[1:]
	case more:
		listed = listed[:l.Size]
	}
	if len(listed) == 0 {
		return nil
	}
	if more && backwards || !backwards && !l.After.IsZero() {
		p.Previous = listed[0].Cursor
	}
	if more && !backwards || backwards {
		p.Next = listed[len(listed)-1].Cursor
	}
	return listed
}

func rowsOf(tx *store.Tx, acc account.Account, listed []store.Listed, now time.Time) ([]Row, error) {
	ids := make([]string, len(listed))
	for n, l := range listed {
		ids[n] = l.ID
	}
	units, err := tx.Units(acc.ID, ids)
	if err != nil {
		return nil, err
	}
	var all []renewal.Unit
	for _, id := range ids {
		if u, ok := units[id]; ok {
			all = append(all, u)
		}
	}
	return priceRows(tx, acc, all, now)
}

// priceRows gives units their status and fee, with the prices of just these units.
func priceRows(tx *store.Tx, acc account.Account, units []renewal.Unit, now time.Time) ([]Row, error) {
	book, err := tx.PricesOf(acc.ID, units)
	if err != nil {
		return nil, err
	}
	prices, err := pricingBy(tx, acc, book, now)
	if err != nil {
		return nil, err
	}
	terms := termsOf(acc)
	rows := make([]Row, len(units))
	for n, u := range units {
		q, priced, err := prices.quote(u)
		if err != nil {
			return nil, err
		}
		rows[n] = Row{Unit: u, Status: terms.Retention.StatusAt(u.ExpiresAt, now), Quote: q, Priced: priced}
		rows[n].NewExpiry, rows[n].Blocked = renewal.Check(u, now, terms, priced)
	}
	return rows, nil
}
