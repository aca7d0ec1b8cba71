package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views"
)

// askConfirm asks before a task is set running.
func (s *server) askConfirm(c *call) error { return s.showConfirm(c, http.StatusOK, "") }

// showConfirm shows the question; problem says why the last answer was refused. A
// task that cannot be confirmed is shown itself.
func (s *server) showConfirm(c *call, status int, problem string) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	found, err := s.App.Consent(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	t := found.Task
	if why := unconfirmable(found); why != "" {
		c.aim("#task", "outerMorph")
		return s.showTask(c, http.StatusConflict, &views.Refusal{Message: why})
	}
	if c.unsafe() {
		// The form replaces the task; its own refusal stays in the dialog.
		c.aim("#dialog", "innerHTML")
	}
	p := views.ConfirmPage{TaskPage: s.taskPage(c, found.Review), Key: s.App.NewKey(), Again: found.Again, Problem: problem, Page: !c.part()}
	return c.show(page{status: status, title: "Confirm " + views.TaskNumber(t.Number), nav: views.NavTasks, body: views.Confirm(p)})
}

// unconfirmable is why OK would be refused whatever the person has seen, or nothing: a
// question whose only answer is refused is not asked.
func unconfirmable(found app.Consent) string {
	t := found.Task
	seen := renewal.Seen{Version: t.Version, Total: t.LeftMinor, Again: true}
	f, refused := fault.Of(t.Confirm(found.Now, seen, found.Again))
	switch {
	case !refused:
		return ""
	case t.State != renewal.Ready && t.State != renewal.Suspended:
		return "This task cannot be confirmed now. This is how it stands."
	}
	return f.Message
}

// aim has htmx put the answer elsewhere than the form said.
func (c *call) aim(target, swap string) {
	c.Response().Header().Set("HX-Retarget", target)
	c.Response().Header().Set("HX-Reswap", swap)
}

// confirm sets a task running.
func (s *server) confirm(c *call) error { return s.set(c, s.App.Confirm) }

// resume continues a suspended task.
func (s *server) resume(c *call) error { return s.set(c, s.App.Continue) }

// setting is a use case that sets a task running.
type setting func(ctx context.Context, who app.Actor, in app.ConfirmInput) error

func (s *server) set(c *call, do setting) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("version", "total", "due", "key", "again")
	if err != nil {
		return err
	}
	seen, err := seenIn(in)
	if err != nil {
		return err
	}
	err = do(c.ctx(), c.actor(), app.ConfirmInput{TaskID: id, Seen: seen, Key: in.Get("key")})
	if f, ok := fault.Of(err); ok && f.Kind == fault.Invalid && f.Fields["again"] != "" {
		return s.showConfirm(c, http.StatusUnprocessableEntity, f.Message)
	}
	return s.settled(c, id, &seen, err)
}

// settled leads to the task, or shows how it stands where it was in another state
// than the reader saw. seen is what stood on the reader's page, where that agreed to
// a sum.
func (s *server) settled(c *call, id string, seen *renewal.Seen, err error) error {
	f, refused := fault.Of(err)
	switch {
	case err == nil:
		return c.see(views.TaskPath(id))
	case !refused || f.Kind != fault.Conflict:
		return err
	}
	found, readErr := s.App.Review(c.ctx(), c.account().ID, id, renewal.Look{})
	if readErr != nil {
		return readErr
	}
	r := &views.Refusal{Message: f.Message}
	if t := found.Task; seen != nil && waitsToPay(t) {
		currency := found.Balance.Currency
		r.Was, r.Is = money.Of(seen.Total, currency), money.Of(t.LeftMinor, currency)
		r.WasDue, r.IsDue = money.Of(seen.Due, currency), found.Plan.Due
		// What must be ticked is asked in the dialog.
		if rose := r.Was != r.Is || r.WasDue != r.IsDue; rose && !lookTwice(found.Tallies) {
			r.AcceptKey = s.App.NewKey()
		}
	}
	return s.showTask(c, http.StatusConflict, r)
}

// lookTwice tells whether units that are left were renewed here within 30 days.
func lookTwice(tallies []renewal.Tally) bool {
	return slices.ContainsFunc(tallies, func(t renewal.Tally) bool { return t.State == renewal.ItemWaiting && t.Again > 0 })
}

// waitsToPay tells whether a task waits for a person who agrees to a sum.
func waitsToPay(t renewal.Task) bool {
	return t.State == renewal.Ready || t.State == renewal.Suspended && t.Pause != renewal.PauseUnknown && !t.Unrecorded()
}

// seenIn reads what stood on the page on which a person clicked.
func seenIn(in url.Values) (seen renewal.Seen, err error) {
	version, err1 := strconv.Atoi(in.Get("version"))
	total, err2 := strconv.ParseInt(in.Get("total"), 10, 64)
	due, err3 := strconv.ParseInt(in.Get("due"), 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return seen, fault.Wrap(err, fault.Invalid, "The form does not say what you saw. Open the task again; nothing was charged.")
	}
	return renewal.Seen{Version: version, Total: total, Due: due, Again: in.Get("again") == "1"}, nil
}

// cancel cancels a task that waits, stops one that runs and ends one that is paused.
func (s *server) cancel(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("version", "key")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(in.Get("version"))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The form does not say which state of the task you saw. Open the task again.")
	}
	err = s.App.Cancel(c.ctx(), c.actor(), app.CancelInput{TaskID: id, Version: version, Key: in.Get("key")})
	return s.settled(c, id, nil, err)
}

// again prepares a new task of exactly the units that an ended one left.
func (s *server) again(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("key")
	if err != nil {
		return err
	}
	_, source, err := s.App.OpenTask(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	if source.ID != id {
		return fault.New(fault.NotFound, notFound)
	}
	next, err := s.App.StartFromLeft(c.ctx(), c.actor(), id, in.Get("key"))
	if open, ok := errors.AsType[app.AlreadyOpen](err); ok {
		return s.leadToOpen(c, open.TaskID)
	}
	if err != nil {
		return s.settled(c, id, nil, err)
	}
	return c.leave(views.TaskPath(next))
}
