package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// told lists what is in the outbox of the World's account, oldest first.
func told(w *testkit.World) []string {
	w.Helper()
	return lines(w, "SELECT kind || ' to ' || recipients FROM outbox WHERE account_id = $1 ORDER BY created_at, kind", w.Account.ID)
}

const (
	toAccount = " to finance@acme.example"
	toBoth    = " to finance@acme.example li.na@acme.example"
)

func TestPromise19EachEventIsToldOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 2249)
		twice := func() { w.Rest(); w.Rest() }
		want := []string{"task_ready" + toAccount, "task_suspended" + toBoth}
		twice()
		same(t, "told when it was suspended", told(w), want)

		for day := 1; day <= 3; day++ {
			w.Clock.Set(task.SuspendedAt.Add(time.Duration(day)*24*time.Hour - time.Millisecond))
			twice()
			same(t, fmt.Sprintf("a millisecond before day %d", day), told(w), want)
			w.Clock.Advance(time.Millisecond)
			twice()
			want = append(want, "task_suspended"+toBoth)
			same(t, fmt.Sprintf("on day %d", day), told(w), want)
		}
		w.Deposit(1301)
		w.Clock.Advance(time.Millisecond)
		w.Must(w.App.Confirm(t.Context(), w.Buyer, seenNow(w, task.ID))) // its consent is 72 hours old
		twice()
		want = append(want, "task_completed"+toAccount)
		same(t, "told at the end", told(w), want)
	})
}

func TestPromise19ASecondSuspensionIsToldAnew(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 1000)
		w.Deposit(1250)
		if task = w.Continue(task.ID); task.State != renewal.Suspended {
			t.Fatalf("%s", task.State)
		}
		same(t, "told", told(w), []string{"task_ready" + toAccount, "task_suspended" + toBoth, "task_suspended" + toBoth})
		var shortfalls []int64
		w.Read(func(tx *store.Tx) error {
			all, err := tx.DueEntries(w.Clock.Now(), 10)
			for _, e := range all {
				n, err := notice.Read(e.Kind, e.Facts)
				if err != nil {
					return err
				}
				if s, ok := n.(notice.TaskSuspended); ok && s.Left == 4-s.Renewed {
					shortfalls = append(shortfalls, s.Shortfall.Minor)
				}
			}
			return err
		})
		slices.Sort(shortfalls)
		if !slices.Equal(shortfalls, []int64{1300, 2550}) {
			t.Errorf("the mails ask for %v", shortfalls)
		}
	})
}

// What a task needs is not told to the person who confirmed it and was deleted since.
func TestPromise21WhoWasDeletedIsToldNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := short(w, 1000)
		w.Must(w.App.DeleteMember(t.Context(), w.Owner, w.Buyer.Email))
		w.Deposit(1250)
		w.Must(w.App.Continue(t.Context(), w.Owner, seenNow(w, task.ID)))
		w.Rest()
		w.Clock.Advance(25 * time.Hour)
		w.Rest()
		same(t, "told", told(w), []string{"task_ready" + toAccount, "task_suspended" + toBoth, "task_suspended" + toAccount, "task_suspended" + toAccount})
	})
}

func TestPromise19ReadyExpiringExpired(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := reach(w, renewal.Ready)
		twice := func() { w.Rest(); w.Rest() }
		want := []string{"task_ready" + toAccount}
		w.Clock.Set(task.ExpiresAt.Add(-24*time.Hour - time.Millisecond))
		twice()
		same(t, "told a millisecond before the last day", told(w), want)
		w.Clock.Advance(time.Millisecond)
		twice()
		w.Clock.Advance(23 * time.Hour)
		twice()
		want = append(want, "task_expiring"+toAccount)
		same(t, "told on the last day", told(w), want)
		w.Clock.Set(task.ExpiresAt)
		twice()
		want = append(want, "task_expired"+toAccount)
		same(t, "told at the end", told(w), want)
	})
}

func TestPromise19FailedIsTold(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		reach(w, renewal.Failed)
		w.Rest()
		same(t, "told", told(w), []string{"task_failed" + toAccount})
	})
}

func TestPromise19WhatWasRolledBackIsNotTold(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		w := testkit.NewWorld(t, engine)
		server, f := beside(w, "worker-1")
		w.Prices(100)
		w.AddMany(3, 240*time.Hour)
		task := begin(w)
		inserted := false
		f.Arm(func(op testkit.Op) testkit.Fault {
			inserted = inserted || op.Kind == testkit.OpExec && len(op.SQL) > 18 && op.SQL[:18] == "INSERT INTO outbox"
			if inserted && op.Kind == testkit.OpCommit {
				return testkit.Fault{Err: errCrash}
			}
			return testkit.Fault{}
		})
		if _, err := server.WorkTasks(t.Context()); err == nil || !inserted {
			t.Fatalf("the commit of a notice did not fail: %v", err)
		}
		same(t, "told of what was rolled back", told(w), nil)
		if got := w.Task(task.ID).State; got != renewal.Generating {
			t.Errorf("the task is %s", got)
		}
		f.Disarm()
		w.Rest()
		same(t, "told at last", told(w), []string{"task_ready" + toAccount})
	})
}

// The watch comes by every second: it writes only where it has something to say.
func TestPromise19AWatchThatHasSaidItWritesNothing(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ready, paused := tenant(t, w, "ready"), tenant(t, w, "paused")
		reach(ready, renewal.Ready)
		reach(paused, renewal.Suspended)
		w.Clock.Advance(49 * time.Hour)
		server, f := beside(w, "worker-1")
		for _, want := range []int{2, 0, 0} {
			writes := 0
			f.Arm(func(op testkit.Op) testkit.Fault {
				if op.Kind == testkit.OpExec {
					writes++
				}
				return testkit.Fault{}
			})
			_, err := server.WatchDeadlines(t.Context())
			w.Must(err)
			f.Disarm()
			if writes != want {
				t.Errorf("%d statements write, want %d", writes, want)
			}
		}
	})
}

// Two servers tell of one event at the same time.
func TestPromise19AnEventOfTwoServersIsToldOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, err := range together(senders, func(int) error {
			return w.Store.Write(w.Context(), func(tx *store.Tx) error {
				return tx.Tell(w.App.NewKey(), w.Account.ID, notice.TaskExpiring{Task: notice.Task{TaskID: "one"}}, w.Clock.Now())
			})
		}) {
			w.Must(err)
		}
		same(t, "told", told(w), []string{"task_expiring" + toAccount})
	})
}

// Every change of money or state by a person or the worker, as the audit has it.
func TestPromise20WhoWhenWhatFromTo(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		book(w, map[string]int64{"a": 1000})
		w.Add(withSpec("u1", "a", 24*time.Hour), withSpec("u2", "a", 25*time.Hour))
		task := w.Prepare(testkit.Everything)
		w.Deposit(1500)
		task = w.Confirm(task.ID)
		w.Clock.Advance(time.Hour)
		w.Must(w.App.Cancel(t.Context(), w.Owner, cancelNow(w, task.ID)))
		same(t, "audit", lines(w, `SELECT actor || ' | ' || action || ' | ' || CASE WHEN subject LIKE 'instance %' THEN subject ELSE substr(subject, 1, 6) END
			|| ' | ' || was || ' > ' || became || ' | ' || CASE WHEN request_id = 'test' THEN 'a request' WHEN request_id = '' THEN 'no request' ELSE 'the task' END
			FROM audit WHERE action <> 'account.create' ORDER BY 1`), []string{
			"Li Na | move | task 0 | ready > running | a request",
			"Li Na | start | task 0 |  > generating | a request",
			"Operator | deposit | wallet | $0.00 > $15.00 | no request",
			"Perennial | move | task 0 | generating > ready | no request",
			"Perennial | move | task 0 | running > suspended | no request",
			"Perennial | pay | paymen | $15.00 > $5.00 | the task",
			"Perennial | renew | instance u1 | 2026-11-23T06:00:00Z > 2026-12-23T06:00:00Z | the task",
			"Wei Chen | move | task 0 | suspended > cancelled | a request",
		})
		if n := number(w, "SELECT COUNT(*) FROM audit WHERE at = $1", w.Clock.Now().UnixMilli()); n != 1 {
			t.Errorf("%d rows of the last instant, want 1", n)
		}
	})
}

func TestPromise20TopUpsAreAudited(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		_, err := topUp(w, "captured")
		w.Must(err)
		b.SetMood("decline:expired_card")
		_, err = topUp(w, "declined")
		w.Must(err)
		same(t, "audit", lines(w, `SELECT actor || ' | ' || action || ' | ' || was || ' > ' || became FROM audit
			WHERE action <> 'account.create' ORDER BY 1`), []string{
			"Li Na | top up |  > created",
			"Li Na | top up |  > created",
			"Li Na | top_up | $0.00 > $25.00",
			"Perennial | decline | unknown > expired_card",
		})
	})
}

func TestPromise20RequotesAndPassedOverUnitsAreAudited(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := priced(w, 1000, 500)
		w.Deposit(10_000)
		book(w, map[string]int64{"a": 900, "b": 500, "SAS.40": testkit.DiskPrice})
		confirmOnly(w, task.ID)
		change(w, "u2", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		w.Rest()
		same(t, "audit", lines(w, `SELECT actor || ' | ' || action || ' | ' || was || ' > ' || became FROM audit
			WHERE action IN ('requote', 'pass over') ORDER BY 1`), []string{
			"Li Na | requote | $27.50 > $25.50",
			"Perennial | pass over | waiting > changed_since_review",
		})
	})
}
