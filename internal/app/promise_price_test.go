package app_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// priced opens a task over two servers of the price a and one, with a disk, of b.
func priced(w *testkit.World, a, b int64) renewal.Task {
	w.Helper()
	book(w, map[string]int64{"a": a, "b": b, "SAS.40": testkit.DiskPrice})
	withDisk := withSpec("u3", "b", 26*time.Hour)
	withDisk.Associated = []renewal.Instance{testkit.Disk(withDisk, "u3-disk")}
	w.Add(withSpec("u1", "a", 24*time.Hour), withSpec("u2", "a", 25*time.Hour), withDisk)
	return w.Prepare(testkit.Everything)
}

// spent checks what a task paid in the books, in its orders and in itself.
func spent(t *testing.T, w *testkit.World, task renewal.Task, before, want int64) {
	t.Helper()
	if task.SpentMinor != want || before-w.Balance() != want {
		t.Errorf("the task says it spent %d, the balance fell by %d, want %d", task.SpentMinor, before-w.Balance(), want)
	}
	if n := number(w, "SELECT CAST(COALESCE(SUM(fee), 0) AS BIGINT) FROM purchase_order WHERE account_id = $1 AND task_id = $2", w.Account.ID, task.ID); n != want {
		t.Errorf("the orders add up to %d, want %d", n, want)
	}
	w.CheckInvariants()
}

func TestPromise08EachRenewalIsPaidOnceAndEachPaymentRenews(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(10_000)
		task = w.Confirm(task.ID)
		spent(t, w, task, 10_000, 2750)
		same(t, "extensions", lines(w, `SELECT l.instance_id || ' ' || CAST(l.fee AS TEXT) FROM order_line l JOIN purchase_order o
			ON o.account_id = l.account_id AND o.id = l.order_id JOIN payment p ON p.id = o.payment_id AND p.state = 'captured'
			JOIN instance i ON i.account_id = l.account_id AND i.id = l.instance_id AND i.expires_at = l.new_expiry ORDER BY 1`),
			[]string{"u1 1000", "u2 1000", "u3 500", "u3-disk 250"})
		if got := number(w, "SELECT COUNT(*) FROM payment"); got != 1 {
			t.Errorf("%d payments for one batch of units", got)
		}
	})
}

func TestPromise11AFallIsPassedOn(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, when := range []string{"before confirm", "after confirm", "while suspended"} {
			t.Run(when, func(t *testing.T) {
				w := tenant(t, w, when)
				task := priced(w, 1000, 500)
				fall := func() { book(w, map[string]int64{"a": 900, "b": 100, "SAS.40": testkit.DiskPrice}) }
				var before int64 = 10_000
				switch when {
				case "before confirm":
					w.Deposit(before)
					fall()
					confirmOnly(w, task.ID)
					w.Rest()
				case "after confirm":
					w.Deposit(before)
					confirmOnly(w, task.ID)
					fall()
					w.Rest()
				case "while suspended":
					w.Deposit(999)
					w.Confirm(task.ID)
					fall()
					w.Deposit(before - 999)
					w.Continue(task.ID)
				}
				done := w.Task(task.ID)
				if done.State != renewal.Completed || done.Renewed != 3 {
					t.Fatalf("%s with %d renewed: %s", done.State, done.Renewed, done.Why)
				}
				spent(t, w, done, before, 900+900+350)
			})
		}
	})
}

func TestPromise11ARiseBeforeConfirmNeedsNewConsent(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(10_000)
		// One price falls by more than the other rises: the total is lower, and
		// consent is needed all the same.
		book(w, map[string]int64{"a": 700, "b": 600, "SAS.40": testkit.DiskPrice})
		in := seenNow(w, task.ID)
		wantKind(t, w.App.Confirm(t.Context(), w.Buyer, in), fault.Conflict, "rose", "nothing was charged")
		asked := w.Task(task.ID)
		if asked.State != renewal.Ready || asked.Version != task.Version+1 || asked.LeftMinor != 700+700+850 || asked.FeeMinor != asked.LeftMinor {
			t.Fatalf("the new quotes are not stored: %+v", asked)
		}
		if asked.ExpiresAt != task.ExpiresAt {
			t.Errorf("new quotes moved the end from %s to %s", task.ExpiresAt, asked.ExpiresAt)
		}
		// The same form again hears of the new version; nothing was agreed to.
		wantKind(t, w.App.Confirm(t.Context(), w.Buyer, in), fault.Conflict)
		w.Rest()
		if w.Balance() != 10_000 {
			t.Fatalf("charged without consent: balance %d", w.Balance())
		}
		spent(t, w, w.Confirm(task.ID), 10_000, 700+700+850)
	})
}

func TestPromise11ARiseAfterConfirmIsNotCharged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(10_000)
		confirmOnly(w, task.ID)
		book(w, map[string]int64{"a": 1000, "b": 501, "SAS.40": testkit.DiskPrice})
		w.Rest()
		done := w.Task(task.ID)
		if done.State != renewal.Completed || done.Renewed != 2 || done.NotRenewed != 1 {
			t.Fatalf("%s with %d renewed and %d not", done.State, done.Renewed, done.NotRenewed)
		}
		spent(t, w, done, 10_000, 2000)
		same(t, "items", items(w, task.ID), []string{"u1 renewed ", "u2 renewed ", "u3 failed price_increased"})
	})
}

func TestPromise11ARiseWhileSuspendedNeedsConfirm(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(1000)
		task = w.Confirm(task.ID)
		w.Deposit(9000)
		book(w, map[string]int64{"a": 1001, "b": 500, "SAS.40": testkit.DiskPrice})
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "rose")
		asked := w.Task(task.ID)
		if asked.State != renewal.Suspended || !asked.Reconfirm || asked.LeftMinor != 1001+750 {
			t.Fatalf("the new quotes are not stored: %+v", asked)
		}
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "Renew Now")
		done := w.Confirm(task.ID)
		if done.State != renewal.Completed || done.Reconfirm {
			t.Fatalf("%s, asks again: %t", done.State, done.Reconfirm)
		}
		spent(t, w, done, 10_000, 1000+1001+750)
	})
}

func TestPromise11ConsentIsOldAfter72Hours(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := reach(w, renewal.Suspended)
		w.Deposit(10 * testkit.UnitPrice)
		w.Clock.Set(task.ConfirmedAt.Add(72 * time.Hour))
		wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict, "Renew Now")
		w.Clock.Set(task.ConfirmedAt.Add(72*time.Hour - time.Millisecond))
		if done := w.Continue(task.ID); done.State != renewal.Completed {
			t.Errorf("%s", done.State)
		}
	})
}

func TestPromise11AUnitThatLosesItsPriceIsPassedOver(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(10_000)
		book(w, map[string]int64{"a": 1000, "SAS.40": testkit.DiskPrice})
		done := w.Confirm(task.ID)
		spent(t, w, done, 10_000, 2000)
		same(t, "items", items(w, task.ID), []string{"u1 renewed ", "u2 renewed ", "u3 failed no_price"})
	})
}

// A unit that was another one while the prices were looked up anew, and is again
// what was quoted when it is charged, costs what it costs then.
func TestPromise11AUnitThatComesBackIsPricedAnew(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(10_000)
		book(w, map[string]int64{"a": 900, "b": 500, "SAS.40": testkit.DiskPrice})
		change(w, "u2", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		confirmOnly(w, task.ID)
		change(w, "u2", func(i *renewal.Instance) { i.Mode = renewal.Manual })
		w.Rest()
		spent(t, w, w.Task(task.ID), 10_000, 900+900+750)
	})
}

func TestPromise14AFullDiscountIsExactlyNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(150, 24*time.Hour)
		done := w.Confirm(w.Prepare(testkit.Everything).ID)
		if done.State != renewal.Completed || done.Renewed != 150 || done.FeeMinor != 0 || done.SpentMinor != 0 || done.ListMinor != 150*testkit.UnitPrice {
			t.Errorf("%+v", done)
		}
		if n := number(w, "SELECT COUNT(*) FROM ledger_transaction"); n != 0 || w.Balance() != 0 {
			t.Errorf("nothing was moved by %d ledger transactions to a balance of %d", n, w.Balance())
		}
	}, testkit.WithDiscount(10_000))
}

func TestPromise14DiscountsAreRoundedOncePerLine(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		// 3.33 % of 10.00 are 33.3 cents, of 5.00 are 16.65 and of 2.50 are 8.325.
		task := priced(w, 1000, 500)
		if want := int64(2*(1000-33) + (500 - 17) + (250 - 8)); task.FeeMinor != want {
			t.Errorf("fee %d, want %d", task.FeeMinor, want)
		}
		w.Deposit(10_000)
		spent(t, w, w.Confirm(task.ID), 10_000, task.FeeMinor)
	}, testkit.WithDiscount(333))
}

func TestPromise14OverflowFailsTheGeneration(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for name, c := range map[string]struct{ price, quantity int64 }{
			"one line": {math.MaxInt64/2 + 1, 2}, "the sum of a unit's lines": {math.MaxInt64 - 1, 1}, "the sum of the task": {math.MaxInt64/2 + 1, 1},
		} {
			t.Run(name, func(t *testing.T) {
				w := tenant(t, w, name)
				book(w, map[string]int64{"a": c.price, "SAS.40": testkit.DiskPrice})
				u, v := withSpec("u", "a", 24*time.Hour), withSpec("v", "a", 25*time.Hour)
				u.Quantity = c.quantity
				if name == "the sum of a unit's lines" {
					u.Associated = []renewal.Instance{testkit.Disk(u, "disk")}
				}
				w.Add(u, v)
				task := begin(w)
				w.Rest()
				if task = w.Task(task.ID); task.State != renewal.Failed || task.Why == "" {
					t.Errorf("%s: %q, fee %d", task.State, task.Why, task.FeeMinor)
				}
				if n := number(w, "SELECT COUNT(*) FROM item WHERE task_id = $1", task.ID); n != 0 {
					t.Errorf("%d items are left", n)
				}
			})
		}
	})
}

func TestPromise14ADepositThatOverflowsIsRefused(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Deposit(1 << 61)
		w.Deposit(1 << 61)
		err := w.App.Deposit(t.Context(), app.Operator(w.Account.ID), w.Account.ID, usd(1<<61), "2026-11-20", "one more")
		wantKind(t, err, fault.Invalid, "too large")
		if w.Balance() != 1<<62 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

func TestPromise12ATransferIsBookedOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		answers := together(senders, func(int) error {
			return w.App.Deposit(w.Context(), app.Operator(w.Account.ID), w.Account.ID, usd(777), "2026-11-20", "statement 12")
		})
		done := 0
		for _, err := range answers {
			if err == nil {
				done++
			} else {
				wantKind(t, err, fault.Conflict, "statement 12", "booked already")
			}
		}
		if done != 1 || w.Balance() != 777 {
			t.Errorf("%d of %d were booked, balance %d", done, senders, w.Balance())
		}
	})
}

func TestPromise12ALedgerTransactionThatDoesNotSumToZeroIsRefused(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		err := w.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Post(w.Account.ID, entry("crooked"), posting("cash", 100), posting("bank", -99))
		})
		if err == nil || number(w, "SELECT COUNT(*) FROM ledger_entry") != 0 {
			t.Errorf("a crooked transaction was kept: %v", err)
		}
	})
}

// Only as much is paid as there is, however many spend at once.
func TestPromise13ConcurrentDebits(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Deposit(1000)
		done := 0
		for n, err := range together(200, func(n int) error { return spend(w, fmt.Sprint("spend-", n), 7) }) {
			switch {
			case err == nil:
				done++
			case err != errPoor:
				t.Errorf("debit %d: %v", n, err)
			}
		}
		if done != 1000/7 || w.Balance() != 1000%7 {
			t.Errorf("%d of 200 debits succeeded and left %d cents, want %d and %d", done, w.Balance(), 1000/7, 1000%7)
		}
	})
}
