package app

import (
	"context"
	"fmt"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// CouponRow is a coupon with what is to become of it.
type CouponRow struct {
	billing.Coupon
	// Planned is what the open task will spend of it; zero: nothing.
	Planned money.Amount
	// Why says why it does not pay: for the open task, or, where there is none, at all.
	Why billing.CouponWhy
}

// CouponPage is the coupons of an account.
type CouponPage struct {
	Rows     []CouponRow // the soonest to expire first
	Task     renewal.Task
	Services map[string]string // names of services by their codes
}

// CouponsOf reads the coupons of an account, and what its open task will do with them.
func (a *App) CouponsOf(ctx context.Context, accountID string) (p CouponPage, err error) {
	now := a.Clock.Now()
	if p.Services, err = a.serviceNames(ctx, accountID); err != nil {
		return p, err
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		coupons, err := tx.Coupons(accountID)
		if err != nil {
			return err
		}
		spends, idle, err := a.couponsPlanned(tx, accountID, &p.Task)
		if err != nil {
			return err
		}
		p.Rows = nil
		for _, c := range coupons {
			row := CouponRow{Coupon: c, Planned: spends[c.ID], Why: c.Standing(now)}
			if why, waits := idle[c.ID]; row.Why == billing.CouponPays && waits {
				row.Why = why
			}
			p.Rows = append(p.Rows, row)
		}
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("read coupons: %w", err)
	}
	return p, nil
}

// couponsPlanned is what the open task, if there is one with something to pay, will
// spend of each coupon, and why it spends nothing of the others.
func (a *App) couponsPlanned(tx *store.Tx, accountID string, t *renewal.Task) (map[string]money.Amount, map[string]billing.CouponWhy, error) {
	spends, idle := map[string]money.Amount{}, map[string]billing.CouponWhy{}
	open, err := tx.OpenTask(accountID)
	if err != nil || open.State != renewal.Ready && open.State != renewal.Running && open.State != renewal.Suspended {
		*t = renewal.Task{}
		return spends, idle, ignoreNone(err)
	}
	*t = open
	plan, err := a.planOf(tx, open, a.Clock.Now(), nil)
	for _, s := range plan.Coupons {
		spends[s.Coupon.ID] = s.Amount
	}
	for _, i := range plan.Idle {
		idle[i.Coupon.ID] = i.Why
	}
	return spends, idle, err
}

// serviceNames are the names of the services that the account has instances of.
func (a *App) serviceNames(ctx context.Context, accountID string) (map[string]string, error) {
	facets, err := a.Facets(ctx, accountID)
	return facets.Names().Services, err
}

// CouponUses is one coupon with all that was entered into its book, the oldest first.
type CouponUses struct {
	CouponPage
	Coupon CouponRow
	Uses   []billing.Entry
}

// CouponUses finds a coupon of the account and its uses.
func (a *App) CouponUses(ctx context.Context, accountID, id string) (u CouponUses, err error) {
	if u.CouponPage, err = a.CouponsOf(ctx, accountID); err != nil {
		return u, err
	}
	for _, c := range u.Rows {
		if c.ID == id {
			u.Coupon = c
		}
	}
	if u.Coupon.ID == "" {
		return u, noCoupon()
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		u.Uses, err = tx.CouponUses(accountID, id)
		return err
	})
	if err != nil {
		return u, fmt.Errorf("read the uses of coupon %s: %w", id, err)
	}
	return u, nil
}
