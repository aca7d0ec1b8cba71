package main

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/invariant"
	"perennial/internal/store"
)

// migrate brings the schema up, for operators who want that apart from serving.
func migrate(ctx context.Context, p program) error {
	return p.with(ctx, p.Migrate.Database, p.Migrate.Logging, func(a *app.App) error {
		steps, err := a.Store.Migrate(ctx)
		if err != nil {
			return err
		}
		if steps == 0 {
			fmt.Fprintf(p.out, "%s is up to date.\n", a.Store.Name())
			return nil
		}
		fmt.Fprintf(p.out, "Migrated %s; steps: %d.\n", a.Store.Name(), steps)
		return nil
	})
}

// backup copies the database to a file while the server goes on. It asks for no
// schema: the time for a backup is before a migration.
func backup(ctx context.Context, p program) error {
	if err := exists(p.Backup.Database.Database); err != nil {
		return err
	}
	return p.with(ctx, p.Backup.Database, p.Backup.Logging, func(a *app.App) error {
		if err := a.Store.Backup(ctx, p.Backup.File); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Backed up %s to %s.\n", a.Store.Name(), p.Backup.File)
		return nil
	})
}

// doctor checks every promise that the data can break.
func doctor(ctx context.Context, p program) error {
	asked, err := client(p.Doctor.Gateway)
	if err != nil {
		return err
	}
	return p.openWith(ctx, p.Doctor.Database, p.Doctor.Logging, asked, func(a *app.App) error {
		damage, err := a.Store.Damage(ctx)
		if err != nil {
			return fmt.Errorf("read %s through: %w", a.Store.Name(), err)
		}
		for _, d := range damage {
			fmt.Fprintln(p.out, d)
		}
		if len(damage) > 0 {
			return fault.New(fault.Unavailable, "The database file is damaged. Restore a backup. The file is %s.", a.Store.Name())
		}
		broken, err := invariant.Check(ctx, a.Store.Handle(), "")
		if err != nil {
			return fmt.Errorf("check %s: %w", a.Store.Name(), err)
		}
		for _, b := range broken {
			fmt.Fprintln(p.out, b)
		}
		if len(broken) > 0 {
			return fault.New(fault.Conflict, "%s does not keep its promises: %d broken. Nothing was changed.", a.Store.Name(), len(broken))
		}
		fmt.Fprintf(p.out, "%s keeps all of %d promises.\n", a.Store.Name(), invariant.Rules())
		age, err := a.BooksAge(ctx)
		if err != nil {
			return err
		}
		p.sayAge(age)
		if err := p.unsettled(ctx, a); err != nil {
			return err
		}
		if err := held(ctx, p, a); err != nil || asked == nil {
			return err
		}
		return p.compare(ctx, a)
	}, store.StateDir(p.Doctor.StateDir.StateDir))
}

// unsettled names payments that have been open for long, and says where no gateway is
// there to ask about any.
func (p program) unsettled(ctx context.Context, a *app.App) error {
	if _, err := p.openPayments(ctx, a, time.Hour); err != nil || a.Gateway != nil {
		return err
	}
	all, err := a.OpenPayments(ctx)
	if err == nil && len(all) > 0 {
		fmt.Fprintf(p.out, "The outcome of %d card payments is not known. A server without --gateway-url asks nobody about them.\n", len(all))
	}
	return err
}

// compare compares the gateway's payments with the records and changes nothing. It
// fails where something differs.
func (p program) compare(ctx context.Context, a *app.App) error {
	found, err := a.CompareGateway(ctx)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The card gateway does not answer: %s.", err)
	}
	p.sayFound(found, false)
	known, err := a.Discrepancies(ctx, "")
	if err != nil {
		return err
	}
	if n := len(found.Entered) + max(len(found.Open), len(known)); n > 0 {
		return fault.New(fault.Conflict, "The gateway and the records differ: %d. Nothing was changed. See perennial reconcile.", n)
	}
	return nil
}

// held names the money that waits for the operator: no promise is broken, and
// nobody else will ever give it back.
func held(ctx context.Context, p program, a *app.App) error {
	refunds, err := a.HeldRefunds(ctx)
	if err != nil {
		return err
	}
	for _, f := range refunds {
		fmt.Fprintf(p.out, "%s of payment %s, order %s, account %s is held and belongs to the customer. %s Give it back on the gateway's own pages or by bank transfer, "+
			"then record that: perennial refund %s --account=%s --order=%s --by-hand=REFERENCE (and --transfer, if by bank transfer).\n",
			f.Charged, f.PaymentID, f.OrderID, f.AccountID, f.Reason, f.PaymentID, f.AccountID, f.OrderID)
	}
	return nil
}
