package app_test

import (
	"testing"
	"time"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func TestPromise04ToTheMillisecond(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for name, c := range map[string]struct {
			early time.Duration
			ok    bool
		}{"1 ms before": {time.Millisecond, true}, "at": {0, false}, "1 ms after": {-time.Millisecond, false}} {
			t.Run(name, func(t *testing.T) {
				w := tenant(t, w, name)
				task := reach(w, renewal.Ready)
				if task.ExpiresAt != task.ReadyAt.Add(72*time.Hour) {
					t.Fatalf("ready at %s, expires at %s", task.ReadyAt, task.ExpiresAt)
				}
				w.Clock.Set(task.ExpiresAt.Add(-c.early))
				err := w.App.Confirm(t.Context(), w.Buyer, seenNow(w, task.ID))
				if c.ok && err != nil {
					t.Errorf("refused: %v", err)
				}
				if !c.ok {
					wantKind(t, err, fault.Conflict, "expired", "Nothing was charged")
				}
				if state := w.Task(task.ID).State; (state == renewal.Running) != c.ok {
					t.Errorf("the task is %s", state)
				}
				w.Rest()
			})
		}
	})
}

// The clock moves between the reading of the task and the statement that changes
// it: the statement decides, whatever was read before.
func TestPromise04DecidedInTheUpdate(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := reach(w, renewal.Ready)
		for _, c := range []struct {
			now  time.Time
			want bool
		}{{task.ExpiresAt, false}, {task.ExpiresAt.Add(time.Hour), false}, {task.ExpiresAt.Add(-time.Millisecond), true}} {
			err := w.Store.Write(t.Context(), func(tx *store.Tx) error {
				next := task
				next.State, next.ConfirmedAt = renewal.Running, c.now
				next.ExpiresAt = c.now.Add(time.Hour) // what a liar would have read
				if _, err := tx.Move(next, renewal.Ready, c.now); err != nil {
					return err
				}
				return errTried
			})
			if want := fault.Conflict; !c.want {
				wantKind(t, err, want)
			} else if err != error(errTried) {
				t.Errorf("moved at %s: %v", c.now, err)
			}
		}
	})
}

func TestPromise04OnlyReadyTasksExpire(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, state := range []renewal.State{renewal.Generating, renewal.Running, renewal.Suspended, renewal.Cancelling} {
			t.Run(string(state), func(t *testing.T) {
				w := tenant(t, w, string(state))
				task := reach(w, state)
				w.Clock.Advance(100 * 24 * time.Hour)
				_, err := w.App.WatchDeadlines(t.Context())
				w.Must(err)
				if now := w.Task(task.ID); now.State != state || now.Version != task.Version {
					t.Errorf("after 100 days a %s task is %s, version %d", state, now.State, now.Version)
				}
			})
		}
	})
}

func TestPromise04ExpiresAtTheInstantAndNotBefore(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		task := reach(w, renewal.Ready)
		for _, c := range []struct {
			at   time.Duration
			want renewal.State
		}{{-time.Millisecond, renewal.Ready}, {0, renewal.ExpiredT}} {
			w.Clock.Set(task.ExpiresAt.Add(c.at))
			w.Rest()
			if got := w.Task(task.ID).State; got != c.want {
				t.Errorf("%s from its end the task is %s, want %s", c.at, got, c.want)
			}
		}
		if ended := w.Task(task.ID); ended.EndedAt != task.ExpiresAt {
			t.Errorf("expired at %s, want %s", ended.EndedAt, task.ExpiresAt)
		}
	})
}

func TestPromise16ClockJumpsBack(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, state := range []renewal.State{renewal.ExpiredT, renewal.Completed, renewal.CancelledT, renewal.Failed} {
			t.Run(string(state), func(t *testing.T) {
				w := tenant(t, w, "back-"+string(state))
				task := reach(w, state)
				balance := w.Balance()
				w.Clock.Set(testkit.Start.Add(-1000 * time.Hour))
				defer w.Clock.Set(task.EndedAt)
				wantKind(t, w.App.Confirm(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict)
				wantKind(t, w.App.Continue(t.Context(), w.Buyer, seenNow(w, task.ID)), fault.Conflict)
				w.Rest()
				if now := w.Task(task.ID); now != task || w.Balance() != balance {
					t.Errorf("the task was %+v and is %+v; balance %d, then %d", task, now, balance, w.Balance())
				}
			})
		}
	})
}

// The clock is set back between the look for what is due and the writing of it.
func TestPromise16ClockJumpsBackBeforeATaskExpires(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		server, f := beside(w, "worker-1")
		task := reach(w, renewal.Ready)
		w.Clock.Set(task.ExpiresAt)
		f.Arm(func(testkit.Op) testkit.Fault {
			return testkit.Fault{Do: func() { w.Clock.Set(task.ExpiresAt.Add(-time.Hour)) }}
		})
		_, err := server.WatchDeadlines(t.Context())
		w.Must(err)
		f.Disarm()
		if got := w.Task(task.ID).State; got != renewal.Ready {
			t.Errorf("an hour before its end the task is %s", got)
		}
	})
}

func TestPromise16ClockJumpsBackWhileRunning(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(250, 24*time.Hour)
		w.Deposit(250 * testkit.UnitPrice)
		task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
		for n := 1; step(w, w.App); n++ {
			w.Clock.Set(testkit.Start.Add(time.Duration(-n) * 24 * time.Hour))
		}
		if done := w.Task(task.ID); done.State != renewal.Completed || done.Renewed != 250 || w.Balance() != 0 {
			t.Errorf("%s with %d renewed and %d cents left", done.State, done.Renewed, w.Balance())
		}
		if n := number(w, "SELECT COUNT(*) FROM order_line"); n != 250 {
			t.Errorf("%d extensions, want 250", n)
		}
	})
}

func TestPromise16ClockJumpsForward(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ready, running := tenant(t, w, "ready"), tenant(t, w, "running")
		waiting := reach(ready, renewal.Ready)
		task := reach(running, renewal.Running)
		w.Clock.Set(testkit.Start.Add(5 * 24 * time.Hour)) // no unit expires that early
		w.Rest()
		if got := ready.Task(waiting.ID).State; got != renewal.ExpiredT {
			t.Errorf("the ready task is %s", got)
		}
		if got := running.Task(task.ID); got.State != renewal.Completed || got.Renewed != 3 {
			t.Errorf("the running task is %s with %d renewed", got.State, got.Renewed)
		}
	})
}
