package main

import (
	"context"
	"errors"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
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
		now, writes := b.clock.Monotonic(), true
		if held {
			if ticks++; ticks%ticksABeat == 0 {
				err = b.tenure.Beat(ctx)
			} else {
				writes = false
			}
		} else if held, err = b.tenure.Claim(ctx, waiting > 0 && now-waiting >= app.LeasePeriod); held {
			close(b.held)
		} else if err == nil && waiting == 0 {
			waiting = now
			b.log.InfoContext(ctx, "the database names another server; nothing is charged until it is known to have stopped", "database", b.store.Name(), "wait", app.LeasePeriod.String())
		}
		if writes && ctx.Err() == nil {
			b.noteBeat(err)
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

// beatLate is the age of the latest write at which the file counts as locked or gone,
// before the next one has failed. Two beats are missed by then.
const beatLate = 10 * time.Second

// noteBeat keeps how the latest write to the file ended.
func (b *books) noteBeat(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.beatErr, b.beatAt, b.beats = err, b.clock.Monotonic(), true
}

var (
	errGone    = fault.New(fault.Unavailable, "The database file was moved, deleted or replaced.")
	errUnsound = fault.New(fault.Unavailable, "The database is damaged.")
	errLate    = fault.New(fault.Unavailable, "The database takes no writes.")
)

// ready returns a fault where the file cannot be used, as far as the beats and the
// checks of it have shown.
func (b *books) ready() error {
	if err := b.present(); err != nil {
		return errGone
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Monotonic()
	if b.store.Doubts() > b.doubts {
		b.lookAtFile(now) // also where nobody charges
	}
	switch {
	case b.file.books == account.BooksDamaged:
		return errUnsound
	case b.beatErr != nil:
		return app.NotReady(b.beatErr)
	case b.beats && now-b.beatAt >= beatLate:
		return errLate
	}
	return nil
}
