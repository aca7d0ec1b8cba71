package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"perennial/internal/app"
	"perennial/internal/config"
)

// accountCreate also brings the schema up: it may be the first thing that is done
// with a database.
func accountCreate(ctx context.Context, p program) error {
	in := p.Account.Create
	return p.with(ctx, in.Database, in.Logging, func(a *app.App) error {
		if _, err := a.Store.Migrate(ctx); err != nil {
			return err
		}
		c, err := a.CreateAccount(ctx, app.AccountInput{
			ID: in.ID, Name: in.Name, Currency: in.Currency, Zone: in.Zone, Email: in.Email,
			GraceDays: in.GraceDays, RetentionDays: in.RetentionDays, ContractRate: int(in.Discount),
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Created account %s (%s).\nNext: perennial user create EMAIL --account %s --role owner%s\n", c.ID, c.Name, c.ID, database(in.Database.Database))
		return nil
	})
}

func accountList(ctx context.Context, p program) error {
	return p.open(ctx, p.Account.List.Database, p.Account.List.Logging, func(a *app.App) error {
		all, err := a.Accounts(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tCURRENCY\tZONE\tE-MAIL\tGRACE\tRETENTION\tDISCOUNT\tFROZEN")
		for _, c := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d.%02d%%\t%t\n", c.ID, c.Name, c.Currency, c.ZoneName, c.Email,
				c.GraceDays, c.RetentionDays, c.ContractRate/100, c.ContractRate%100, c.Frozen)
		}
		return w.Flush()
	})
}

func accountSet(ctx context.Context, p program) error {
	in := p.Account.Set
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		c, err := a.FindAccount(ctx, in.Account)
		if err != nil {
			return err
		}
		if c, err = a.ChangeAccount(ctx, app.Operator(c.ID), accountChange(in)); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Changed account %s (%s).\n", c.ID, c.Name)
		return nil
	})
}

func accountChange(in config.AccountSet) app.AccountChange {
	change := app.AccountChange{
		Name: in.Name, Zone: in.Zone, Email: in.Email,
		GraceDays: in.GraceDays, RetentionDays: in.RetentionDays, Frozen: in.Frozen,
	}
	if in.Discount != nil {
		rate := int(*in.Discount)
		change.ContractRate = &rate
	}
	return change
}
