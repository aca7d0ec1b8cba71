package main

import (
	"context"
	"time"

	"perennial/internal/account"
	"perennial/internal/invariant"
)

// check is the check of one account under way.
type check struct {
	accountID string
	verdict   *verdict
	rule      int // the next one
	broken    []invariant.Broken
	took      time.Duration
}

// checkAccounts checks accounts in turns until ctx ends, so that the many rows of
// one keep no other waiting.
func (b *books) checkAccounts(ctx context.Context) {
	for {
		c := b.next()
		if c == nil {
			select {
			case <-ctx.Done():
				return
			case <-b.turns:
				continue
			}
		}
		over, err := b.checkFor(ctx, c, turn)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil || over:
			b.conclude(ctx, c, err)
		default:
			b.mu.Lock()
			b.queue = append(b.queue, c)
			b.mu.Unlock()
		}
	}
}

// next takes the account that has waited longest, or nil.
func (b *books) next() *check {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return nil
	}
	c := b.queue[0]
	b.queue = b.queue[1:]
	return c
}

// checkFor runs the next rules of an account for some time, one at least, and
// reports whether all have been run.
func (b *books) checkFor(ctx context.Context, c *check, most time.Duration) (over bool, err error) {
	began := b.clock.Monotonic()
	for c.rule < invariant.Rules() {
		broken, err := invariant.CheckRule(ctx, b.store.Handle(), c.rule, c.accountID)
		if err != nil {
			return false, err
		}
		c.broken = append(c.broken, broken...)
		c.rule++
		if took := b.clock.Monotonic() - began; took >= most && c.rule < invariant.Rules() {
			c.took += took
			return false, nil
		}
	}
	c.took += b.clock.Monotonic() - began
	return true, nil
}

// conclude ends the check of an account and says in the log what changed.
func (b *books) conclude(ctx context.Context, c *check, err error) {
	found := account.BooksSound
	switch {
	case err != nil:
		found = account.BooksChecking
	case len(c.broken) > 0:
		found = account.BooksBroken
	}
	b.mu.Lock()
	changed, first := c.verdict.changes(found), !c.verdict.checked
	b.mu.Unlock()
	switch {
	case !changed:
	case err != nil:
		b.log.ErrorContext(ctx, "the data of an account cannot be checked; nothing will be charged", "account", c.accountID, "err", err)
	case found == account.BooksBroken:
		for _, row := range c.broken {
			b.log.ErrorContext(ctx, "the data break a promise; nothing will be charged", "account", c.accountID, "broken", row.String())
		}
	case !first:
		b.log.InfoContext(ctx, "the data keep every promise again; charging continues", "account", c.accountID)
	}
	b.mu.Lock()
	c.verdict.end(found, b.clock.Monotonic(), c.took)
	b.doubted = b.doubted || err != nil && b.store.Exclusive()
	b.mu.Unlock()
	b.wake()
}

// checkFile has the file read through whenever that is asked for, until ctx ends.
func (b *books) checkFile(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.files:
		}
		select {
		case <-ctx.Done():
			return
		case <-b.held:
		}
		began := b.clock.Monotonic()
		damage, err := b.store.Damage(ctx)
		if ctx.Err() != nil {
			return
		}
		found := account.BooksSound
		if err != nil || len(damage) > 0 {
			found = account.BooksDamaged
		}
		b.mu.Lock()
		changed, first := b.file.changes(found), !b.file.checked
		b.mu.Unlock()
		switch {
		case changed && found == account.BooksDamaged:
			b.log.ErrorContext(ctx, "the database file is damaged; nothing will be charged; restore a backup", "database", b.store.Name(), "damage", damage, "err", err)
		case changed && !first:
			b.log.InfoContext(ctx, "the database file is sound again; charging continues", "database", b.store.Name())
		}
		now := b.clock.Monotonic()
		b.mu.Lock()
		b.file.end(found, now, now-began)
		b.mu.Unlock()
		b.wake()
	}
}
