package main_test

import (
	"regexp"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A damaged database never charges: a wallet that holds more than its ledger says
// keeps a running task where it is.
func TestNothingIsChargedOnDataThatBreakAPromise(t *testing.T) {
	w := realWorld(t)
	w.AddMany(3, time.Since(testkit.Start)+100*24*time.Hour)
	w.Deposit(3 * testkit.UnitPrice)
	task := w.Prepare(testkit.Everything)
	w.Must(w.App.Confirm(w.Context(), w.Buyer, app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: w.App.NewKey()}))
	w.Write(func(tx *store.Tx) error { return tx.Credit(w.Account.ID, money.Of(1, "USD")) })

	s := newPlace(t).serving("--database=" + w.Location)
	s.until(regexp.MustCompile("nothing will be charged"))
	s.mustStop()
	if now := w.Task(task.ID); now.State != renewal.Running || now.Renewed != 0 || w.Balance() != 3*testkit.UnitPrice+1 {
		t.Errorf("it went on: %s, %d renewed, balance %d", now.State, now.Renewed, w.Balance())
	}
	w.Write(func(tx *store.Tx) error {
		_, err := tx.Debit(w.Account.ID, money.Of(1, "USD"))
		return err
	})
}
