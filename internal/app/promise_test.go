package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// together calls f n times at once, all let go by one barrier, and returns what
// each call answered.
func together(n int, f func(i int) error) []error {
	answers := make([]error, n)
	barrier := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-barrier
			answers[i] = f(i)
		})
	}
	close(barrier)
	all.Wait()
	return answers
}

// wantKind fails the test where an error is not a fault of the kind, and where it
// does not say all of the words.
func wantKind(t *testing.T, err error, kind fault.Kind, words ...string) {
	t.Helper()
	f, ok := fault.Of(err)
	if !ok || f.Kind != kind {
		t.Fatalf("the answer is %v, want a fault of kind %d", err, kind)
	}
	for _, word := range words {
		if !strings.Contains(f.Message, word) {
			t.Errorf("the answer %q does not say %q", f.Message, word)
		}
	}
}

// number reads one number that a query finds, past everything under test.
func number(w *testkit.World, query string, args ...any) (n int64) {
	w.Helper()
	w.Must(w.Store.Handle().QueryRowContext(w.Context(), query, args...).Scan(&n))
	return n
}

// lines reads the rows that a query of one text column finds.
func lines(w *testkit.World, query string, args ...any) (all []string) {
	w.Helper()
	rows, err := w.Store.Handle().QueryContext(w.Context(), query, args...)
	w.Must(err)
	defer rows.Close()
	for rows.Next() {
		var line string
		w.Must(rows.Scan(&line))
		all = append(all, line)
	}
	w.Must(rows.Err())
	return all
}

// tenant is the same World seen from another account, which it makes. A table of
// cases costs one account a case, and not one database.
func tenant(t *testing.T, w *testkit.World, id string, changes ...func(*app.AccountInput)) *testkit.World {
	t.Helper()
	in := app.AccountInput{ID: id, Name: "Account " + id, Currency: "USD", Zone: "Asia/Shanghai", Email: "finance@tenant.example",
		GraceDays: app.GraceDays, RetentionDays: app.RetentionDays, ContractRate: w.Account.ContractRate}
	for _, change := range changes {
		change(&in)
	}
	acc, err := w.App.CreateAccount(w.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	other := *w
	other.TB, other.Account = t, acc
	card := testkit.VisaCard // for which the gateway gives each account a token of its own
	card.Token += "-" + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, id)
	other.Write(func(tx *store.Tx) error { return tx.InsertCard(id, card) })
	other.Owner.AccountID, other.Buyer.AccountID, other.Viewer.AccountID = id, id, id
	return &other
}

// begin starts a task for everything without letting the worker prepare it.
func begin(w *testkit.World) renewal.Task {
	w.Helper()
	n := int(number(w, "SELECT COUNT(*) FROM instance WHERE account_id = $1 AND mode = 'manual' AND parent_id = ''", w.Account.ID))
	id, err := w.App.Start(w.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: n, Key: w.App.NewKey()})
	w.Must(err)
	return w.Task(id)
}

// confirmOnly confirms a task as it stands and leaves the work to the test.
func confirmOnly(w *testkit.World, id string) renewal.Task {
	w.Helper()
	w.Must(w.App.Confirm(w.Context(), w.Buyer, seenNow(w, id)))
	return w.Task(id)
}

// seenNow is the form that a person sends who has the task before them as it is.
func seenNow(w *testkit.World, id string) app.ConfirmInput {
	w.Helper()
	return app.ConfirmInput{TaskID: id, Seen: testkit.Seen(w.Task(id)), Key: w.App.NewKey()}
}

func cancelNow(w *testkit.World, id string) app.CancelInput {
	w.Helper()
	return app.CancelInput{TaskID: id, Version: w.Task(id).Version, Key: w.App.NewKey()}
}

// step lets an App make one step of the worker.
func step(w *testkit.World, a *app.App) bool {
	w.Helper()
	more, err := a.WorkTasks(w.Context())
	w.Must(err)
	return more
}

// items reads the units of a task, in their order.
func items(w *testkit.World, taskID string) []string {
	w.Helper()
	return lines(w, `SELECT instance_id || ' ' || state || ' ' || reason FROM item WHERE task_id = $1 ORDER BY number`, taskID)
}

// same fails the test where two lists differ.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("%s:\n%s\nwant\n%s", what, g, w)
	}
}

// book replaces the account's prices: one for each specification, in cents.
func book(w *testkit.World, prices map[string]int64) {
	w.Helper()
	b := renewal.PriceBook{}
	for _, u := range []renewal.Instance{testkit.Unit("x", 0).Instance, testkit.Disk(testkit.Unit("x", 0), "y")} {
		for spec, price := range prices {
			u.SpecCode = spec
			b[renewal.PriceOf(u)] = money.Of(price, "USD")
		}
	}
	w.ReplacePrices(b)
}

// withSpec is a unit of another specification, hence of another price.
func withSpec(id, spec string, left time.Duration) renewal.Unit {
	u := testkit.Unit(id, left)
	u.SpecCode = spec
	return u
}

// change replaces what an import may replace about a primary instance.
func change(w *testkit.World, id string, f func(*renewal.Instance)) {
	w.Helper()
	w.Write(func(tx *store.Tx) error {
		u, err := tx.Unit(w.Account.ID, id)
		if err != nil {
			return err
		}
		f(&u.Instance)
		return tx.UpdateInstance(w.Account.ID, store.Imported{Instance: u.Instance, ListFee: testkit.UnitPrice})
	})
}

// heard sorts the answers of many senders by what they say.
func heard(answers []error) map[string]int {
	all := map[string]int{}
	for _, err := range answers {
		var open app.AlreadyOpen
		switch {
		case err == nil:
			all["done"]++
		case errors.As(err, &open) && fault.KindOf(err) == fault.Conflict:
			all["already open"]++
		default:
			all[fmt.Sprint(err)]++
		}
	}
	return all
}
