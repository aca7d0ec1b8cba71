//go:build linux || darwin

package sandbox_test

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
)

// A disk that fills in the middle of a line leaves everything unknown until the
// log is opened anew, which then removes the torn line. The kernel's limit on
// the size of a file stands for the disk.
func TestFullDiskLeavesEverythingUnknown(t *testing.T) {
	log := newLog(t)
	_, c, _, stop := run(t, log)
	paid, id := prepare(t, c, "paid"), prepare(t, c, "k")
	if _, err := c.Capture(t.Context(), paid); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}

	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	low := limit
	low.Cur = uint64(before.Size()) + 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &low); err != nil {
		t.Fatal(err)
	}
	_, failed := c.Capture(t.Context(), id)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(failed, gateway.ErrUnknown) {
		t.Fatal(failed)
	}

	allUnknown(t, c, id) // although the disk has room again: what follows a torn line would be lost with it
	if after, err := os.Stat(log); err != nil || after.Size() != before.Size()+20 {
		t.Fatalf("%v, %d bytes after %d: the line is not torn", err, after.Size(), before.Size())
	}
	stop()

	_, c, _, _ = run(t, log)
	if state(t, c, paid) != gateway.Captured || state(t, c, id) != gateway.Prepared {
		t.Fatal("the restart remembers something else")
	}
	if r, err := c.Capture(t.Context(), id); err != nil || r.State != gateway.Captured || len(readLog(t, log)) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestResetIsAResetAndNotAnEnd(t *testing.T) {
	box, c, _, _ := run(t, newLog(t))
	id := prepare(t, c, "k")
	for _, mood := range []sandbox.Mood{sandbox.ResetBefore, sandbox.ResetAfter} {
		box.Queue(sandbox.CallCapture, mood)
		if _, err := c.Capture(t.Context(), id); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: %v", mood, err)
		}
	}
}
