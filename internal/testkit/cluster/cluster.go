// Package cluster starts a PostgreSQL server for tests: private, empty, reachable
// only through a socket in a folder of its own, and careless about durability,
// because what it stores lives no longer than the tests do. The server dies with
// the process that started it, however that one ends.
package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrNotInstalled is returned by Start where the machine has no PostgreSQL server.
var ErrNotInstalled = errors.New("PostgreSQL is not installed: no initdb in PATH nor in /usr/lib/postgresql/*/bin")

// role owns every database of the cluster; nobody else is let in.
const role = "perennial"

// startTimeout bounds initdb and the first connection; on an idle machine both take about a second.
const startTimeout = 60 * time.Second

// Cluster is a running server.
type Cluster struct {
	dir    string
	server *exec.Cmd
	exited chan struct{}
	stop   sync.Once
}

// Start makes a new cluster and waits until it answers.
func Start(ctx context.Context) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// The folder is made under the plain temporary folder, not under a test's:
	// the path of a socket may not exceed 107 bytes.
	sweep()
	dir, err := os.MkdirTemp("", fmt.Sprintf("perennial-pg-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("make the cluster's folder: %w", err)
	}
	c := &Cluster{dir: dir, exited: make(chan struct{})}
	if err := c.start(ctx, bin); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// sweep removes the folders of processes that were killed before they could do
// so themselves: forty megabytes each.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), "perennial-pg-*-*")) // the pattern is well formed
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), "perennial-pg-"), "-")
		if _, err := os.Stat("/proc/" + pid); errors.Is(err, os.ErrNotExist) {
			os.RemoveAll(dir)
		}
	}
}

func (c *Cluster) start(ctx context.Context, bin string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	attr, err := unprivileged(c.dir)
	if err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", c.data(), "--username", role,
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = c.dir, attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	c.server = exec.Command(filepath.Join(bin, "postgres"), append([]string{"-D", c.data(), "-k", c.dir}, settings()...)...)
	c.server.Dir = c.dir
	// SIGQUIT is PostgreSQL's immediate shutdown. It reaches the server's
	// children too, so nothing stays behind when the tests are killed.
	server := *attr
	server.Pdeathsig = syscall.SIGQUIT
	c.server.SysProcAttr = &server
	var log bytes.Buffer
	c.server.Stdout, c.server.Stderr = &log, &log
	if err := c.launch(); err != nil {
		c.server = nil
		return fmt.Errorf("start postgres: %w", err)
	}
	if err := c.await(ctx, bin); err != nil {
		c.Stop()
		return fmt.Errorf("%w\n%s", err, log.String())
	}
	return nil
}

// launch starts the server from a thread that lives as long as the server does:
// the kernel sends the death signal when the thread that forked ends, not when
// the process does.
func (c *Cluster) launch() error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := c.server.Start()
		started <- err
		if err == nil {
			_ = c.server.Wait() // how a throwaway server ends is nobody's concern
			close(c.exited)
		}
	}()
	return <-started
}

// await asks pg_isready until the server answers. Each question is a process of
// its own, so the loop is paced without a timer.
func (c *Cluster) await(ctx context.Context, bin string) error {
	for {
		ask := exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "--quiet", "--host", c.dir, "--username", role)
		if ask.Run() == nil {
			return nil
		}
		select {
		case <-c.exited:
			return errors.New("postgres ended before it answered")
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres: %w", ctx.Err())
		default:
		}
	}
}

// DSN is the URL of one database of the cluster.
func (c *Cluster) DSN(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database,
		RawQuery: url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

// Stop ends the server at once and removes everything it stored. It may be called again.
func (c *Cluster) Stop() {
	c.stop.Do(func() {
		if c.server != nil {
			_ = c.server.Process.Signal(syscall.SIGQUIT) // it may have ended by itself
			<-c.exited
		}
		os.RemoveAll(c.dir)
	})
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// settings trade every durability for speed, and leave room for the pools of
// several test processes.
func settings() []string {
	var args []string
	for _, s := range []string{
		"listen_addresses=", "max_connections=300", "shared_buffers=128MB",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off",
		"wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB", "checkpoint_timeout=1h",
		"jit=off", "timezone=UTC", "log_min_messages=fatal", "log_min_error_statement=panic",
	} {
		args = append(args, "-c", s)
	}
	return args
}

// binaries finds the newest server: Debian keeps it out of PATH.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well formed
	newest, major := "", -1
	for _, path := range found {
		var n int
		if _, err := fmt.Sscanf(strings.TrimPrefix(path, "/usr/lib/postgresql/"), "%d/", &n); err == nil && n > major {
			newest, major = filepath.Dir(path), n
		}
	}
	if newest != "" {
		return newest, nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrNotInstalled
	}
	return filepath.Dir(path), nil
}
