package main

import (
	"context"
	"errors"
	"time"

	"perennial/internal/app"
	"perennial/internal/store"
)

const (
	// keepTick is how often the server looks whether the database file is still its own.
	keepTick = 2 * time.Second
	// ticksABeat is after how many ticks it shows others that it lives, several times
	// a lease. Each beat is a write to the disk.
	ticksABeat = 2
)

// keep holds the file until ctx ends. Where another server's name is in it, it waits
// for a lease to see whether that server lives; nothing is charged meanwhile. It
// returns an error where the file is not this server's any more.
func (b *books) keep(ctx context.Context) error {
	ticker := time.NewTicker(keepTick)
	defer ticker.Stop()
	held, said, ticks := false, "", 0
	var waiting time.Duration // since when another server is waited for; 0 before
	for {
		if err := b.present(); err != nil {
			return err
		}
		var err error
		now := b.clock.Monotonic()
		if held {
			if ticks++; ticks%ticksABeat == 0 {
				err = b.tenure.Beat(ctx)
			}
		} else if held, err = b.tenure.Claim(ctx, waiting > 0 && now-waiting >= app.LeasePeriod); held {
			close(b.held)
		} else if err == nil && waiting == 0 {
			waiting = now
			b.log.InfoContext(ctx, "the database names another server; nothing is charged until it is known to have stopped", "database", b.store.Name(), "wait", app.LeasePeriod.String())
		}
		switch {
		case errors.Is(err, store.ErrAnotherServer):
			b.mu.Lock()
			b.gone = err
			b.mu.Unlock()
			return err
		case ctx.Err() != nil:
			return nil
		case err != nil && err.Error() != said:
			said = err.Error()
			b.log.WarnContext(ctx, "the server cannot be entered in its database", "err", err)
		case err == nil:
			said = ""
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// leave lets the next server begin at once. It is called when nothing works on the
// file any more.
func (b *books) leave(ctx context.Context) {
	if b.tenure == nil || b.present() != nil {
		return
	}
	if err := b.tenure.End(ctx); err != nil {
		b.log.WarnContext(ctx, "the next server will wait until this one is known to have stopped", "err", err)
	}
}
