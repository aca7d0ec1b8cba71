package web

import (
	"net/http"
	"net/url"
	"slices"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// opensWith is the list with which the person has the Renewals page open, or "".
func opensWith(kept []renewal.View) string {
	if n := slices.IndexFunc(kept, func(v renewal.View) bool { return v.Opens }); n >= 0 {
		return views.RenewalsPath(nil) + "?" + kept[n].Query
	}
	return ""
}

// savedViews lists what the person keeps.
func (s *server) savedViews(c *call) error { return s.showSavedViews(c, http.StatusOK, "") }

func (s *server) showSavedViews(c *call, status int, problem string) error {
	kept, err := s.App.Views(c.ctx(), c.actor())
	if err != nil {
		return err
	}
	facets, err := s.App.Facets(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	p := views.SavedViewsPage{Problem: problem}
	for _, v := range kept {
		p.Rows = append(p.Rows, views.SavedView{View: v, Words: listingOf(v.Query).Words(facets.Names())})
	}
	return c.show(page{status: status, title: "Saved views", nav: views.NavRenewals, body: views.SavedViews(p)})
}

// listingOf reads what a page wrote. What does not hold any more is left out.
func listingOf(query string) renewal.Listing {
	values, err := url.ParseQuery(query)
	if err != nil {
		values = nil
	}
	l, _ := renewal.ParseListing(values)
	return l
}

// saveView keeps the list that the page shows under a name.
func (s *server) saveView(c *call) error {
	in, err := c.values("view", "query", "opens")
	if err != nil {
		return err
	}
	v := renewal.View{Name: in.Get("view"), Query: views.ViewQuery(listingOf(in.Get("query")).Preferring(c.person.Preference)), Opens: in.Get("opens") != ""}
	err = s.App.SaveView(c.ctx(), c.actor(), v)
	if refused, ok := fault.Of(err); ok && refused.Kind == fault.Invalid {
		return s.showSavedViews(c, http.StatusUnprocessableEntity, refused.Message)
	}
	if err != nil {
		return err
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: "This list is kept as a saved view."})
	return c.see(views.RenewalsPath(nil) + "?" + v.Query)
}

// changeView has the page open with a view or not, or deletes it.
func (s *server) changeView(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("do")
	if err != nil {
		return err
	}
	switch in.Get("do") {
	case "opens":
		err = s.App.OpenWith(c.ctx(), c.actor(), id)
	case "plain":
		err = s.App.OpenWith(c.ctx(), c.actor(), "")
	case "delete":
		err = s.App.DeleteView(c.ctx(), c.actor(), id)
	default:
		err = fault.Field("do", "A view opens the page, or it does not, or it is deleted.")
	}
	if err != nil {
		return err
	}
	return c.see(views.SavedViewsPath())
}
