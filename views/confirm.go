package views

import (
	"perennial/views/ui"
)

// ConfirmPage asks before a task is set running: fee, legs, what is excluded.
type ConfirmPage struct {
	TaskPage
	Key   string // of the form
	Again int    // units left that were renewed here within 30 days; more than 0 asks for a tick
	// Problem says why the tick is missed.
	Problem string
	Page    bool // it stands on a page of its own
}

func (p ConfirmPage) question() string {
	return "Renew " + ui.Plural(p.Task.Left(), "instance", "instances") + " for " + p.amount(p.Task.LeftMinor).String() + "?"
}

func (p ConfirmPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	return []ui.FieldError{{ID: "again", Text: p.Problem}}
}

// againLabel is what the tick agrees to.
func (p ConfirmPage) againLabel() string {
	if p.Again == 1 {
		return "Renew 1 instance again that was renewed here within the last 30 days"
	}
	return "Renew " + ui.Count(p.Again) + " instances again that were renewed here within the last 30 days"
}
