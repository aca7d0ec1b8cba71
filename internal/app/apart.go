package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// apart does what nobody waits for, until it is closed.
type apart struct {
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup
	mu   sync.Mutex
}

func newApart(log *slog.Logger) *apart {
	ctx, stop := context.WithCancel(context.Background())
	return &apart{log: log, ctx: ctx, stop: stop}
}

// do begins to do something. Its failure is logged.
func (p *apart) do(f func(context.Context) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return
	}
	p.work.Go(func() {
		if err := guarded(func() error { return f(p.ctx) }); err != nil && p.ctx.Err() == nil {
			p.log.Error("what nobody waits for failed", "error", err.Error())
		}
	})
}

// close stops what is being done and returns when it has stopped.
func (p *apart) close() {
	p.mu.Lock()
	p.stop()
	p.mu.Unlock()
	p.work.Wait()
}

// guarded turns a panic into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
