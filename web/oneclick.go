package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// askOneClick asks before a task is prepared.
func (s *server) askOneClick(c *call) error {
	l, notices := c.listing()
	if len(notices) > 0 {
		return c.leave(c.sameList())
	}
	return s.showOneClick(c, http.StatusOK, l.Filter, "")
}

// showOneClick shows the question with fresh counts; problem says why the last
// attempt did not start a task.
func (s *server) showOneClick(c *call, status int, f renewal.Filter, problem string) error {
	scope, err := s.App.Scope(c.ctx(), c.account().ID, f)
	if err != nil {
		return err
	}
	p := views.OneClickPage{
		Filter: f, Names: scope.Names, Count: scope.Count, Recent: scope.Recent, Unpaid: scope.Unpaid, Email: scope.Account.Email,
		Open: scope.Open, Key: s.App.NewKey(), Problem: problem, Page: !c.part(),
	}
	for _, o := range scope.Offers {
		p.Offers = append(p.Offers, views.OneClickOffer{Words: o.Words, Filter: o.Filter, Count: o.Count})
	}
	return c.show(page{status: status, title: "One-Click Renew", nav: views.NavRenewals, body: views.OneClick(p)})
}

// startOneClick opens a task and leads to it. Where the count has changed since
// it was asked, the question is asked again; where a task is open, that one is shown.
func (s *server) startOneClick(c *call) error {
	// Whatever the answer is, it is shown inside the dialog and does not replace it.
	c.Response().Header().Set("HX-Reswap", "innerHTML")
	in, err := c.values(append([]string{"count", "key"}, filterFields...)...)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(in.Get("count"))
	if err != nil {
		return fault.Field("count", "The form does not say how many instances it is about. Open the page again.")
	}
	key := in.Get("key")
	in.Del("count")
	in.Del("key")
	f, notices := renewal.ParseFilter(in)
	if len(notices) > 0 {
		// Without a filter the task would be of more than the person saw.
		return s.showOneClick(c, http.StatusUnprocessableEntity, f, strings.Join(notices, " "))
	}
	id, err := s.App.Start(c.ctx(), c.actor(), app.StartInput{Filter: f, Count: count, Key: key})
	if open, ok := errors.AsType[app.AlreadyOpen](err); ok {
		return s.leadToOpen(c, open.TaskID)
	}
	refused, isFault := fault.Of(err)
	switch {
	case err == nil:
		return c.leave(views.TaskPath(id))
	case isFault && (refused.Kind == fault.Conflict || refused.Kind == fault.Invalid) && f.Tab == renewal.Manual:
		return s.showOneClick(c, kinds[refused.Kind].status, f, refused.Message)
	}
	return err
}

// leadToOpen leads to the task that is open already.
func (s *server) leadToOpen(c *call, id string) error {
	if id == "" {
		open, _, err := s.App.OpenTask(c.ctx(), c.account().ID, "")
		if err != nil {
			return err
		}
		id = open.ID
	}
	if id == "" {
		return c.leave(views.TasksPath())
	}
	c.flash(ui.Flash{Kind: ui.Info, Text: "This task was open already, so no other one was prepared."})
	return c.leave(views.TaskPath(id))
}

// leave leads to another page: htmx is told to load it, since it would put the
// answer of a redirect into the part that it asked for.
func (c *call) leave(path string) error {
	if !c.part() {
		return c.see(path)
	}
	c.Response().Header().Set("HX-Redirect", path)
	return c.NoContent(http.StatusOK)
}

// filterFields are the names of the filters in a form.
var filterFields = []string{
	"tab", "q", "status", "expires", "from", "to", "late", "released", "blocked", "renewed", "ids", "name", "order",
	"service", "region", "project", "hide_unpaid", "packages",
}
