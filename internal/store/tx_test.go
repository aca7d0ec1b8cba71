package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// eachStore runs a test on a store whose driver fails when it is told to, with the
// World beside it that sees what is really kept.
func eachStore(t *testing.T, test func(t *testing.T, w *testkit.World, db *store.DB, f *testkit.Faults)) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		f := &testkit.Faults{}
		db, err := store.Open(t.Context(), w.Location, store.Wrap(f.Wrap))
		w.Must(err)
		t.Cleanup(func() { w.Must(db.Close()) })
		test(t, w, db, f)
		if misuses := f.Misuses(); len(misuses) > 0 {
			t.Errorf("statements reached the engine after an error: %q", misuses)
		}
	})
}

func another(w *testkit.World, id string) account.Account {
	a := w.Account
	a.ID = id
	return a
}

func kept(w *testkit.World, id string) bool {
	w.Helper()
	found := false
	w.Read(func(tx *store.Tx) error {
		_, err := tx.Account(id)
		if found = err == nil; store.IsNone(err) {
			return nil
		}
		return err
	})
	return found
}

func TestAStatementAfterAnErrorIsRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		var second error
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertAccount(another(w, "before")); err != nil {
				return err
			}
			first := tx.InsertAccount(w.Account)
			if !store.IsDuplicate(first) {
				t.Errorf("the same account twice: %v", first)
			}
			second = tx.InsertAccount(another(w, "after"))
			_, third := tx.Balance(w.Account.ID)
			if second == nil || third == nil || !strings.Contains(second.Error(), "already failed") {
				t.Errorf("after an error: %v, %v", second, third)
			}
			return first
		})
		if err == nil || kept(w, "before") || kept(w, "after") {
			t.Errorf("%v; kept: %t, %t", err, kept(w, "before"), kept(w, "after"))
		}
	})
}

func TestASwallowedErrorCommitsNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertAccount(another(w, "before")); err != nil {
				return err
			}
			_ = tx.InsertAccount(w.Account) // what a careless caller does
			return nil
		})
		if err == nil || kept(w, "before") {
			t.Errorf("a transaction that saw an error was committed: %v, kept %t", err, kept(w, "before"))
		}
	})
}

func TestNoRowIsNoError(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Account("nobody"); !store.IsNone(err) {
				t.Errorf("an account that does not exist: %v", err)
			}
			return tx.InsertAccount(another(w, "later"))
		})
		if err != nil || !kept(w, "later") {
			t.Errorf("a transaction that found no row: %v", err)
		}
	})
}

func TestAnErrorAndAPanicRollBack(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		errMine := errors.New("mine")
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			w.Must(tx.InsertAccount(another(w, "error")))
			return errMine
		})
		if !errors.Is(err, errMine) || kept(w, "error") {
			t.Errorf("%v; kept: %t", err, kept(w, "error"))
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Write(t.Context(), func(tx *store.Tx) error {
				w.Must(tx.InsertAccount(another(w, "panic")))
				panic("mine")
			})
		}()
		// SQLite has one writing connection: it must be free again.
		w.Must(db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertAccount(another(w, "next")) }))
		if kept(w, "panic") || !kept(w, "next") {
			t.Errorf("kept: %t, %t", kept(w, "panic"), kept(w, "next"))
		}
	})
}

func TestACancelledTransactionKeepsNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(tx *store.Tx) error {
			if err := tx.InsertAccount(another(w, "cancelled")); err != nil {
				return err
			}
			cancel()
			return tx.InsertWallet("cancelled", "USD")
		})
		if !errors.Is(err, context.Canceled) || kept(w, "cancelled") {
			t.Errorf("%v; kept: %t", err, kept(w, "cancelled"))
		}
		w.Must(db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertAccount(another(w, "next")) }))
	})
}

func TestAConflictThatMayPassIsTriedAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, f *testkit.Faults) {
		all := testkit.DBErrors(t, db.Engine())
		for _, name := range []string{"busy", "serialization"} {
			for _, kind := range []testkit.OpKind{testkit.OpBegin, testkit.OpExec, testkit.OpCommit} {
				id := fmt.Sprint(name, "-", kind)
				runs, failures := 0, 0
				f.Arm(func(op testkit.Op) testkit.Fault {
					if op.Kind == kind && failures < 7 {
						failures++
						return testkit.Fault{Err: all[name]}
					}
					return testkit.Fault{}
				})
				err := db.Write(t.Context(), func(tx *store.Tx) error { runs++; return tx.InsertAccount(another(w, id)) })
				f.Disarm()
				if err != nil || !kept(w, id) || failures != 7 || kind != testkit.OpBegin && runs != 8 {
					t.Errorf("%s at %s: %v after %d failures and %d runs", name, kind, err, failures, runs)
				}
			}
			// It does not go on for ever.
			tries := 0
			f.Arm(func(op testkit.Op) testkit.Fault {
				if op.Kind == testkit.OpCommit {
					tries++
					return testkit.Fault{Err: all[name]}
				}
				return testkit.Fault{}
			})
			err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertAccount(another(w, "never")) })
			f.Disarm()
			if err == nil || tries != 8 || kept(w, "never") {
				t.Errorf("%s for ever: %v after %d tries", name, err, tries)
			}
		}
		tries := 0
		f.Arm(func(op testkit.Op) testkit.Fault { tries++; return testkit.Fault{Err: all["full"]} })
		err := db.Write(t.Context(), func(*store.Tx) error { return nil })
		f.Disarm()
		if err == nil || tries != 1 {
			t.Errorf("what does not pass was tried %d times: %v", tries, err)
		}
	})
}

func TestTroubleOfTheDatabaseIsSaid(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, f *testkit.Faults) {
		words := map[string]string{"full": "full", "gone": "cannot be read", "damaged": "damaged"}
		if db.Engine() == testkit.Postgres {
			words = map[string]string{"full": "run out of room", "gone": "not available", "damaged": "damaged"}
		}
		all := testkit.DBErrors(t, db.Engine())
		for name, word := range words {
			f.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: all[name]} })
			err := db.Write(t.Context(), func(*store.Tx) error { return nil })
			f.Disarm()
			said, ok := fault.Of(err)
			if !ok || said.Kind != fault.Unavailable || !strings.Contains(said.Message, word) || strings.Contains(said.Message, "charged") || !errors.Is(err, store.ErrTrouble) {
				t.Errorf("%s: %v", name, err)
			}
			if db.Engine() == testkit.SQLite && ok && !strings.Contains(said.Message, w.Location) {
				t.Errorf("%s does not name the file: %s", name, said.Message)
			}
		}
	})
}

// A domain error that a transaction returns keeps its sentence.
func TestAFaultPassesAsItIs(t *testing.T) {
	eachStore(t, func(t *testing.T, _ *testkit.World, db *store.DB, _ *testkit.Faults) {
		mine := fault.New(fault.Conflict, "Somebody was faster.")
		if err := db.Write(t.Context(), func(*store.Tx) error { return mine }); err != error(mine) {
			t.Errorf("%v", err)
		}
	})
}

func TestAReadSeesOneStateAndWritesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		w.Deposit(1)
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			before, err := tx.Balance(w.Account.ID)
			if err != nil {
				return err
			}
			w.Deposit(2)
			after, err := tx.Balance(w.Account.ID)
			if before != after {
				t.Errorf("one reading saw %s and then %s", before, after)
			}
			return err
		})
		w.Must(err)
		err = db.Read(t.Context(), func(tx *store.Tx) error { return tx.Credit(w.Account.ID, money.Of(5, "USD")) })
		if err == nil || w.Balance() != 3 {
			t.Errorf("a reading transaction wrote: %v, balance %d", err, w.Balance())
		}
	})
}

// Readers do not wait for the writer.
func TestReadersDoNotWaitForAWriter(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		w.Must(db.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertAccount(another(w, "open")); err != nil {
				return err
			}
			return db.Read(t.Context(), func(other *store.Tx) error {
				if _, err := other.Account("open"); !store.IsNone(err) {
					t.Errorf("an open transaction is seen: %v", err)
				}
				return nil
			})
		}))
	})
}

func TestWritersOfManyConnections(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, _ *testkit.Faults) {
		var all sync.WaitGroup
		for n := range 40 {
			all.Go(func() {
				one := db
				if n%2 == 0 {
					one = w.Store
				}
				if err := one.Write(w.Context(), func(tx *store.Tx) error {
					if err := tx.Credit(w.Account.ID, money.Of(1, "USD")); err != nil {
						return err
					}
					_, err := tx.Debit(w.Account.ID, money.Of(1, "USD"))
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if w.Balance() != 0 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

// A statement that its context ended says so, whatever the engine calls it.
func TestAStatementThatIsEndedSaysWhy(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddMany(2_000, time.Hour)
		ctx, stop := context.WithCancel(t.Context())
		err := w.Store.Write(ctx, func(tx *store.Tx) error {
			stop()
			for {
				if _, err := tx.Units(w.Account.ID, []string{"ecs-00001"}); err != nil {
					return err
				}
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	})
}
