package app

import (
	"time"

	"perennial/internal/store"
)

// LeasePeriod is how long one beat of a lease must be seen unchanged, on the
// observer's own monotonic clock, before another process may take the task over.
// Wall times are never compared, so a moved clock steals nothing.
const LeasePeriod = 10 * time.Second

// sighting is what this process last saw of another's lease, and since when.
type sighting struct {
	lease store.Lease
	since time.Duration
}

// hold tells whether this process may work on a task whose lease is l, and takes
// the lease where it is free or given up.
func (a *App) hold(tx *store.Tx, accountID, taskID string, l store.Lease) (store.Lease, bool, error) {
	if l.Owner == a.Owner {
		return l, true, nil
	}
	// Whoever holds the lock of a SQLite file is alone: any other owner is dead.
	if l.Owner != "" && !a.Store.Exclusive() && !a.abandoned(taskID, l) {
		return l, false, nil
	}
	taken, err := tx.TakeLease(accountID, taskID, a.Owner, l)
	if err == nil && l.Owner != "" {
		a.tookOver(taskID, l)
	}
	return taken, err == nil, err
}

func (a *App) abandoned(taskID string, l store.Lease) bool {
	now := a.Clock.Monotonic()
	a.mu.Lock()
	defer a.mu.Unlock()
	if seen, ok := a.leases[taskID]; ok && seen.lease == l {
		return now-seen.since >= LeasePeriod
	}
	a.leases[taskID] = sighting{l, now}
	return false
}

// busyElsewhere leaves a task alone that somebody else has locked, and looks at its
// lease: where that one was stopped, the period runs from now on, and not only from
// when the database has ended its transaction.
func (a *App) busyElsewhere(tx *store.Tx, accountID, taskID string, err error) error {
	if !store.IsNone(err) {
		return err
	}
	_, l, err := tx.Leased(accountID, taskID)
	if err == nil && l.Owner != a.Owner {
		a.abandoned(taskID, l)
	}
	return ignoreNone(err)
}
