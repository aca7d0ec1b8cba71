package testkit

import (
	"time"

	"perennial/internal/app"
	"perennial/internal/store"
)

// On is a copy of the World on another database, such as a restored backup.
func (w *World) On(db *store.DB) *World {
	w.Helper()
	other := *w
	other.Store, other.deps.Store = db, db
	other.deps.Owner = "another machine"
	other.App = app.New(other.deps)
	return &other
}

// CloseStore closes a database that On was given.
func (w *World) CloseStore(db *store.DB) {
	w.Helper()
	w.checkers.close(w, db)
	w.Must(db.Close())
}

// Rest runs the worker's steps until none has anything more to do. What the gateway
// leaves unanswered is left so; where it fails, the log says why.
func (w *World) Rest() {
	w.Helper()
	w.Reconcile()
	for more := true; more; {
		for more {
			var err error
			more, err = w.App.WorkTasks(w.Context())
			w.Must(err)
		}
		before := w.openPayments()
		if before == 0 {
			break
		}
		_, err := w.App.WorkPayments(w.Context())
		if err != nil {
			w.deps.Log.Error("payments", "err", err)
		}
		more = w.openPayments() < before
	}
	_, err := w.App.WatchDeadlines(w.Context())
	w.Must(err)
}

// Reconcile compares the gateway's payments with the books where that is due, as a
// server does when it starts. A gateway that does not answer leaves that undone.
func (w *World) Reconcile() {
	w.Helper()
	if _, err := w.App.WorkReconcile(w.Context()); err != nil {
		w.deps.Log.Error("reconcile", "err", err)
	}
}

// openPayments counts the payments that the gateway is to be asked about at once.
func (w *World) openPayments() (n int) {
	w.Helper()
	w.Read(func(tx *store.Tx) error {
		open, err := tx.OpenPayments(w.Clock.Now().Add(-time.Minute), w.Clock.Now(), 100)
		n = len(open)
		return err
	})
	return n
}
