package main_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// kills is how often the program is killed at least.
var kills = flag.Int("kills", 20, "how often the tests kill the program")

const killUnits = 6_000

// realWorld is a World on a SQLite file and the real clock, for a server to work on.
func realWorld(t *testing.T) *testkit.World {
	t.Helper()
	w := testkit.NewWorld(t, testkit.SQLite, testkit.At(time.Now()))
	w.Prices(100)
	return w
}

// The real program is killed in the middle of preparing and of renewing, again and
// again. What is left at the end is what a run without a kill leaves: every unit
// renewed and paid for once, and the invariants, which the World checks, hold.
func TestPromise18KillNine(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 0))
	preparing, running, tasks := 0, 0, 0
	for ; preparing+running < *kills; tasks++ {
		p, r := killOnce(t, seed, dice, *kills-preparing-running)
		preparing, running = preparing+p, running+r
	}
	t.Logf("seed %d: killed %d times while preparing and %d times while renewing, in %d tasks of %d units", seed, preparing, running, tasks, killUnits)
}

// killOnce has a task prepared and run by programs that are killed, so many times or
// as often as the units of one task allow: each renews a hundred before it dies.
func killOnce(t *testing.T, seed uint64, dice *rand.Rand, wanted int) (preparing, running int) {
	t.Helper()
	w := realWorld(t)
	w.AddMany(killUnits, time.Since(testkit.Start)+24*time.Hour)
	const fees = killUnits * testkit.UnitPrice
	w.Deposit(fees + 1)
	id, err := w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: killUnits, Key: w.App.NewKey()})
	w.Must(err)

	for w.Task(id).State == renewal.Generating {
		threshold := dice.IntN(killUnits)
		if preparing >= min(wanted, killUnits/100)/4 {
			threshold = killUnits // enough: let it finish
		}
		killAt(t, w, func() bool {
			task := w.Task(id)
			return task.State != renewal.Generating || task.Prepared > threshold
		})
		preparing++
	}
	task := w.Task(id)
	if task.State != renewal.Ready || task.Renewable != killUnits || task.FeeMinor != fees {
		t.Fatalf("seed %d: prepared %d of %d units for %d, %s", seed, task.Renewable, killUnits, task.FeeMinor, task.State)
	}
	w.Must(w.App.Confirm(t.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: testkit.Seen(task), Key: w.App.NewKey()}))

	for w.Task(id).State == renewal.Running {
		next := w.Task(id).Renewed + 1 + dice.IntN(max(1, killUnits/wanted))
		if running+preparing >= 3*wanted {
			next = killUnits
		}
		killAt(t, w, func() bool {
			task := w.Task(id)
			return task.State != renewal.Running || task.Renewed >= next
		})
		running++
	}
	task = w.Task(id)
	if task.State != renewal.Completed || task.Renewed != killUnits || task.SpentMinor != fees || w.Balance() != 1 {
		t.Errorf("seed %d: %s, %d of %d renewed for %d cents, %d cents left", seed, task.State, task.Renewed, killUnits, task.SpentMinor, w.Balance())
	}
	return preparing, running
}

// killAt runs a server until the moment has come and kills it.
func killAt(t *testing.T, w *testkit.World, come func() bool, flags ...string) {
	t.Helper()
	s := newPlace(t).serving(append(flags, "--database="+w.Location)...)
	for !come() {
		select {
		case err := <-s.exited:
			t.Fatalf("the server ended by itself: %v\n%s", err, s.said)
		case <-s.lines:
		default:
		}
	}
	w.Must(s.cmd.Process.Kill())
	<-s.exited
}
