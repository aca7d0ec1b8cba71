package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/config"
)

// forAccount opens the database and finds the account that a command is about.
func (p program) forAccount(ctx context.Context, d config.Database, l config.Logging, who config.Customer, do func(*app.App, account.Account) error) error {
	return p.open(ctx, d, l, func(a *app.App) error {
		c, err := a.FindAccount(ctx, who.Account)
		if err != nil {
			return err
		}
		return do(a, c)
	})
}

// couponGrant gives an account a cash coupon.
func couponGrant(ctx context.Context, p program) error {
	in := p.Coupon.Grant
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		c, err := a.GrantCoupon(ctx, app.Operator(acc.ID), app.CouponInput{
			ID: in.ID, Name: in.Name, Value: in.Amount, From: in.From, Until: in.Until, Use: billing.CouponUse(in.For), Services: in.Service,
			Minimum: in.Minimum, SingleUse: in.SingleUse, Excludes: in.Excludes,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Granted coupon %s of %s to %s, good until %s.\n", c.ID, c.Face, acc.Name, lastDay(c.Until, acc.Zone))
		return nil
	})
}

// couponList lists the coupons of an account, the soonest to expire first.
func couponList(ctx context.Context, p program) error {
	in := p.Coupon.List
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		all, err := a.CouponList(ctx, acc.ID)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tVALUE\tLEFT\tFROM\tUNTIL\tFOR\tSERVICES\tMINIMUM\tUSE\tNOT BESIDE\tSTATE")
		for _, one := range all {
			c, use, state := one.Coupon, "several times", "good"
			if c.SingleUse {
				use = "once"
			}
			if one.Why != billing.CouponPays {
				state = string(one.Why)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Name, c.Face.Plain(), c.Remaining.Plain(),
				c.From.In(acc.Zone).Format(time.DateOnly), lastDay(c.Until, acc.Zone), c.Use, orAll(c.Services), c.Minimum.Plain(), use,
				strings.Join(c.Excludes, ","), state)
		}
		return w.Flush()
	})
}

// couponFreeze keeps a coupon from paying, or frees it.
func couponFreeze(ctx context.Context, p program) error {
	in := p.Coupon.Freeze
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		c, err := a.FreezeCoupon(ctx, app.Operator(acc.ID), in.Coupon, !in.Free)
		if err != nil {
			return err
		}
		if in.Free {
			fmt.Fprintf(p.out, "Coupon %s may pay again. It has %s left.\n", c.ID, c.Remaining)
		} else {
			fmt.Fprintf(p.out, "Froze coupon %s. It has %s left, which nothing spends.\n", c.ID, c.Remaining)
		}
		return nil
	})
}

// lastDay is the day before an instant at which something ends: the last one on
// which it is good.
func lastDay(until time.Time, zone *time.Location) string {
	if until.IsZero() {
		return "-"
	}
	return until.Add(-time.Nanosecond).In(zone).Format(time.DateOnly)
}

func orAll(services []string) string {
	if len(services) == 0 {
		return "all"
	}
	return strings.Join(services, ",")
}
