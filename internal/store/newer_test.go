package store_test

import (
	"context"
	"errors"
	"testing"

	"perennial/internal/fault"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// Once a newer program has migrated the database, an older one writes nothing more
// and is not ready. It can still show what is there until it has ended.
func TestANewerSchemaIsNotWritten(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Must(w.Store.Ping(t.Context()))
		w.Write(func(tx *store.Tx) error { return tx.MarkNewer() })
		err := w.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertAccount(another(w, "late")) })
		if f, ok := fault.Of(err); !ok || f.Kind != fault.Unavailable || !errors.Is(err, store.ErrNewer) || !errors.Is(err, store.ErrTrouble) {
			t.Errorf("%v", err)
		}
		if kept(w, "late") {
			t.Error("it was written")
		}
		if err := w.Store.Ping(context.WithoutCancel(t.Context())); !errors.Is(err, store.ErrNewer) {
			t.Errorf("ready: %v", err)
		}
	})
}
