package main_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	program "perennial/cmd/perennial"
	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// auditor runs the books of a World's server.
type auditor struct {
	program.Books
	w     *testkit.World
	ended chan struct{} // one entry for each check that ended
}

func newAuditor(t *testing.T, w *testkit.World) auditor {
	t.Helper()
	ended := make(chan struct{}, 100)
	a := auditor{program.NewBooks(w.App, func() { ended <- struct{}{} }), w, ended}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return a
}

// verdict asks until no check is under way, and returns what was found.
func (a auditor) verdict() account.Books {
	a.w.Helper()
	for {
		u, ok := errors.AsType[*app.Unsound](a.MayCharge(a.w.Account.ID))
		if !ok {
			return account.BooksSound
		}
		if fault.KindOf(u) != fault.Unavailable {
			a.w.Errorf("a person sees %v", u)
		}
		if u.Done == nil {
			return u.Books
		}
		<-u.Done
	}
}

// lie puts so many cents on the balance of which the ledger does not know.
func (a auditor) lie(minor int64) {
	a.w.Helper()
	a.w.Write(func(tx *store.Tx) error {
		if minor > 0 {
			return tx.Credit(a.w.Account.ID, money.Of(minor, "USD"))
		}
		_, err := tx.Debit(a.w.Account.ID, money.Of(-minor, "USD"))
		return err
	})
}

// said counts the lines of the log that say something.
func (a auditor) said(words string) int { return strings.Count(a.w.Log.String(), words) }

// Books that were found sound are charged on while they are checked again a day
// later; what that finds stops charging, is logged once, and a repair needs no restart.
func TestBooks_AreCheckedAgainAfterADay(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	a := newAuditor(t, w)
	if got := a.verdict(); got != account.BooksSound {
		t.Fatalf("at first they are %s", got)
	}
	if got, want := a.Counts(), [3]int{1, 0, 0}; got != want {
		t.Errorf("sound, checking, broken are %v, want %v", got, want)
	}
	a.lie(1)
	if got := a.verdict(); got != account.BooksSound {
		t.Errorf("they were checked within the day, and are %s", got)
	}
	for len(a.ended) > 0 {
		<-a.ended
	}
	w.Clock.Advance(renewal.Day)
	if err := a.MayCharge(w.Account.ID); err != nil {
		t.Errorf("it waits for the daily check: %v", err)
	}
	for a.Counts() != [3]int{0, 0, 1} {
		select {
		case <-a.ended: // of the file, or of the account
		case <-time.After(longest / 5):
			t.Fatal("no check began after a day")
		}
	}
	for range 3 {
		if got := a.verdict(); got != account.BooksBroken {
			t.Errorf("the daily check found them %s", got)
		}
		w.Clock.Advance(time.Minute)
	}
	if n := a.said("the data break a promise; nothing will be charged"); n != 1 {
		t.Errorf("the log says it %d times, want once", n)
	}
	a.lie(-1)
	w.Clock.Advance(time.Minute)
	if got := a.verdict(); got != account.BooksSound || a.said("charging continues") != 1 {
		t.Errorf("repaired, they are %s:\n%s", got, w.Log)
	}
}

// An error in reading or writing the file stops charging until the whole file has
// been read through again.
func TestBooks_ReadTheFileAgainAfterAnErrorOfIt(t *testing.T) {
	f := &testkit.Faults{}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithFaults(f))
	a := newAuditor(t, w)
	if got := a.verdict(); got != account.BooksSound {
		t.Fatalf("at first they are %s", got)
	}
	damaged := testkit.DBErrors(t, testkit.SQLite)["damaged"]
	f.Arm(func(op testkit.Op) testkit.Fault {
		if op.Kind == testkit.OpBegin {
			return testkit.Fault{Err: damaged}
		}
		return testkit.Fault{}
	})
	err := w.Store.Write(t.Context(), func(tx *store.Tx) error { return nil })
	f.Disarm()
	if fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("%v", err)
	}
	if got := a.verdict(); got != account.BooksChecking {
		t.Errorf("after the error they are %s", got)
	}
	w.Clock.Advance(time.Minute)
	if got := a.verdict(); got != account.BooksSound || a.said("casts doubt") != 1 || a.said("sound again") != 1 {
		t.Errorf("read through, they are %s:\n%s", got, w.Log)
	}
}

// Nothing is charged from the moment at which the file is gone, and no more when
// another has its name.
func TestBooks_ChargeNothingWhenTheFileIsGone(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := program.NewBooks(w.App, func() {})
	moved := w.Location + ".moved"
	w.Must(os.Rename(w.Location, moved))
	for _, back := range []bool{false, true} {
		if back {
			w.Must(os.Rename(moved, w.Location))
		}
		u, ok := errors.AsType[*app.Unsound](b.MayCharge(w.Account.ID))
		if !ok || u.Books != account.BooksDamaged || u.Done != nil || !strings.Contains(u.Error(), "moved or deleted") {
			t.Errorf("back %t: %v", back, u)
		}
	}
}

// The database names another server, and no lock proves that one dead: the file is
// not even read through before this server has waited for a lease and holds the file.
func TestBooks_WaitForTheFileToBeThisServers(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithStore(store.Exclusive()))
	w.Write(func(tx *store.Tx) error {
		_, err := tx.SwapSetting("server", "", "another 1:1 7")
		return err
	})
	b := program.NewBooks(w.App, func() {
		var row string
		w.Read(func(tx *store.Tx) (err error) {
			row, err = tx.Setting("server")
			return err
		})
		if !strings.HasPrefix(row, "server ") {
			t.Errorf("a check ended while the file was that of %s", row)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- b.Run(ctx) }()
	u, ok := errors.AsType[*app.Unsound](b.MayCharge(w.Account.ID))
	if !ok || u.Books != account.BooksChecking {
		t.Fatalf("%v", u)
	}
	for checked := false; !checked; {
		select {
		case <-u.Done:
			checked = true
		case <-time.After(time.Second):
			w.Clock.Advance(app.LeasePeriod)
		}
	}
	stop()
	w.Must(<-over)
}
