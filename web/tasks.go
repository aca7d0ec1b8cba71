package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/bidi"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// tasksOnPage is how many tasks one page lists.
const tasksOnPage = 50

// tasks lists the renewal tasks of the account, past and present.
func (s *server) tasks(c *call) error {
	in, err := c.values("before")
	if err != nil {
		return err
	}
	// A place that is not a number is the beginning.
	before, _ := strconv.Atoi(in.Get("before"))
	found, err := s.App.Tasks(c.ctx(), c.account().ID, max(0, before), tasksOnPage)
	if err != nil {
		return err
	}
	p := views.TasksPage{Zone: found.Account.Zone, Currency: money.Currency(found.Account.Currency), Before: max(0, before), Next: found.Next}
	for _, t := range found.Rows {
		p.Rows = append(p.Rows, views.TasksRow(t))
	}
	return c.show(page{title: "Renewal tasks", nav: views.NavTasks, body: views.Tasks(p)})
}

// task is the one page of a task, in whatever state it is, with the list that was
// asked for.
func (s *server) task(c *call) error { return s.showTask(c, http.StatusOK, nil) }

// showTask shows the task of the address as it stands now. refused says why
// something that was asked for was not done.
func (s *server) showTask(c *call, status int, refused *views.Refusal) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	query := url.Values{}
	if !c.unsafe() {
		query = c.query()
	}
	look, notices := renewal.ParseLook(query)
	found, err := s.App.Review(c.ctx(), c.account().ID, id, look)
	if err != nil {
		return err
	}
	p := s.taskPage(c, found)
	p.Refused, p.Notices = refused, notices
	t := found.Task
	seen := renewal.State(query.Get("seen"))
	if seen == renewal.Ready && t.State != renewal.Ready || refused != nil {
		p.Acted = acted(t, found.Account, c.person.User.Email)
	}
	body := views.Task(p)
	var part templ.Component
	if c.part() {
		// The bar would say what was for up to 15 s more.
		bar, err := c.bar()
		if err != nil {
			return err
		}
		part = templ.Join(body, views.BarNow(barNow(bar, c.account())))
	}
	return c.show(page{status: status, title: "Task " + views.TaskNumber(t.Number), nav: views.NavTasks, body: body, part: part,
		refresh: views.Refresh{After: refreshAfter(t.State), Live: p.Live()}})
}

// refreshAfter is after how many seconds a browser without scripts asks again.
func refreshAfter(state renewal.State) int {
	switch state {
	case renewal.Generating, renewal.Running, renewal.Cancelling:
		return 3
	case renewal.Ready, renewal.Suspended:
		return 60
	}
	return 0
}

// taskPage turns what app knows of a task into what the page shows.
func (s *server) taskPage(c *call, r app.Review) views.TaskPage {
	u := c.person.User
	p := views.TaskPage{
		Task: r.Task, Books: r.Books, Zone: r.Account.Zone, Now: r.Now, Email: r.Account.Email, Scope: r.Scope, Source: r.Source,
		Balance: r.Balance, Discounts: r.Discounts, Plan: r.Plan, Stop: r.Stop, Receipt: r.Receipt, Tallies: r.Tallies,
		Lacking: r.Lacking, Wallet: r.Wallet, Card: r.Card, Cards: r.Cards, Flight: r.Flight, Refunds: r.Refunds, Sources: r.Sources,
		DeclinedWhy: r.DeclinedWhy,
		Role:        roleWords[u.Role], MayAct: u.Role.Covers(account.Buyer),
		List: views.TaskList{Look: r.List.Look, Matching: r.List.Matching, Previous: r.List.Previous, Next: r.List.Next},
	}
	for _, row := range r.List.Rows {
		p.List.Rows = append(p.List.Rows, views.TaskRow(row))
	}
	if p.MayAct {
		p.CancelKey, p.ContinueKey, p.AgainKey = s.App.NewKey(), s.App.NewKey(), s.App.NewKey()
	}
	return p
}

// acted says who changed a task that the reader, an e-mail address, saw waiting.
func acted(t renewal.Task, a account.Account, reader string) string {
	switch {
	case t.State == renewal.ExpiredT:
		return "This task expired at " + ui.Stamp(t.ExpiresAt, a.Zone) + ". Nothing was charged."
	case t.State == renewal.CancelledT && t.ConfirmedAt.IsZero():
		return bidi.Isolate(t.EndedBy) + " cancelled this task at " + ui.Stamp(t.EndedAt, a.Zone) + ". Your session charged nothing."
	case !t.ConfirmedAt.IsZero() && t.ConfirmedEmail == reader:
		return "You confirmed this task at " + ui.Stamp(t.ConfirmedAt, a.Zone) + " in another window. This page charged nothing."
	case !t.ConfirmedAt.IsZero():
		return bidi.Isolate(t.ConfirmedBy) + " confirmed this task at " + ui.Stamp(t.ConfirmedAt, a.Zone) + ". Your session charged nothing."
	}
	return ""
}
