package store_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"perennial/internal/fault"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// Twelve readings of one account leave a connection to another, and nobody overtakes
// who came first.
func TestAnAccountLeavesTurnsToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := store.NewLane(4, 3, 3)
		got := make(chan string, 20)
		for range 12 {
			go func() {
				if l.Enter(t.Context(), "large") == nil {
					got <- "large"
				}
			}()
		}
		synctest.Wait()
		if len(got) != 3 {
			t.Fatalf("%d of 12 have a turn", len(got))
		}
		if err := l.Enter(t.Context(), "small"); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Enter(short, "small"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a fifth turn of four: %v", err)
		}
		for n := 4; n <= 12; n++ {
			l.Leave("large")
			synctest.Wait()
			if len(got) != n {
				t.Fatalf("%d of 12 after %d", len(got), n)
			}
		}
	})
}

// While another account is at work, too, a large one has fewer turns at once, and all
// of its share again when it has been alone for a while.
func TestAnAccountHasLessWhileOthersAreAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := store.NewLane(4, 3, 1)
		atOnce := func() int {
			got := make(chan struct{}, 4)
			ctx, cancel := context.WithCancel(t.Context())
			for range 4 {
				go func() {
					if l.Enter(ctx, "large") == nil {
						got <- struct{}{}
					}
				}()
			}
			synctest.Wait()
			cancel()
			synctest.Wait()
			for range len(got) {
				l.Leave("large")
			}
			return len(got)
		}
		if n := atOnce(); n != 3 {
			t.Errorf("%d turns at once alone, want 3", n)
		}
		if err := l.Enter(t.Context(), "small"); err != nil {
			t.Fatal(err)
		}
		l.Leave("small")
		if n := atOnce(); n != 1 {
			t.Errorf("%d turns at once beside another account, want 1", n)
		}
		for range 64 {
			if err := l.Enter(t.Context(), "large"); err != nil {
				t.Fatal(err)
			}
			l.Leave("large")
		}
		if n := atOnce(); n != 3 {
			t.Errorf("%d turns at once alone again, want 3", n)
		}
	})
}

// Pages of an account that hold all of its connections keep neither the worker nor
// another account waiting, and one more of them is refused in time.
func TestPagesKeepNobodyWaiting(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		page := store.ForAccount(t.Context(), "large")
		read := func(ctx context.Context) error { return w.Store.Read(ctx, func(*store.Tx) error { return nil }) }
		held, done := make(chan struct{}, 20), make(chan struct{})
		share := 3
		if w.Store.Engine() == testkit.Postgres {
			share = 12
		}
		ended := make(chan error, share)
		for range share {
			go func() {
				ended <- w.Store.Read(page, func(*store.Tx) error { held <- struct{}{}; <-done; return nil })
			}()
		}
		for range share {
			<-held
		}
		w.Must(read(store.ForAccount(t.Context(), "small")))
		w.Must(read(t.Context()))
		short, cancel := context.WithTimeout(page, 10*time.Millisecond)
		defer cancel()
		if err := read(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a page beyond the share: %v", err)
		}
		close(done)
		for range share {
			w.Must(<-ended)
		}
		w.Must(read(page))
	})
}

// A server that was stopped in a transaction does not hold rows for ever: PostgreSQL
// ends its session, the other server goes on, and the first runs again from the start.
func TestAStoppedTransactionLetsGo(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	u, err := url.Parse(w.Location)
	w.Must(err)
	q := u.Query()
	q.Set("idle_in_transaction_session_timeout", "200") // the default is made for a second that is longer
	u.RawQuery = q.Encode()
	db, err := store.Open(t.Context(), u.String())
	w.Must(err)
	defer func() { w.Must(db.Close()) }()
	runs := 0
	w.Must(db.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.LockWallet(w.Account.ID); err != nil {
			return err
		}
		if runs++; runs == 1 { // it is stopped, and another server wants the same row
			w.Write(func(tx *store.Tx) error { _, err := tx.LockWallet(w.Account.ID); return err })
		}
		_, err := tx.Balance(w.Account.ID)
		return err
	}))
	if runs != 2 {
		t.Errorf("%d runs", runs)
	}
}

func TestPostgresHasTimeOuts(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	show := func(address string, opts ...store.Option) (all []string) {
		db, err := store.Open(t.Context(), address, opts...)
		w.Must(err)
		defer func() { w.Must(db.Close()) }()
		for _, name := range []string{"idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"} {
			w.Must(db.Read(t.Context(), func(tx *store.Tx) error {
				value, err := tx.SessionSetting(name)
				all = append(all, value)
				return err
			}))
		}
		return all
	}
	for _, c := range []struct {
		address string
		opts    []store.Option
		want    [3]string
	}{
		{w.Location, nil, [3]string{"4s", "3s", "15s"}},
		{w.Location, []store.Option{store.Maintenance()}, [3]string{"1min", "30s", "10min"}},
		{w.Location + "&lock_timeout=7000", nil, [3]string{"4s", "7s", "15s"}},
		{w.Location + "&options=-c%20statement_timeout%3D5000", nil, [3]string{"4s", "3s", "5s"}},
	} {
		if got := [3]string(show(c.address, c.opts...)); got != c.want {
			t.Errorf("%s: %v, want %v", c.address, got, c.want)
		}
	}
}

// Another program holds a SQLite file: whoever writes is told within a quarter of a
// minute, however many wait, and nothing was done.
func TestALockedFileIsSaidInTime(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.SQLite)
	other, err := store.Open(t.Context(), w.Location)
	w.Must(err)
	defer func() { w.Must(other.Close()) }()
	w.Must(other.Write(t.Context(), func(*store.Tx) error {
		limit, cancel := context.WithTimeout(t.Context(), 17*time.Second)
		defer cancel()
		answers := make(chan error, 3)
		for range cap(answers) {
			go func() { answers <- w.Store.Write(t.Context(), func(*store.Tx) error { return nil }) }()
		}
		for range cap(answers) {
			select {
			case err := <-answers:
				if f, ok := fault.Of(err); !ok || !errors.Is(err, store.ErrTrouble) || f.Message != "The database is locked by another program. The file is "+w.Location+"." {
					t.Errorf("%v", err)
				}
			case <-limit.Done():
				t.Fatal("somebody still waits")
			}
		}
		return nil
	}))
	w.Must(w.Store.Write(t.Context(), func(*store.Tx) error { return nil }))
}
