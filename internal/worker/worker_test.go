package worker_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"perennial/internal/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tick = time.Second

// diary keeps at which second since its beginning something happened.
type diary struct {
	begin time.Time
	mu    sync.Mutex
	lines []time.Duration
}

func newDiary() *diary { return &diary{begin: time.Now()} }

// write adds now, and tells how many lines there are.
func (d *diary) write() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, time.Since(d.begin))
	return len(d.lines)
}

// read empties the diary.
func (d *diary) read() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

func (d *diary) want(t *testing.T, what string, want ...time.Duration) {
	t.Helper()
	if got := d.read(); !slices.Equal(got, want) {
		t.Errorf("%s at %v, want %v", what, got, want)
	}
}

// run starts a loop in the bubble's own time and returns what stops it and waits
// for its end.
func run(t *testing.T, l *worker.Loop) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { l.Run(ctx); close(over) }()
	return func() { cancel(); <-over }
}

// after lets time pass in the bubble.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func logged() (*slog.Logger, *bytes.Buffer) {
	b := &bytes.Buffer{}
	return slog.New(slog.NewTextHandler(b, nil)), b
}

func TestLoopLooksAtOnceAndEveryTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logged()
		l, calls := worker.New(log, tick), newDiary()
		l.Add("step", func(context.Context) (bool, error) { calls.write(); return false, nil })
		stop := run(t, l)
		after(3*tick + tick/2)
		stop()
		calls.want(t, "looked", 0, tick, 2*tick, 3*tick)
	})
}

func TestLoopGoesOnWhileThereIsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logged()
		l, first, second := worker.New(log, tick), newDiary(), newDiary()
		l.Add("three pieces", func(context.Context) (bool, error) { return first.write() < 3, nil })
		l.Add("nothing", func(context.Context) (bool, error) { second.write(); return false, nil })
		stop := run(t, l)
		after(tick / 2)
		stop()
		first.want(t, "the step with more to do was called", 0, 0, 0)
		second.want(t, "the other one had its turns", 0, 0, 0)
	})
}

func TestWakeIsHeardAtOnceAndNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logged()
		l, calls := worker.New(log, tick), newDiary()
		l.Add("step", func(context.Context) (bool, error) { calls.write(); return false, nil })
		for range 100 { // before it runs, and more than anybody will hear
			l.Wake()
		}
		stop := run(t, l)
		after(tick / 4)
		calls.read()
		for range 100 {
			l.Wake()
		}
		after(tick / 4)
		stop()
		if at := calls.read(); len(at) < 1 || len(at) > 2 || at[0] != tick/4 {
			t.Errorf("100 wake-ups at %v led to calls at %v", tick/4, at)
		}
	})
}

// A wake-up that comes while a step works must not be lost: the step may have
// looked just before the work arrived.
func TestWakeDuringAStepIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logged()
		l, calls := worker.New(log, time.Hour), newDiary()
		l.Add("slow", func(context.Context) (bool, error) {
			if calls.write() == 1 {
				<-time.After(2 * time.Second)
			}
			return false, nil
		})
		stop := run(t, l)
		after(time.Second)
		l.Wake()
		after(2 * time.Second)
		stop()
		calls.want(t, "called", 0, 2*time.Second)
	})
}

func TestAFailingStepBacksOffAndTheOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, said := logged()
		l, bad, good := worker.New(log, tick), newDiary(), newDiary()
		var healed atomic.Bool
		l.Add("bad", func(context.Context) (bool, error) {
			if bad.write(); healed.Load() {
				return false, nil
			}
			return true, errors.New("the database is locked")
		})
		l.Add("good", func(context.Context) (bool, error) { good.write(); return false, nil })
		stop := run(t, l)
		after(16 * tick)
		bad.want(t, "a failing step was tried", 0, 1*tick, 3*tick, 7*tick, 15*tick)
		if n := len(good.read()); n != 17 {
			t.Errorf("the other step was called %d times in 16 ticks", n)
		}
		l.Wake() // does not shorten the pause of what fails
		after(tick / 2)
		bad.want(t, "after a wake-up it was tried")
		after(1000 * tick)
		longest, at := time.Duration(0), bad.read()
		for n := 1; n < len(at); n++ {
			longest = max(longest, at[n]-at[n-1])
		}
		if longest != time.Minute {
			t.Errorf("the longest pause is %v, want a minute", longest)
		}
		// One success, and it is as if it had never failed.
		healed.Store(true)
		after(2 * time.Minute)
		healed.Store(false)
		bad.read()
		after(4*tick - tick/4)
		if at := bad.read(); len(at) < 2 || at[1]-at[0] != tick {
			t.Errorf("after a success it was tried at %v, and the first pause is not one tick", at)
		}
		stop()
		for _, word := range []string{"step=bad", "failures=5", "the database is locked"} {
			if !strings.Contains(said.String(), word) {
				t.Errorf("the log does not say %q:\n%s", word, said)
			}
		}
	})
}

func TestAPanicOfAStepIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, said := logged()
		l, bad, good := worker.New(log, tick), newDiary(), newDiary()
		l.Add("bad", func(context.Context) (bool, error) { bad.write(); panic("index out of range") })
		l.Add("good", func(context.Context) (bool, error) { good.write(); return false, nil })
		stop := run(t, l)
		after(2*tick - tick/4)
		stop()
		bad.want(t, "the panicking step was called", 0, tick)
		good.want(t, "the other one was called", 0, tick)
		if s := said.String(); !strings.Contains(s, "index out of range") || !strings.Contains(s, "worker_test.go") {
			t.Errorf("the log does not say where it panicked:\n%s", s)
		}
	})
}

func TestStopWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, said := logged()
		l, calls, stopped := worker.New(log, time.Hour), newDiary(), newDiary()
		l.Add("step", func(context.Context) (bool, error) { calls.write(); return false, nil })
		stop := run(t, l)
		after(time.Minute)
		stop()
		stopped.write()
		stopped.want(t, "stopped", time.Minute)
		calls.want(t, "called", 0)
		if said.Len() > 0 {
			t.Errorf("a stop is logged as trouble: %s", said)
		}
	})
}

// The step that runs sees the end and returns; nothing is called after it.
func TestStopWhileAStepWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, said := logged()
		l, next := worker.New(log, tick), newDiary()
		l.Add("long", func(ctx context.Context) (bool, error) { <-ctx.Done(); return true, ctx.Err() })
		l.Add("next", func(context.Context) (bool, error) { next.write(); return false, nil })
		stop := run(t, l)
		after(tick)
		stop()
		next.want(t, "the next step was called")
		if said.Len() > 0 {
			t.Errorf("what the stop interrupted is logged as trouble: %s", said)
		}
	})
}

func TestStopWhileThereIsAlwaysMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logged()
		l, calls := worker.New(log, tick), 0
		l.Add("endless", func(context.Context) (bool, error) { calls++; <-time.After(time.Millisecond); return true, nil })
		stop := run(t, l)
		after(10 * time.Millisecond)
		stop()
		if calls < 9 || calls > 11 {
			t.Errorf("%d calls", calls)
		}
	})
}

// Whoever watches the loop learns of each call, of its error and of how long it took.
func TestWatch_IsToldOfEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logged()
		l, calls := worker.New(log, tick), 0
		locked := errors.New("the database is locked")
		l.Add("step", func(context.Context) (bool, error) {
			<-time.After(tick / 8)
			if calls++; calls == 2 {
				return false, locked
			}
			return false, nil
		})
		l.Add("long", func(ctx context.Context) (bool, error) {
			if calls < 3 {
				return false, nil
			}
			<-ctx.Done()
			return false, ctx.Err()
		})
		type told struct {
			step string
			err  error
			took time.Duration
		}
		var got []told
		l.Watch(func(step string, err error, took time.Duration) { got = append(got, told{step, err, took}) })
		stop := run(t, l)
		after(4 * tick)
		stop()
		want := []told{{"step", nil, tick / 8}, {"long", nil, 0}, {"step", locked, tick / 8}, {"long", nil, 0},
			{"long", nil, 0}, {"step", nil, tick / 8}} // the failing step pauses, and what the end cut short is not told
		if !slices.Equal(got, want) {
			t.Errorf("it was told of %v, want %v", got, want)
		}
	})
}
