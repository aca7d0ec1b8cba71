package app_test

import (
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

const compute = "hws.service.type.ec2"

// operator is whoever types commands at the machine.
func operator(w *testkit.World) app.Actor { return app.Operator(w.Account.ID) }

// welcome is a coupon of 15.00 for everything until the end of the year.
func welcome() app.CouponInput {
	return app.CouponInput{ID: "WELCOME", Name: "Welcome", Value: "15.00", Until: "2026-12-31", Use: billing.ForBoth}
}

// autumn is a discount of 20 percent on servers until the end of the year.
func autumn() app.DiscountInput {
	return app.DiscountInput{ID: "AUTUMN", Kind: billing.Promotional, Name: "Autumn sale", Rate: 2_000, Until: "2026-12-31", Services: []string{compute}}
}

func TestACouponIsGrantedOnceAndPays(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		c, err := w.App.GrantCoupon(t.Context(), operator(w), welcome())
		w.Must(err)
		if c.Face != usd(1500) || c.Remaining != usd(1500) || !c.From.Equal(testkit.Start) || c.Until.In(w.Account.Zone).Format("2006-01-02 15:04") != "2027-01-01 00:00" {
			t.Errorf("%+v", c)
		}
		_, err = w.App.GrantCoupon(t.Context(), operator(w), welcome())
		wantKind(t, err, fault.Conflict, "already a coupon WELCOME")
		w.CheckInvariants()
		w.AddMany(2, 24*time.Hour)
		w.Deposit(500)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		if task.State != renewal.Completed || w.Balance() != 0 {
			t.Fatalf("%+v, balance %d", task, w.Balance())
		}
		same(t, "legs", paidBy(w, task.ID), []string{"1 coupon WELCOME 1000", "2 balance  500", "2 coupon WELCOME 500"})
		all, err := w.App.CouponList(t.Context(), w.Account.ID)
		w.Must(err)
		if len(all) != 1 || all[0].Why != billing.CouponSpent {
			t.Errorf("%+v", all)
		}
	})
}

func TestCouponsThatCannotBeGranted(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		for says, change := range map[string]func(*app.CouponInput){
			"more than 2 decimals":        func(c *app.CouponInput) { c.Value = "15.001" },
			"must be more than nothing":   func(c *app.CouponInput) { c.Value = "-15" },
			"be more than nothing.":       func(c *app.CouponInput) { c.Value = "0.00" },
			"too large":                   func(c *app.CouponInput) { c.Value = "99999999999999999999" },
			"at most $1,000,000,000.00":   func(c *app.CouponInput) { c.Value = "1000000000.01" },
			"This wallet is in USD":       func(c *app.CouponInput) { c.Value = "15 EUR" },
			"without grouping":            func(c *app.CouponInput) { c.Minimum = "1,500" },
			"Type the amount.":            func(c *app.CouponInput) { c.Value = "" },
			"letters, digits":             func(c *app.CouponInput) { c.ID = "two words" },
			"A name is":                   func(c *app.CouponInput) { c.Name = " " },
			"on one line":                 func(c *app.CouponInput) { c.Name = "two\nlines" },
			"Say until which day":         func(c *app.CouponInput) { c.Until = "" },
			"is over":                     func(c *app.CouponInput) { c.Until = "2026-11-21" },
			"before it begins":            func(c *app.CouponInput) { c.From = "2027-01-01" },
			"is not a date":               func(c *app.CouponInput) { c.From = "tomorrow" },
			"2026-02-30":                  func(c *app.CouponInput) { c.Until = "2026-02-30" },
			`has no service "ecs"`:        func(c *app.CouponInput) { c.Services = []string{compute, "ecs"} },
			"It has: hws.service.type.eb": func(c *app.CouponInput) { c.Services = []string{""} },
			"no kind of discount":         func(c *app.CouponInput) { c.Excludes = []string{"seasonal"} },
			"A coupon pays for":           func(c *app.CouponInput) { c.Use = "everything" },
		} {
			in := welcome()
			change(&in)
			_, err := w.App.GrantCoupon(t.Context(), operator(w), in)
			wantKind(t, err, fault.Invalid, says)
		}
		nobody := operator(w)
		nobody.AccountID = "nobody"
		_, err := w.App.GrantCoupon(t.Context(), nobody, welcome())
		wantKind(t, err, fault.NotFound, "no account nobody")
		if n := number(w, "SELECT COUNT(*) FROM coupon") + number(w, "SELECT COUNT(*) FROM ledger_transaction"); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	})
}

func TestAFrozenCouponWaits(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(1, 24*time.Hour)
		_, err := w.App.GrantCoupon(t.Context(), operator(w), welcome())
		w.Must(err)
		_, err = w.App.FreezeCoupon(t.Context(), operator(w), "WELCOME", true)
		w.Must(err)
		_, err = w.App.FreezeCoupon(t.Context(), operator(w), "WELCOME", true)
		wantKind(t, err, fault.Conflict, "is frozen already")
		other := tenant(t, w, "other")
		_, err = w.App.FreezeCoupon(t.Context(), operator(other), "WELCOME", false)
		wantKind(t, err, fault.NotFound, "no such coupon in this account")
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		if task.State != renewal.Suspended || task.Pause != renewal.PauseShort {
			t.Fatalf("%+v", task)
		}
		_, err = w.App.FreezeCoupon(t.Context(), operator(w), "WELCOME", false)
		w.Must(err)
		w.Must(w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)))
		w.Rest()
		if task = w.Task(task.ID); task.State != renewal.Completed {
			t.Fatalf("%+v", task)
		}
		same(t, "the audit of the coupon", lines(w, "SELECT action || ' ' || was || ' > ' || became FROM audit WHERE subject = 'coupon WELCOME' ORDER BY id"),
			[]string{"grant  > $15.00", "freeze good > frozen", "freeze frozen > good"})
	})
}

func TestADiscountIsGrantedAndEnded(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		task := w.Prepare(testkit.Everything)
		before := number(w, "SELECT price_revision FROM account WHERE id = $1", w.Account.ID)
		_, err := w.App.GrantDiscount(t.Context(), operator(w), autumn())
		w.Must(err)
		if now := number(w, "SELECT price_revision FROM account WHERE id = $1", w.Account.ID); now != before+1 {
			t.Errorf("the price revision went from %d to %d", before, now)
		}
		_, err = w.App.GrantDiscount(t.Context(), operator(w), autumn())
		wantKind(t, err, fault.Conflict, "already a discount AUTUMN")
		w.Deposit(1600)
		if task = w.Confirm(task.ID); task.State != renewal.Completed || task.SpentMinor != 1600 {
			t.Fatalf("the fall was not passed on: %+v", task)
		}
		w.Clock.Advance(time.Minute)
		_, err = w.App.EndDiscount(t.Context(), operator(w), "AUTUMN")
		w.Must(err)
		_, err = w.App.EndDiscount(t.Context(), operator(w), "AUTUMN")
		wantKind(t, err, fault.Conflict, "ended before now")
		_, err = w.App.EndDiscount(t.Context(), operator(tenant(t, w, "other")), "AUTUMN")
		wantKind(t, err, fault.NotFound, "no discount AUTUMN")
		w.Add(testkit.Unit("later", 36*time.Hour))
		if task = w.Prepare(renewal.Filter{Tab: renewal.Manual, IDs: []string{"later"}}); task.LeftMinor != 1000 {
			t.Errorf("an ended discount counts: %+v", task)
		}
		all, err := w.App.DiscountList(t.Context(), w.Account.ID)
		w.Must(err)
		if len(all) != 1 || !all[0].Until.Equal(w.Clock.Now()) {
			t.Errorf("%+v", all)
		}
		same(t, "the audit of the discount", lines(w, "SELECT action || ' ' || was || ' > ' || became FROM audit WHERE subject = 'discount AUTUMN' ORDER BY id"),
			[]string{"grant  > promotional 20.00%", "end until 2027-01-01T00:00:00+08:00 > until 2026-11-22T14:01:00+08:00"})
	})
}

func TestDiscountsThatCannotBeGranted(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		for says, change := range map[string]func(*app.DiscountInput){
			"more than 0":                       func(d *app.DiscountInput) { d.Rate = 0 },
			"at most 100":                       func(d *app.DiscountInput) { d.Rate = 10_001 },
			"no kind of":                        func(d *app.DiscountInput) { d.Kind = "seasonal" },
			"has no service":                    func(d *app.DiscountInput) { d.Services = []string{"ecs"} },
			"is over":                           func(d *app.DiscountInput) { d.Until = "2026-11-01" },
			"An id is 1 to 64 letters, digits,": func(d *app.DiscountInput) { d.ID = "a b" },
		} {
			in := autumn()
			change(&in)
			_, err := w.App.GrantDiscount(t.Context(), operator(w), in)
			wantKind(t, err, fault.Invalid, says)
		}
		if n := number(w, "SELECT COUNT(*) FROM discount"); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	})
}

func TestTheCreditLineIsUsedAndPaidBack(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		w.Deposit(1000)
		set := func(limit string) error {
			_, err := w.App.SetCreditLimit(t.Context(), operator(w), limit)
			return err
		}
		w.Must(set("25.00"))
		if task := w.Confirm(w.Prepare(testkit.Everything).ID); task.State != renewal.Completed || w.Balance() != 0 {
			t.Fatalf("%+v", task)
		}
		wantKind(t, set("19.99"), fault.Invalid, "$20.00 is owed")
		wantKind(t, set("20.001"), fault.Invalid, "more than 2 decimals")
		wantKind(t, set("-1"), fault.Invalid, "more than nothing")
		w.Must(set("20.00"))

		repay := func(amount string) error {
			_, err := w.App.RepayCredit(t.Context(), w.Buyer, amount, w.App.NewKey())
			return err
		}
		wantKind(t, repay("5.00"), fault.Invalid, "The balance is $0.00")
		w.Deposit(800)
		wantKind(t, repay("20.01"), fault.Invalid, "$20.00 is owed on the credit line, not $20.01")
		wantKind(t, repay("0"), fault.Invalid, "more than nothing")
		key := w.App.NewKey()
		for range 2 { // the second is the same request
			wallet, err := w.App.RepayCredit(t.Context(), w.Buyer, "5.00", key)
			w.Must(err)
			if wallet.CreditUsed != usd(1500) || wallet.Balance != usd(300) {
				t.Errorf("%+v", wallet)
			}
		}
		w.CheckInvariants()

		transfer := func(minor int64, reference string) error {
			_, err := w.App.RecordRepayment(t.Context(), operator(w), usd(minor), "2026-11-20", reference)
			return err
		}
		w.Must(transfer(500, "TT-1"))
		wantKind(t, transfer(500, "TT-1"), fault.Conflict, "TT-1 is booked already")
		wantKind(t, w.App.Deposit(t.Context(), operator(w), w.Account.ID, usd(500), "2026-11-20", "TT-1"), fault.Conflict, "TT-1 is booked already")
		w.Must(transfer(1200, "TT-2")) // 2.00 more than is owed
		wantKind(t, transfer(1, "TT-3"), fault.Conflict, "Nothing is owed")
		wantKind(t, repay("1"), fault.Invalid, "Nothing is owed")
		if w.Balance() != 500 {
			t.Errorf("the balance is %d", w.Balance())
		}
		w.Must(set("0"))
		same(t, "the ledger", lines(w, `SELECT t.kind || ' ' || e.book || ' ' || e.amount FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
			WHERE t.kind = 'settlement' ORDER BY t.at, t.id, e.book`), []string{
			"settlement cash -500", "settlement credit 500", "settlement bank -500", "settlement credit 500",
			"settlement bank -1200", "settlement cash 200", "settlement credit 1000"})
	})
}

func TestRepaymentsAtOnceNeverTakeMoreThanIsOwed(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(1, 24*time.Hour)
		_, err := w.App.SetCreditLimit(t.Context(), operator(w), "10")
		w.Must(err)
		w.Confirm(w.Prepare(testkit.Everything).ID)
		w.Deposit(5000)
		answers := heard(together(20, func(int) error {
			_, err := w.App.RepayCredit(t.Context(), w.Buyer, "3.00", w.App.NewKey())
			return err
		}))
		if answers["done"] != 3 || w.Balance() != 4100 {
			t.Errorf("%v, balance %d", answers, w.Balance())
		}
	})
}

func TestALowBalanceIsToldEachTimeItFalls(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(1, 24*time.Hour)
		w.Deposit(3000)
		mark := func(text string) error { return w.App.SetLowMark(t.Context(), w.Buyer, text, w.App.NewKey()) }
		warnings := func(want int64) {
			t.Helper()
			w.CheckInvariants()
			if n := number(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'low_balance'"); n != want {
				t.Errorf("warned %d times, want %d", n, want)
			}
		}
		wantKind(t, mark("2,500"), fault.Invalid, "without grouping")
		wantKind(t, mark("25.001"), fault.Invalid, "decimals")
		w.Must(mark("20.00"))
		w.Confirm(w.Prepare(testkit.Everything).ID) // to 20.00, which is not below
		warnings(0)
		spendOne := func(id string) {
			w.Add(testkit.Unit(id, 24*time.Hour))
			w.Confirm(w.Prepare(renewal.Filter{Tab: renewal.Manual, IDs: []string{id}}).ID)
		}
		spendOne("second")
		warnings(1)
		spendOne("third") // it is below already
		warnings(1)
		w.Deposit(2500)
		warnings(1)
		spendOne("fourth")
		warnings(2)
		w.Must(mark(""))
		w.Must(mark("100")) // whoever sets it sees how it stands
		warnings(2)
		past := func() bool {
			t.Helper()
			m, err := w.App.Notices(t.Context(), app.SignedIn{Actor: w.Buyer, Account: w.Account}, app.Place{})
			w.Must(err)
			for _, n := range m.Rows {
				if n.Kind == "low_balance" {
					return n.Past
				}
			}
			t.Fatal("nothing was told")
			return false
		}
		if past() {
			t.Error("the balance is below its mark, and the warning counts as past")
		}
		w.Must(mark("0"))
		if !past() {
			t.Error("nothing is below a mark of nothing, and the warning still asks for something")
		}
	})
}

// A warning that is not written takes the spending with it.
func TestALowBalanceIsToldInTheTransactionOfTheSpending(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.Deposit(1000)
		w.Must(w.App.SetLowMark(t.Context(), w.Buyer, "5", w.App.NewKey()))
		w.AddMany(1, 24*time.Hour)
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		failed := w.Store.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Debit(w.Account.ID, usd(600)); err != nil {
				return err
			}
			return fault.New(fault.Conflict, "rolled back")
		})
		wantKind(t, failed, fault.Conflict, "rolled back")
		if n := number(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'low_balance'"); n != 0 {
			t.Errorf("warned of what was rolled back: %d", n)
		}
		w.Rest()
		if w.Task(task.ID).State != renewal.Completed || number(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'low_balance'") != 1 {
			t.Errorf("%+v", w.Task(task.ID))
		}
	})
}
