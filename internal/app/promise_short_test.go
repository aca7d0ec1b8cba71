package app_test

import (
	"errors"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

func posting(b billing.Book, minor int64) store.Posting {
	return store.Posting{Book: b, Amount: usd(minor)}
}

func entry(id string) billing.Entry {
	return billing.Entry{ID: id, Kind: billing.Renewal, At: testkit.Start}
}

// errPoor says that a debit found too little.
var errPoor = errors.New("the balance does not cover it")

// spend takes an amount from the balance with its ledger transaction.
func spend(w *testkit.World, id string, minor int64) error {
	return w.Store.Write(w.Context(), func(tx *store.Tx) error {
		ok, err := tx.Debit(w.Account.ID, usd(minor))
		if err != nil {
			return err
		}
		if !ok {
			return errPoor
		}
		return tx.Post(w.Account.ID, entry(id), posting(billing.BookCash, -minor), posting(billing.BookRenewals, minor))
	})
}

func TestPromise13AllOrNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Deposit(100)
		for _, c := range []struct {
			minor, left int64
			err         error
		}{{101, 100, errPoor}, {60, 40, nil}, {41, 40, errPoor}, {40, 0, nil}, {1, 0, errPoor}} {
			if err := spend(w, w.App.NewKey(), c.minor); err != c.err || w.Balance() != c.left {
				t.Errorf("spending %d: %v, and %d are left, want %v and %d", c.minor, err, w.Balance(), c.err, c.left)
			}
		}
		w.Deposit(10)
		err := w.Store.Write(t.Context(), func(tx *store.Tx) error {
			if ok, err := tx.Debit(w.Account.ID, money.Of(5, "EUR")); ok || err != nil {
				t.Errorf("a debit in another currency: %t, %v", ok, err)
			}
			return tx.Credit(w.Account.ID, money.Of(5, "EUR"))
		})
		wantKind(t, err, fault.Invalid)
		if w.Balance() != 10 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

// short is a task over a 10.00, a 12.50, a 3.00 and a 10.00 unit, in this order.
func short(w *testkit.World, balance int64) renewal.Task {
	w.Helper()
	book(w, map[string]int64{"a": 1000, "b": 1250, "c": 300})
	w.Add(withSpec("u1", "a", 24*time.Hour), withSpec("u2", "b", 25*time.Hour), withSpec("u3", "c", 26*time.Hour), withSpec("u4", "a", 27*time.Hour))
	if balance > 0 {
		w.Deposit(balance)
	}
	return w.Confirm(w.Prepare(testkit.Everything).ID)
}

func TestPromise10StopsAtTheUnitAndContinuesThere(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 2249) // a cent less than the second needs; the third would fit
		if task.State != renewal.Suspended || task.Renewed != 1 || task.SpentMinor != 1000 || w.Balance() != 1249 {
			t.Fatalf("%s with %d renewed for %d, balance %d", task.State, task.Renewed, task.SpentMinor, w.Balance())
		}
		if want := int64(1250 + 300 + 1000 - 1249); task.Shortfall != want {
			t.Errorf("the shortfall is %d, want %d", task.Shortfall, want)
		}
		same(t, "after the pause", items(w, task.ID), []string{"u1 renewed ", "u2 waiting ", "u3 waiting ", "u4 waiting "})
		w.Rest()
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "0.01", "13.01")
		if w.Task(task.ID) != task {
			t.Error("a refused Continue changed the task")
		}
		w.Deposit(301) // enough for the second and the third, to the cent
		task = w.Continue(task.ID)
		if task.State != renewal.Suspended || task.Renewed != 3 || w.Balance() != 0 || task.Shortfall != 1000 {
			t.Fatalf("%s with %d renewed, balance %d, shortfall %d", task.State, task.Renewed, w.Balance(), task.Shortfall)
		}
		w.Deposit(task.Shortfall)
		task = w.Continue(task.ID)
		if task.State != renewal.Completed || task.Renewed != 4 || task.SpentMinor != 3550 || w.Balance() != 0 || task.LeftMinor != 0 {
			t.Errorf("%+v, balance %d", task, w.Balance())
		}
		same(t, "orders", lines(w, "SELECT CAST(item AS TEXT) || ' ' || CAST(fee AS TEXT) FROM purchase_order ORDER BY item"),
			[]string{"1 1000", "2 1250", "3 300", "4 1000"})
		same(t, "payments", lines(w, "SELECT CAST(amount AS TEXT) FROM payment ORDER BY amount"), []string{"1000", "1000", "1550"})
	})
}

func TestPromise10NothingPaidWhereNothingFits(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 999)
		if task.State != renewal.Suspended || task.Renewed != 0 || task.Shortfall != 3550-999 || w.Balance() != 999 {
			t.Errorf("%+v, balance %d", task, w.Balance())
		}
		if n := number(w, "SELECT COUNT(*) FROM payment"); n != 0 {
			t.Errorf("%d payments of nothing", n)
		}
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, task.ID)))
	})
}

// A unit that can no longer be renewed does not stop the ones behind it, and its
// price does not count.
func TestPromise10PassedOverUnitsNeedNoMoney(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 1000)
		change(w, "u2", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		w.Deposit(1300)
		// The next unit by number costs more than there is; the worker looks closer.
		err := w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID))
		w.Must(err)
		w.Rest()
		if got := w.Task(task.ID); got.State != renewal.Completed || got.Renewed != 3 || got.NotRenewed != 1 || w.Balance() != 0 {
			t.Errorf("%s with %d renewed, %d not, balance %d", got.State, got.Renewed, got.NotRenewed, w.Balance())
		}
	})
}
