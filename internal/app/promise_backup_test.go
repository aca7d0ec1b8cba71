package app_test

import (
	"path/filepath"
	"testing"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A backup taken in the middle of a run is restored as another server's database
// and goes on there; the original goes on for itself.
func TestPromise18ARestoredBackupGoesOn(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	task := half(w)
	path := filepath.Join(t.TempDir(), "restored.db")
	w.Must(w.Store.Backup(t.Context(), path))
	for step(w, w.App) {
	}

	db, err := store.Open(t.Context(), path, store.Exclusive())
	w.Must(err)
	defer func() { w.Must(db.Close()) }()
	w.Must(db.CheckSchema(t.Context()))
	restored := *w
	restored.Store = db
	if got := restored.Task(task.ID); got.Renewed != 100 || restored.Balance() != 150*testkit.UnitPrice {
		t.Fatalf("restored with %d renewed and %d cents", got.Renewed, restored.Balance())
	}
	d := w.App.Deps
	d.Store, d.Owner = db, "another machine"
	restored.App = app.New(d)
	for step(&restored, restored.App) {
	}
	restored.CheckInvariants()
	for _, one := range []*testkit.World{w, &restored} {
		if got := one.Task(task.ID); got.State != renewal.Completed || got.Renewed != 250 || one.Balance() != 0 {
			t.Errorf("%s with %d renewed and %d cents left", got.State, got.Renewed, one.Balance())
		}
	}
	same(t, "the restored database's units", items(&restored, task.ID), items(w, task.ID))
}
