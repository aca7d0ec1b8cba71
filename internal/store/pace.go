package store

import (
	"context"
	"sync"
	"time"

	"perennial/internal/fault"
)

const (
	// transactionLimit bounds a transaction with all its runs and waits, so that a
	// database that does not answer ends nobody's work for ever.
	transactionLimit = 20 * time.Second
	// maintenanceLimit is the same for imports, exports and checks of a whole database.
	maintenanceLimit = 15 * time.Minute
	// tryLimit is for how long a transaction waits for its turn and is run again. A
	// run that has begun by then may take a SQLite file's busy time-out longer.
	tryLimit = 12 * time.Second
)

// readers is how many connections read a SQLite file for pages, beside its writer.
// connections is the same for PostgreSQL, where they write, too. The worker and what
// belongs to no account have spare more, so that pages never keep them waiting.
const (
	readers     = 4
	connections = 16
	spare       = 2
)

type (
	accountKey     struct{}
	maintenanceKey struct{}
)

// ForAccount marks what a page of an account asks for. An account has at most three
// quarters of the connections of pages, and waits for its turn beyond that.
func ForAccount(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, accountKey{}, id)
}

// ForMaintenance marks what may take minutes: imports, exports, checks.
func ForMaintenance(ctx context.Context) context.Context {
	return context.WithValue(ctx, maintenanceKey{}, true)
}

func accountOf(ctx context.Context) string {
	id, _ := ctx.Value(accountKey{}).(string)
	return id
}

func isMaintenance(ctx context.Context) bool { return ctx.Value(maintenanceKey{}) != nil }

// lane hands out turns, first come first served among those whose account has not
// got its share already.
type lane struct {
	mu        sync.Mutex
	free      int
	share     int // most turns of one account that is alone
	contended int // the same while others are at work, too
	taken     map[string]int
	queue     []*ticket
	asked     uint64            // how often somebody asked for a turn
	latest    map[string]uint64 // when an account did, counted in asked
}

// company is for how many turns an account that asked for one counts as at work.
const company = 64

type ticket struct {
	account string
	turn    chan struct{}
}

func newLane(turns, share, contended int) *lane {
	return &lane{free: turns, share: share, contended: contended, taken: map[string]int{}, latest: map[string]uint64{}}
}

// notice keeps which accounts are at work.
func (l *lane) notice(account string) {
	l.asked++
	l.latest[account] = l.asked
	for one, at := range l.latest {
		if l.asked-at > company {
			delete(l.latest, one)
		}
	}
}

// enter waits for a turn. The error is that of the context.
func (l *lane) enter(ctx context.Context, account string) error {
	t := &ticket{account, make(chan struct{})}
	l.mu.Lock()
	l.notice(account)
	l.queue = append(l.queue, t)
	l.serve()
	l.mu.Unlock()
	select {
	case <-t.turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, one := range l.queue {
		if one == t {
			l.queue = append(l.queue[:n], l.queue[n+1:]...)
			return ctx.Err()
		}
	}
	return nil // its turn came at the same moment
}

func (l *lane) leave(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free++
	if l.taken[account]--; l.taken[account] == 0 {
		delete(l.taken, account)
	}
	l.serve()
}

// serve gives free turns to those who wait.
func (l *lane) serve() {
	share := l.share
	if len(l.latest) > 1 {
		share = l.contended
	}
	for n := 0; n < len(l.queue) && l.free > 0; {
		t := l.queue[n]
		if l.taken[t.account] >= share {
			n++
			continue
		}
		l.queue = append(l.queue[:n], l.queue[n+1:]...)
		l.free--
		l.taken[t.account]++
		close(t.turn)
	}
}

// retryAfter is how many seconds somebody is asked to wait whose turn did not come.
const retryAfter = 10

// busy is the fault of a transaction whose turn did not come.
func (db *DB) busy() error {
	db.refused.Add(1)
	if db.locked.Load() {
		return db.trouble(errNoTurn, "The database is locked by another program.")
	}
	f := fault.Wrap(errNoTurn, fault.Unavailable, "The server is busy at the moment. Try again in a few seconds.")
	f.RetryAfter = retryAfter
	return f
}
