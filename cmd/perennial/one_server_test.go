package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// mustFail waits until a server has ended by itself, as a failure, and returns what
// it said.
func (s *server) mustFail() string {
	s.t.Helper()
	for {
		select {
		case line := <-s.lines:
			s.said += line
		case err := <-s.exited:
			for len(s.lines) > 0 {
				s.said += <-s.lines
			}
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
				s.t.Errorf("it ended with %v, want exit 1\n%s", err, s.said)
			}
			return s.said
		}
	}
}

// named reports whether a server has entered itself in the database.
func named(w *testkit.World) (yes bool) {
	w.Helper()
	w.Read(func(tx *store.Tx) error {
		_, err := tx.Setting("server")
		yes = err == nil
		if store.IsNone(err) {
			return nil
		}
		return err
	})
	return yes
}

// A file that is gone or replaced under a server ends the server; what it charged
// afterwards would be lost with the file.
func TestServe_StopsWhenItsFileIsGoneOrReplaced(t *testing.T) {
	for what, c := range map[string]struct {
		do   func(w *testkit.World, path string)
		want []string
	}{
		"deleted": {func(w *testkit.World, path string) { w.Must(os.Remove(path)) }, []string{"moved or deleted", "Put the file back"}},
		"replaced": {func(w *testkit.World, path string) {
			w.Must(os.Rename(filepath.Join(filepath.Dir(path), "backup.db"), path))
		}, []string{"was replaced", "perennial doctor"}},
	} {
		t.Run(what, func(t *testing.T) {
			p := newPlace(t)
			w := testkit.NewWorld(t, testkit.SQLite)
			w.Deposit(1)
			path := filepath.Join(p.dir, "perennial.db")
			w.Must(w.Store.Backup(t.Context(), path))
			marks, err := os.ReadFile(w.Location + ".mark")
			w.Must(err)
			w.Must(os.WriteFile(path+".mark", marks, 0o600))
			w.Must(w.Store.Backup(t.Context(), filepath.Join(p.dir, "backup.db")))
			s := p.serving()
			c.do(w, path)
			said := s.mustFail()
			for _, want := range append(c.want, path, "nothing more was charged") {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
			if what == "deleted" {
				if _, errOut, code := p.run("", "serve", "--listen=127.0.0.1:0", "--public-url=http://127.0.0.1:8080"); code != 1 || !strings.Contains(errOut, "is missing") {
					t.Errorf("an empty database is served in its place: exit %d, %s", code, errOut)
				}
			}
		})
	}
}

// The lock file is deleted, so nothing but the database tells a second server that
// the first one lives. It serves pages and charges nothing until it has seen that.
func TestServe_EndsBesideAServerThatLives(t *testing.T) {
	w := realWorld(t)
	first := newPlace(t).serving("--database=" + w.Location)
	w.Must(os.Remove(w.Location + ".lock"))
	second := newPlace(t).serving("--database=" + w.Location)
	if said := second.mustFail(); !strings.Contains(said, "Another server is working on the database") || !strings.Contains(said, "names another server") {
		t.Error(said)
	}
	first.mustStop()
}

// A server that was killed without its lock file is waited for, and then its task
// goes on.
func TestServe_ChargesAfterALeaseWhereTheLockProvesNothing(t *testing.T) {
	w := realWorld(t)
	w.AddMany(3, time.Since(testkit.Start)+100*24*time.Hour)
	w.Deposit(3 * testkit.UnitPrice)
	task := w.Prepare(testkit.Everything)
	killed := newPlace(t).serving("--database=" + w.Location)
	killed.until(regexp.MustCompile("serving"))
	for !named(w) {
		if t.Context().Err() != nil {
			t.Fatal("the server is not in its database")
		}
	}
	w.Must(killed.cmd.Process.Kill())
	<-killed.exited
	// While this is open, the next lock file cannot get the same inode by chance.
	lock, err := os.Open(w.Location + ".lock")
	w.Must(err)
	defer lock.Close()
	w.Must(os.Remove(w.Location + ".lock"))
	w.Must(w.App.Confirm(w.Context(), w.Buyer, app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: w.App.NewKey()}))
	began := time.Now()
	next := newPlace(t).serving("--database=" + w.Location)
	next.until(regexp.MustCompile("names another server"))
	for w.Task(task.ID).State == renewal.Running {
		if t.Context().Err() != nil {
			t.Fatal("the task does not go on")
		}
	}
	if took := time.Since(began); w.Task(task.ID).Renewed != 3 || took < app.LeasePeriod {
		t.Errorf("%d renewed after %s, want 3 after at least %s", w.Task(task.ID).Renewed, took, app.LeasePeriod)
	}
	next.mustStop()
	last := newPlace(t).serving("--database=" + w.Location)
	last.mustStop()
	if strings.Contains(last.said, "names another server") {
		t.Errorf("a server that stopped is waited for:\n%s", last.said)
	}
}
