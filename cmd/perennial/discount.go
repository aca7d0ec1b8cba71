package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
)

// discountGrant gives an account a discount.
func discountGrant(ctx context.Context, p program) error {
	in := p.Discount.Grant
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		d, err := a.GrantDiscount(ctx, app.Operator(acc.ID), app.DiscountInput{
			ID: in.ID, Kind: in.Kind, Name: in.Name, Rate: int(in.Rate), From: in.From, Until: in.Until, Services: in.Service,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Granted discount %s of %d.%02d%% to %s. Open tasks are quoted anew before anything is charged.\n", d.ID, d.Rate/100, d.Rate%100, acc.Name)
		return nil
	})
}

// discountList lists what an account was granted beside its contract.
func discountList(ctx context.Context, p program) error {
	in := p.Discount.List
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		all, err := a.DiscountList(ctx, acc.ID)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tKIND\tNAME\tRATE\tFROM\tUNTIL\tSERVICES")
		for _, d := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d.%02d%%\t%s\t%s\t%s\n", d.ID, d.Kind, d.Name, d.Rate/100, d.Rate%100,
				d.From.In(acc.Zone).Format(time.DateOnly), lastDay(d.Until, acc.Zone), orAll(d.Services))
		}
		return w.Flush()
	})
}

// discountEnd ends a discount now.
func discountEnd(ctx context.Context, p program) error {
	in := p.Discount.End
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		d, err := a.EndDiscount(ctx, app.Operator(acc.ID), in.Discount)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Ended discount %s of %s. Open tasks are quoted anew before anything is charged.\n", d.ID, acc.Name)
		return nil
	})
}
