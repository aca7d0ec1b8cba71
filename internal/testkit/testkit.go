// Package testkit is what tests stand on: a database of either engine, a
// browser, a mail server and a database driver that fails on demand. What it
// starts it also stops, and what it cannot start it says: a test that needs a
// missing engine is left out aloud, or fails where PERENNIAL_TEST_REQUIRE names
// the engine, as `make test` does.
package testkit

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// Main runs a package's tests, stops what testkit started for them and fails
// when goroutines are left over. Every package that uses a database, a browser
// or a mail server of testkit calls it:
//
//	func TestMain(m *testing.M) { testkit.Main(m) }
func Main(m *testing.M) {
	code := Run(m)
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "testkit: goroutines outlive the tests:", err)
		code = 1
	}
	os.Exit(code)
}

// Run is Main for a package with a TestMain of its own: it looks for no goroutines.
func Run(m *testing.M) (code int) {
	process.running = true
	code = m.Run()
	for _, stop := range slices.Backward(process.stops) {
		stop()
	}
	return code
}

// process is what the tests of one package share.
var process struct {
	mu      sync.Mutex
	running bool
	stops   []func()
	missing map[string]bool
}

// atExit has stop called when the package's tests are over, the latest first.
func atExit(tb testing.TB, stop func()) {
	tb.Helper()
	process.mu.Lock()
	defer process.mu.Unlock()
	if !process.running {
		stop()
		tb.Fatal("testkit: this package needs func TestMain(m *testing.M) { testkit.Main(m) }")
	}
	process.stops = append(process.stops, stop)
}

// leaveOut tells that something the test wants is missing: fatally where it is
// required, else in the test's log, and once for the package on standard error.
func leaveOut(tb testing.TB, what string, err error) {
	tb.Helper()
	if required(what) {
		tb.Fatalf("PERENNIAL_TEST_REQUIRE names %s, and it cannot be had: %v", what, err)
	}
	process.mu.Lock()
	first := !process.missing[what]
	if process.missing == nil {
		process.missing = map[string]bool{}
	}
	process.missing[what] = true
	process.mu.Unlock()
	if first {
		fmt.Fprintf(os.Stderr, "testkit: LEFT OUT every test on %s: %v; `make test` installs it\n", what, err)
	}
	tb.Logf("LEFT OUT on %s: %v", what, err)
}

// required tells whether PERENNIAL_TEST_REQUIRE, a list with commas, names what.
func required(what string) bool {
	return slices.Contains(strings.Split(os.Getenv("PERENNIAL_TEST_REQUIRE"), ","), what)
}
