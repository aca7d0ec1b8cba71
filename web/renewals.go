package web

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// renewals is the list of what is about to expire.
func (s *server) renewals(c *call) error {
	query := c.query()
	kept, err := s.App.Views(c.ctx(), c.actor())
	if err != nil {
		return err
	}
	if address := opensWith(kept); len(query) == 0 && address != "" {
		return c.see(address)
	}
	l, notices := c.listing()
	address := views.RenewalsPath(views.ListingQuery(l))
	// A form sends its empty fields too. The address keeps what says something.
	if hasEmpty(query) && c.part() {
		c.Response().Header().Set("HX-Replace-Url", address)
	} else if hasEmpty(query) && len(notices) == 0 && query.Get("expires") != string(renewal.ExpiryRange) {
		return c.see(address)
	}
	p, err := s.renewalsPage(c, l)
	p.Notices, p.Views = notices, kept
	p.RangeAsked = query.Get("expires") == string(renewal.ExpiryRange)
	status := http.StatusOK
	if err != nil {
		if k := fault.KindOf(err); k != fault.Internal && k != fault.Unavailable {
			return err
		}
		s.Log.ErrorContext(c.ctx(), "the list could not be loaded", "request", c.id, "error", err.Error())
		p.Failed, status = true, http.StatusServiceUnavailable
	}
	return c.show(page{status: status, title: "Renewals", nav: views.NavRenewals, body: views.Renewals(p)})
}

// renewalsChoices is the list again, once the choices of its filters are known.
func (s *server) renewalsChoices(c *call) error {
	if _, err := s.App.Facets(c.ctx(), c.account().ID); err != nil {
		return err
	}
	if !c.part() {
		return c.see(c.sameList())
	}
	return s.renewals(c)
}

func hasEmpty(query url.Values) bool {
	for values := range maps.Values(query) {
		if slices.Contains(values, "") {
			return true
		}
	}
	return false
}

// renewalsPage reads what the page shows. What it could read is in the page even
// where there is an error.
func (s *server) renewalsPage(c *call, l renewal.Listing) (views.RenewalsPage, error) {
	a, role := c.account(), c.person.User.Role
	p := views.RenewalsPage{
		Listing: l, Now: s.Clock.Now(), Zone: a.Zone, Currency: money.Currency(a.Currency),
		Preference: c.person.Preference, MayRenew: role.Covers(account.Buyer), MayImport: role.Covers(account.Owner),
	}
	facets, known, err := s.App.FacetsForPage(c.ctx(), a.ID)
	if err != nil {
		return p, err
	}
	p.ChoicesLater = !known
	p.Services, p.Regions, p.Projects = options(facets.Services), options(facets.Regions), options(facets.Projects)
	if p.Tabs, _, err = s.App.TabCounts(c.ctx(), a.ID); err != nil {
		return p, fmt.Errorf("count the tabs: %w", err)
	}
	bar, err := c.bar()
	if err != nil {
		return p, err
	}
	p.Task = bar.Task
	list, err := s.App.List(c.ctx(), a.ID, l.Preferring(p.Preference))
	if err != nil {
		return p, fmt.Errorf("list renewals: %w", err)
	}
	p.Now, p.Retention, p.Matching = list.Now, list.Retention, list.Matching
	p.Previous, p.Next = list.Previous, list.Next
	for _, r := range list.Rows {
		p.Rows = append(p.Rows, rowOf(r))
	}
	return p, nil
}

func rowOf(r app.Row) views.RenewalRow {
	return views.RenewalRow{Unit: r.Unit, Status: r.Status, Blocked: r.Blocked, Quote: r.Quote, Priced: r.Priced}
}

func options(choices []app.Choice) []ui.Option {
	var all []ui.Option
	for _, o := range choices {
		all = append(all, ui.Option{Value: o.Code, Label: o.Name})
	}
	return all
}

// listing is the list that a query string asks for, with what was dropped of it.
func (c *call) listing() (renewal.Listing, []string) {
	l, notices := renewal.ParseListing(c.query())
	if _, err := url.ParseQuery(c.Request().URL.RawQuery); err != nil {
		notices = append(notices, "Part of the address could not be read, so it was ignored.")
	}
	return l, notices
}

// sameList is the page that says what it could not use of this query string.
func (c *call) sameList() string { return views.RenewalsPath(nil) + "?" + c.Request().URL.RawQuery }

// horizon is how many of what matches expire on each day: a page with a table, or
// the drawing alone for the Renewals page.
func (s *server) horizon(c *call) error {
	l, _ := c.listing()
	h, err := s.App.Horizon(c.ctx(), c.account().ID, l.Filter)
	if err != nil {
		return err
	}
	facets, err := s.App.Facets(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	p := views.HorizonPage{Filter: l.Filter.AnyTime(), Days: h.Days, Today: h.Today, Retention: h.Retention, Names: facets.Names()}
	return c.show(page{title: "Expiry horizon", nav: views.NavRenewals, body: views.Horizon(p), part: views.HorizonChart(p)})
}

// horizonFile is the horizon as CSV.
func (s *server) horizonFile(c *call) error {
	l, _ := c.listing()
	return c.file("horizon", func(to io.Writer) error { return s.App.ExportHorizon(c.ctx(), c.account().ID, l.Filter, to) })
}

// exportRenewals answers with the filtered list as a file. A file has no place to
// say that it holds more than was asked for, so then the page says it.
func (s *server) exportRenewals(c *call) error {
	l, notices := c.listing()
	if len(notices) > 0 {
		return c.leave(c.sameList())
	}
	return c.file("renewals", func(to io.Writer) error { return s.App.Export(c.ctx(), c.account().ID, l, to) })
}
