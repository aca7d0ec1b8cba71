package main

import (
	"context"
	"fmt"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/money"
)

// deposit records a bank transfer that the operator has seen on a statement.
func deposit(ctx context.Context, p program) error {
	in := p.Deposit
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		c, err := a.FindAccount(ctx, in.Account)
		if err != nil {
			return err
		}
		amount, err := money.Parse(in.Amount, money.Currency(c.Currency))
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "--amount: %s.", err)
		}
		if err := a.Deposit(ctx, app.Operator(c.ID), c.ID, amount, in.ValueDate, in.Reference); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Deposited %s into the wallet of %s.\n", amount, c.Name)
		return nil
	})
}
