package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// countsFor is how old counts may be. What this server itself changes is in them at
// once.
const countsFor = 2 * time.Second

// tabCounts are the counts of one account.
type tabCounts struct {
	tabs   map[renewal.Mode]int
	urgent int
}

// TabCounts counts the units on each tab, whatever the filters say, and those on
// any tab that are expired or expire within 7 days. Both may be two seconds old.
func (a *App) TabCounts(ctx context.Context, accountID string) (tabs map[renewal.Mode]int, urgent int, err error) {
	c, err := a.counts.get(ctx, accountID, "", func(ctx context.Context) (c tabCounts, err error) {
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

// matching counts the units that match a filter. The count may be two seconds old.
func (a *App) matching(ctx context.Context, accountID string, f renewal.Filter) (int, error) {
	if !f.Narrowed() {
		tabs, _, err := a.TabCounts(ctx, accountID)
		return tabs[f.Tab], err
	}
	n, err := a.matches.get(ctx, accountID, f.Values().Encode(), func(ctx context.Context) (n int, err error) {
		err = a.Store.Read(ctx, func(tx *store.Tx) error {
			acc, err := tx.Account(accountID)
			if err != nil {
				return err
			}
			n, err = tx.Count(scopeOf(acc, f, a.Clock.Now()))
			return err
		})
		return n, err
	})
	if err != nil {
		return n, fmt.Errorf("count what matches: %w", err)
	}
	return n, nil
}

// forgetCounts is called when this server has changed instances of an account.
func (a *App) forgetCounts(accountID string) {
	a.counts.drop(accountID)
	a.matches.drop(accountID)
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
// How many match may be two seconds old.
func (a *App) List(ctx context.Context, accountID string, l renewal.Listing) (page Renewals, err error) {
	whole := false
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.Account(accountID)
		if err != nil {
			return err
		}
		page = Renewals{Account: acc, Retention: retentionOf(acc), Now: now}
		listed, err := tx.Page(scopeOf(acc, l.Filter, now), l.Sort, l.Size, l.After, l.Before)
		if err != nil {
			return err
		}
		// A first page that is the last one too has counted what matches.
		whole = l.After.IsZero() && l.Before.IsZero() && len(listed) <= l.Size
		page.Rows, err = rowsOf(tx, acc, page.cut(listed, l), now)
		return err
	})
	if err != nil {
		return page, err
	}
	// Nobody waits for a count with a transaction open, which keeps a connection.
	page.Matching = len(page.Rows)
	if !whole {
		page.Matching, err = a.matching(ctx, accountID, l.Filter)
	}
	return page, err
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
