package invariant_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"perennial/internal/invariant"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A backup taken while a journey writes opens, is of this schema, and holds every
// promise at the instant at which it was taken.
func TestABackupTakenWhileWritingIsWhole(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	dir := t.TempDir()
	var over atomic.Bool
	done := make(chan struct{})
	var copies []string
	go func() {
		defer close(done)
		for n := 0; n < 3 || n < 30 && !over.Load(); n++ {
			path := filepath.Join(dir, fmt.Sprintf("copy-%d.db", n))
			if err := w.Store.Backup(w.Context(), path); err != nil {
				t.Error(err)
				return
			}
			copies = append(copies, path)
		}
	}()
	for n := range 10 {
		honest(w, fmt.Sprint("account-", n))
	}
	over.Store(true)
	<-done
	for _, path := range copies {
		db, err := store.Open(t.Context(), path)
		w.Must(err)
		w.Must(db.CheckSchema(t.Context()))
		broken, err := invariant.Check(t.Context(), db.Handle(), "")
		if err != nil || len(broken) > 0 {
			t.Errorf("%s: %v, %v", path, err, broken)
		}
		w.Must(db.Close())
	}
	t.Logf("%d backups", len(copies))
}
