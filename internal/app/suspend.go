package app

import (
	"time"

	"perennial/internal/account"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// endangeredNamed is how many units a mail names; it counts the rest.
const endangeredNamed = 5

// endangeredWithin is how near freezing or release must be to be named.
const endangeredWithin = 3 * renewal.Day

// suspend pauses a running task and tells why; what is missing is what the funds
// do not cover of all that is left. why is the gateway's code where a card was
// declined.
func (a *App) suspend(tx *store.Tx, t renewal.Task, acc account.Account, p renewal.Pause, why string, now time.Time) error {
	plan, err := a.planOf(tx, t, now, nil)
	if err != nil {
		return err
	}
	from := t.State
	t.State, t.SuspendedAt, t.Pause, t.Why = renewal.Suspended, now, p, why
	t.Shortfall, t.Reconfirm = plan.Shortfall.Minor, t.Reconfirm || p == renewal.PauseConsent
	if t, err = a.move(tx, worker(acc.ID), t, from, now); err != nil {
		return err
	}
	return a.tellSuspended(tx, t, acc, 0, now)
}

// tellSuspended tells on each day of a suspension what is missing by now.
func (a *App) tellSuspended(tx *store.Tx, t renewal.Task, acc account.Account, day int, now time.Time) error {
	balance, err := tx.Balance(acc.ID)
	if err != nil {
		return err
	}
	plan, err := a.planOf(tx, t, now, nil)
	if err != nil {
		return err
	}
	r := retentionOf(acc)
	span := func(kept time.Duration) renewal.Span {
		return renewal.Span{From: now.Add(-kept), To: now.Add(-kept + endangeredWithin)}
	}
	first, total, err := tx.Endangered(t.AccountID, t.ID, span(r.Grace), span(r.Grace+r.Frozen), endangeredNamed)
	if err != nil {
		return err
	}
	n := notice.TaskSuspended{Task: about(t, acc), Version: t.Version, Since: t.SuspendedAt, Day: day, Pause: t.Pause, Renewed: t.Renewed, Left: t.Left(),
		Due: plan.Due, Shortfall: plan.Shortfall, Balance: balance, EndangeredTotal: total}
	if err := cardAsked(tx, t, &n); err != nil {
		return err
	}
	for _, i := range first {
		e := notice.Endangered{InstanceID: i.InstanceID, Name: i.Name, At: r.ReleasedAt(i.OldExpiry)}
		if e.Freezes = now.Before(r.FreezesAt(i.OldExpiry)); e.Freezes {
			e.At = r.FreezesAt(i.OldExpiry)
		}
		n.Endangered = append(n.Endangered, e)
	}
	return a.tell(tx, acc, n, now, t.ConfirmedMember)
}

// cardAsked says which card a task waits for, and what that was asked for.
func cardAsked(tx *store.Tx, t renewal.Task, n *notice.TaskSuspended) error {
	if t.Pause != renewal.PauseDeclined && t.Pause != renewal.PauseUnknown {
		return nil
	}
	payments, err := tx.CardPayments(t.AccountID, t.ID)
	if err != nil || len(payments) == 0 {
		return err
	}
	last := payments[len(payments)-1]
	names, err := sourceNames(tx, t.AccountID)
	if err != nil {
		return err
	}
	n.Card = names[last.CardID]
	if t.Pause == renewal.PauseDeclined {
		n.Declined, n.OnlyEnd = declinedBecause(t.Why), t.Unrecorded()
		return nil
	}
	n.Charged = last.Charged
	n.Units, err = tx.CountUnderWay(t.AccountID, last.ID)
	return err
}
