package renewal_test

import (
	"strings"
	"testing"
	"time"

	"perennial/internal/fault"
	"perennial/internal/renewal"
)

// table restates section 5 of the product rules: where a task may go from where.
var table = map[renewal.State]string{
	"generating": "ready cancelled failed",
	"ready":      "running cancelled expired",
	"running":    "suspended cancelling completed",
	"suspended":  "running cancelled",
	"cancelling": "cancelled",
	"completed":  "", "cancelled": "", "expired": "", "failed": "",
}

func TestPromise2StatesMoveOnlyAlongTheTable(t *testing.T) {
	if len(renewal.States) != len(table) {
		t.Fatalf("%d states, want %d", len(renewal.States), len(table))
	}
	for _, from := range renewal.States {
		may, known := table[from]
		if !known {
			t.Errorf("%s is not in the rules", from)
		}
		for _, to := range append([]renewal.State{"", "no_such"}, renewal.States...) {
			want := to != "" && strings.Contains(" "+may+" ", " "+string(to)+" ")
			if from.May(to) != want {
				t.Errorf("%s to %s: %v, want %v", from, to, from.May(to), want)
			}
		}
		if from.Open() != (may != "") {
			t.Errorf("%s keeps the account: %v", from, from.Open())
		}
	}
	if renewal.State("").Open() || renewal.State("no_such").May(renewal.Ready) {
		t.Error("an unknown state leads somewhere")
	}
}

func TestPromise2TerminalStatesNeverChange(t *testing.T) {
	for _, s := range renewal.States {
		if s.Open() {
			continue
		}
		task := ready()
		task.State = s
		if _, err := task.Cancel(task.Version); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s is cancelled: %v", s, err)
		}
		if err := task.Confirm(now, seen(task), 0); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s is confirmed: %v", s, err)
		}
		if err := task.Continue(now, seen(task)); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s is continued: %v", s, err)
		}
	}
}

func ready() renewal.Task {
	return renewal.Task{
		State: renewal.Ready, Version: 3, ReadyAt: now, ExpiresAt: now.Add(renewal.ConfirmWithin),
		Renewable: 10, Renewed: 2, NotRenewed: 1, LeftMinor: 7_000,
	}
}

func suspended() renewal.Task {
	t := ready()
	t.State, t.ConfirmedAt = renewal.Suspended, now
	return t
}

func seen(t renewal.Task) renewal.Seen {
	return renewal.Seen{Version: t.Version, Total: t.LeftMinor, Due: t.LeftMinor}
}

// refused checks that err is a fault of the kind whose sentence has the words,
// or, without words, that there is none.
func refused(t *testing.T, what string, err error, kind fault.Kind, words string) {
	t.Helper()
	switch {
	case words == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case words != "" && (fault.KindOf(err) != kind || !strings.Contains(err.Error(), words)):
		t.Errorf("%s: got %v, want “%s”", what, err, words)
	}
}

func TestPromise4ConfirmWorksFor72HoursToTheMillisecond(t *testing.T) {
	if renewal.ConfirmWithin != 72*time.Hour {
		t.Fatalf("ready lasts %v", renewal.ConfirmWithin)
	}
	task := ready()
	for age, words := range map[time.Duration]string{
		0: "", 72*time.Hour - ms: "", 72 * time.Hour: "expired", 72*time.Hour + ms: "expired", 1000 * time.Hour: "expired",
	} {
		refused(t, age.String(), task.Confirm(now.Add(age), seen(task), 0), fault.Conflict, words)
	}
	paused := suspended()
	refused(t, "a suspended task never expires", paused.Confirm(now.Add(9000*time.Hour), seen(paused), 0), 0, "")
}

func TestConfirm(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*renewal.Task, *renewal.Seen)
		again  int
		kind   fault.Kind
		words  string
	}{
		"as seen":              {func(*renewal.Task, *renewal.Seen) {}, 0, 0, ""},
		"suspended":            {func(k *renewal.Task, _ *renewal.Seen) { k.State = renewal.Suspended }, 0, 0, ""},
		"generating":           {func(k *renewal.Task, _ *renewal.Seen) { k.State = renewal.Generating }, 0, fault.Conflict, "generating and cannot be confirmed"},
		"running":              {func(k *renewal.Task, _ *renewal.Seen) { k.State = renewal.Running }, 0, fault.Conflict, "running and cannot"},
		"cancelling":           {func(k *renewal.Task, _ *renewal.Seen) { k.State = renewal.Cancelling }, 0, fault.Conflict, "cancelling and cannot"},
		"an older version":     {func(_ *renewal.Task, s *renewal.Seen) { s.Version-- }, 0, fault.Conflict, "changed since the page"},
		"a newer version":      {func(_ *renewal.Task, s *renewal.Seen) { s.Version++ }, 0, fault.Conflict, "changed since the page"},
		"nothing left":         {func(k *renewal.Task, _ *renewal.Seen) { k.Renewable = 3 }, 0, fault.Conflict, "nothing in this task"},
		"another total":        {func(_ *renewal.Task, s *renewal.Seen) { s.Total++ }, 0, fault.Conflict, "The fee changed"},
		"a lower total":        {func(_ *renewal.Task, s *renewal.Seen) { s.Total-- }, 0, fault.Conflict, "The fee changed"},
		"less due":             {func(_ *renewal.Task, s *renewal.Seen) { s.Due-- }, 0, 0, ""}, // coupons pay some of it
		"more due than total":  {func(_ *renewal.Task, s *renewal.Seen) { s.Due++ }, 0, fault.Conflict, "The fee changed"},
		"nothing due":          {func(_ *renewal.Task, s *renewal.Seen) { s.Due = 0 }, 0, 0, ""},
		"less than nothing":    {func(_ *renewal.Task, s *renewal.Seen) { s.Due = -1 }, 0, fault.Conflict, "The fee changed"},
		"renewed lately":       {func(*renewal.Task, *renewal.Seen) {}, 1, fault.Invalid, "Tick the box"},
		"renewed lately, told": {func(_ *renewal.Task, s *renewal.Seen) { s.Again = true }, 1, 0, ""},
		"a needless tick":      {func(_ *renewal.Task, s *renewal.Seen) { s.Again = true }, 0, 0, ""},
	} {
		task := ready()
		s := seen(task)
		c.change(&task, &s)
		refused(t, name, task.Confirm(now, s, c.again), c.kind, c.words)
	}
}

func TestContinue(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*renewal.Task, *renewal.Seen)
		words  string
	}{
		"as seen":          {func(*renewal.Task, *renewal.Seen) {}, ""},
		"ready":            {func(k *renewal.Task, _ *renewal.Seen) { k.State = renewal.Ready }, "ready and cannot be continued"},
		"running":          {func(k *renewal.Task, _ *renewal.Seen) { k.State = renewal.Running }, "running and cannot"},
		"an older version": {func(_ *renewal.Task, s *renewal.Seen) { s.Version-- }, "changed since the page"},
		"something rose":   {func(k *renewal.Task, _ *renewal.Seen) { k.Reconfirm = true }, "select Renew Now again"},
		"72 hours later":   {func(k *renewal.Task, _ *renewal.Seen) { k.ConfirmedAt = now.Add(-72 * time.Hour) }, "select Renew Now again"},
		"another total":    {func(_ *renewal.Task, s *renewal.Seen) { s.Total++ }, "The fee changed"},
		"another due":      {func(_ *renewal.Task, s *renewal.Seen) { s.Due++ }, "The fee changed"},
	} {
		task := suspended()
		s := seen(task)
		c.change(&task, &s)
		refused(t, name, task.Continue(now, s), fault.Conflict, c.words)
	}
}

func TestNeedsConsent(t *testing.T) {
	task := suspended()
	for age, want := range map[time.Duration]bool{0: false, 72*time.Hour - ms: false, 72 * time.Hour: true, -time.Hour: false} {
		if task.NeedsConsent(now.Add(age)) != want {
			t.Errorf("%v after it was confirmed: %v", age, !want)
		}
	}
	task.Reconfirm = true
	if !task.NeedsConsent(now) {
		t.Error("a rise needs no consent")
	}
	for _, s := range renewal.States {
		if task.State = s; s != renewal.Suspended && task.NeedsConsent(now.Add(1000*time.Hour)) {
			t.Errorf("%s asks for consent", s)
		}
	}
}

func TestCancel(t *testing.T) {
	for from, want := range map[renewal.State]renewal.State{
		"generating": "cancelled", "ready": "cancelled", "suspended": "cancelled", "running": "cancelling", "cancelling": "",
	} {
		task := ready()
		task.State = from
		got, err := task.Cancel(task.Version)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("cancelling a task that is %s leads to %q, %v, want %q", from, got, err, want)
		}
		if got, err := task.Cancel(task.Version + 1); got != "" || fault.KindOf(err) != fault.Conflict {
			t.Errorf("a stale page cancels a task that is %s: %q, %v", from, got, err)
		}
	}
}

func TestLeft(t *testing.T) {
	task := renewal.Task{Renewable: 400, Blocked: 5, Renewed: 70, NotRenewed: 9}
	if task.Left() != 321 {
		t.Errorf("%d left", task.Left())
	}
}
