package app_test

import (
	"testing"
	"time"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// reach opens a task and takes it into a state in the way in which that happens.
func reach(w *testkit.World, state renewal.State) renewal.Task {
	w.Helper()
	w.Prices(100)
	w.AddMany(3, 240*time.Hour+w.Clock.Now().Sub(testkit.Start))
	t := begin(w)
	switch state {
	case renewal.Failed:
		for _, id := range []string{"ecs-00000", "ecs-00001", "ecs-00002"} {
			change(w, id, func(i *renewal.Instance) { i.Mode = renewal.Auto })
		}
	case renewal.Suspended:
		w.Deposit(testkit.UnitPrice)
	default:
		w.Deposit(100 * testkit.UnitPrice)
	}
	if state == renewal.Generating {
		return t
	}
	w.Rest()
	switch state {
	case renewal.Running:
		confirmOnly(w, t.ID)
	case renewal.Cancelling:
		confirmOnly(w, t.ID)
		w.Must(w.App.Cancel(w.Context(), w.Buyer, cancelNow(w, t.ID)))
	case renewal.Suspended, renewal.Completed:
		w.Confirm(t.ID)
	case renewal.CancelledT:
		w.Must(w.App.Cancel(w.Context(), w.Buyer, cancelNow(w, t.ID)))
	case renewal.ExpiredT:
		w.Clock.Advance(renewal.ConfirmWithin)
		w.Rest()
	}
	t = w.Task(t.ID)
	if t.State != state {
		w.Fatalf("the task is %s: %s, want %s", t.State, t.Why, state)
	}
	return t
}

func TestPromise02StatesMoveAlongTheTable(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, from := range renewal.States {
			t.Run(string(from), func(t *testing.T) {
				w := tenant(t, w, string(from))
				task := reach(w, from)
				for _, to := range renewal.States {
					moved, err := try(w, task, from, to)
					if from.May(to) != (err == nil) {
						t.Errorf("%s to %s: %v", from, to, err)
					}
					if err == nil && (moved.State != to || moved.Version != task.Version+1) {
						t.Errorf("%s to %s: the row says %s, version %d", from, to, moved.State, moved.Version)
					}
					stale := task
					stale.Version--
					if _, err := try(w, stale, from, to); fault.KindOf(err) != fault.Conflict {
						t.Errorf("%s to %s with an old version: %v", from, to, err)
					}
					for _, wrong := range renewal.States {
						if _, err := try(w, task, wrong, to); wrong != from && fault.KindOf(err) != fault.Conflict {
							t.Errorf("%s to %s, taken for %s: %v", from, to, wrong, err)
						}
					}
				}
				if now := w.Task(task.ID); now.State != from || now.Version != task.Version {
					t.Errorf("the task was left %s, version %d", now.State, now.Version)
				}
			})
		}
	})
}

// errTried takes back what a move did.
var errTried = fault.New(fault.Internal, "only tried")

// try moves a task and reads it back, and takes both back.
func try(w *testkit.World, task renewal.Task, from, to renewal.State) (moved renewal.Task, err error) {
	_ = w.Store.Write(w.Context(), func(tx *store.Tx) error {
		next := task
		next.State = to
		if _, err = tx.Move(next, from, w.Clock.Now()); err == nil {
			moved, err = tx.Task(task.AccountID, task.ID)
		}
		return errTried
	})
	return moved, err
}

func TestPromise02PeopleAndWorkerKeepToTheTable(t *testing.T) {
	// What a person's click and a worker's step make of each state.
	type row struct{ confirm, proceed, cancel, rest renewal.State }
	table := map[renewal.State]row{
		renewal.Generating: {cancel: renewal.CancelledT, rest: renewal.Ready},
		renewal.Ready:      {confirm: renewal.Running, cancel: renewal.CancelledT},
		renewal.Running:    {cancel: renewal.Cancelling, rest: renewal.Completed},
		renewal.Suspended:  {confirm: renewal.Running, proceed: renewal.Running, cancel: renewal.CancelledT},
		renewal.Cancelling: {rest: renewal.CancelledT},
	}
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for _, from := range renewal.States {
			want := table[from]
			for what, act := range map[string]struct {
				to renewal.State
				do func(*testkit.World, string) error
			}{
				"confirm":  {want.confirm, func(w *testkit.World, id string) error { return w.App.Confirm(w.Context(), w.Buyer, seenNow(w, id)) }},
				"continue": {want.proceed, func(w *testkit.World, id string) error { return w.App.Continue(w.Context(), w.Buyer, seenNow(w, id)) }},
				"cancel":   {want.cancel, func(w *testkit.World, id string) error { return w.App.Cancel(w.Context(), w.Buyer, cancelNow(w, id)) }},
				"rest":     {want.rest, func(w *testkit.World, _ string) error { w.Rest(); return nil }},
			} {
				t.Run(string(from)+"/"+what, func(t *testing.T) {
					w := tenant(t, w, string(from)+"-"+what)
					task := reach(w, from)
					if from == renewal.Suspended {
						w.Deposit(testkit.UnitPrice)
					}
					err := act.do(w, task.ID)
					now := w.Task(task.ID)
					switch {
					case act.to != "" && (err != nil || now.State != act.to):
						t.Errorf("%v, and the task is %s, want %s", err, now.State, act.to)
					case act.to == "" && now != task:
						t.Errorf("the task changed from %+v to %+v", task, now)
					case act.to == "" && what != "rest" && fault.KindOf(err) != fault.Conflict:
						t.Errorf("the refusal is %v", err)
					}
				})
			}
		}
	})
}
