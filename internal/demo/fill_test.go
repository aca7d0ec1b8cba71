package demo_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/demo"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// empty is a database without an account, opened once more beside its World.
func empty(t *testing.T) *testkit.World {
	w := testkit.NewWorld(t, testkit.SQLite)
	location := t.TempDir() + "/demo.db"
	db, err := store.Open(w.Context(), location)
	w.Must(err)
	t.Cleanup(func() { w.Must(db.Close()) })
	_, err = db.Migrate(w.Context())
	w.Must(err)
	d := w.App.Deps
	d.Store = db
	w.App = app.New(d)
	return w
}

func fill(w *testkit.World, e *demo.Estate) bool {
	w.Helper()
	made, err := demo.Fill(w.Context(), w.App, e, nil)
	w.Must(err)
	return made
}

func matching(w *testkit.World) int {
	w.Helper()
	page, err := w.App.List(w.Context(), demo.AccountID, renewal.Listing{
		Filter: renewal.Filter{Tab: renewal.Manual}, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
	w.Must(err)
	return page.Matching
}

func TestFillMakesTheAccountOnce(t *testing.T) {
	w := empty(t)
	if !fill(w, estate(t, demo.DefaultSeed, 200)) {
		t.Fatal("nothing was made")
	}
	n := matching(w)
	if n < 100 {
		t.Errorf("%d units are on the manual tab", n)
	}
	for _, p := range demo.People() {
		if _, err := w.App.SignIn(w.Context(), app.SignInInput{Email: p.Email, Password: demo.Password, Address: "127.0.0.1"}); err != nil {
			t.Errorf("%s cannot sign in: %v", p.Email, err)
		}
	}
	coupons, err := w.App.CouponList(w.Context(), demo.AccountID)
	w.Must(err)
	discounts, err := w.App.DiscountList(w.Context(), demo.AccountID)
	w.Must(err)
	wallet, err := w.App.Wallet(w.Context(), demo.AccountID, app.Place{})
	w.Must(err)
	if len(coupons) != 4 || len(discounts) != 1 || wallet.CreditLimit.IsZero() || wallet.LowMark.IsZero() || wallet.Runway.ShortFrom.IsZero() {
		t.Errorf("coupons %+v, discounts %+v, wallet %+v", coupons, discounts, wallet)
	}
	// Another size would make another estate; the account that is there is kept.
	if fill(w, estate(t, demo.DefaultSeed, 300)) || matching(w) != n {
		t.Errorf("an account that was whole was filled again, to %d units", matching(w))
	}
}

// There are orders and a history to look at, and the money that people are to try
// things with is whole.
func TestFillOrdersAFewRenewals(t *testing.T) {
	w := empty(t)
	e := estate(t, demo.DefaultSeed, 1_000)
	fill(w, e)
	page, err := w.App.Orders(w.Context(), demo.AccountID, billing.OrderFilter{}, app.Place{})
	w.Must(err)
	by := map[billing.OrderStatus]int{}
	for _, o := range page.Rows {
		by[o.Status]++
	}
	if by[billing.OrderCompleted] != 12 || by[billing.OrderCancelled] != 2 || by[billing.PendingPayment] != 4 || len(by) != 3 {
		t.Errorf("orders %v", by)
	}
	funds, err := e.Funds()
	w.Must(err)
	wallet, err := w.App.Wallet(w.Context(), demo.AccountID, app.Place{})
	w.Must(err)
	if wallet.Balance != funds.Deposit {
		t.Errorf("balance %s, want %s", wallet.Balance, funds.Deposit)
	}
	filled := *w
	filled.Store = w.App.Store
	filled.CheckInvariants()
}

// An interrupted start is completed by the next one, with one opening balance.
func TestFillGoesOnAfterAnInterruption(t *testing.T) {
	w := empty(t)
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	if _, err := demo.Fill(ctx, w.App, estate(t, demo.DefaultSeed, 50), nil); err == nil {
		t.Fatal("an ended context filled something")
	}
	e := estate(t, demo.DefaultSeed, 50)
	funds, err := e.Funds()
	w.Must(err)
	_, err = w.App.CreateAccount(w.Context(), app.AccountInput{ID: demo.AccountID, Name: demo.AccountName, Currency: string(demo.Currency),
		Zone: demo.Zone, Email: demo.Email, ContractRate: int(demo.ContractDiscount)})
	w.Must(err)
	who := app.Operator(demo.AccountID)
	w.Must(w.App.Deposit(w.Context(), who, demo.AccountID, funds.Deposit, testkit.Start.Format(time.DateOnly), "Opening balance"))
	_, err = w.App.CreateMember(w.Context(), who, app.MemberInput{Email: demo.People()[0].Email, Role: account.Owner, Password: demo.Password})
	w.Must(err)
	if !fill(w, e) {
		t.Fatal("it was not completed")
	}
	people, err := w.App.Members(w.Context(), who)
	w.Must(err)
	wallet, err := w.App.Wallet(w.Context(), demo.AccountID, app.Place{})
	w.Must(err)
	if len(people) != len(demo.People()) || wallet.Balance != funds.Deposit || matching(w) == 0 {
		t.Errorf("%d people, balance %s, want %s, %d units", len(people), wallet.Balance, funds.Deposit, matching(w))
	}
}

// Everybody knows the password of the demonstration.
func TestFillLeavesOtherAccountsAlone(t *testing.T) {
	w := empty(t)
	_, err := w.App.CreateAccount(w.Context(), app.AccountInput{ID: demo.AccountID, Name: "A real customer", Currency: "USD", Zone: "UTC", Email: "a@b.example"})
	w.Must(err)
	_, err = demo.Fill(w.Context(), w.App, estate(t, demo.DefaultSeed, 10), nil)
	if f, ok := fault.Of(err); !ok || f.Kind != fault.Conflict || !strings.Contains(f.Message, "A real customer") {
		t.Errorf("the answer is %v", err)
	}
	people, err := w.App.Members(w.Context(), app.Operator(demo.AccountID))
	w.Must(err)
	if len(people) != 0 {
		t.Errorf("a customer got the users %v", people)
	}
}
