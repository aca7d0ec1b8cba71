package web

import (
	"net/http"

	"perennial/internal/account"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// chipPart answers the task chip, which asks on every page. When the task that
// the page knows has changed its state since, the answer says so in words.
func (s *server) chipPart(c *call) error {
	in, err := c.values("task", "state")
	if err != nil {
		return err
	}
	bar, err := s.App.Bar(c.ctx(), c.person)
	if err != nil {
		return err
	}
	_, seen, err := s.App.OpenTask(c.ctx(), c.account().ID, in.Get("task"))
	if err != nil {
		return err
	}
	var flashes []ui.Flash
	if seen.ID != "" && seen.ID == in.Get("task") && string(seen.State) != in.Get("state") {
		flashes = append(flashes, changed(seen, c.account()))
	}
	return c.render(http.StatusOK, views.ChipPart(barNow(bar, c.account()), flashes))
}

// chip is the open task in a word and a figure. What a paused task lacks shrinks
// with every top-up, so what balance and credit line hold at the moment decides.
func chip(t renewal.Task, a account.Account, balance, credit money.Amount) views.Chip {
	if t.ID == "" {
		return views.Chip{}
	}
	v := views.Chip{ID: t.ID, State: string(t.State), Href: views.TaskPath(t.ID)}
	switch t.State {
	case renewal.Generating:
		v.Label = "Preparing"
		if t.Units > 0 {
			v.Detail = ui.Count(t.Prepared) + " of " + ui.Count(t.Units)
		}
	case renewal.Ready:
		v.Label, v.Detail = "Task ready", "confirm by "+ui.Day(t.ExpiresAt, a.Zone)
	case renewal.Running:
		v.Label, v.Detail = "Renewing", ui.Count(t.Renewed+t.NotRenewed)+" of "+ui.Count(t.Renewable)
	case renewal.Suspended:
		t.Shortfall = min(t.Shortfall, t.DueMinor-balance.Minor-credit.Minor)
		v.Label, v.Detail = "Paused", waitsFor(t, a)
		if v.Detail == "" {
			v.Detail = "ready to continue"
		}
	case renewal.Cancelling:
		v.Label = "Stopping"
	}
	return v
}

// changed tells in a sentence what became of a task.
func changed(t renewal.Task, a account.Account) ui.Flash {
	f := ui.Flash{Kind: ui.Info, Label: "Open the task", Href: views.TaskPath(t.ID)}
	task := "Task " + views.TaskNumber(t.Number)
	switch t.State {
	case renewal.Generating:
		f.Text = task + " is being prepared."
	case renewal.Ready:
		f.Text = task + " is ready to be reviewed until " + ui.Stamp(t.ExpiresAt, a.Zone) + "."
	case renewal.Running:
		f.Text = task + " is running."
	case renewal.Suspended:
		f.Kind, f.Text = ui.Warn, task+" is paused"
		if what := waitsFor(t, a); what != "" {
			f.Text += ": " + what
		}
		f.Text += ". " + ui.Plural(t.Left(), "instance is", "instances are") + " left."
	case renewal.Cancelling:
		f.Text = task + " stops after the instances at work."
	case renewal.Completed:
		f.Kind = ui.OK
		f.Text = task + " is completed. " + ui.Plural(t.Renewed, "instance was", "instances were") + " renewed."
	case renewal.CancelledT:
		f.Text = task + " is cancelled. " + ui.Plural(t.Renewed, "instance was", "instances were") + " renewed."
	case renewal.ExpiredT:
		f.Kind, f.Text = ui.Warn, task+" has expired. Nothing was charged."
	case renewal.Failed:
		f.Kind, f.Text = ui.Bad, task+" could not be prepared. Nothing was charged."
	}
	return f
}

// waitsFor says what a paused task waits for, or nothing where it can go on.
func waitsFor(t renewal.Task, a account.Account) string {
	switch {
	case t.Pause == renewal.PauseDeclined:
		return "the card payment did not go through"
	case t.Pause == renewal.PauseUnknown:
		return "the card payment is not decided"
	case t.Pause == renewal.PauseConsent:
		return "coupons pay less"
	case t.Shortfall > 0:
		return money.Of(t.Shortfall, money.Currency(a.Currency)).String() + " short"
	}
	return ""
}
