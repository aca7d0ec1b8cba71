package store_test

import (
	"fmt"
	"testing"

	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// More statements than a connection keeps, each twice and in turns with a failing
// one: what is kept, closed or thrown away answers as if it had been compiled anew.
func TestStatementsAreKeptAndGivenUp(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(100, 24*renewal.Day)
	for round := range 2 {
		for n := 1; n <= 90; n++ {
			ids := make([]string, n) // as many statements as there are lengths
			for i := range ids {
				ids[i] = fmt.Sprintf("ecs-%05d", i)
			}
			w.Write(func(tx *store.Tx) error {
				units, err := tx.Units(w.Account.ID, ids)
				if len(units) != n {
					t.Errorf("round %d: %d of %d units", round, len(units), n)
				}
				return err
			})
			err := w.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertWallet(w.Account.ID, "USD") })
			if !store.IsDuplicate(err) {
				t.Fatalf("round %d: a second wallet: %v", round, err)
			}
		}
	}
}
