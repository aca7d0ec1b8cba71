package app_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A person of another account knows every id of this one: each use case answers
// that there is no such thing, and nothing changes.
func TestPromise21AForeignIDIsNotFound(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(4, 24*time.Hour)
		w.Deposit(2 * testkit.UnitPrice)
		ended := w.Confirm(w.Prepare(testkit.Everything).ID)
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, ended.ID)))
		ready := w.Prepare(testkit.Everything)
		b.SetMood(sandbox.ErrorAfter)
		p, err := topUp(w, "their top-up")
		w.Must(err)
		mail := lines(w, "SELECT id FROM outbox ORDER BY id")[0]
		order := lines(w, "SELECT id FROM purchase_order ORDER BY id")[0]
		before := outcome(w)

		other := tenant(t, w, "other")
		ctx, who, acc := t.Context(), other.Owner, other.Account.ID
		for name, foreign := range map[string]func() error{
			"confirm":  func() error { return w.App.Confirm(ctx, who, seenForm(ready, "key", false)) },
			"continue": func() error { return w.App.Continue(ctx, who, seenForm(ready, "key", false)) },
			"cancel": func() error {
				return w.App.Cancel(ctx, who, app.CancelInput{TaskID: ready.ID, Version: ready.Version, Key: "key"})
			},
			"prepare left": func() error { _, err := w.App.StartFromLeft(ctx, who, ended.ID, "key"); return err },
			"review":       func() error { _, err := w.App.Review(ctx, acc, ready.ID, renewal.Look{}); return err },
			"consent":      func() error { _, err := w.App.Consent(ctx, acc, ready.ID); return err },
			"receipt":      func() error { _, err := w.App.TaskFile(ctx, acc, ended.ID, renewal.Look{}); return err },
			"instance":     func() error { _, err := w.App.Instance(ctx, acc, "ecs-00000"); return err },
			"top-up":       func() error { _, err := w.App.TopUpStatus(ctx, acc, p.ID); return err },
			"place an order": func() error {
				_, err := w.App.PlaceOrder(ctx, who, app.PlaceInput{InstanceID: "ecs-00003", Fee: 1 << 30, Key: "key"})
				return err
			},
			"an order":      func() error { _, err := w.App.Order(ctx, acc, order); return err },
			"plan an order": func() error { _, err := w.App.Paying(ctx, acc, []string{order}); return err },
			"pay an order": func() error {
				_, err := w.App.PayOrders(ctx, who, app.PayInput{OrderIDs: []string{order}, Key: "key"})
				return err
			},
			"cancel an order": func() error { return w.App.CancelOrder(ctx, who, order, "key") },
			"mail":            func() error { _, err := w.App.OutboxEntry(ctx, acc, mail); return err },
			"retry the mail":  func() error { _, err := w.App.RetryMail(ctx, who, mail); return err },
		} {
			if err := foreign(); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if open, seen, err := w.App.OpenTask(ctx, acc, ready.ID); err != nil || open.ID != "" || seen.ID != "" {
			t.Errorf("another account's task is seen: %v, %q, %q", err, open.ID, seen.ID)
		}
		same(t, "the account after all", outcome(w), before)
		w.Read(func(tx *store.Tx) error {
			for name, find := range map[string]func() (bool, error){
				"task":    func() (bool, error) { _, err := tx.Task(acc, ready.ID); return store.IsNone(err), ignore(err) },
				"lock":    func() (bool, error) { _, err := tx.Task(acc, ended.ID); return store.IsNone(err), ignore(err) },
				"payment": func() (bool, error) { _, err := tx.Payment(acc, p.ID); return store.IsNone(err), ignore(err) },
				"mail":    func() (bool, error) { _, err := tx.Entry(acc, mail); return store.IsNone(err), ignore(err) },
				"left":    func() (bool, error) { all, err := tx.MatchingItems(acc, ended.ID); return len(all) == 0, err },
				"again":   func() (bool, error) { n, err := tx.AgainWaiting(acc, ready.ID, time.Time{}); return n == 0, err },
				"units":   func() (bool, error) { all, err := tx.Units(acc, []string{"ecs-00000"}); return len(all) == 0, err },
				"orders": func() (bool, error) {
					all, err := tx.PaidOrders(acc, []string{order}, "USD")
					return len(all) == 0, err
				},
			} {
				if hidden, err := find(); err != nil || !hidden {
					t.Errorf("store, %s: hidden %t, %v", name, hidden, err)
				}
			}
			return nil
		})
	})
}

func ignore(err error) error {
	if store.IsNone(err) {
		return nil
	}
	return err
}

// Another account uses the same ids, keys and references for things of its own.
func TestPromise21TwoAccountsShareNothing(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, _ *bank) {
		other := tenant(t, w, "other")
		for _, one := range []*testkit.World{w, other} {
			one.Prices(100)
			one.AddMany(3, 24*time.Hour)
		}
		mine := begin(w)
		if _, err := topUp(w, "one key"); err != nil {
			t.Fatal(err)
		}
		w.Must(w.App.Deposit(t.Context(), app.Operator(w.Account.ID), w.Account.ID, usd(500), "2026-11-20", "one reference"))
		w.Rest()
		for name, empty := range map[string]func() (int, error){
			"tasks": func() (int, error) { p, err := w.App.Tasks(t.Context(), "other", 0, 10); return len(p.Rows), err },
			"outbox": func() (int, error) {
				all, _, err := w.App.Outbox(t.Context(), "other", app.Place{})
				return len(all), err
			},
			"wallet": func() (int, error) {
				p, err := w.App.Wallet(t.Context(), "other", app.Place{})
				return len(p.Entries) + len(p.Open) + int(p.Balance.Minor), err
			},
			"messages": func() (int, error) {
				m, err := w.App.Notices(t.Context(), app.SignedIn{Account: other.Account}, app.Place{})
				return len(m.Rows) + m.Unread, err
			},
		} {
			if n, err := empty(); n != 0 || err != nil {
				t.Errorf("%s: another account shows through: %d, %v", name, n, err)
			}
		}
		// The same keys and references are free for the other account.
		if _, err := topUp(other, "one key"); err != nil {
			t.Error(err)
		}
		w.Must(w.App.Deposit(t.Context(), app.Operator("other"), "other", usd(500), "2026-11-20", "one reference"))
		theirs := begin(other)
		if theirs.ID == mine.ID || theirs.Number != 1 {
			t.Errorf("the other account's first task is %+v", theirs)
		}
		w.Rest()
		done := other.Confirm(theirs.ID)
		if done.Renewed != 3 || other.Balance() != 0 || w.Balance() != 3000 {
			t.Errorf("%d renewed, balances %d and %d", done.Renewed, other.Balance(), w.Balance())
		}
		if now := w.Task(mine.ID); now.State != renewal.Ready {
			t.Errorf("the first account's task is %s", now.State)
		}
		w.Must(w.App.Cancel(t.Context(), w.Buyer, cancelNow(w, mine.ID)))
		left, err := w.App.StartFromLeft(t.Context(), w.Buyer, mine.ID, "left")
		w.Must(err)
		w.Rest()
		same(t, "units that the first account's task left", items(w, left), []string{"ecs-00000 waiting ", "ecs-00001 waiting ", "ecs-00002 waiting "})
		var csv bytes.Buffer
		w.Must(w.App.Export(t.Context(), "acme", renewal.Listing{Filter: testkit.Everything, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10}, &csv))
		if n := strings.Count(csv.String(), "ecs-0"); n == 0 || strings.Contains(csv.String(), "2026-12-23T06:00:00Z") {
			t.Errorf("the export of one account shows another's expiry:\n%s", csv.String())
		}
		page, err := w.App.List(t.Context(), "acme", renewal.Listing{Filter: testkit.Everything, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 10})
		w.Must(err)
		for _, row := range page.Rows {
			if page.Matching != 3 || !row.Unit.RenewedAt.IsZero() {
				t.Errorf("the list of one account shows another's renewal: %+v", row.Unit)
			}
		}
	})
}
