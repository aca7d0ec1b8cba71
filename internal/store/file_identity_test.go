package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"perennial/internal/store"
	"perennial/internal/testkit"
)

func TestOpen_RefusesASecondServerThroughASymlink(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	first, err := store.Open(t.Context(), w.Location, store.Exclusive())
	w.Must(err)
	defer first.Close()
	dir := t.TempDir()
	file, folder := filepath.Join(dir, "link.db"), filepath.Join(dir, "folder")
	w.Must(os.Symlink(w.Location, file))
	w.Must(os.Symlink(filepath.Dir(w.Location), folder))
	for _, name := range []string{file, filepath.Join(folder, filepath.Base(w.Location))} {
		_, err := store.Open(t.Context(), name, store.Exclusive())
		wantUnavailable(t, err, "Another server", w.Location+".lock")
	}
}

// A symlink to a file that is not there yet leads to the lock of the file that will be.
func TestOpen_LocksWhatADanglingSymlinkLeadsTo(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "link.db"), filepath.Join(dir, "real.db")
	if err := os.Symlink("real.db", link); err != nil {
		t.Fatal(err)
	}
	first, err := store.Open(t.Context(), link, store.Exclusive())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = store.Open(t.Context(), file, store.Exclusive())
	wantUnavailable(t, err, "Another server", file+".lock")
}

// Each name of a file has a log of its own, so no program may open it by either.
func TestOpen_RefusesAFileWithTwoNames(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	other := filepath.Join(filepath.Dir(w.Location), "other.db")
	w.Must(os.Link(w.Location, other))
	for _, name := range []string{w.Location, other} {
		_, err := store.Open(t.Context(), name)
		wantUnavailable(t, err, "2 names", name)
	}
	w.Must(os.Remove(other))
	db, err := store.Open(t.Context(), w.Location)
	w.Must(err)
	w.Must(db.Close())
}

func TestMountedOn_FindsAFileThatIsMountedByItself(t *testing.T) {
	const mounts = `22 1 0:21 / / rw - ext4 /dev/sda1 rw
23 22 8:1 /data/p.db /srv/per\040ennial/p.db rw,relatime - ext4 /dev/sda1 rw
24 22 8:1 /data /srv/data rw - ext4 /dev/sda1 rw
`
	for path, want := range map[string]bool{"/srv/per ennial/p.db": true, "/srv/data/p.db": false, "/srv/per": false} {
		if got := store.MountedOn([]byte(mounts), path); got != want {
			t.Errorf("%s: mounted by itself is %t, want %t", path, got, want)
		}
	}
}

func TestCheckFile_NoticesThatTheFileIsGoneOrReplaced(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	copied := filepath.Join(t.TempDir(), "copy.db")
	w.Must(w.Store.Backup(t.Context(), copied))
	db, err := store.Open(t.Context(), copied)
	w.Must(err)
	defer db.Close()
	w.Must(db.CheckFile())
	moved := copied + ".moved"
	w.Must(os.Rename(copied, moved))
	wantUnavailable(t, db.CheckFile(), "moved or deleted", copied)
	whole, err := os.ReadFile(moved)
	w.Must(err)
	w.Must(os.WriteFile(copied, whole, 0o600))
	wantUnavailable(t, db.CheckFile(), "replaced", copied+"-wal", "perennial doctor")
	w.Must(os.Rename(moved, copied))
	w.Must(db.CheckFile())
}

func TestCheckFile_AsksNothingOfPostgres(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	w.Must(w.Store.CheckFile())
}

// An empty database in place of a lost one would look like one that works.
func TestOpen_MakesNoEmptyDatabaseBesideALeftLog(t *testing.T) {
	for left, holds := range map[string]string{"-wal": "", "-shm": "", ".mark": "a mark"} {
		path := filepath.Join(t.TempDir(), "perennial.db")
		if err := os.WriteFile(path+left, []byte(holds), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(t.Context(), path)
		wantUnavailable(t, err, "is missing", path+left)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a database was made beside %s: %v", left, err)
		}
	}
}

// A connection that is opened after the file was deleted makes no empty one in its place.
func TestOpen_MakesNoFileInPlaceOfADeletedOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "perennial.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err == nil { // opens the first reader
		t.Error("a database that is gone answers")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty database was made: %v", err)
	}
}

// A page that cannot be read casts doubt on the file; a full disk does not.
func TestDoubts_CountsErrorsOfTheFile(t *testing.T) {
	f := &testkit.Faults{}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithFaults(f))
	errs := testkit.DBErrors(t, testkit.SQLite)
	for name, want := range map[string]int64{"full": 0, "busy": 0, "gone": 1, "damaged": 1} {
		before := w.Store.Doubts()
		f.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: errs[name]} })
		err := w.Store.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Account(w.Account.ID); return err })
		f.Disarm()
		if got := w.Store.Doubts() - before; err == nil || got != want {
			t.Errorf("%s: %d doubts, want %d (%v)", name, got, want, err)
		}
	}
}
