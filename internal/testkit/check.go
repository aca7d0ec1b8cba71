package testkit

import (
	"perennial/internal/invariant"
	"perennial/internal/store"
)

// checkers are the prepared rules of the databases of a World and its copies.
type checkers map[*store.DB]*invariant.Checker

// CheckInvariants fails the test where the data break a promise.
func (w *World) CheckInvariants() {
	w.Helper()
	broken, err := invariant.Check(w.Context(), w.Store.Handle(), "")
	w.report(broken, err)
}

// CheckAccount is CheckInvariants for the World's own account.
func (w *World) CheckAccount() {
	w.Helper()
	c := w.checkers[w.Store]
	if c == nil {
		var err error
		c, err = invariant.NewChecker(w.Context(), w.Store.Handle())
		w.Must(err)
		w.checkers[w.Store] = c
	}
	broken, err := c.Check(w.Context(), w.Account.ID)
	w.report(broken, err)
}

func (w *World) report(broken []invariant.Broken, err error) {
	w.Helper()
	if err != nil {
		w.Errorf("check invariants: %v", err)
	}
	for _, b := range broken {
		w.Errorf("invariant broken: %s", b)
	}
}

// close ends what was prepared for a database before it is closed.
func (c checkers) close(w *World, db *store.DB) {
	w.Helper()
	if one := c[db]; one != nil {
		w.Must(one.Close())
	}
}
