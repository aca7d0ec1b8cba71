package app

import (
	"time"

	"perennial/internal/account"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// move changes the state of a task and keeps the audit row of it.
func (a *App) move(tx *store.Tx, who Actor, t renewal.Task, from renewal.State, now time.Time) (renewal.Task, error) {
	t, err := tx.Move(t, from, now)
	if err != nil {
		return t, err
	}
	return t, a.audit(tx, who, now, "move", "task "+t.ID, string(from), string(t.State))
}

// tell puts a notice into the outbox for the account's address and for members by id.
func (a *App) tell(tx *store.Tx, acc account.Account, n notice.Notice, now time.Time, members ...string) error {
	return tx.Tell(a.newID(now), acc.ID, n, now, members...)
}

func about(t renewal.Task, acc account.Account) notice.Task {
	return notice.Task{TaskID: t.ID, Number: t.Number, Zone: acc.ZoneName}
}

// lockTask finds the task that a person asks to change, with its account.
func lockTask(tx *store.Tx, accountID, id string) (renewal.Task, account.Account, error) {
	t, err := tx.LockTask(accountID, id)
	if store.IsNone(err) {
		return t, account.Account{}, noTask()
	}
	if err != nil {
		return t, account.Account{}, err
	}
	acc, err := tx.Account(accountID)
	return t, acc, err
}
