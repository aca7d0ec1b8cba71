// Package worker is the loop behind what happens without a person. It knows
// neither tasks nor mails: it is given steps, calls each until it has nothing
// more to do, and then waits for a wake-up or the next tick. The state machine of
// the tasks is the queue, so nothing is lost when the loop stops anywhere.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// Step does a piece of work. It returns true where calling it again at once would
// do more.
type Step struct {
	Name string
	Do   func(context.Context) (more bool, err error)
}

// Loop calls steps.
type Loop struct {
	log   *slog.Logger
	steps []Step
	tick  time.Duration
	wake  chan struct{}
	watch func(step string, err error, took time.Duration) // may be nil
}

// New makes a loop that looks for work at least once a tick.
func New(log *slog.Logger, tick time.Duration) *Loop {
	return &Loop{log: log, tick: tick, wake: make(chan struct{}, 1)}
}

// Add appends a step; it must be called before Run.
func (l *Loop) Add(name string, do func(context.Context) (bool, error)) {
	l.steps = append(l.steps, Step{name, do})
}

// Watch has f called after each call of a step; it must be set before Run. A call that
// the end of the loop cut short is not told.
func (l *Loop) Watch(f func(step string, err error, took time.Duration)) { l.watch = f }

// Wake makes the loop look for work now. It never blocks.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default: // a wake-up is already waiting
	}
}

// mostBackOff is the longest pause between attempts of a step that keeps failing.
const mostBackOff = time.Minute

// Run calls the steps until ctx ends. A step is never cut short by another: the
// one that runs when ctx ends sees it and returns. A step that fails is tried
// again after a pause that doubles, while the others go on.
func (l *Loop) Run(ctx context.Context) {
	failures := make([]int, len(l.steps))
	notBefore := make([]time.Time, len(l.steps))
	ticker := time.NewTicker(l.tick)
	defer ticker.Stop()
	for {
		more := false
		for n, step := range l.steps {
			if ctx.Err() != nil {
				return
			}
			if time.Now().Before(notBefore[n]) {
				continue
			}
			began := time.Now()
			again, err := call(ctx, step)
			if l.watch != nil && (err == nil || ctx.Err() == nil) {
				l.watch(step.Name, err, time.Since(began))
			}
			if err == nil {
				failures[n] = 0
				more = more || again
				continue
			}
			if ctx.Err() != nil {
				return
			}
			failures[n]++
			pause := backOff(failures[n], l.tick)
			notBefore[n] = time.Now().Add(pause)
			l.log.ErrorContext(ctx, "a step failed", "step", step.Name, "failures", failures[n], "pause", pause, "err", err)
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-ticker.C:
		}
	}
}

// backOff is the pause after so many failures in a row.
func backOff(failures int, tick time.Duration) time.Duration {
	return min(tick<<min(failures-1, 16), mostBackOff)
}

// call turns a panic of a step into an error, so that one bad task does not end
// the whole server.
func call(ctx context.Context, s Step) (more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.Do(ctx)
}
