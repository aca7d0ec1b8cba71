package app

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Scope is what One-Click Renew would take now.
type Scope struct {
	Account account.Account
	Count   int
	// Recent is how many of them were renewed here within 30 days.
	Recent int
	// Unpaid is how many have orders pending payment, ours or the provider's, and so
	// cannot be renewed.
	Unpaid int
	// Open is the account's open task, which One-Click Renew opens instead; its ID
	// is empty where there is none.
	Open renewal.Task
	// Offers are narrower filters that fit, where the scope is more than one task takes.
	Offers []Offer
	Names  renewal.Names
}

// Offer is a narrower filter and how many units it matches.
type Offer struct {
	Words  string // what the filter adds, in words
	Filter renewal.Filter
	Count  int
}

// Scope counts afresh what the filter matches on the Manual Renewals tab. Where
// that is too much for one task it looks for narrower filters: the limit is never
// met by leaving something out.
func (a *App) Scope(ctx context.Context, accountID string, f renewal.Filter) (s Scope, err error) {
	if f.Tab != renewal.Manual {
		return s, manualOnly()
	}
	facets, err := a.Facets(ctx, accountID)
	if err != nil {
		return s, err
	}
	s.Names = facets.Names()
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		if s.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		if s.Open, err = tx.OpenTask(accountID); ignoreNone(err) != nil {
			return err
		}
		n := narrowing{tx, s.Account, a.Clock.Now()}
		parts, err := tx.Parts(n.scope(f))
		if err != nil {
			return err
		}
		s.Count, s.Recent, s.Unpaid, s.Offers = parts.Units, 0, 0, nil
		if s.Count > renewal.MaximumUnits {
			s.Offers, err = n.offers(f, parts, s.Names)
			return err
		}
		if f.Renewed != renewal.Hide {
			s.Recent = parts.Recent
		}
		if f.Blocked == "" && !f.HideUnpaid {
			s.Unpaid = parts.Unpaid
		}
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("count the scope of a task: %w", err)
	}
	return s, nil
}

func manualOnly() error {
	return fault.New(fault.Invalid, "One-Click Renew works on the %s tab only.", renewal.Manual.Title())
}

// narrowing looks for filters that match less.
type narrowing struct {
	tx  *store.Tx
	acc account.Account
	now time.Time
}

func (n narrowing) scope(f renewal.Filter) store.Scope { return scopeOf(n.acc, f, n.now) }

func (n narrowing) count(f renewal.Filter) (int, error) { return n.tx.Count(n.scope(f)) }

// offers lists narrower filters that fit one task: first the latest expiry date
// up to which the units fit, then shorter windows, then the largest parts.
func (n narrowing) offers(f renewal.Filter, whole store.Parts, names renewal.Names) ([]Offer, error) {
	var found []Offer
	add := func(words string, g renewal.Filter) error {
		fits, err := n.count(g)
		if err == nil && fits > 0 && fits < whole.Units && fits <= renewal.MaximumUnits {
			found = append(found, Offer{words, g, fits})
		}
		return err
	}
	limit, err := n.tx.ExpiryAt(n.scope(f), renewal.MaximumUnits)
	if err != nil {
		return nil, err
	}
	// The unit that is one too many expires on that day, so the whole day is.
	last := dayBefore(limit, n.acc.Zone)
	if err := add("Expires up to "+last, upTo(f, last)); err != nil {
		return nil, err
	}
	for _, window := range []renewal.Expires{renewal.Within30, renewal.Within15, renewal.Within7} {
		g := f
		g.Expires, g.From, g.To, g.Late = window, "", "", false
		if !n.inside(g, f) {
			continue
		}
		if err := add(fmt.Sprintf("Expires within %d days", window.Window()/renewal.Day), g); err != nil {
			return nil, err
		}
	}
	return append(found, parts(f, whole, names)...), nil
}

// upTo narrows a filter to what expires on or before a day, without bringing in
// what has expired where a window leaves that out.
func upTo(f renewal.Filter, day string) renewal.Filter {
	if f.Expires.Window() > 0 && !f.Late {
		f.From = ""
		f.Status = liveOf(f.Status)
	}
	f.Expires, f.To = renewal.ExpiryRange, day
	return f
}

// liveOf keeps the statuses of what has not expired.
func liveOf(chosen []renewal.Status) []renewal.Status {
	var live []renewal.Status
	for _, s := range chosen {
		if s == renewal.Provisioned || s == renewal.Expiring {
			live = append(live, s)
		}
	}
	if len(chosen) == 0 {
		live = []renewal.Status{renewal.Provisioned}
	}
	return live
}

func dayBefore(t time.Time, zone *time.Location) string {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day-1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// inside tells whether the expiries of g all lie among those of f.
func (n narrowing) inside(g, f renewal.Filter) bool {
	wide := n.scope(f).Spans
	for _, s := range n.scope(g).Spans {
		held := false
		for _, w := range wide {
			held = held || !s.From.Before(w.From) && (w.To.IsZero() || !s.To.IsZero() && !s.To.After(w.To))
		}
		if !held {
			return false
		}
	}
	return true
}

// partsOffered is how many parts of each kind are offered.
const partsOffered = 2

// parts offers the largest services, regions and enterprise projects that fit.
func parts(f renewal.Filter, whole store.Parts, names renewal.Names) (found []Offer) {
	for _, part := range []struct {
		facets []store.Facet
		label  string
		names  map[string]string
		set    func(*renewal.Filter, []string)
	}{
		{whole.Services, "Service type", names.Services, func(g *renewal.Filter, codes []string) { g.Services = codes }},
		{whole.Regions, "Region", names.Regions, func(g *renewal.Filter, codes []string) { g.Regions = codes }},
		{whole.Projects, "Enterprise project", nil, func(g *renewal.Filter, codes []string) { g.Projects = codes }},
	} {
		offered := 0
		for _, one := range part.facets {
			if one.Units > renewal.MaximumUnits || offered == partsOffered {
				continue
			}
			narrower := f
			part.set(&narrower, []string{one.Code})
			found = append(found, Offer{part.label + ": " + cmp.Or(part.names[one.Code], one.Code), narrower, one.Units})
			offered++
		}
	}
	return found
}
