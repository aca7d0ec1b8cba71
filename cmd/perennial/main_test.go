package main_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"perennial/internal/testkit"
)

// executable is the program, built once for all tests of the package.
var executable string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "perennial-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		executable = filepath.Join(dir, "perennial")
		if out, err := exec.Command("go", "build", "-o", executable, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return testkit.Run(m)
	}())
}

// longest is how long a run of the program may take, where nothing else is said.
const longest = 5 * time.Minute

// place is a folder in which the program runs, with its database.
type place struct {
	t     testing.TB
	dir   string
	limit time.Duration // how long a run may take
}

func newPlace(t *testing.T) place { return place{t, t.TempDir(), longest} }

// tear copies a closed SQLite file with a page at its end that nothing uses: only
// reading it through tells that it is not whole.
func (p place) tear(from, to string) {
	p.t.Helper()
	file, err := os.ReadFile(filepath.Join(p.dir, from))
	if err != nil {
		p.t.Fatal(err)
	}
	pages := file[28:32] // of the header: the size of the file in pages
	binary.BigEndian.PutUint32(pages, binary.BigEndian.Uint32(pages)+1)
	if err := os.WriteFile(filepath.Join(p.dir, to), append(file, make([]byte, 4096)...), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p place) command(args ...string) *exec.Cmd {
	// The context ends a program that hangs, or that a failed test left running.
	ctx, cancel := context.WithTimeout(p.t.Context(), p.limit)
	p.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, executable, args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"), "TMPDIR=" + os.Getenv("TMPDIR"),
		"SSL_CERT_FILE=" + os.Getenv("SSL_CERT_FILE")}
	return cmd
}

// run runs a command to its end and returns what it said and its exit code.
func (p place) run(input string, args ...string) (out, errOut string, code int) {
	p.t.Helper()
	cmd := p.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return stdout.String(), stderr.String(), exit.ExitCode()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), 0
}

// must runs a command that has to succeed.
func (p place) must(input string, args ...string) string {
	p.t.Helper()
	out, errOut, code := p.run(input, args...)
	if code != 0 {
		p.t.Fatalf("perennial %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// watched collects what a running program says and tells when a line comes.
type watched struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines chan string
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	for {
		line, err := w.text.ReadString('\n')
		if err != nil {
			w.text.WriteString(line)
			return len(b), nil
		}
		w.lines <- line
	}
}

// server is a program that is serving.
type server struct {
	t       testing.TB
	cmd     *exec.Cmd
	lines   chan string
	exited  chan error
	said    string
	address string
}

// serving starts a server on a free port and waits until it serves.
func (p place) serving(args ...string) *server {
	p.t.Helper()
	s := p.starting(append([]string{"serve", "--listen=127.0.0.1:0", "--public-url=http://127.0.0.1:8080"}, args...)...)
	s.address = s.until(regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`))[1]
	return s
}

// starting starts a program that goes on until it is stopped.
func (p place) starting(args ...string) *server {
	p.t.Helper()
	w := &watched{lines: make(chan string, 1000)}
	s := &server{t: p.t, lines: w.lines, exited: make(chan error, 1), cmd: p.command(args...)}
	s.cmd.Stderr, s.cmd.Stdout = w, w
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { s.exited <- s.cmd.Wait() }()
	return s
}

// until waits for a line that matches, or finds it in what was said already.
func (s *server) until(pattern *regexp.Regexp) []string {
	s.t.Helper()
	for {
		if m := pattern.FindStringSubmatch(s.said); m != nil {
			return m
		}
		select {
		case line := <-s.lines:
			s.said += line
		case err := <-s.exited:
			s.t.Fatalf("the server ended: %v\n%s", err, s.said)
		}
	}
}

// mustStop ends the server with SIGTERM, which it has to take as a clean end.
func (s *server) mustStop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := <-s.exited; err != nil {
		s.t.Fatalf("after SIGTERM: %v\n%s", err, s.said)
	}
}

func get(ctx context.Context, address string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
