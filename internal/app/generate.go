package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// itemsACommit is how many items one transaction writes, so that the write lock
// is never held for long.
const itemsACommit = 1_000

// generate prepares a task: it reads the matching units and prices in one
// snapshot, checks and prices them here, writes the items, and declares the task
// ready. A generation that was interrupted begins again from nothing.
func (a *App) generate(ctx context.Context, j store.Job) error {
	t, epoch, ok, err := a.beginGeneration(ctx, j)
	if err != nil || !ok {
		return err
	}
	found, err := a.snapshot(ctx, &t)
	if f, isFault := fault.Of(err); isFault && f.Kind == fault.Invalid {
		return a.failGeneration(ctx, t, epoch, found.units, f.Message)
	}
	if err != nil {
		return err
	}
	// What can be renewed, and for how much, is known of the whole only: a task that
	// is cancelled now has nothing left.
	partly := blank(t)
	partly.Units = t.Units
	for start := 0; start < len(found.items); start += itemsACommit {
		chunk := found.items[start:min(start+itemsACommit, len(found.items))]
		partly.Prepared += len(chunk)
		if err := a.Store.Write(ctx, func(tx *store.Tx) error {
			if err := tx.Progress(partly, epoch); err != nil {
				return err
			}
			return tx.InsertItems(t.AccountID, chunk)
		}); err != nil {
			return ignoreLost(err)
		}
	}
	t.Prepared = partly.Prepared
	return ignoreLost(a.declareReady(ctx, t, epoch, found))
}

// blank is a task of which nothing has been found so far.
func blank(t renewal.Task) renewal.Task {
	t.Prepared, t.Units, t.Renewable, t.Blocked, t.Again, t.Soon = 0, 0, 0, 0, 0, 0
	t.ListMinor, t.FeeMinor, t.LeftMinor = 0, 0, 0
	return t
}

// ignoreLost forgives the loss of a lease: whoever has it does the work.
func ignoreLost(err error) error {
	if errors.Is(err, store.ErrLeaseLost) {
		return nil
	}
	return err
}

func (a *App) beginGeneration(ctx context.Context, j store.Job) (t renewal.Task, epoch int64, ok bool, err error) {
	err = a.Store.WriteUnlessLocked(ctx, func(tx *store.Tx) error {
		var l store.Lease
		ok = false
		if t, l, err = tx.LockLeasedNow(j.AccountID, j.TaskID); err != nil {
			return a.busyElsewhere(tx, j.AccountID, j.TaskID, err)
		}
		if t.State != renewal.Generating {
			return nil
		}
		if l, ok, err = a.hold(tx, t.AccountID, t.ID, l); err != nil || !ok {
			return err
		}
		epoch = l.Epoch
		t = blank(t)
		return tx.DeleteItems(t.AccountID, t.ID)
	})
	return t, epoch, ok, err
}

// snapshotted is what a generation found.
type snapshotted struct {
	acc   account.Account
	units int
	items []renewal.Item
}

// snapshot reads and prices. It fills the counts and totals of the task.
func (a *App) snapshot(ctx context.Context, t *renewal.Task) (s snapshotted, err error) {
	var units []renewal.Unit
	var prices pricing
	var now time.Time
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		now = a.Clock.Now()
		if s.acc, err = tx.Account(t.AccountID); err != nil {
			return err
		}
		if prices, err = pricingOf(tx, s.acc, now); err != nil {
			return err
		}
		if t.SourceTask != "" {
			units, err = tx.MatchingItems(t.AccountID, t.SourceTask)
			s.units = len(units)
			return err
		}
		values, err := url.ParseQuery(t.Scope)
		if err != nil {
			return fmt.Errorf("read the scope of task %s: %w", t.ID, err)
		}
		filter, _ := renewal.ParseFilter(values)
		scope := scopeOf(s.acc, filter, now)
		if s.units, err = tx.Count(scope); err != nil || s.units > renewal.MaximumUnits {
			return err
		}
		units, err = tx.Matching(scope, renewal.MaximumUnits)
		return err
	})
	switch {
	case err != nil:
		return s, err
	case s.units > renewal.MaximumUnits:
		return s, fault.New(fault.Invalid, "%s instances match, and one task takes at most %s. Narrow the filters and prepare again.",
			money.Group(fmt.Sprint(s.units)), money.Group(fmt.Sprint(renewal.MaximumUnits)))
	case s.units == 0:
		return s, fault.New(fault.Invalid, "Nothing matches the filters any more.")
	}
	t.Units, t.PriceRevision, t.QuotedAt = len(units), s.acc.PriceRevision, now
	s.items = make([]renewal.Item, len(units))
	terms := termsOf(s.acc)
	for n, u := range units {
		item, err := itemOf(u, n+1, now, terms, prices)
		if err != nil {
			return s, fault.Wrap(err, fault.Invalid, "The instance %s cannot be priced: %v.", u.ID, err)
		}
		item.TaskID = t.ID
		if err := count(t, item, now); err != nil {
			return s, fault.Wrap(err, fault.Invalid, "The fees of this task do not fit into one sum.")
		}
		s.items[n] = item
	}
	return s, nil
}

// itemOf checks and prices one unit.
func itemOf(u renewal.Unit, number int, now time.Time, terms renewal.Terms, prices pricing) (renewal.Item, error) {
	q, priced, err := prices.quote(u)
	if err != nil {
		return renewal.Item{}, err
	}
	zero := money.Of(0, prices.currency)
	if !priced {
		q = renewal.Quote{List: zero, Discount: zero, Fee: zero}
	}
	i := renewal.Item{
		Number: number, InstanceID: u.ID, Name: u.Name, ServiceCode: u.ServiceCode, ServiceName: u.ServiceName,
		SpecCode: u.SpecCode, RegionCode: u.RegionCode, RegionName: u.RegionName, Project: u.Project, Period: u.Period,
		Associated: len(u.Associated), State: renewal.ItemWaiting, OldExpiry: u.ExpiresAt, RenewedAt: u.RenewedAt,
		Lines: q.Lines, List: q.List, Discount: q.Discount, Fee: q.Fee,
	}
	i.NewExpiry, i.Reason = renewal.Check(u, now, terms, priced)
	// One that another task left may have gone to another tab meanwhile.
	if i.Reason == "" && u.Mode != renewal.Manual {
		i.Reason = renewal.ChangedSinceReview
	}
	if i.Reason != "" {
		i.State = renewal.ItemBlocked
	}
	return i, nil
}

// count adds an item to the counts and totals of its task.
func count(t *renewal.Task, i renewal.Item, now time.Time) error {
	if i.State == renewal.ItemBlocked {
		t.Blocked++
		return nil
	}
	t.Renewable++
	if renewal.RecentlyRenewed(i.RenewedAt, now) {
		t.Again++
	}
	if i.NewExpiry.Before(now.Add(renewal.SoonAgain)) {
		t.Soon++
	}
	list, err := i.List.Add(money.Of(t.ListMinor, i.List.Currency))
	if err != nil {
		return err
	}
	fee, err := i.Fee.Add(money.Of(t.FeeMinor, i.Fee.Currency))
	if err != nil {
		return err
	}
	t.ListMinor, t.FeeMinor, t.LeftMinor = list.Minor, fee.Minor, fee.Minor
	return nil
}

func (a *App) declareReady(ctx context.Context, t renewal.Task, epoch int64, found snapshotted) error {
	off := billing.TakenOff(found.items)
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if err := tx.Progress(t, epoch); err != nil {
			return err
		}
		if err := tx.KeepTaskDiscounts(t.AccountID, t.ID, off); err != nil {
			return err
		}
		balance, err := tx.Balance(t.AccountID)
		if err != nil {
			return err
		}
		next := t
		next.State, next.ReadyAt, next.ExpiresAt = renewal.Ready, now, now.Add(renewal.ConfirmWithin)
		if next, err = a.move(tx, worker(t.AccountID), next, t.State, now); err != nil {
			return err
		}
		return a.tell(tx, found.acc, notice.TaskReady{
			Task: about(next, found.acc), Version: next.Version, Renewable: t.Renewable, Blocked: t.Blocked,
			Fee: money.Of(t.FeeMinor, balance.Currency), Balance: balance, ExpiresAt: next.ExpiresAt,
		}, now)
	})
}

func (a *App) failGeneration(ctx context.Context, t renewal.Task, epoch int64, found int, why string) error {
	return ignoreLost(a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.Account(t.AccountID)
		if err != nil {
			return err
		}
		failed := blank(t)
		failed.Units = found
		if err := tx.Progress(failed, epoch); err != nil {
			return err
		}
		if err := tx.DeleteItems(t.AccountID, t.ID); err != nil {
			return err
		}
		failed.State, failed.EndedAt, failed.Why = renewal.Failed, now, why
		if failed, err = a.move(tx, worker(t.AccountID), failed, t.State, now); err != nil {
			return err
		}
		return a.tell(tx, acc, notice.TaskFailed{Task: about(failed, acc), Found: found, Why: why}, now)
	}))
}
