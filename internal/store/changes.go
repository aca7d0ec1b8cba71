package store

import (
	"slices"
	"sync"
)

// watchers are told whose instances may have changed.
type watchers struct {
	mu  sync.Mutex
	all []func(accountID string)
}

// OnChange has f called for each account whose instances a transaction of this
// program may have changed: after the transaction, whatever became of it, and before
// its Write returns.
func (db *DB) OnChange(f func(accountID string)) {
	db.watchers.mu.Lock()
	defer db.watchers.mu.Unlock()
	db.watchers.all = append(db.watchers.all, f)
}

// changes notes that a transaction changes instances of an account. Every statement
// that writes to the table says so.
func (tx *Tx) changes(accountID string) {
	if !slices.Contains(tx.changed, accountID) {
		tx.changed = append(tx.changed, accountID)
	}
}

// tell is called when a transaction is over.
func (db *DB) tell(tx *Tx) {
	if len(tx.changed) == 0 {
		return
	}
	db.watchers.mu.Lock()
	all := slices.Clone(db.watchers.all)
	db.watchers.mu.Unlock()
	for _, f := range all {
		for _, account := range tx.changed {
			f(account)
		}
	}
}
