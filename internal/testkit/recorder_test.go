package testkit_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// recorder is a testing.TB that keeps what a test would have been told, so that
// the ways in which testkit fails a test can be tested themselves.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	said     []string
	failed   bool
	skipped  bool
	cleanups []func()
}

func (r *recorder) Helper()                   {}
func (r *recorder) Name() string              { return r.TB.Name() }
func (r *recorder) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Logf(f string, a ...any)   { r.say(f, a...) }
func (r *recorder) Errorf(f string, a ...any) { r.failed = true; r.say(f, a...) }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); runtime.Goexit() }
func (r *recorder) SkipNow()                  { r.skipped = true; runtime.Goexit() }

func (r *recorder) say(f string, a ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(f, a...))
}

func (r *recorder) text() string { return strings.Join(r.said, "\n") }

// record runs a test body to its end, cleanups included.
func record(t *testing.T, body func(tb testing.TB)) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(r.cleanups) - 1; i >= 0; i-- {
				r.cleanups[i]()
			}
		}()
		body(r)
	}()
	<-done
	return r
}
