package app_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// clerk answers for the books of one account, and keeps all others sound.
type clerk struct {
	mu        sync.Mutex
	accountID string
	books     account.Books
	done      chan struct{}
	asked     chan struct{} // holds one entry once the account was asked about
	again     bool          // what was found is being checked again
}

func newClerk(a *app.App, accountID string, books account.Books) *clerk {
	c := &clerk{accountID: accountID, books: books, done: make(chan struct{}), asked: make(chan struct{}, 1)}
	a.MayCharge = c.mayCharge
	return c
}

func (c *clerk) mayCharge(_ context.Context, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != c.accountID || c.books == account.BooksSound {
		return nil
	}
	select {
	case c.asked <- struct{}{}:
	default:
	}
	u := &app.Unsound{Books: c.books, Err: errBooks}
	if c.books == account.BooksChecking || c.again {
		u.Done = c.done
	}
	return u
}

// find ends the check.
func (c *clerk) find(books account.Books) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.books = books
	close(c.done)
}

// A task whose account is being checked, or whose books do not add up, is skipped
// without an error, so that the step that works for all accounts is not paused. Its
// page is told why it waits.
func TestWorkTasks_SkipsAnAccountWhoseBooksAreNotSound(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		other := tenant(t, w, "other")
		for _, one := range []*testkit.World{w, other} {
			one.Prices(100)
			one.AddMany(2, 24*time.Hour)
			one.Deposit(2 * testkit.UnitPrice)
		}
		tasks := map[*testkit.World]renewal.Task{}
		for _, one := range []*testkit.World{w, other} {
			tasks[one] = one.Prepare(testkit.Everything)
		}
		for _, one := range []*testkit.World{w, other} {
			w.Must(w.App.Confirm(t.Context(), one.Buyer, seenNow(one, tasks[one].ID)))
		}
		c := newClerk(w.App, w.Account.ID, account.BooksChecking)
		books := func() account.Books {
			r, err := w.App.Review(t.Context(), w.Account.ID, tasks[w].ID, renewal.Look{})
			w.Must(err)
			return r.Books
		}
		for _, state := range []account.Books{account.BooksChecking, account.BooksBroken, account.BooksDamaged} {
			c.books = state
			for step(w, w.App) {
			}
			if now := w.Task(tasks[w].ID); now.Renewed != 0 || now.State != renewal.Running {
				t.Errorf("%s: %d renewed, %s", state, now.Renewed, now.State)
			}
			if got := books(); got != state {
				t.Errorf("its page is told %q, want %q", got, state)
			}
		}
		if now := other.Task(tasks[other].ID); now.Renewed != 2 {
			t.Errorf("the other account has %d renewed, want 2", now.Renewed)
		}
		c.books = account.BooksSound
		for step(w, w.App) {
		}
		if now := w.Task(tasks[w].ID); now.Renewed != 2 || books() != account.BooksSound {
			t.Errorf("sound again: %d renewed, want 2; its page is told %q", now.Renewed, books())
		}
	})
}

// A person waits for the check of their own account, and is charged or refused by
// what it finds.
func TestTopUp_WaitsForTheCheckOfItsAccount(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		for n, found := range []account.Books{account.BooksBroken, account.BooksSound} {
			c := newClerk(w.App, w.Account.ID, account.BooksChecking)
			over := make(chan error, 1)
			go func() { _, err := topUp(w, "key"); over <- err }()
			<-c.asked
			if len(b.Captures()) != 0 {
				t.Error("it was charged before the check had ended")
			}
			c.find(found)
			if err := <-over; (err == nil) != (found == account.BooksSound) {
				t.Errorf("%s: %v", found, err)
			}
			if got := len(b.Captures()); got != n {
				t.Errorf("%s: %d captures, want %d", found, got, n)
			}
		}
	})
}

// A person who leaves is waited for by nobody, and nothing is charged.
func TestTopUp_StopsWaitingWithItsPerson(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		c := newClerk(w.App, w.Account.ID, account.BooksChecking)
		ctx, leave := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() {
			_, err := w.App.TopUp(ctx, w.Buyer, app.TopUpInput{Amount: "25.00", Key: "key"})
			over <- err
		}()
		<-c.asked
		leave()
		if err := <-over; fault.KindOf(err) != fault.Unavailable || len(b.Captures()) != 0 {
			t.Errorf("%v, captures %v", err, b.Captures())
		}
	})
}

// A payment and a refund of an account that is being checked are left alone, and are
// due at once when the check has ended. Where the books are broken neither moves.
func TestWorkPayments_LeavesAnAccountThatIsBeingChecked(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		p, err := topUp(w, "first")
		w.Must(err)
		b.SetMood(sandbox.ErrorAfter, sandbox.CallRefund)
		_, err = w.App.RefundTopUp(t.Context(), app.Operator(w.Account.ID), p.ID)
		w.Must(err)
		b.SetMood(sandbox.TimeoutBefore, sandbox.CallCapture)
		second, err := topUp(w, "second")
		w.Must(err)
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		b.SetMood(sandbox.Approve, sandbox.CallRefund)
		fresh := w.Another("worker-2") // a server that has just started
		c := newClerk(fresh, w.Account.ID, account.BooksChecking)
		w.Clock.Advance(time.Minute)
		before := asked(w)
		for _, state := range []account.Books{account.BooksChecking, account.BooksBroken} {
			c.books, c.again = state, true
			if more, err := fresh.WorkPayments(t.Context()); more || err != nil {
				t.Errorf("%s: more %t, %v", state, more, err)
			}
			if got := asked(w); got != before {
				t.Errorf("%s: they were put off: %v, were %v", state, got, before)
			}
		}
		c.again = false
		_, err = fresh.WorkPayments(t.Context())
		wantKind(t, err, fault.Unavailable, "add up")
		if got := payment(w, second.ID); got.State.Settled() || len(b.Captures()) != 1 {
			t.Errorf("a payment of broken books is %s, captures %v", got.State, b.Captures())
		}
		if open := openRefunds(w); open != 1 {
			t.Errorf("%d refunds are open, want 1: broken books gave money back", open)
		}
		// A server that has just started asks at once, and no later for the check.
		last := w.Another("worker-3")
		c = newClerk(last, w.Account.ID, account.BooksChecking)
		_, err = last.WorkPayments(t.Context())
		w.Must(err)
		c.find(account.BooksSound)
		if _, err := last.WorkPayments(t.Context()); err != nil {
			t.Error(err)
		}
		if got := payment(w, second.ID); got.State != billing.PaymentCaptured || openRefunds(w) != 0 {
			t.Errorf("sound again, the payment is %s, %d refunds are open", got.State, openRefunds(w))
		}
	})
}

// asked reads when the gateway was last asked about what is open.
func asked(w *testkit.World) string {
	w.Helper()
	return lines(w, "SELECT CAST(SUM(asked_at) AS TEXT) FROM (SELECT asked_at FROM payment UNION ALL SELECT asked_at FROM refund) AS a")[0]
}

func openRefunds(w *testkit.World) (n int) {
	w.Helper()
	w.Read(func(tx *store.Tx) error {
		open, err := tx.OpenRefunds(w.Clock.Now(), w.Clock.Now(), 10)
		n = len(open)
		return err
	})
	return n
}
