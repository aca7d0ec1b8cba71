package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// deed is something that a person or the worker does and repeats, in the same
// words, when it went wrong.
type deed struct {
	name string
	do   func(ctx context.Context, a *app.App, w *testkit.World) error
}

// journey is a task of three units, one of them with a disk, for which the money
// reaches only once more was deposited.
var journey = []deed{
	{"start", func(ctx context.Context, a *app.App, w *testkit.World) error {
		_, err := a.Start(ctx, w.Buyer, app.StartInput{Filter: testkit.Everything, Count: 3, Key: "start"})
		return err
	}},
	{"prepare", rest},
	{"confirm", func(ctx context.Context, a *app.App, w *testkit.World) error {
		return a.Confirm(ctx, w.Buyer, app.ConfirmInput{TaskID: latest(w).ID, Key: "confirm", Seen: renewal.Seen{Version: 2, Total: 3250, Due: 3250}})
	}},
	{"pay until it is suspended", rest},
	{"deposit", func(ctx context.Context, a *app.App, w *testkit.World) error {
		err := a.Deposit(ctx, app.Operator(w.Account.ID), w.Account.ID, usd(2000), "2026-11-21", "second transfer")
		if fault.KindOf(err) == fault.Conflict {
			err = nil // "booked already" is what the operator wanted
		}
		return err
	}},
	{"continue", func(ctx context.Context, a *app.App, w *testkit.World) error {
		return a.Continue(ctx, w.Buyer, app.ConfirmInput{TaskID: latest(w).ID, Key: "continue", Seen: renewal.Seen{Version: 4, Total: 2000, Due: 2000}})
	}},
	{"pay the rest", rest},
}

// rest works until the worker has nothing to do; where another process's lease is
// in the way, a lease's time passes.
func rest(ctx context.Context, a *app.App, w *testkit.World) error {
	for range 20 {
		more, err := a.WorkTasks(ctx)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		if s := latest(w).State; s != renewal.Generating && s != renewal.Running {
			_, err := a.WatchDeadlines(ctx)
			return err
		}
		w.Clock.Advance(app.LeasePeriod)
	}
	return errors.New("the worker does not come to rest")
}

func latest(w *testkit.World) renewal.Task {
	w.Helper()
	ids := lines(w, "SELECT id FROM task WHERE account_id = $1", w.Account.ID)
	if len(ids) != 1 {
		w.Fatalf("the account has %d tasks", len(ids))
	}
	return w.Task(ids[0])
}

// outcome is everything that a journey leaves behind, without ids and instants.
func outcome(w *testkit.World) (all []string) {
	w.Helper()
	for _, query := range []string{
		`SELECT 'task ' || state || ' v' || CAST(version AS TEXT) || ' ' || CAST(renewed AS TEXT) || ' ' || CAST(spent AS TEXT) || ' ' ||
			CAST(left_total AS TEXT) || ' ' || confirmed_by FROM task WHERE account_id = $1`,
		`SELECT 'item ' || CAST(number AS TEXT) || ' ' || instance_id || ' ' || state || ' ' || reason || ' ' || CAST(fee AS TEXT) || ' ' || order_id
			FROM item WHERE account_id = $1 ORDER BY number`,
		`SELECT 'instance ' || id || ' ' || CAST(expires_at AS TEXT) || ' ' || renewed_order FROM instance WHERE account_id = $1 ORDER BY id`,
		`SELECT 'order ' || id || ' ' || CAST(fee AS TEXT) || ' ' || CAST(status AS TEXT) FROM purchase_order WHERE account_id = $1 ORDER BY id`,
		`SELECT 'line ' || order_id || ' ' || instance_id || ' ' || CAST(old_expiry AS TEXT) || ' ' || CAST(new_expiry AS TEXT) || ' ' || CAST(fee AS TEXT)
			FROM order_line WHERE account_id = $1 ORDER BY order_id, instance_id`,
		`SELECT 'leg ' || order_id || ' ' || kind || ' ' || CAST(amount AS TEXT) FROM leg WHERE account_id = $1 ORDER BY order_id, kind`,
		`SELECT 'payment ' || state || ' ' || CAST(amount AS TEXT) FROM payment WHERE account_id = $1 ORDER BY amount`,
		`SELECT 'ledger ' || t.kind || ' ' || e.book || ' ' || CAST(e.amount AS TEXT) || ' ' || CAST(t.cash_after AS TEXT) FROM ledger_transaction t
			JOIN ledger_entry e ON e.transaction_id = t.id WHERE t.account_id = $1 ORDER BY 1`,
		`SELECT 'balance ' || CAST(balance AS TEXT) FROM wallet WHERE account_id = $1`,
		`SELECT 'told ' || kind || ' ' || recipients FROM outbox WHERE account_id = $1 ORDER BY kind`,
		`SELECT 'asked ' || key FROM request WHERE account_id = $1 ORDER BY key`,
		`SELECT 'audit ' || actor || ' ' || action || ' ' || CASE WHEN subject LIKE 'instance %' THEN subject ELSE substr(subject, 1, 4) END
			|| ' ' || was || ' ' || became FROM audit WHERE account_id = $1 AND action <> 'account.create' ORDER BY 1`,
	} {
		all = append(all, lines(w, query, w.Account.ID)...)
	}
	return all
}

// crashes is one way in which things go wrong.
type crashes struct {
	name string
	// arm lets the n-th occasion go wrong, and disarm tells whether there was one.
	arm    func(n int, cancel func())
	disarm func() bool
	every  int // of the occasions, which are tried
	// dies says that the process ends and another goes on.
	dies bool
}

// travel makes a journey with one thing gone wrong, and tells whether it did.
func travel(t *testing.T, w *testkit.World, deeds []deed, c crashes, n int, process func(owner string) *app.App) (struck bool) {
	t.Helper()
	w.Clock.Set(testkit.Start)
	w.Prices(100)
	first := testkit.Unit("u1", 24*time.Hour)
	first.Associated = append(first.Associated, testkit.Disk(first, "u1-disk"))
	w.Add(first, testkit.Unit("u2", 48*time.Hour), testkit.Unit("u3", 72*time.Hour))
	w.Deposit(1500)
	a := process("first")
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	c.arm(n, cancel)
	for _, d := range deeds {
		for attempt := 1; ; attempt++ {
			err := survive(func() error { return d.do(ctx, a, w) })
			if err == nil {
				break
			}
			if attempt == 3 {
				c.disarm()
				t.Fatalf("%s %d: %s fails again: %v", c.name, n, d.name, err)
			}
			w.CheckAccount() // whatever happened, nothing is half done
			ctx = w.Context()
			if c.dies {
				a = process(fmt.Sprint("heir-", attempt))
			}
		}
	}
	return c.disarm()
}

// survive turns the end of a process into an error of whoever watches it.
func survive(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("died: %v", p)
		}
	}()
	return f()
}

// mortal is a clock and a source of chance whose n-th use ends the process.
type mortal struct {
	clock.Clock
	io.Reader
	left int
}

func (m *mortal) use() {
	if m.left--; m.left == 0 {
		panic("the process was killed")
	}
}

func (m *mortal) Now() time.Time             { m.use(); return m.Clock.Now() }
func (m *mortal) Read(p []byte) (int, error) { m.use(); return m.Reader.Read(p) }
func (m *mortal) arm(n int, _ func())        { m.left = n }
func (m *mortal) disarm() (struck bool)      { struck = m.left <= 0; m.left = 0; return struck }

// carriedOut are the operations that do something. A statement that cannot be prepared
// is heard of where its execution would be, so a sample of those is enough.
var carriedOut = []testkit.OpKind{testkit.OpBegin, testkit.OpExec, testkit.OpQuery, testkit.OpCommit}

func failing(f *testkit.Faults, fault testkit.Fault, kinds ...testkit.OpKind) (func(int, func()), func() bool) {
	return func(n int, cancel func()) {
			one := fault
			if fault.Err == nil {
				one.Do = cancel
			}
			f.ArmNth(n, one, kinds...)
		}, func() bool {
			f.Disarm()
			return f.Struck() > 0
		}
}

// waysToFail are all the ways in which a database and a process fail; of the
// occasions of each, every so manieth is tried.
func waysToFail(t *testing.T, engine string, f *testkit.Faults, doom *mortal, all, many, some int) []crashes {
	t.Helper()
	ways := []crashes{{name: "killed", arm: doom.arm, disarm: doom.disarm, every: all, dies: true}}
	add := func(name string, every int, dies bool, fault testkit.Fault, kinds ...testkit.OpKind) {
		if len(kinds) == 0 {
			kinds = carriedOut
		}
		arm, disarm := failing(f, fault, kinds...)
		ways = append(ways, crashes{name, arm, disarm, every, dies})
	}
	add("error before", all, false, testkit.Fault{Err: errCrash})
	add("error after", all, true, testkit.Fault{Err: errCrash, When: testkit.After})
	add("not prepared", some, false, testkit.Fault{Err: errCrash}, testkit.OpPrepare)
	add("cancelled", many, true, testkit.Fault{})
	add("unreadable row", some, false, testkit.Fault{Err: errCrash, When: testkit.Reading})
	for name, err := range testkit.DBErrors(t, engine) {
		add(name+" before", some, false, testkit.Fault{Err: err})
		add(name+" after", some, true, testkit.Fault{Err: err, When: testkit.After})
	}
	return ways
}

var proof = flag.Bool("proof", false, "let every single operation fail in every way, which takes minutes")

// journeysAWorld is how many accounts, one a journey, share a database: what looks at
// all of them takes longer with each.
const journeysAWorld = 60

// Every statement, Begin and Commit number N of a journey goes wrong in every way,
// and so does every look at the clock: the end is that of a journey without fault.
// Without -proof, SQLite meets every error before and after and every kill, and the
// rest is a sample.
func TestPromise18RestartAnywhere(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		t.Parallel()
		var w *testkit.World // it looks on, and no fault reaches it
		var server *app.App
		f, doom := &testkit.Faults{}, &mortal{Reader: rand.Reader}
		another := func() {
			w = testkit.NewWorld(t, engine)
			server, doom.Clock = besideWith(w, "", f), w.Clock
		}
		another()
		process := func(owner string) *app.App {
			d := server.Deps
			d.Owner, d.Clock, d.Rand = owner, doom, doom
			return app.New(d)
		}
		all, many, some := 1, 3, 23
		if engine == testkit.Postgres {
			all, many, some = 13, 31, 67
		}
		if *proof {
			all, many, some = 1, 1, 1
		}
		ways := waysToFail(t, engine, f, doom, all, many, some)

		none := crashes{name: "no fault", arm: func(int, func()) {}, disarm: func() bool { return false }}
		faultless := tenant(t, w, "faultless")
		travel(t, faultless, journey, none, 0, process)
		want := outcome(faultless)
		if !slices.ContainsFunc(want, func(s string) bool { return strings.HasPrefix(s, "task completed v6 3 3250") }) {
			t.Fatalf("a journey without fault ends as\n%s", strings.Join(want, "\n"))
		}
		injected, longest := 0, 0
		for _, way := range ways {
			for n := 1; ; n += way.every {
				one := tenant(t, w, fmt.Sprintf("%s %d", way.name, n))
				struck := travel(t, one, journey, way, n, process)
				same(t, fmt.Sprintf("%s, occasion %d", way.name, n), outcome(one), want)
				if !struck {
					longest = max(longest, n)
					break
				}
				if injected++; injected%journeysAWorld == 0 {
					another()
				}
			}
			if t.Failed() {
				break
			}
		}
		if misuses := f.Misuses(); len(misuses) > 0 {
			t.Errorf("statements after an error: %q", misuses)
		}
		t.Logf("%d ways, %d faults injected, up to %d occasions a journey", len(ways), injected, longest-1)
	})
}
