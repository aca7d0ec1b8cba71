package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
)

// CouponInput says what a new cash coupon is to be. Days are YYYY-MM-DD in the
// billing zone, both included.
type CouponInput struct {
	ID        string // empty: made here
	Name      string
	Value     string // as typed, in the account's currency
	From      string // empty: from now on
	Until     string
	Use       billing.CouponUse
	Services  []string // empty: all
	Minimum   string   // as typed; empty: none
	SingleUse bool
	Excludes  []billing.DiscountKind
}

// GrantCoupon gives the actor's account a cash coupon: its value goes into a book
// of its own. An id is granted once.
func (a *App) GrantCoupon(ctx context.Context, who Actor, in CouponInput) (c billing.Coupon, err error) {
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if c, err = a.coupon(tx, who.AccountID, in, now); err != nil {
			return err
		}
		// Who spends coupons holds the wallet, and a plan reads all of them.
		if _, err := tx.LockWallet(who.AccountID); err != nil {
			return err
		}
		if err := tx.InsertCoupon(who.AccountID, c); err != nil {
			return err
		}
		if err := tx.Post(who.AccountID, billing.Entry{ID: a.newID(now), Kind: billing.Grant, At: now, Reference: c.ID},
			store.Posting{Book: billing.BookOfCoupon(c.ID), Amount: c.Face},
			store.Posting{Book: billing.BookGrants, Amount: money.Of(-c.Face.Minor, c.Face.Currency)}); err != nil {
			return err
		}
		return a.audit(tx, who, now, "grant", "coupon "+c.ID, "", c.Face.String())
	})
	if store.IsDuplicate(err) {
		err = fault.Wrap(err, fault.Conflict, "There is already a coupon %s in this account. Nothing was changed.", c.ID)
	}
	return c, err
}

func (a *App) coupon(tx *store.Tx, accountID string, in CouponInput, now time.Time) (c billing.Coupon, err error) {
	acc, err := tx.Account(accountID)
	if err != nil {
		return c, noSuchAccount(err, accountID)
	}
	if in.ID == "" {
		in.ID = a.newID(now)
	}
	currency := money.Currency(acc.Currency)
	c = billing.Coupon{ID: in.ID, Name: in.Name, Use: in.Use, Services: onlyOnce(in.Services), Minimum: money.Of(0, currency),
		SingleUse: in.SingleUse, Excludes: onlyOnce(in.Excludes), CreatedAt: now}
	if c.From, c.Until, err = granted(tx, acc, grant{in.ID, in.Name, in.From, in.Until, in.Services}, false, now); err != nil {
		return c, err
	}
	if err := knownKinds("excludes", in.Excludes); err != nil {
		return c, err
	}
	if c.Use != billing.ForNew && c.Use != billing.ForRenewals && c.Use != billing.ForBoth {
		return c, fault.Field("for", "A coupon pays for %s, %s or %s.", billing.ForNew, billing.ForRenewals, billing.ForBoth)
	}
	if c.Face, err = typedAmount("amount", in.Value, currency, MaximumGrant); err != nil {
		return c, err
	}
	c.Remaining = c.Face
	if in.Minimum != "" {
		c.Minimum, err = typedAmountOrNone("minimum", in.Minimum, currency, MaximumGrant)
	}
	return c, err
}

// FreezeCoupon keeps a coupon of the actor's account from paying, or frees it.
func (a *App) FreezeCoupon(ctx context.Context, who Actor, id string, frozen bool) (c billing.Coupon, err error) {
	words := map[bool]string{false: "good", true: "frozen"}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		if _, err := tx.LockWallet(who.AccountID); err != nil {
			return noSuchAccount(err, who.AccountID)
		}
		if c, err = tx.Coupon(who.AccountID, id); store.IsNone(err) {
			return noCoupon()
		} else if err != nil {
			return err
		}
		if c.Frozen == frozen {
			return fault.New(fault.Conflict, "The coupon %s is %s already.", id, words[frozen])
		}
		if _, err := tx.FreezeCoupon(who.AccountID, id, frozen); err != nil {
			return err
		}
		c.Frozen = frozen
		return a.audit(tx, who, now, "freeze", "coupon "+id, words[!frozen], words[frozen])
	})
	return c, err
}

func noCoupon() error { return fault.New(fault.NotFound, "There is no such coupon in this account.") }

// CouponList lists the account's coupons with why each that could not pay for a
// renewal now could not, for the operator.
func (a *App) CouponList(ctx context.Context, accountID string) (all []billing.Idle, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		coupons, err := tx.Coupons(accountID)
		all = nil
		for _, c := range coupons {
			all = append(all, billing.Idle{Coupon: c, Why: c.Standing(a.Clock.Now())})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list coupons: %w", err)
	}
	return all, nil
}
