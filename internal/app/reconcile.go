package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/gateway"
	"perennial/internal/store"
)

// reconcileEvery is how often the gateway's payments are compared with the books of a
// server that works without trouble.
const reconcileEvery = time.Hour

// errNotReconciled means that nothing is captured before the gateway's payments have
// been compared with the books.
var errNotReconciled = errors.New("the gateway's payments are not compared with the records yet")

// Reconciliation is what a comparison of the gateway's payments with the books found.
type Reconciliation struct {
	Whole   bool // all of the gateway's list was compared, not only what changed since
	Listed  int  // payments that the gateway listed
	Foreign int  // of these, payments of other installations
	Entered []billing.Discrepancy
	Open    []billing.Discrepancy // what a person has to settle
}

// WorkReconcile compares the gateway's payments with the books where that is due: at
// the start, after the database was unreachable, after the gateway refused a key, and
// hourly. It asks for refunds that persons have decided on.
func (a *App) WorkReconcile(ctx context.Context) (more bool, err error) {
	if a.Gateway == nil {
		_, err = a.age(ctx) // the log says what charging waits for
		return false, err
	}
	if a.reconciled() && a.Clock.Monotonic()-a.lastCompared() < reconcileEvery {
		return false, a.returnPayments(ctx)
	}
	if _, err = a.Reconcile(ctx); err == nil {
		a.Wake()
	}
	return false, errors.Join(err, a.returnPayments(ctx))
}

func (a *App) lastCompared() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.comparedAt
}

// Reconcile compares what the gateway captured with the books. A captured payment
// that the books lack is entered where everything fits, and else kept as a
// discrepancy that blocks its account until a person has settled it.
func (a *App) Reconcile(ctx context.Context) (r Reconciliation, err error) {
	if a.Gateway == nil {
		return r, noGateway()
	}
	a.comparing.Lock()
	defer a.comparing.Unlock()
	return a.reconcile(ctx)
}

// reconcile is Reconcile with the lock held.
func (a *App) reconcile(ctx context.Context) (r Reconciliation, err error) {
	defer func() {
		a.comparedErr = err
		a.comparisons.Add(1)
	}()
	if _, err := a.age(ctx); err != nil {
		return r, err
	}
	seen := a.Store.Interruptions() + 1
	begun := a.Clock.Monotonic()
	c := comparison{app: a, write: true}
	if err := c.run(ctx); err != nil {
		return c.Reconciliation, fmt.Errorf("reconcile: %w", err)
	}
	if err := a.closeComparison(ctx, c.from); err != nil {
		return c.Reconciliation, fmt.Errorf("reconcile: %w", err)
	}
	a.mu.Lock()
	a.comparedAt = begun
	a.mu.Unlock()
	a.compared.Store(seen)
	if n := len(c.Entered) + len(c.Open); n > 0 || c.Foreign > 0 {
		a.Log.WarnContext(ctx, "the gateway's payments were compared with the records", "listed", c.Listed, "entered", len(c.Entered),
			"open", len(c.Open), "foreign", c.Foreign)
	}
	return c.Reconciliation, nil
}

// CompareGateway compares all of the gateway's list with the books and changes nothing.
func (a *App) CompareGateway(ctx context.Context) (Reconciliation, error) {
	if a.Gateway == nil {
		return Reconciliation{}, noGateway()
	}
	c := comparison{app: a, whole: true}
	err := c.run(ctx)
	return c.Reconciliation, err
}

// closeComparison ends a comparison that has come to the end of the list: tasks that
// waited for it can be continued, and the marks are those of the books.
func (a *App) closeComparison(ctx context.Context, from store.Reconciliation) error {
	var waiting []store.OrderRef
	err := a.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if waiting, err = tx.UnrecordedTasks(); err != nil {
			return err
		}
		return tx.Reconciled(from, a.Clock.Now())
	})
	if err != nil {
		return err
	}
	for _, ref := range waiting {
		if err := a.releaseUnrecorded(ctx, ref); err != nil {
			return err
		}
	}
	age, err := a.age(ctx)
	if err != nil || age.Other() {
		return err
	}
	return a.acceptAge(ctx)
}

// comparison goes through the gateway's list.
type comparison struct {
	Reconciliation
	app   *App
	write bool // enter and keep what differs; else only report it
	whole bool // begin with the first payment
	from  store.Reconciliation
	ids   map[string]bool
}

func (c *comparison) run(ctx context.Context) error {
	err := c.app.Store.Read(ctx, func(tx *store.Tx) (err error) {
		c.from, err = tx.Reconciliation()
		return err
	})
	if err != nil {
		return err
	}
	cursor := c.from.Cursor
	if c.whole || c.from.Due {
		cursor = ""
	}
	for {
		if cursor == "" {
			c.Reconciliation = Reconciliation{Whole: true}
			c.ids = map[string]bool{}
		}
		page, err := c.app.Gateway.List(ctx, cursor)
		if errors.Is(err, gateway.ErrNotFound) && cursor != "" {
			// The gateway's history is another than the one that gave the cursor.
			c.app.Log.WarnContext(ctx, "the gateway does not know how far its list was read; all of it is compared")
			cursor = ""
			continue
		}
		if err != nil {
			return err
		}
		if err := c.page(ctx, page); err != nil {
			return err
		}
		if cursor = page.Next; !page.More {
			break
		}
	}
	if c.Whole {
		if err := c.unknownThere(ctx); err != nil {
			return err
		}
	}
	if err := c.standing(ctx); err != nil || !c.write {
		return err
	}
	return c.app.Store.Write(ctx, func(tx *store.Tx) error { return tx.KeepCursor(cursor) })
}

// standing adds the discrepancies that were found before and are not settled.
func (c *comparison) standing(ctx context.Context) error {
	if !c.write {
		return nil
	}
	return c.app.Store.Read(ctx, func(tx *store.Tx) (err error) {
		c.Open, err = tx.OpenDiscrepancies("")
		return err
	})
}

// page compares the payments of one page.
func (c *comparison) page(ctx context.Context, page gateway.Page) error {
	for _, u := range page.Unreadable {
		// Whoever did not write it as we do did not write it for us.
		if mayBeOurs(u) {
			return u.Err
		}
		c.Listed++
		c.Foreign++
	}
	keys := make([]string, len(page.Payments))
	for n, g := range page.Payments {
		keys[n] = g.Key
		if c.ids != nil {
			c.ids[g.ID] = true
		}
	}
	c.Listed += len(keys)
	var known map[string]billing.Payment
	err := c.app.Store.Read(ctx, func(tx *store.Tx) (err error) {
		known, err = tx.PaymentsByKey(keys)
		return err
	})
	if err != nil {
		return err
	}
	for _, g := range page.Payments {
		p, ok := known[g.Key]
		if ok {
			err = c.entered(ctx, g, p)
		} else {
			err = c.missing(ctx, g, "")
		}
		if err != nil {
			return fmt.Errorf("payment %s: %w", g.ID, err)
		}
	}
	return nil
}

// entered compares a payment of the gateway with the one that the books have under
// its key. One that is open here is healed by settle and is no discrepancy. But the
// list has passed it then, so that it was captured is kept: nobody may give it up.
func (c *comparison) entered(ctx context.Context, g gateway.Result, p billing.Payment) error {
	captured := g.State == gateway.Captured
	switch {
	case !p.State.Settled():
		if !captured || p.State.Sent() || !c.write {
			return nil
		}
		_, err := c.app.advance(ctx, p, billing.PaymentUnknown, g.ID)
		if errors.Is(err, errOvertaken) {
			err = nil
		}
		return err
	case p.State == billing.PaymentDeclined:
		if captured && g.RefundedAmount != g.Amount {
			return c.missing(ctx, g, p.AccountID)
		}
		return nil
	case !captured || g.Amount != p.Charged || g.ID != p.GatewayID:
		return c.found(ctx, discrepancyOf(g, billing.Differs, p.AccountID, ""))
	}
	var back int64
	err := c.app.Store.Read(ctx, func(tx *store.Tx) (err error) {
		back, err = tx.RefundedOf(p.AccountID, p.ID)
		return err
	})
	if err == nil && g.RefundedAmount.Minor > back {
		err = c.found(ctx, discrepancyOf(g, billing.RefundedThere, p.AccountID, ""))
	}
	return err
}

// missing handles a payment whose key the books do not have, or have as declined in
// the account that is given.
func (c *comparison) missing(ctx context.Context, g gateway.Result, accountID string) error {
	d, err := billing.ReadPaymentData(g.Data, g.Amount.Currency, "")
	switch {
	case err != nil:
		if g.State != gateway.Captured || g.RefundedAmount == g.Amount {
			return c.spent(ctx, g) // an older server's, and it took nothing
		}
		if accountID == "" {
			if accountID, err = c.accountByKey(ctx, g.Key); err != nil {
				return err
			}
		}
		return c.found(ctx, discrepancyOf(g, billing.Missing, accountID, billing.WhyNoData))
	}
	ours, err := c.ours(ctx, d)
	if err != nil {
		return err
	}
	if !ours {
		if g.State == gateway.Captured && g.RefundedAmount != g.Amount && c.from.CheckedAt.IsZero() {
			// Books that were never compared may be older than their identity.
			if paid, err := c.paysHere(ctx, d); err != nil || paid {
				return errors.Join(err, c.found(ctx, discrepancyOf(g, billing.Missing, d.AccountID, billing.WhyIdentity)))
			}
		}
		c.Foreign++
		return nil
	}
	if g.State == gateway.Prepared {
		return c.adopt(ctx, g, d)
	}
	if g.State != gateway.Captured || g.RefundedAmount == g.Amount {
		return c.spent(ctx, g)
	}
	return c.enterOrKeep(ctx, g, d)
}

func (c *comparison) ours(ctx context.Context, d billing.PaymentData) (ours bool, err error) {
	err = c.app.Store.Read(ctx, func(tx *store.Tx) error {
		installation, err := tx.Installation()
		ours = installation == d.Installation && installation != ""
		return err
	})
	return ours, err
}

// mayBeOurs reports whether a payment that cannot be read may have been asked for by
// this program.
func mayBeOurs(u gateway.Unreadable) bool {
	if strings.HasPrefix(u.Data, billing.PaymentDataFormat+",") {
		return true
	}
	for _, ours := range []string{"renewal-", "order-", "top-up-"} {
		if strings.HasPrefix(u.Key, ours) {
			return true
		}
	}
	return false
}

// paysHere reports whether a payment renews an instance of these books from where it
// stands.
func (c *comparison) paysHere(ctx context.Context, d billing.PaymentData) (here bool, err error) {
	ids := make([]string, len(d.Units))
	for n, u := range d.Units {
		ids[n] = u.InstanceID
	}
	err = c.app.Store.Read(ctx, func(tx *store.Tx) error {
		units, err := tx.Units(d.AccountID, ids)
		here = slices.ContainsFunc(d.Units, func(u billing.PaidUnit) bool {
			unit, ok := units[u.InstanceID]
			return ok && unit.ExpiresAt.Equal(u.OldExpiry)
		})
		return err
	})
	return here, err
}

// spent keeps the key of a payment that took nothing, or returned all.
func (c *comparison) spent(ctx context.Context, g gateway.Result) error {
	if !c.write {
		return nil
	}
	return c.app.Store.Write(ctx, func(tx *store.Tx) error {
		now := c.app.Clock.Now()
		if err := tx.SpendKey(g.Key, now); err != nil {
			return err
		}
		// What a person returned on the gateway's own pages is settled.
		d, err := tx.Discrepancy(g.ID, billing.Missing)
		if store.IsNone(err) || err == nil && d.Settled() {
			return nil
		}
		if err != nil {
			return err
		}
		from := d.State
		d.State, d.Refunded, d.SettledAt, d.SettledBy = billing.DiscrepancyReturned, g.RefundedAmount, now, worker("").Name
		if ok, err := tx.MoveDiscrepancy(d, from); err != nil || !ok {
			return err
		}
		return c.app.audit(tx, worker(d.AccountID), now, "reconcile", "gateway payment "+d.GatewayID, string(from), string(d.State))
	})
}

// accountByKey finds the account of a payment of an older server, or returns an
// empty one.
func (c *comparison) accountByKey(ctx context.Context, key string) (accountID string, err error) {
	task, ok := strings.CutPrefix(key, "renewal-")
	if !ok || len(task) < uuidLength {
		return "", nil
	}
	err = c.app.Store.Read(ctx, func(tx *store.Tx) error {
		accountID, err = tx.TaskAccount(task[:uuidLength])
		return ignoreNone(err)
	})
	return accountID, err
}

const uuidLength = 36
