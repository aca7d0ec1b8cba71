package views

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// RenewalsPage is the list of what is about to expire, with its filters.
type RenewalsPage struct {
	Listing   renewal.Listing
	Now       time.Time
	Zone      *time.Location
	Retention renewal.Retention
	Currency  money.Currency
	// Tabs are counts that ignore the filters.
	Tabs     map[renewal.Mode]int
	Matching int
	Rows     []RenewalRow
	Previous renewal.Cursor
	Next     renewal.Cursor
	// The choices of the filters. There are projects only where the account uses them.
	Services, Regions, Projects []ui.Option
	// ChoicesLater says that they are not known yet. The page asks for them when it
	// is there.
	ChoicesLater bool
	// Notices say which filters were dropped.
	Notices []string
	// RangeAsked keeps the choice of own dates before there is a date.
	RangeAsked bool
	Preference renewal.Preference
	Views      []renewal.View // that the person keeps
	MayRenew   bool
	MayImport  bool
	// Task is the account's open task; its ID is empty where there is none.
	Task renewal.Task
	// Failed tells that the list could not be read.
	Failed bool
}

// RenewalRow is one unit in the list.
type RenewalRow struct {
	renewal.Unit
	Status  renewal.Status
	Blocked renewal.Reason
	Quote   renewal.Quote
	Priced  bool
}

// ListingQuery writes a listing as the query string of the Renewals page, without
// what goes without saying or is as the person prefers.
func ListingQuery(l renewal.Listing) url.Values {
	v := l.Filter.Values()
	if l.Sort != (renewal.Sort{By: renewal.ByExpiry}) {
		v.Set("sort", l.Sort.String())
	}
	if l.Size != 0 {
		v.Set("size", strconv.Itoa(l.Size))
	}
	for _, c := range l.Hidden {
		v.Add("hide", string(c))
	}
	if !l.After.IsZero() {
		v.Set("after", l.After.String())
	}
	if !l.Before.IsZero() {
		v.Set("before", l.Before.String())
	}
	return v
}

// shown is the list as the person sees it.
func (p RenewalsPage) shown() renewal.Listing { return p.Listing.Preferring(p.Preference) }

// shows tells whether a column is in the list. There are projects only where the
// account uses them.
func (p RenewalsPage) shows(c renewal.Column) bool {
	return p.offers(c) && !p.shown().Hides(c)
}

func (p RenewalsPage) offers(c renewal.Column) bool {
	return c != renewal.ColumnProject || len(p.Projects) > 0 ||
		p.ChoicesLater && slices.ContainsFunc(p.Rows, func(r RenewalRow) bool { return r.Project != "" })
}

// choices is where the list is with the choices of its filters.
func (p RenewalsPage) choices() string {
	return RenewalsChoicesPath(ListingQuery(p.Listing))
}

// here is the address of the list as it is shown.
func (p RenewalsPage) here() string { return RenewalsPath(ListingQuery(p.Listing)) }

// with is the address of the list from its beginning after a change.
func (p RenewalsPage) with(change func(*renewal.Listing)) string {
	l := p.Listing
	l.After, l.Before = renewal.Cursor{}, renewal.Cursor{}
	change(&l)
	return RenewalsPath(ListingQuery(l))
}

// horizon is where the days of what matches are counted.
func (p RenewalsPage) horizon() ui.HorizonPlace {
	return ui.HorizonPlace{Href: HorizonPath(p.Listing.Filter.AnyTime().Values())}
}

// first is the beginning of the list as it is filtered and sorted.
func (p RenewalsPage) first() string { return p.with(func(*renewal.Listing) {}) }

// cleared is the tab without filters.
func (p RenewalsPage) cleared() string {
	return p.with(func(l *renewal.Listing) { l.Filter = renewal.Filter{Tab: l.Tab} })
}

func (p RenewalsPage) export() string {
	l := p.Listing
	l.Size, l.Hidden, l.After, l.Before = 0, nil, renewal.Cursor{}, renewal.Cursor{}
	return RenewalsExportPath(ListingQuery(l))
}

func (p RenewalsPage) tabs() ui.TabsArgs {
	args := ui.TabsArgs{Name: "Renewal modes", Target: "#results"}
	for _, m := range renewal.Modes {
		args.Tabs = append(args.Tabs, ui.Tab{
			Label: m.Title(), Count: p.Tabs[m], Counted: p.Tabs != nil, Current: m == p.Listing.Tab,
			Href: p.with(func(l *renewal.Listing) { l.Tab = m }),
		})
	}
	return args
}

func (p RenewalsPage) column(label string, by renewal.SortKey) ui.ColumnArgs {
	args := ui.ColumnArgs{Label: label, Target: "#results", Number: by == renewal.ByFee}
	next := renewal.Sort{By: by}
	if p.Listing.Sort.By == by {
		args.Sorted = "ascending"
		if p.Listing.Sort.Desc {
			args.Sorted = "descending"
		}
		next.Desc = !p.Listing.Sort.Desc
	}
	args.Href = p.with(func(l *renewal.Listing) { l.Sort = next })
	return args
}

func (p RenewalsPage) pager() ui.PagerArgs {
	args := ui.PagerArgs{Summary: ui.Count(len(p.Rows)) + " of " + ui.Count(p.Matching), Target: "#results"}
	args.Keep, args.Return = PreferencesPath(), p.with(func(l *renewal.Listing) { l.Size = 0 })
	for _, n := range renewal.Sizes {
		args.Sizes = append(args.Sizes, ui.PageSize{Rows: n, Current: n == p.shown().Size})
	}
	if !p.Previous.IsZero() {
		args.Prev = p.with(func(l *renewal.Listing) { l.Before = p.Previous })
		args.First = p.first()
	}
	if !p.Next.IsZero() {
		args.Next = p.with(func(l *renewal.Listing) { l.After = p.Next })
	}
	return args
}

// names are the names behind the codes of the filters.
func (p RenewalsPage) names() renewal.Names {
	return renewal.Names{Services: labels(p.Services), Regions: labels(p.Regions)}
}

func labels(options []ui.Option) map[string]string {
	m := make(map[string]string, len(options))
	for _, o := range options {
		m[o.Value] = o.Label
	}
	return m
}

func (p RenewalsPage) tokens() []renewal.Token { return p.Listing.Tokens(p.names()) }

// oneClick is the label of the button with what it would take.
func (p RenewalsPage) oneClick() string {
	if p.Matching == 0 {
		return "One-Click Renew"
	}
	return "One-Click Renew " + ui.Count(p.Matching)
}

// struck tells whether a list price stands struck through beside the fee.
func (r RenewalRow) struck() (money.Amount, bool) {
	return r.Quote.List, r.Priced && r.Quote.List.Minor != r.Quote.Fee.Minor
}

func (p RenewalsPage) matching() string { return strconv.Itoa(p.Matching) }

// unused tells that the account has no instance on any tab.
func (p RenewalsPage) unused() bool {
	for _, n := range p.Tabs {
		if n > 0 {
			return false
		}
	}
	return true
}

// nothing says why a tab without filters is empty.
func (p RenewalsPage) nothing() string {
	switch {
	case p.unused():
		return "This account has no instances yet. An owner can import them."
	case p.Listing.Tab == renewal.Auto:
		return "No instance renews itself."
	case p.Listing.Tab == renewal.PayPerUse:
		return "No instance changes to pay-per-use when it expires."
	case p.Listing.Tab == renewal.Cancelled:
		return "No instance is set to end when it expires."
	}
	return "Every instance of this account is on another tab."
}
