package app_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// sent takes a file and waits until it is checked.
func sent(w *testkit.World, who app.Actor, text string) app.Upload {
	w.Helper()
	u, err := w.App.Uploads.Take(who, app.ImportsInstances, "estate.csv", strings.NewReader(text))
	w.Must(err)
	return rested(w, who, u.ID)
}

func rested(w *testkit.World, who app.Actor, id string) app.Upload {
	w.Helper()
	w.App.Uploads.Wait(w.Context(), id)
	u, err := w.App.Uploads.Find(who.AccountID, id)
	w.Must(err)
	return u
}

func uploadsWorld(t *testing.T) *testkit.World {
	w := testkit.NewWorld(t, testkit.SQLite)
	t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
	return w
}

func TestAFileIsCheckedAndThenImported(t *testing.T) {
	w := uploadsWorld(t)
	u := sent(w, w.Owner, csvOf(server("ecs-1")))
	if u.State != app.UploadChecked || u.Report.New != 2 || u.By != "Wei Chen" {
		t.Fatalf("the file is %+v", u)
	}
	if n := number(w, "SELECT COUNT(*) FROM instance"); n != 0 {
		t.Fatalf("checking wrote %d instances", n)
	}
	for range 2 { // the same form, twice
		w.Must(w.App.Uploads.Apply(w.Owner, u.ID, "k1"))
	}
	if u = rested(w, w.Owner, u.ID); u.State != app.UploadApplied || u.Report.Applied != 2 {
		t.Errorf("the file is %+v", u)
	}
	if n := number(w, "SELECT COUNT(*) FROM instance"); n != 2 {
		t.Errorf("%d instances were imported", n)
	}
	if again := sent(w, w.Owner, csvOf(server("ecs-1"))); again.Report.Writes() {
		t.Error("the same file would change something")
	} else {
		wantKind(t, w.App.Uploads.Apply(w.Owner, again.ID, "k2"), fault.Conflict, "nothing to import")
	}
}

// Promise 21, for files.
func TestAFileBelongsToItsAccount(t *testing.T) {
	w := uploadsWorld(t)
	u := sent(w, w.Owner, csvOf(server("ecs-1")))
	_, err := w.App.Uploads.Find("other", u.ID)
	wantKind(t, err, fault.NotFound)
	stranger := w.Owner
	stranger.AccountID = "other"
	wantKind(t, w.App.Uploads.Apply(stranger, u.ID, "k1"), fault.NotFound)
	if all := w.App.Uploads.List("other"); len(all) != 0 {
		t.Errorf("another account sees %v", all)
	}
	if all := w.App.Uploads.List(w.Account.ID); len(all) != 1 {
		t.Errorf("the account sees %v", all)
	}
}

func TestARefusedFileCannotBeApplied(t *testing.T) {
	w := uploadsWorld(t)
	u := sent(w, w.Owner, strings.ReplaceAll(csvOf(server("ecs-1")), ",false,", ",perhaps,"))
	if u.Report.Refused != 2 {
		t.Fatalf("the report is %+v", u.Report)
	}
	wantKind(t, w.App.Uploads.Apply(w.Owner, u.ID, "k1"), fault.Conflict)
	if n := number(w, "SELECT COUNT(*) FROM instance"); n != 0 {
		t.Errorf("%d instances were imported", n)
	}
}

func TestFilesAreKeptForAnHour(t *testing.T) {
	w := uploadsWorld(t)
	u := sent(w, w.Owner, csvOf(server("ecs-1")))
	w.Clock.Advance(app.UploadKept - time.Millisecond)
	if _, err := w.App.Uploads.Find(w.Account.ID, u.ID); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Millisecond)
	_, err := w.App.Uploads.Find(w.Account.ID, u.ID)
	wantKind(t, err, fault.NotFound, "its hour is over")
	if _, err := w.App.Uploads.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(testkit.Start)
	if _, err := w.App.Uploads.Find(w.Account.ID, u.ID); err == nil {
		t.Error("the file was not let go of")
	}
}

// Behind a balancer the next request may come to a server that did not take the file.
func TestAnotherServerSaysThatItDoesNotHaveTheFile(t *testing.T) {
	w := uploadsWorld(t)
	u := sent(w, w.Owner, csvOf(server("ecs-1")))
	other := w.Another("worker-2")
	defer func() { w.Must(other.Uploads.Close()) }()
	_, err := other.Uploads.Find(w.Account.ID, u.ID)
	wantKind(t, err, fault.NotFound, "another server took it", "Send it again")
	wantKind(t, other.Uploads.Apply(w.Owner, u.ID, w.App.NewKey()), fault.NotFound, "another server took it")
}

func TestAnAccountKeepsFewFilesAndNoneOnDisk(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := uploadsWorld(t)
	first := sent(w, w.Owner, csvOf(server("ecs-1")))
	for range 4 {
		w.Clock.Advance(time.Second)
		sent(w, w.Owner, csvOf(server("ecs-1")))
	}
	if n := len(w.App.Uploads.List(w.Account.ID)); n != 4 {
		t.Errorf("%d files are kept, want 4", n)
	}
	_, err := w.App.Uploads.Find(w.Account.ID, first.ID)
	wantKind(t, err, fault.NotFound)
	left, err := os.ReadDir(os.TempDir())
	w.Must(err)
	if len(left) != 0 {
		t.Errorf("left on disk: %v", left)
	}
}

// slowly is a file of which nothing comes until the gate opens.
type slowly struct {
	begun chan<- struct{}
	gate  <-chan struct{}
	rest  io.Reader
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.begun != nil {
		s.begun <- struct{}{}
		s.begun = nil
	}
	<-s.gate
	return s.rest.Read(p)
}

// Files that arrive at the same time are counted before anything of them is kept.
func TestFilesThatArriveAtOnceAreCounted(t *testing.T) {
	const senders = 24
	w := uploadsWorld(t)
	sent(w, w.Owner, csvOf(server("ecs-1"))) // idle, and gives way
	begun, gate, outcomes := make(chan struct{}, senders), make(chan struct{}), make(chan error, senders)
	for range senders {
		go func() {
			_, err := w.App.Uploads.Take(w.Owner, app.ImportsInstances, "estate.csv", &slowly{begun, gate, strings.NewReader(csvOf(server("ecs-1")))})
			outcomes <- err
		}()
	}
	for range senders - 4 { // those that are refused do not wait for the others
		wantKind(t, <-outcomes, fault.TooMany, "4 files of this account are being sent or imported.")
	}
	for range 4 {
		<-begun
	}
	if n := len(w.App.Uploads.List(w.Account.ID)); n != 0 {
		t.Errorf("%d files that are not here are listed", n)
	}
	close(gate)
	for range 4 {
		w.Must(<-outcomes)
	}
	if n := len(w.App.Uploads.List(w.Account.ID)); n != 4 || len(begun) != 0 {
		t.Errorf("%d files are kept, want 4; %d more were read", n, len(begun))
	}
}

// What cannot be taken as a whole gives its place and its room back.
func TestAFileThatBreaksOffGivesItsPlaceBack(t *testing.T) {
	w := uploadsWorld(t)
	w.App.Uploads.SetMostOfAll(3_000)
	broken := errors.New("the connection broke")
	for range 5 {
		_, err := w.App.Uploads.Take(w.Owner, app.ImportsInstances, "x.csv", io.MultiReader(strings.NewReader(strings.Repeat("x", 2_000)), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = w.App.Uploads.Take(w.Owner, app.ImportsInstances, "x.csv", panics{})
		}()
	}
	sent(w, w.Owner, csvOf(server("ecs-1")))
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("a reader that panics") }

// The files of all accounts have a bound, and a part of the disk stays free.
func TestTheDiskIsNotFilled(t *testing.T) {
	w := uploadsWorld(t)
	w.App.Uploads.SetMostOfAll(2_500)
	text := csvOf(server("ecs-1")) + strings.Repeat(" ", 1_000)
	text = text[:1_000]
	other := w.Owner
	other.AccountID = "other"
	take := func(who app.Actor) error {
		_, err := w.App.Uploads.Take(who, app.ImportsPrices, "x.csv", strings.NewReader(text))
		return err
	}
	w.Must(take(w.Owner))
	w.Must(take(other))
	wantKind(t, take(w.Owner), fault.Unavailable, "holds as many files as it can", "Nothing was taken")
	w.App.Uploads.Wait(w.Context(), w.App.Uploads.List(w.Account.ID)[0].ID)
	w.Clock.Advance(app.UploadKept)
	if _, err := w.App.Uploads.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.App.Uploads.SetFree(64<<20 + 999)
	wantKind(t, take(w.Owner), fault.Unavailable, "nearly full", "Nothing was taken")
	w.App.Uploads.SetFree(64<<20 + 1_000)
	w.Must(take(w.Owner))
}

func TestAFileThatCannotBeTaken(t *testing.T) {
	w := uploadsWorld(t)
	_, err := w.App.Uploads.Take(w.Owner, "else", "x.csv", strings.NewReader(""))
	wantKind(t, err, fault.Invalid, "Choose what the file holds")
	w.App.Uploads.SetMost(1 << 20)
	_, err = w.App.Uploads.Take(w.Owner, app.ImportsPrices, "x.csv", strings.NewReader(strings.Repeat("x", 1<<20+1)))
	wantKind(t, err, fault.TooLarge, "at most 1 MiB")
	w.Must(w.App.Uploads.Close())
	_, err = w.App.Uploads.Take(w.Owner, app.ImportsPrices, "x.csv", io.MultiReader())
	wantKind(t, err, fault.Unavailable, "stopping")
	if all := w.App.Uploads.List(w.Account.ID); len(all) != 0 {
		t.Errorf("kept: %v", all)
	}
}

// An import that the database interrupts says so, and goes on when asked again.
func TestAnInterruptedFileGoesOn(t *testing.T) {
	var faults testkit.Faults
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithStore(store.Wrap(faults.Wrap)))
	t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
	var units []renewal.Unit
	for n := range 3_000 {
		units = append(units, testkit.Unit(fmt.Sprintf("ecs-%04d", n), time.Hour))
	}
	u := sent(w, w.Owner, csvOf(units...))
	commits := 0
	faults.Arm(func(op testkit.Op) testkit.Fault {
		if op.Kind == testkit.OpCommit {
			commits++
		}
		if commits == 2 {
			return testkit.Fault{Err: errors.New("the disk is gone")}
		}
		return testkit.Fault{}
	})
	w.Must(w.App.Uploads.Apply(w.Owner, u.ID, "k1"))
	u = rested(w, w.Owner, u.ID)
	if u.State != app.UploadStopped || !u.Report.Writes() || u.Report.Applied != 2_000 ||
		!strings.Contains(u.Problem, "The import stopped after 2,000 of 3,000 rows.") {
		t.Fatalf("the file is %+v", u)
	}
	faults.Disarm()
	w.Must(w.App.Uploads.Apply(w.Owner, u.ID, "k1"))
	if again := rested(w, w.Owner, u.ID); again.State != app.UploadStopped {
		t.Error("the form of the interrupted import started another")
	}
	w.Must(w.App.Uploads.Apply(w.Owner, u.ID, "k2"))
	if u = rested(w, w.Owner, u.ID); u.State != app.UploadApplied || number(w, "SELECT COUNT(*) FROM instance") != 3_000 {
		t.Errorf("the file is %+v", u)
	}
}
