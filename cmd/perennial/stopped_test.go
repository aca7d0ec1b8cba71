package main_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

const (
	stoppedUnits = 1_000
	// busyMachine is what the tests beside this one may add to two leases.
	busyMachine = 10 * time.Second
)

// Promise 5. A server is stopped, or cut off, in the middle of a transaction and says
// nothing more. The other one goes on with its task within two leases, and when the
// first one is back everything is paid once.
func TestPromise05StoppedServer(t *testing.T) {
	for name, stop := range map[string]func(*testing.T, *server, *proxy) (back func()){
		"SIGSTOP": func(t *testing.T, a *server, _ *proxy) func() {
			signal := func(s syscall.Signal) {
				if err := a.cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			signal(syscall.SIGSTOP)
			return func() { signal(syscall.SIGCONT) }
		},
		"silent network": func(_ *testing.T, _ *server, p *proxy) func() { p.silence(); return p.cut },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range max(1, *kills/20) {
				stopInTransaction(t, stop)
			}
		})
	}
}

func stopInTransaction(t *testing.T, stop func(*testing.T, *server, *proxy) func()) {
	w := testkit.NewWorld(t, testkit.Postgres, testkit.At(time.Now()))
	w.Prices(100)
	w.AddMany(stoppedUnits, time.Since(testkit.Start)+24*time.Hour)
	w.Deposit(stoppedUnits*testkit.UnitPrice + 1)
	id := w.Prepare(testkit.Everything).ID
	w.Must(w.App.Confirm(t.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: testkit.Seen(w.Task(id)), Key: w.App.NewKey()}))
	p := newProxy(t, w.Location)
	a := newPlace(t).serving("--database=" + p.address)
	for w.Task(id).Renewed == 0 {
	}
	newPlace(t).serving("--database=" + w.Location)

	// A waits for the wallet while it holds the task; then it is stopped, and has both.
	watch, err := pgx.Connect(t.Context(), w.Location)
	w.Must(err)
	defer func() { w.Must(watch.Close(w.Context())) }()
	lock, err := pgx.Connect(t.Context(), w.Location)
	w.Must(err)
	defer func() { w.Must(lock.Close(w.Context())) }()
	_, err = lock.Exec(t.Context(), "BEGIN")
	w.Must(err)
	_, err = lock.Exec(t.Context(), "SELECT 1 FROM wallet FOR UPDATE")
	w.Must(err)
	count := func(sessions string) (n int) {
		w.Must(watch.QueryRow(t.Context(), "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND "+sessions).Scan(&n))
		return n
	}
	for count("wait_event_type = 'Lock'") == 0 {
	}
	back := stop(t, a, p)
	_, err = lock.Exec(t.Context(), "ROLLBACK")
	w.Must(err)
	for count("state = 'idle in transaction'") == 0 {
	}
	before, stopped := w.Task(id).Renewed, time.Now()

	for w.Task(id).Renewed == before {
		if time.Since(stopped) > 2*app.LeasePeriod+busyMachine {
			t.Fatalf("%s after the first server was stopped nobody has gone on", time.Since(stopped))
		}
	}
	t.Logf("taken over after %s at %d of %d", time.Since(stopped).Round(100*time.Millisecond), before, stoppedUnits)
	back()
	for w.Task(id).State == renewal.Running {
		if time.Since(stopped) > 20*app.LeasePeriod {
			t.Fatalf("it does not end: %+v", w.Task(id))
		}
	}
	if task := w.Task(id); task.State != renewal.Completed || task.Renewed != stoppedUnits || w.Balance() != 1 {
		t.Errorf("%s, %d renewed, %d cents left", task.State, task.Renewed, w.Balance())
	}
}

// An older server ends by itself, with an error, once a newer program has migrated the
// database that they share.
func TestAnOlderServerEndsAfterANewerMigration(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.Postgres, testkit.At(time.Now()))
	older := newPlace(t).serving("--database=" + w.Location)
	newer, err := pgx.Connect(t.Context(), w.Location)
	w.Must(err)
	_, err = newer.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	w.Must(errors.Join(err, newer.Close(t.Context())))
	older.until(regexp.MustCompile("a newer version has migrated the database; this server stops"))
	code := exitCode(<-older.exited)
	for len(older.lines) > 0 {
		older.said += <-older.lines
	}
	if code != 1 || !strings.Contains(older.said, "perennial: A newer version of Perennial has taken over the database") {
		t.Errorf("exit code %d\n%s", code, older.said)
	}
}

func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 0
}

// proxy stands between a server and PostgreSQL, and can fall silent.
type proxy struct {
	address string

	mu     sync.Mutex
	silent bool
	conns  []net.Conn
}

// newProxy listens for the database of an address whose server has a socket.
func newProxy(t *testing.T, location string) *proxy {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = door.Addr().String(), "sslmode=disable"
	p := &proxy{address: u.String()}
	t.Cleanup(func() { _ = door.Close(); p.cut() })
	go func() {
		for {
			in, err := door.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", socket)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			go p.pass(in, out)
			go p.pass(out, in)
		}
	}()
	return p
}

// pass copies what comes in, unless the proxy is silent: then it is swallowed.
func (p *proxy) pass(to io.WriteCloser, from io.Reader) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		silent := p.silent
		p.mu.Unlock()
		if err != nil && silent {
			select {} // the end is not passed on either; the test binary takes it along
		}
		if err != nil {
			return
		}
		if !silent {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}

func (p *proxy) silence() { p.mu.Lock(); defer p.mu.Unlock(); p.silent = true }

// cut ends every connection and lets new ones through.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = false
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}
