package main

import (
	"context"
	"fmt"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
)

// creditSet sets how much an account may owe.
func creditSet(ctx context.Context, p program) error {
	in := p.Credit.Set
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		w, err := a.SetCreditLimit(ctx, app.Operator(acc.ID), in.Limit)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "The credit line of %s is %s now, of which %s is owed.\n", acc.Name, w.CreditLimit, w.CreditUsed)
		return nil
	})
}

// creditRepay records what pays the credit line back: a transfer that the operator
// has seen on a statement, or a part of the balance.
func creditRepay(ctx context.Context, p program) error {
	in := p.Credit.Repay
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) (err error) {
		who := app.Operator(acc.ID)
		var w billing.Wallet
		if in.FromBalance {
			w, err = a.RepayCredit(ctx, who, in.Amount, a.NewKey())
		} else {
			amount, parseErr := money.Parse(in.Amount, money.Currency(acc.Currency))
			if parseErr != nil {
				return fault.Wrap(parseErr, fault.Invalid, "--amount: %s.", parseErr)
			}
			w, err = a.RecordRepayment(ctx, who, amount, in.ValueDate, in.Reference)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s owes %s on its credit line now; its balance is %s.\n", acc.Name, w.CreditUsed, w.Balance)
		return nil
	})
}

// refund gives a top-up back. The server asks the gateway, which a command at the
// side of it need not know. Or it records that the operator gave back by hand what
// the gateway had refused.
func refund(ctx context.Context, p program) error {
	in := p.Refund
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		if in.ByHand != "" || in.Order != "" || in.Transfer {
			f, err := a.RefundByHand(ctx, app.Operator(acc.ID), app.ByHandInput{PaymentID: in.Payment, OrderID: in.Order,
				Reference: in.ByHand, Transfer: in.Transfer})
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "Recorded that %s of order %s went back to %s. It is not held any more.\n", f.Charged, f.OrderID, acc.Name)
			return nil
		}
		f, err := a.RefundTopUp(ctx, app.Operator(acc.ID), in.Payment)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Took %s from the balance of %s. The server gives it back to the card; the wallet says when the gateway has.\n", f.Amount, acc.Name)
		return nil
	})
}
