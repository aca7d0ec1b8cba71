package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// reviewed is the task page as somebody of the account sees it.
func reviewed(w *testkit.World, taskID string, look renewal.Look) app.Review {
	w.Helper()
	if look.Size == 0 {
		look.Size = renewal.DefaultSize
	}
	r, err := w.App.Review(w.Context(), w.Account.ID, taskID, look)
	w.Must(err)
	return r
}

func rowIDs(r app.Review) (ids []string) {
	for _, row := range r.List.Rows {
		ids = append(ids, row.InstanceID)
	}
	return ids
}

// leaf reads a list page by page to its end and back to its beginning.
func leaf(t *testing.T, w *testkit.World, taskID string, look renewal.Look) []string {
	t.Helper()
	var pages [][]string
	var last app.Review
	for first := true; first || look.After != (renewal.Place{}); first = false {
		last = reviewed(w, taskID, look)
		pages = append(pages, rowIDs(last))
		look.After = last.List.Next
	}
	for n := len(pages) - 2; n >= 0; n-- {
		look.After, look.Before = renewal.Place{}, last.List.Previous
		last = reviewed(w, taskID, look)
		if got := rowIDs(last); !slices.Equal(got, pages[n]) {
			t.Errorf("%s, page %d on the way back: %v, want %v", look.List, n+1, got, pages[n])
		}
	}
	if last.List.Previous != (renewal.Place{}) {
		t.Errorf("%s: the first page has one before it", look.List)
	}
	return slices.Concat(pages...)
}

// assorted has a blocked unit, some that expire again soon, and some that do not.
func assorted(w *testkit.World) {
	w.Prices(100)
	held := testkit.Unit("held", 30*time.Hour)
	held.Hold = renewal.OrderPending
	w.Add(held, testkit.Unit("odd", 31*time.Hour), testkit.Unit("late", -28*24*time.Hour), testkit.Unit("later", -27*24*time.Hour))
	w.AddMany(9, 48*time.Hour)
}

func TestReviewSaysWhereTheMoneyRunsOut(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		assorted(w)
		w.Deposit(5*testkit.UnitPrice + 1)
		task := w.Prepare(testkit.Everything)
		r := reviewed(w, task.ID, renewal.Look{})
		if r.Plan.Covered != 5 || r.Plan.Shortfall.Minor != 7*testkit.UnitPrice-1 || r.Plan.Spent.Minor != 5*testkit.UnitPrice {
			t.Errorf("plan %+v", r.Plan)
		}
		// In order of expiry: late, later, held (blocked, number 3), odd, and the second of the nine.
		if r.Stop.InstanceID != "ecs-00002" || r.Stop.Number != 7 {
			t.Errorf("stops at %s, number %d", r.Stop.InstanceID, r.Stop.Number)
		}
		uncovered := reviewed(w, task.ID, renewal.Look{List: renewal.ListUncovered})
		if uncovered.List.Matching != 7 || len(uncovered.List.Rows) != 7 || !uncovered.List.Rows[0].Uncovered {
			t.Errorf("not covered: %d, %v", uncovered.List.Matching, rowIDs(uncovered))
		}
		w.Deposit(7*testkit.UnitPrice - 1)
		if r := reviewed(w, task.ID, renewal.Look{List: renewal.ListUncovered}); r.Plan.Shortfall.Minor != 0 || r.Stop.Number != 0 || r.List.Matching != 0 {
			t.Errorf("with exactly the shortfall: %+v stops at %d", r.Plan, r.Stop.Number)
		}
	})
}

func TestReviewListsWhatDeservesASecondLookFirst(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		assorted(w)
		w.Deposit(100 * testkit.UnitPrice)
		first := w.Confirm(w.Prepare(renewal.Filter{Tab: renewal.Manual, Query: "odd"}).ID)
		w.Clock.Advance(time.Hour)
		task := w.Prepare(testkit.Everything)
		r := reviewed(w, task.ID, renewal.Look{})
		want := []string{"odd", "late", "later", "ecs-00000"}
		if got := rowIDs(r)[:4]; !slices.Equal(got, want) || r.List.Matching != 12 {
			t.Fatalf("%v of %d, want %v first", got, r.List.Matching, want)
		}
		again, soon, rest := r.List.Rows[0], r.List.Rows[1], r.List.Rows[3]
		if again.Group != app.GroupAgain || soon.Group != app.GroupSoon || rest.Group != app.GroupRest {
			t.Errorf("groups %d, %d, %d", again.Group, soon.Group, rest.Group)
		}
		e := again.Earlier
		if e == nil || e.TaskID != first.ID || e.TaskNumber != first.Number || e.By != w.Buyer.Name || e.Fee.Minor != testkit.UnitPrice || !e.At.Equal(testkit.Start) {
			t.Errorf("renewed before: %+v", e)
		}
		if soon.Earlier != nil {
			t.Errorf("%s was never renewed: %+v", soon.InstanceID, soon.Earlier)
		}
		for _, size := range []int{1, 2, 3, 5, 20} {
			if got := leaf(t, w, task.ID, renewal.Look{List: renewal.ListRenewable, Size: size}); !slices.Equal(got, rowIDs(r)) {
				t.Errorf("in pages of %d: %v, want %v", size, got, rowIDs(r))
			}
		}
		for list, want := range map[renewal.ItemList][]string{
			renewal.ListAgain: {"odd"}, renewal.ListSoon: {"late", "later"}, renewal.ListBlocked: {"held"}, renewal.ListFailed: nil, renewal.ListServices: nil,
		} {
			if got := rowIDs(reviewed(w, task.ID, renewal.Look{List: list})); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", list, got, want)
			}
		}
		consent, err := w.App.Consent(w.Context(), w.Account.ID, task.ID)
		if w.Must(err); consent.Again != 1 {
			t.Errorf("%d were renewed before", consent.Again)
		}
	})
}

func TestReviewFollowsTheTask(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		assorted(w)
		w.Deposit(5 * testkit.UnitPrice)
		task := w.Prepare(testkit.Everything)
		task = w.Confirm(task.ID)
		paused := reviewed(w, task.ID, renewal.Look{})
		if paused.List.Look.List != renewal.ListLeft || paused.List.Matching != 7 || paused.Plan.Covered != 0 || paused.Stop.InstanceID != "ecs-00002" {
			t.Errorf("paused: %s of %d, %+v", paused.List.Look.List, paused.List.Matching, paused.Plan)
		}
		// Three days later prices may have moved: consent, and with it the groups, come back.
		w.Clock.Advance(renewal.ConfirmWithin)
		if r := reviewed(w, task.ID, renewal.Look{List: renewal.ListRenewed, Size: 2}); r.List.Matching != 5 || r.List.Rows[0].Order == nil ||
			len(r.List.Rows[0].Order.Legs) != 1 || r.List.Rows[0].Order.Legs[0].Amount.Minor != testkit.UnitPrice {
			t.Errorf("renewed: %+v", r.List)
		}
		w.Must(w.App.Cancel(w.Context(), w.Buyer, app.CancelInput{TaskID: task.ID, Version: task.Version, Key: "end"}))
		ended := reviewed(w, task.ID, renewal.Look{})
		if ended.List.Look.List != renewal.ListRenewed || ended.Plan.Covered != 0 || !ended.Receipt.AddsUp() || ended.Receipt.Fee.Minor != 5*testkit.UnitPrice {
			t.Errorf("ended: %s, %+v", ended.List.Look.List, ended.Receipt)
		}
		next, err := w.App.StartFromLeft(w.Context(), w.Buyer, task.ID, "again")
		w.Must(err)
		if r := reviewed(w, next, renewal.Look{}); r.Source != task.Number || r.Scope != "" || len(r.Tallies) != 0 {
			t.Errorf("the next one, being prepared: %+v", r)
		}
		w.Rest()
		if r := reviewed(w, next, renewal.Look{}); r.List.Matching != 7 {
			t.Errorf("%d of the 7 left are renewable", r.List.Matching)
		}
	})
}

func TestPromise21TasksOfAnotherAccountAreNotFound(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		assorted(w)
		task := w.Prepare(testkit.Everything)
		acc, err := w.App.CreateAccount(w.Context(), app.AccountInput{ID: "other", Name: "Other", Currency: "USD", Zone: "UTC",
			Email: "other@example.com", GraceDays: app.GraceDays, RetentionDays: app.RetentionDays})
		w.Must(err)
		for what, ask := range map[string]func() error{
			"review":  func() error { _, err := w.App.Review(w.Context(), acc.ID, task.ID, renewal.Look{}); return err },
			"consent": func() error { _, err := w.App.Consent(w.Context(), acc.ID, task.ID); return err },
			"file":    func() error { _, err := w.App.TaskFile(w.Context(), acc.ID, task.ID, renewal.Look{}); return err },
			"no task": func() error { _, err := w.App.Review(w.Context(), w.Account.ID, "none", renewal.Look{}); return err },
		} {
			if err := ask(); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		if p, err := w.App.Tasks(w.Context(), acc.ID, 0, 10); err != nil || len(p.Rows) != 0 {
			t.Errorf("another account lists %d tasks, %v", len(p.Rows), err)
		}
	})
}

func TestTasksArePagedNewestFirst(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		assorted(w)
		scope := renewal.Filter{Tab: renewal.Manual, Services: []string{"hws.service.type.ec2"}, Regions: []string{"cn-north-4"}}
		ids := make([]string, 5)
		for n := range ids {
			task := w.Prepare(scope)
			ids[n] = task.ID
			w.Must(w.App.Cancel(w.Context(), w.Buyer, app.CancelInput{TaskID: task.ID, Version: task.Version, Key: fmt.Sprint(n)}))
		}
		last, err := w.App.StartFromLeft(w.Context(), w.Buyer, ids[0], "again")
		w.Must(err)
		var numbers []int
		for before := -1; before != 0; {
			p, err := w.App.Tasks(w.Context(), w.Account.ID, max(before, 0), 2)
			w.Must(err)
			for _, row := range p.Rows {
				numbers = append(numbers, row.Number)
				if row.ID == last && (row.Source != 1 || row.Words != "") {
					t.Errorf("the last is of task %d, %q", row.Source, row.Words)
				}
				if row.ID != last && row.Words != "Service type: Elastic Cloud Server · Region: CN North-Beijing4" {
					t.Errorf("scope %q", row.Words)
				}
			}
			before = p.Next
		}
		if !slices.Equal(numbers, []int{6, 5, 4, 3, 2, 1}) {
			t.Errorf("numbers %v", numbers)
		}
	})
}
