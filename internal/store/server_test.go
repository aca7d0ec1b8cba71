package store_test

import (
	"os"
	"testing"

	"perennial/internal/store"
	"perennial/internal/testkit"
)

// serving opens a file for a server and returns its hold.
func serving(t *testing.T, location, name string) (*store.DB, *store.Tenure) {
	t.Helper()
	db, err := store.Open(t.Context(), location, store.Exclusive())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tenure, err := db.Tenure(name)
	if err != nil {
		t.Fatal(err)
	}
	return db, tenure
}

// wantClaim claims a file and compares.
func wantClaim(t *testing.T, tenure *store.Tenure, patient, want bool) {
	t.Helper()
	if got, err := tenure.Claim(t.Context(), patient); err != nil || got != want {
		t.Fatalf("claimed %t, want %t: %v", got, want, err)
	}
}

// The lock file is deleted under the first server, so the second locks another one;
// the row tells it that the first lives.
func TestClaim_RefusesTheServerThatSeesAnotherBeat(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	_, first := serving(t, w.Location, "first")
	wantClaim(t, first, false, true)
	w.Must(first.Beat(t.Context()))
	w.Must(os.Remove(w.Location + ".lock"))
	_, second := serving(t, w.Location, "second")
	wantClaim(t, second, false, false)
	wantClaim(t, second, false, false)
	w.Must(first.Beat(t.Context()))
	for _, patient := range []bool{false, true} {
		claimed, err := second.Claim(t.Context(), patient)
		if wantUnavailable(t, err, "Another server", w.Location); claimed {
			t.Error("claimed beside a server that lives")
		}
	}
	w.Must(first.Beat(t.Context()))
}

// A server whose beat stands still for a lease has lost the file, and notices.
func TestBeat_EndsTheServerThatWasTakenOver(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	_, first := serving(t, w.Location, "first")
	wantClaim(t, first, false, true)
	w.Must(os.Remove(w.Location + ".lock"))
	_, second := serving(t, w.Location, "second")
	wantClaim(t, second, false, false)
	wantClaim(t, second, true, true)
	wantUnavailable(t, first.Beat(t.Context()), "Another server", w.Location)
	w.Must(first.End(t.Context())) // does not end the other's
	w.Must(second.Beat(t.Context()))
}

// The lock file proves a killed server dead, and a server that stopped says so.
func TestClaim_WaitsForNobodyAfterAKillOrAStop(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	db, killed := serving(t, w.Location, "killed")
	wantClaim(t, killed, false, true)
	w.Must(db.Close())
	db, stopped := serving(t, w.Location, "stopped")
	wantClaim(t, stopped, false, true)
	w.Must(stopped.Beat(t.Context()))
	w.Must(stopped.End(t.Context()))
	w.Must(db.Close())
	w.Must(os.Remove(w.Location + ".lock"))
	_, next := serving(t, w.Location, "next")
	wantClaim(t, next, false, true)
	w.Must(next.Beat(t.Context()))
}

func TestClaim_AsksNothingOfServersThatShareADatabase(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	for _, name := range []string{"first", "second"} {
		tenure, err := w.Store.Tenure(name)
		w.Must(err)
		wantClaim(t, tenure, false, true)
		w.Must(tenure.Beat(t.Context()))
		w.Must(tenure.End(t.Context()))
	}
}
