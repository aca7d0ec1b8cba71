package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/config"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/store"
)

// client is the card gateway that flags name, or nil where they name none.
func client(in config.Gateway) (gateway.Gateway, error) {
	if in.GatewayURL == "" {
		return nil, nil
	}
	c, err := gateway.NewClient(in.GatewayURL, in.GatewayKey, &http.Client{Timeout: gatewayTimeout})
	if err != nil {
		return nil, fmt.Errorf("--gateway-url: %w", err)
	}
	return c, nil
}

// everybody is the operator who acts in all accounts.
var everybody = app.Operator("")

// reconcileRun compares the gateway's payments with the records. It changes nothing
// without --apply.
func reconcileRun(ctx context.Context, p program) error {
	in := p.Reconcile.Run
	asked, err := client(in.Gateway)
	if err != nil {
		return err
	}
	return p.openWith(ctx, in.Database, in.Logging, asked, func(a *app.App) error {
		age, err := a.BooksAge(ctx)
		if err != nil {
			return err
		}
		p.sayAge(age)
		if in.Accept {
			if _, err := a.AcceptBooks(ctx); err != nil {
				return err
			}
			fmt.Fprintln(p.out, "The records are taken as they are. Servers that are running notice it when they are started again.")
			return nil
		}
		if asked == nil {
			return noGatewayNamed(age)
		}
		compare := a.CompareGateway
		if in.Apply {
			compare = a.Reconcile
		}
		found, err := compare(ctx)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "The card gateway does not answer: %s.", err)
		}
		p.sayFound(found, in.Apply)
		return nil
	}, store.StateDir(in.StateDir.StateDir))
}

func noGatewayNamed(age store.Age) error {
	if age.Older() {
		return fault.New(fault.Invalid, "Name the gateway with --gateway-url, or take the records as they are with --accept.")
	}
	return fault.New(fault.Invalid, "Name the card gateway with --gateway-url and --gateway-key.")
}

// sayAge names what the records lack.
func (p program) sayAge(age store.Age) {
	for _, s := range age.Setbacks {
		if s.Other {
			fmt.Fprintf(p.out, "The marks beside these records belong to another installation. Account: %s. Changes of money there: %d.\n", s.AccountID, s.Records)
			continue
		}
		fmt.Fprintf(p.out, "The records of account %s are older than they were. Changes of money in them: %d. There had been: %d. The newest was %s.\n",
			s.AccountID, s.Held, s.Records, s.Newest)
	}
}

// sayFound names what a comparison found.
func (p program) sayFound(r app.Reconciliation, applied bool) {
	word := "Would enter"
	if applied {
		word = "Entered"
	}
	for _, d := range r.Entered {
		fmt.Fprintf(p.out, "%s %s.\n", word, describeDiscrepancy(d))
	}
	for _, d := range r.Open {
		fmt.Fprintf(p.out, "Waits for a decision: %s. %s\n", describeDiscrepancy(d), whatDiffers(d))
	}
	fmt.Fprintf(p.out, "Payments that the gateway listed: %d, of other installations: %d. Entered: %d. To decide: %d.\n", r.Listed, r.Foreign, len(r.Entered), len(r.Open))
}

func describeDiscrepancy(d billing.Discrepancy) string {
	what := "payment"
	if data, ok := app.UnitsOf(d); ok {
		what = fmt.Sprintf("payment (instances: %d)", len(data.Units))
		if data.Purpose == billing.ForTopUp {
			what = "top-up"
		}
	}
	account := d.AccountID
	if account == "" {
		account = "unknown"
	}
	return fmt.Sprintf("%s %s of %s, charged %s, account %s", what, d.GatewayID, d.Amount, d.CapturedAt.Format(time.RFC3339), account)
}

func whatDiffers(d billing.Discrepancy) string {
	switch {
	case d.State == billing.DiscrepancyReturning:
		return "The gateway is being asked to refund it. If it refuses, dismiss it."
	case d.Kind == billing.Missing:
		if d.Why == billing.WhyNoData || d.Why == billing.WhyNoAccount {
			return app.WhyNotEntered(d.Why) + " Return it, or dismiss it."
		}
		return app.WhyNotEntered(d.Why) + " Enter it, return it, or dismiss it."
	case d.Kind == billing.RefundedThere:
		return fmt.Sprintf("The gateway refunded %s of it, and less is recorded here.", d.Refunded)
	case d.Kind == billing.UnknownThere:
		return "It is captured according to the records, and the gateway does not know it."
	}
	return "The gateway and the records differ in its amount or outcome."
}

// reconcileList lists what waits for a decision.
func reconcileList(ctx context.Context, p program) error {
	in := p.Reconcile.List
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		all, err := a.Discrepancies(ctx, "")
		if err != nil {
			return err
		}
		for _, d := range all {
			fmt.Fprintf(p.out, "%s. %s\n", describeDiscrepancy(d), whatDiffers(d))
		}
		if len(all) == 0 {
			fmt.Fprintln(p.out, "Nothing waits for a decision.")
		}
		return nil
	})
}

// reconcileEnter enters a payment that is missing.
func reconcileEnter(ctx context.Context, p program) error {
	in := p.Reconcile.Enter
	asked, err := client(in.Gateway)
	if err != nil {
		return err
	}
	return p.openWith(ctx, in.Database, in.Logging, asked, func(a *app.App) error {
		if err := a.EnterPayment(ctx, everybody, in.Payment, in.Parts); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Entered payment %s.\n", in.Payment)
		return nil
	})
}

// reconcileReturn has the server ask the gateway to refund a payment.
func reconcileReturn(ctx context.Context, p program) error {
	in := p.Reconcile.Return
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		if err := a.ReturnPayment(ctx, everybody, in.Payment); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "The server asks the gateway to refund payment %s until it answers.\n", in.Payment)
		return nil
	})
}

// reconcileDismiss records that a difference is settled.
func reconcileDismiss(ctx context.Context, p program) error {
	in := p.Reconcile.Dismiss
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		if err := a.DismissDiscrepancy(ctx, everybody, in.Payment, in.Reference); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Payment %s is settled: %s.\n", in.Payment, in.Reference)
		return nil
	})
}

// paymentList lists payments that the gateway has not decided.
func paymentList(ctx context.Context, p program) error {
	in := p.Payment.List
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		n, err := p.openPayments(ctx, a, 0)
		if err == nil && n == 0 {
			fmt.Fprintln(p.out, "Every payment is settled.")
		}
		return err
	})
}

// openPayments lists payments that have been open for a while.
func (p program) openPayments(ctx context.Context, a *app.App, least time.Duration) (n int, err error) {
	all, err := a.OpenPayments(ctx)
	if err != nil {
		return 0, err
	}
	for _, one := range all {
		if since := a.Clock.Now().Sub(one.CreatedAt); since >= least {
			n++
			fmt.Fprintf(p.out, "Payment %s of %s, account %s, is %s since %s.\n", one.ID, one.Charged, one.AccountID, one.State, one.CreatedAt.Format(time.RFC3339))
		}
	}
	return n, nil
}

// paymentSettle records what the operator found out about a payment.
func paymentSettle(ctx context.Context, p program) error {
	in := p.Payment.Settle
	return p.forAccount(ctx, in.Database, in.Logging, in.Customer, func(a *app.App, acc account.Account) error {
		if err := a.SettleByHand(ctx, app.Operator(acc.ID), app.SettleInput{PaymentID: in.Payment, Captured: in.Captured, Reference: in.Reference}); err != nil {
			return err
		}
		outcome := "not captured"
		if in.Captured {
			outcome = "captured"
		}
		fmt.Fprintf(p.out, "Payment %s is settled as %s.\n", in.Payment, outcome)
		return nil
	})
}
