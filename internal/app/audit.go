package app

import (
	"time"

	"perennial/internal/store"
)

// audited makes the audit row of one change of money or state.
func (a *App) audited(who Actor, now time.Time, action, subject, was, became string) store.Audit {
	return store.Audit{ID: a.newID(now), AccountID: who.AccountID, At: now, Actor: who.Name, Action: action,
		Subject: subject, Was: was, Became: became, RequestID: who.RequestID}
}

func (a *App) audit(tx *store.Tx, who Actor, now time.Time, action, subject, was, became string) error {
	return tx.InsertAudits(a.audited(who, now, action, subject, was, became))
}
