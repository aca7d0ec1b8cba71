package testkit

import (
	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Everything is the filter that matches the whole Manual Renewals tab.
var Everything = renewal.Filter{Tab: renewal.Manual}

// Prepare starts a task for what the filter matches and has the worker prepare it.
func (w *World) Prepare(f renewal.Filter) renewal.Task {
	w.Helper()
	w.Must(w.start(f))
	var id string
	w.Read(func(tx *store.Tx) error {
		t, err := tx.OpenTask(w.Account.ID)
		id = t.ID
		return err
	})
	w.Rest()
	return w.Task(id)
}

func (w *World) start(f renewal.Filter) error {
	page, err := w.App.List(w.Context(), w.Account.ID, renewal.Listing{Filter: f, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
	if err != nil {
		return err
	}
	_, err = w.App.Start(w.Context(), w.Buyer, app.StartInput{Filter: f, Count: page.Matching, Key: w.App.NewKey()})
	return err
}

// Seen is what a person who looks at the task now would send back.
func Seen(t renewal.Task) renewal.Seen {
	return renewal.Seen{Version: t.Version, Total: t.LeftMinor, Due: t.LeftMinor, Again: true}
}

// Confirm confirms a task as it stands and lets the worker run it to rest.
func (w *World) Confirm(id string) renewal.Task {
	w.Helper()
	w.Must(w.App.Confirm(w.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: Seen(w.Task(id)), Key: w.App.NewKey()}))
	w.Rest()
	return w.Task(id)
}

// Continue resumes a suspended task as it stands and lets the worker run it to rest.
func (w *World) Continue(id string) renewal.Task {
	w.Helper()
	w.Must(w.App.Continue(w.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: Seen(w.Task(id)), Key: w.App.NewKey()}))
	w.Rest()
	return w.Task(id)
}
