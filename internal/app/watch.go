package app

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"perennial/internal/billing"
	"perennial/internal/store"
)

// Refusals are the causes for which charging is refused or left for later.
var Refusals = []string{string(WaitReconcile), string(WaitAccept), string(WaitDiscrepancy), refusedGateway,
	"books_checking", "books_broken", "books_damaged"}

// refusedGateway is the cause where the gateway's payments could not be compared.
const refusedGateway = "gateway"

// Watched is what happened in this process since its start.
type Watched struct {
	Takeovers int64            // leases of tasks that were another process's
	Refused   map[string]int64 // by cause, one of Refusals
	Failures  map[string]int64 // attempts to settle that failed, by "payment" and "refund"
	Failing   map[string]int   // how many of them failed last and are not settled, by the same
}

// watch keeps Watched.
type watch struct {
	takeovers int64
	taken     map[string]int64 // by task, the epoch of the lease that was taken over last
	refused   map[string]int64
	failures  map[string]int64
	failing   map[string]failing // by the id of the payment or refund
}

func newWatch() watch {
	return watch{taken: map[string]int64{}, refused: map[string]int64{}, failures: map[string]int64{}, failing: map[string]failing{}}
}

// Watched returns a copy.
func (a *App) Watched() Watched {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := Watched{Takeovers: a.watch.takeovers, Refused: maps.Clone(a.watch.refused), Failures: maps.Clone(a.watch.failures),
		Failing: map[string]int{}}
	for _, f := range a.watch.failing {
		w.Failing[f.kind]++
	}
	return w
}

// Vitals counts the open work of all accounts.
func (a *App) Vitals(ctx context.Context) (all []store.Vital, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		all, err = tx.Vitals()
		return err
	})
	return all, err
}

// DeadMails counts mails that were given up. It is too slow for every reading.
func (a *App) DeadMails(ctx context.Context) (n int64, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		n, err = tx.DeadMails()
		return err
	})
	return n, err
}

// refuse counts that charging was refused or left for later, and returns err.
func (a *App) refuse(cause string, err error) error {
	if u, ok := errors.AsType[*Unsound](err); ok {
		cause = "books_" + string(u.Books)
	}
	if cause != "" {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.watch.refused[cause]++
	}
	return err
}

// tookOver notes that a task was another process's. A transaction that runs again
// takes the same lease, which counts once.
func (a *App) tookOver(taskID string, from store.Lease) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if epoch, ok := a.watch.taken[taskID]; ok && epoch == from.Epoch {
		return
	}
	a.watch.taken[taskID] = from.Epoch
	a.watch.takeovers++
	a.Log.Warn("this server takes over a task of another one", "task", taskID, "owner", from.Owner)
}

// failing is a payment or a refund that the latest attempt did not settle.
type failing struct {
	kind, accountID, paymentID string
	failures                   int
}

// noteSettling keeps how an attempt to settle a payment or a refund ended. Each
// failure is a line with the number of failures in a row.
func (a *App) noteSettling(ctx context.Context, id string, f failing, err error) {
	if ctx.Err() != nil || errors.Is(err, errOvertaken) {
		return
	}
	if err == nil {
		a.settledAgain(ctx, id)
		return
	}
	a.mu.Lock()
	f.failures = a.watch.failing[id].failures + 1
	a.watch.failing[id] = f
	a.watch.failures[f.kind]++
	a.mu.Unlock()
	a.Log.ErrorContext(ctx, "the outcome of a "+f.kind+" is not known", f.kind, id, "account", f.accountID, "failures", f.failures, "err", err)
}

func (a *App) settledAgain(ctx context.Context, id string) {
	a.mu.Lock()
	f, ok := a.watch.failing[id]
	delete(a.watch.failing, id)
	a.mu.Unlock()
	if ok {
		a.Log.InfoContext(ctx, "the outcome of a "+f.kind+" is known again", f.kind, id, "account", f.accountID, "failures", f.failures)
	}
}

// forgetSettled ends the failures of payments and refunds that something else settled:
// a person, another server, or a refusal of the gateway.
func (a *App) forgetSettled(ctx context.Context) error {
	a.mu.Lock()
	all := maps.Clone(a.watch.failing)
	a.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	var settled []string
	err := a.Store.Read(ctx, func(tx *store.Tx) error {
		settled = nil
		for id, f := range all {
			open, err := stillOpen(tx, id, f)
			if err != nil {
				return err
			}
			if !open {
				settled = append(settled, id)
			}
		}
		return nil
	})
	for _, id := range settled {
		a.settledAgain(ctx, id)
	}
	return err
}

func stillOpen(tx *store.Tx, id string, f failing) (bool, error) {
	if f.kind == "payment" {
		p, err := tx.Payment(f.accountID, id)
		return err == nil && !p.State.Settled(), ignoreNone(err)
	}
	refunds, err := tx.Refunds(f.accountID, f.paymentID)
	for _, one := range refunds {
		if one.ID == id {
			return one.State == billing.RefundCreated, err
		}
	}
	return false, err
}

// unsettled is the error of a step after which payments or refunds are not settled.
// Each of them has a line of its own.
type unsettled []error

func (u unsettled) Error() string {
	return fmt.Sprintf("payments and refunds whose outcome is not known: %d", len(u))
}

func (u unsettled) Unwrap() []error { return u }
