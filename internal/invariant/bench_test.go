package invariant_test

import (
	"testing"
	"time"

	"perennial/internal/invariant"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// The large account of BenchmarkCheck has so many units, renewed in so many tasks.
const (
	units = 10_000
	tasks = 3
)

// BenchmarkCheck measures how long the check of an account takes: of one with many
// renewals, and of an empty one beside it, which must not notice the other.
func BenchmarkCheck(b *testing.B) {
	w := testkit.NewWorld(b, testkit.SQLite)
	w.Prices(100)
	w.AddMany(units, 100*24*time.Hour)
	w.Deposit(units * tasks * testkit.UnitPrice)
	for range tasks {
		if n := w.Confirm(w.Prepare(testkit.Everything).ID).Renewed; n != units {
			b.Fatalf("%d renewed", n)
		}
	}
	w.Write(func(tx *store.Tx) error {
		empty := w.Account
		empty.ID = "empty"
		if err := tx.InsertAccount(empty); err != nil {
			return err
		}
		return tx.InsertWallet(empty.ID, "USD")
	})
	for _, id := range []string{"empty", w.Account.ID} {
		b.Run(id, func(b *testing.B) {
			for b.Loop() {
				if broken, err := invariant.Check(b.Context(), w.Store.Handle(), id); err != nil || len(broken) > 0 {
					b.Fatal(broken, err)
				}
			}
		})
	}
}
