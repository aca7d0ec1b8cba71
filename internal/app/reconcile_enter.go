package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/gateway"
	"perennial/internal/money"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// doesNotFit says why a captured payment cannot be entered as it was made.
type doesNotFit struct{ why billing.DiscrepancyWhy }

func (e doesNotFit) Error() string { return "the payment does not fit: " + string(e.why) }

var errOnlyLooking = errors.New("nothing is to be changed")

// enterOrKeep enters a captured payment that the books lack, or keeps it as a
// discrepancy where it does not fit.
func (c *comparison) enterOrKeep(ctx context.Context, g gateway.Result, d billing.PaymentData) error {
	found := discrepancyOf(g, billing.Missing, d.AccountID, "")
	found.FoundAt = c.app.Clock.Now()
	if known, err := c.known(ctx, found); err != nil || known.State != billing.DiscrepancyOpen {
		return err // a person has decided about it
	}
	err := c.app.enter(ctx, entering{result: g, data: d, by: worker(d.AccountID), undo: !c.write})
	var fault doesNotFit
	switch {
	case errors.As(err, &fault):
		found.Why = fault.why
		if fault.why == billing.WhyNoAccount {
			found.AccountID = ""
		}
		return c.found(ctx, found)
	case errors.Is(err, errOnlyLooking) || err == nil:
	case ctx.Err() != nil || errors.Is(err, store.ErrTrouble):
		return err
	default:
		// One payment that cannot be entered must not keep the others waiting.
		if entered, there := c.holds(ctx, g.Key); there != nil || entered {
			return there // another server has entered it
		}
		c.app.Log.ErrorContext(ctx, "a captured payment cannot be entered", "payment", g.ID, "account", d.AccountID, "err", err)
		found.Why = billing.WhyAmounts
		return c.found(ctx, found)
	}
	found.State = billing.DiscrepancyEntered
	c.Entered = append(c.Entered, found)
	return nil
}

// adopt takes up a payment that was asked for and never decided: whoever asked may
// still have it captured, so it must not be replaced by another. It goes on as if the
// books had never lost it. What does not fit any more is given up.
func (c *comparison) adopt(ctx context.Context, g gateway.Result, d billing.PaymentData) error {
	if !c.write {
		return nil
	}
	err := c.app.enter(ctx, entering{result: g, data: d, by: worker(d.AccountID)})
	if err == nil || ctx.Err() != nil || errors.Is(err, store.ErrTrouble) {
		return err
	}
	if !errors.As(err, new(doesNotFit)) {
		c.app.Log.ErrorContext(ctx, "a payment that the gateway has not decided cannot be taken up", "payment", g.ID, "account", d.AccountID, "err", err)
	}
	return c.spent(ctx, g)
}

// holds reports whether the books have a captured payment under a key.
func (c *comparison) holds(ctx context.Context, key string) (there bool, err error) {
	err = c.app.Store.Read(ctx, func(tx *store.Tx) error {
		known, err := tx.PaymentsByKey([]string{key})
		there = known[key].State == billing.PaymentCaptured
		return err
	})
	return there, err
}

// entering is a captured payment that is to be entered into books that lack it.
type entering struct {
	result gateway.Result
	data   billing.PaymentData
	by     Actor
	// parts has the units that fit entered, and the card's part of the others
	// refunded. Without it all units fit, or none is entered.
	parts bool
	undo  bool // look whether it fits, and change nothing
}

// enter makes a captured payment that the books lack what it would be had they never
// been set back: payment, orders, legs, ledger, expiries, the items of its task, audit
// and notice, in one transaction. It answers doesNotFit where that cannot be done.
func (a *App) enter(ctx context.Context, e entering) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.Account(e.data.AccountID)
		if store.IsNone(err) {
			return doesNotFit{billing.WhyNoAccount}
		}
		if err != nil {
			return err
		}
		// The task is locked before the wallet, as the worker does it.
		t, err := lockEntered(tx, e.data)
		if err != nil {
			return err
		}
		if _, err := tx.LockWallet(acc.ID); err != nil {
			return err
		}
		if err := e.admits(acc); err != nil {
			return err
		}
		card, err := a.knownCard(tx, acc.ID, e.result.Card, now)
		if err != nil {
			return err
		}
		if err := releaseDeclined(tx, acc.ID, e.result.Key); err != nil {
			return err
		}
		if e.data.Purpose == billing.ForTopUp {
			err = a.enterTopUp(tx, e, acc, card, now)
		} else {
			err = a.enterRenewals(tx, e, t, acc, card, now)
		}
		if err != nil {
			return err
		}
		if e.result.State == gateway.Prepared {
			return a.audit(tx, e.by, now, "reconcile", "gateway payment "+e.result.ID, "", string(gateway.Prepared))
		}
		if err := a.settleEntered(tx, e, now); err != nil {
			return err
		}
		if err := a.tell(tx, acc, notice.PaymentEntered{Wallet: notice.Wallet{Zone: acc.ZoneName}, PaymentID: e.result.ID, Amount: e.result.Amount,
			CapturedAt: e.result.CapturedAt, Renewed: len(e.data.Units), TopUp: e.data.Purpose == billing.ForTopUp}, now); err != nil {
			return err
		}
		if e.undo {
			return errOnlyLooking
		}
		return nil
	})
	if errors.Is(err, errNotThere) {
		err = doesNotFit{billing.WhyWallet}
	}
	return err
}

// admits refuses what nobody can enter without deciding something.
func (e entering) admits(acc account.Account) error {
	sum := money.Of(0, e.result.Amount.Currency)
	for _, u := range e.data.Units {
		for _, l := range u.Legs {
			if l.Kind == billing.FromCard {
				sum.Minor += l.Amount.Minor
			}
		}
	}
	topUp := e.data.Purpose == billing.ForTopUp
	switch {
	case !e.result.RefundedAmount.IsZero():
		return doesNotFit{billing.WhyPartRefunded}
	case string(e.result.Amount.Currency) != acc.Currency,
		!topUp && e.data.Purpose != billing.ForRenewal,
		topUp && len(e.data.Units) > 0, !topUp && sum != e.result.Amount:
		return doesNotFit{billing.WhyAmounts}
	}
	return nil
}

// knownCard finds the account's card of a token, or keeps one that cannot be charged:
// these books have forgotten what it looked like.
func (a *App) knownCard(tx *store.Tx, accountID, token string, now time.Time) (id string, err error) {
	cards, err := tx.AllCards(accountID)
	if err != nil {
		return "", err
	}
	if n := slices.IndexFunc(cards, func(known billing.Card) bool { return known.Token == token }); n >= 0 {
		return cards[n].ID, nil
	}
	c := billing.Card{ID: a.newID(now), Token: token, Brand: "Card", AddedAt: now, RemovedAt: now, AddedBy: worker(accountID).Name}
	return c.ID, tx.InsertForgottenCard(accountID, c)
}

// releaseDeclined frees the key of a payment that these books had given up.
func releaseDeclined(tx *store.Tx, accountID, key string) error {
	known, err := tx.PaymentsByKey([]string{key})
	if p, ok := known[key]; err == nil && ok && p.State == billing.PaymentDeclined {
		err = tx.ReleaseKey(accountID, p.ID)
	}
	return err
}

// payment is the payment as it is entered.
func (e entering) payment(a *App, tx *store.Tx, card string, now time.Time) (billing.Payment, error) {
	p := billing.Payment{ID: e.data.PaymentID, AccountID: e.data.AccountID, Purpose: e.data.Purpose, State: billing.PaymentCaptured,
		Amount: e.result.Amount, Charged: e.result.Amount, CardID: card, GatewayKey: e.result.Key, GatewayID: e.result.ID, Data: e.result.Data,
		CreatedAt: e.data.CreatedAt, CreatedBy: e.data.CreatedBy, SettledAt: now}
	switch _, err := tx.Payment(p.AccountID, p.ID); {
	case err == nil:
		p.ID = a.newID(now) // the payment that had been given up keeps its own
	case !store.IsNone(err):
		return p, err
	}
	return p, nil
}

func (a *App) enterTopUp(tx *store.Tx, e entering, acc account.Account, card string, now time.Time) error {
	p, err := e.payment(a, tx, card, now)
	if err != nil {
		return err
	}
	if e.result.State == gateway.Prepared {
		p.State, p.SettledAt = billing.PaymentUnknown, time.Time{}
		return tx.InsertPayment(p, now)
	}
	if err := tx.InsertPayment(p, now); err != nil {
		return err
	}
	return a.addMoney(tx, e.by, acc.ID, billing.Entry{Kind: billing.TopUp, At: now, Reference: p.GatewayID, PaymentID: p.ID, Amount: p.Amount},
		billing.BookGateway, now)
}

// settleEntered settles the discrepancy of a payment that is entered, if there is one.
func (a *App) settleEntered(tx *store.Tx, e entering, now time.Time) error {
	d, err := tx.Discrepancy(e.result.ID, billing.Missing)
	if store.IsNone(err) {
		d = discrepancyOf(e.result, billing.Missing, e.data.AccountID, "")
		d.State, d.FoundAt, d.SettledAt, d.SettledBy = billing.DiscrepancyEntered, now, now, e.by.Name
		if _, err = tx.InsertDiscrepancy(d); err != nil {
			return err
		}
		return a.audit(tx, e.by, now, "reconcile", "gateway payment "+d.GatewayID, "", string(d.State))
	}
	if err != nil {
		return err
	}
	from := d.State
	if from != billing.DiscrepancyOpen {
		return changedMeanwhile(nil)
	}
	d.State, d.SettledAt, d.SettledBy = billing.DiscrepancyEntered, now, e.by.Name
	if ok, err := tx.MoveDiscrepancy(d, from); err != nil || !ok {
		return changedMeanwhile(err)
	}
	return a.audit(tx, e.by, now, "reconcile", "gateway payment "+d.GatewayID, string(from), string(d.State))
}

// lockEntered locks the task of a payment that is entered, where it can still take
// part in it; else there is none.
func lockEntered(tx *store.Tx, d billing.PaymentData) (paying, error) {
	if d.TaskID == "" {
		return paying{}, nil
	}
	t, l, err := tx.LockLeased(d.AccountID, d.TaskID)
	switch {
	case store.IsNone(err):
		return paying{}, nil
	case err != nil:
		return paying{}, err
	}
	switch t.State {
	case renewal.Ready, renewal.Running, renewal.Suspended, renewal.Cancelling:
		return paying{t, l.Epoch}, nil
	}
	return paying{}, nil
}

// reopen takes a ready task to where it stood when the payment was made: confirmed,
// and suspended, because what is left needs consent again.
func (a *App) reopen(tx *store.Tx, t paying, e entering, now time.Time) (paying, error) {
	if t.State != renewal.Ready {
		return t, nil
	}
	who := worker(t.AccountID)
	t.State, t.ConfirmedAt, t.ConfirmedBy, t.DueMinor = renewal.Running, now, e.data.CreatedBy, t.LeftMinor
	var err error
	if t.Task, err = a.move(tx, who, t.Task, renewal.Ready, now); err != nil {
		return t, err
	}
	t.State, t.SuspendedAt, t.Pause, t.Reconfirm = renewal.Suspended, now, renewal.PauseUnknown, true
	t.Task, err = a.move(tx, who, t.Task, renewal.Running, now)
	return t, err
}

// enterRenewals enters a payment that renews units.
func (a *App) enterRenewals(tx *store.Tx, e entering, t paying, acc account.Account, card string, now time.Time) error {
	if t.State == renewal.Ready && !now.Before(t.ExpiresAt) {
		t = paying{}
	}
	p, err := e.payment(a, tx, card, now)
	if err != nil {
		return err
	}
	s := sorting{app: a, tx: tx, entering: e, task: t, acc: acc, card: card, payment: p.ID, now: now}
	if err := s.sort(); err != nil {
		return err
	}
	if s.ofTask > 0 {
		if s.task, err = a.reopen(tx, t, e, now); err != nil {
			return err
		}
		p.TaskID = t.ID
	} else {
		s.task = paying{}
	}
	// It is entered as a payment that the gateway has not decided yet, and then as
	// captured: what becomes of its orders is decided in one place.
	p.State, p.SettledAt, p.Amount = billing.PaymentUnknown, time.Time{}, money.Of(0, p.Amount.Currency)
	for _, o := range s.orders {
		p.Amount.Minor += o.Fee.Minor
	}
	for _, o := range s.unfit {
		p.Amount.Minor += cardLeg(o.Order).Minor
	}
	if err := tx.InsertPayment(p, now); err != nil {
		return err
	}
	if err := s.insert(); err != nil {
		return err
	}
	if len(s.orders) > 0 {
		if err := a.process(tx, e.by, p, s.orders, now); err != nil {
			return err
		}
	}
	if e.result.State == gateway.Prepared {
		return nil
	}
	done := p
	done.State, done.SettledAt = billing.PaymentCaptured, now
	if ok, err := tx.MovePayment(done, p.State, now); err != nil || !ok {
		return changedMeanwhile(err)
	}
	return a.bookRenewals(tx, p, s.task, s.unfit, now)
}
