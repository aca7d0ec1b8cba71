package cluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"perennial/internal/testkit/cluster"
)

// asChild makes this test binary hold a cluster until it is killed.
const asChild = "CLUSTER_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		c, err := cluster.Start(context.Background())
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(c.DSN("postgres"))
		select {} // the parent kills this process
	}
	os.Exit(m.Run())
}

// socket is where the cluster of a DSN listens.
func socket(t *testing.T, dsn string) (dir, path string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("%q is not a DSN: %v", dsn, err)
	}
	dir = u.Query().Get("host")
	return dir, filepath.Join(dir, ".s.PGSQL.5432")
}

func start(t *testing.T) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context())
	if errors.Is(err, cluster.ErrNotInstalled) && os.Getenv("PERENNIAL_TEST_REQUIRE") == "" {
		t.Log("LEFT OUT:", err)
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

func TestStopLeavesNothing(t *testing.T) {
	c := start(t)
	if c == nil {
		return
	}
	dir, path := socket(t, c.DSN("postgres"))
	if conn, err := net.Dial("unix", path); err != nil {
		t.Fatalf("the server does not listen: %v", err)
	} else {
		conn.Close()
	}
	c.Stop()
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	c.Stop()
}

func TestServerDiesWithTheProcessThatStartedIt(t *testing.T) {
	if start(t) == nil {
		return
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asChild+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line := bufio.NewScanner(out)
	line.Scan()
	dir, _ := socket(t, line.Text())
	t.Cleanup(func() { os.RemoveAll(dir) })
	conn, err := pgx.Connect(t.Context(), line.Text())
	if err != nil {
		t.Fatalf("the child's server does not answer: %v", err)
	}
	defer conn.Close(t.Context())
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed

	// A session ends when its server does, which needs no polling.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := conn.WaitForNotification(ctx); ctx.Err() != nil {
		t.Errorf("the server outlives the process that started it: %v", err)
	}
}
