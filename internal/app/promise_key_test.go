package app_test

import (
	"maps"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// senders is how many people, tabs and reloads send the same form at once.
const senders = 20

// form is one of the forms that must have one effect for each key.
type form struct {
	name string
	from renewal.State
	// send sends the form for a task as it was, with a key; other changes one of its values.
	send func(w *testkit.World, task renewal.Task, key string, other bool) error
	// moved is the state that one effect leads to.
	moved renewal.State
}

func seenForm(task renewal.Task, key string, other bool) app.ConfirmInput {
	in := app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: key}
	if other {
		in.Seen.Total++
	}
	return in
}

var forms = []form{
	{"confirm", renewal.Ready, func(w *testkit.World, task renewal.Task, key string, other bool) error {
		return w.App.Confirm(w.Context(), w.Buyer, seenForm(task, key, other))
	}, renewal.Running},
	{"continue", renewal.Suspended, func(w *testkit.World, task renewal.Task, key string, other bool) error {
		return w.App.Continue(w.Context(), w.Buyer, seenForm(task, key, other))
	}, renewal.Running},
	{"stop", renewal.Running, sendCancel, renewal.Cancelling},
	{"cancel", renewal.Ready, sendCancel, renewal.CancelledT},
	{"end", renewal.Suspended, sendCancel, renewal.CancelledT},
}

func sendCancel(w *testkit.World, task renewal.Task, key string, other bool) error {
	in := app.CancelInput{TaskID: task.ID, Version: task.Version, Key: key}
	if other {
		in.Version++
	}
	return w.App.Cancel(w.Context(), w.Buyer, in)
}

func TestPromise06OneEffectPerKey(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, f := range forms {
			t.Run(f.name, func(t *testing.T) {
				w := tenant(t, w, f.name)
				task := reach(w, f.from)
				w.Deposit(testkit.UnitPrice)
				got := heard(together(senders, func(int) error { return f.send(w, task, "key", false) }))
				if want := map[string]int{"done": senders}; !maps.Equal(got, want) {
					t.Errorf("%d senders of one form heard %v", senders, got)
				}
				after := w.Task(task.ID)
				if after.State != f.moved || after.Version != task.Version+1 {
					t.Errorf("the task is %s, version %d after %d", after.State, after.Version, task.Version)
				}
				if n := number(w, "SELECT COUNT(*) FROM audit WHERE subject = $1 AND became = $2 AND was = $3",
					"task "+task.ID, string(f.moved), string(f.from)); n != 1 {
					t.Errorf("%d moves are audited, want 1", n)
				}
				wantKind(t, f.send(w, task, "key", true), fault.Conflict, "other values")
				wantKind(t, f.send(w, task, "another key", false), fault.Conflict)
				if f.name == "continue" { // the same values, asked for something else
					wantKind(t, w.App.Confirm(t.Context(), w.Buyer, seenForm(task, "key", false)), fault.Conflict, "other values")
				}
				if now := w.Task(task.ID); now != after {
					t.Errorf("a refused form changed the task from %+v to %+v", after, now)
				}
				// Much later the same form is still the same request.
				w.Rest()
				settled := w.Task(task.ID)
				if err := f.send(w, task, "key", false); err != nil || w.Task(task.ID) != settled {
					t.Errorf("sent once more after all: %v, %+v", err, w.Task(task.ID))
				}
			})
		}
	})
}

func TestPromise06OneStartPerKey(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		ids := make([]string, senders)
		start := func(i int) (err error) {
			ids[i], err = w.App.Start(w.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 3, Key: "key"})
			return err
		}
		if got := heard(together(senders, start)); got["done"] != senders {
			t.Errorf("%d senders heard %v", senders, got)
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("one key was answered with the tasks %s and %s", ids[0], id)
			}
		}
		_, err := w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 2, Key: "key"})
		wantKind(t, err, fault.Conflict, "other values")
		_, err = w.App.StartFromLeft(t.Context(), w.Buyer, ids[0], "key")
		wantKind(t, err, fault.Conflict, "other values")
		if n := number(w, "SELECT COUNT(*) FROM task"); n != 1 {
			t.Errorf("%d tasks, want 1", n)
		}
	})
}

func TestPromise06AFormWithoutAKeyIsRefused(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := reach(w, renewal.Ready)
		for _, key := range []string{"", "line\nbreak", string(make([]byte, 101))} {
			in := seenNow(w, task.ID)
			in.Key = key
			wantKind(t, w.App.Confirm(t.Context(), w.Buyer, in), fault.Invalid, "key")
		}
		if got := w.Task(task.ID); got != task {
			t.Errorf("the task changed to %+v", got)
		}
	})
}

// Two people look at the same page, and each sends a form of their own.
func TestPromise06TwoTabsConfirmOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := reach(w, renewal.Ready)
		answers := together(senders, func(i int) error {
			who := w.Buyer
			if i%2 == 0 {
				who = w.Owner
			}
			return w.App.Confirm(w.Context(), who, seenForm(task, w.App.NewKey(), false))
		})
		done := 0
		for _, err := range answers {
			if err == nil {
				done++
			} else {
				wantKind(t, err, fault.Conflict)
			}
		}
		if done != 1 || w.Task(task.ID).Version != task.Version+1 {
			t.Errorf("%d of %d confirmed, version %d after %d", done, senders, w.Task(task.ID).Version, task.Version)
		}
		w.Rest()
	})
}

func TestPromise06WhatWasSeenDecides(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ready, paused := tenant(t, w, "ready"), tenant(t, w, "paused")
		first, second := reach(ready, renewal.Ready), reach(paused, renewal.Suspended)
		paused.Deposit(testkit.UnitPrice)
		for name, spoil := range map[string]func(*renewal.Seen){
			"version": func(s *renewal.Seen) { s.Version-- },
			"total":   func(s *renewal.Seen) { s.Total-- },
			"due":     func(s *renewal.Seen) { s.Due++ },
		} {
			in := seenNow(ready, first.ID)
			spoil(&in.Seen)
			wantKind(t, ready.App.Confirm(t.Context(), ready.Buyer, in), fault.Conflict)
			in = seenNow(paused, second.ID)
			spoil(&in.Seen)
			wantKind(t, paused.App.Continue(t.Context(), paused.Buyer, in), fault.Conflict)
			if ready.Task(first.ID) != first || paused.Task(second.ID) != second {
				t.Errorf("a form with another %s had an effect", name)
			}
		}
	})
}

// Where more is due than was seen, nothing is confirmed, and the new version makes
// every page that showed less out of date.
func TestPromise06MoreDueThanSeenNeedsANewLook(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ready, paused := tenant(t, w, "ready"), tenant(t, w, "paused")
		first, second := reach(ready, renewal.Ready), reach(paused, renewal.Suspended)
		paused.Deposit(testkit.UnitPrice)
		in := seenNow(ready, first.ID)
		in.Seen.Due--
		wantKind(t, ready.App.Confirm(t.Context(), ready.Buyer, in), fault.Conflict, "is due now")
		in = seenNow(paused, second.ID)
		in.Seen.Due--
		wantKind(t, paused.App.Continue(t.Context(), paused.Buyer, in), fault.Conflict, "is due now")
		first.Version++
		second.Version++
		second.Reconfirm = true
		if ready.Task(first.ID) != first || paused.Task(second.ID) != second {
			t.Errorf("%+v and %+v", ready.Task(first.ID), paused.Task(second.ID))
		}
	})
}

func TestPromise06RenewedLatelyNeedsItsTick(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		w.Deposit(10 * testkit.UnitPrice)
		w.Confirm(w.Prepare(testkit.Everything).ID)
		w.Clock.Advance(30*24*time.Hour - time.Millisecond)
		task := w.Prepare(testkit.Everything)
		if task.Again != 2 {
			t.Fatalf("%d units are renewed again, want 2", task.Again)
		}
		in := seenNow(w, task.ID)
		in.Seen.Again = false
		wantKind(t, w.App.Confirm(t.Context(), w.Buyer, in), fault.Invalid, "30 days")
		in.Key, in.Seen.Again = "ticked", true
		w.Must(w.App.Confirm(t.Context(), w.Buyer, in))
		w.Rest()
		if got := w.Task(task.ID); got.Renewed != 2 {
			t.Errorf("%d renewed", got.Renewed)
		}
	})
}
