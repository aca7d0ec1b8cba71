package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
)

// AccountID is the id of the demonstration account.
const AccountID = "acme"

// opening is the bank reference of the opening balance.
const opening = "Opening balance"

// Fill makes the demonstration account in a database, with its estate, prices,
// balance and users, and reports whether it did: an account that is there and
// whole is left as it is. One that was interrupted is completed. A database that
// holds other accounts is refused: everybody knows the password that Fill gives.
// enter enters the account's card in a session of the gateway; nil where there is none.
func Fill(ctx context.Context, a *app.App, e *Estate, enter func(session string) error) (bool, error) {
	began, err := begun(ctx, a)
	if err != nil {
		return false, err
	}
	who := app.Operator(AccountID)
	if began {
		// The users are made last.
		people, err := a.Members(ctx, who)
		if err != nil || len(people) >= len(People()) {
			return false, err
		}
	} else if _, err := a.CreateAccount(ctx, app.AccountInput{
		ID: AccountID, Name: AccountName, Currency: string(Currency), Zone: Zone, Email: Email,
		GraceDays: app.GraceDays, RetentionDays: app.RetentionDays, ContractRate: int(ContractDiscount),
	}); err != nil {
		return false, err
	}
	if err := bring(ctx, a, app.ImportsPrices, "prices.csv", e.WritePrices); err != nil {
		return false, err
	}
	if err := bring(ctx, a, app.ImportsInstances, "instances.csv", e.WriteInstances); err != nil {
		return false, err
	}
	// Before there are coupons, which people who try it are to spend.
	if err := e.order(ctx, a); err != nil {
		return false, err
	}
	if err := e.fund(ctx, a, who); err != nil {
		return false, err
	}
	if enter != nil {
		if err := addCard(ctx, a, who, enter); err != nil {
			return false, err
		}
	}
	for _, p := range People() {
		_, err := a.CreateMember(ctx, who, app.MemberInput{Email: p.Email, Name: p.Name, Role: p.Role, Password: Password})
		if err != nil && fault.KindOf(err) != fault.Invalid { // made before an interruption
			return false, err
		}
	}
	return true, nil
}

// addCard gives the account a card, as a person would who enters it at the gateway.
func addCard(ctx context.Context, a *app.App, who app.Actor, enter func(session string) error) error {
	const key = "demonstration card"
	page, err := a.EnterCard(ctx, who, "http://127.0.0.1/", key)
	if err != nil {
		return err
	}
	at, err := url.Parse(page)
	if err != nil {
		return err
	}
	session := at.Query().Get("session")
	if err := enter(session); err != nil {
		return err
	}
	_, err = a.AddCard(ctx, who, app.CardInput{Session: session, Key: key})
	if fault.KindOf(err) == fault.Conflict { // added before an interruption
		return nil
	}
	return err
}

// fund gives the account what it has to spend; what was given before an
// interruption is passed over.
func (e *Estate) fund(ctx context.Context, a *app.App, who app.Actor) error {
	f, err := e.Funds()
	if err != nil {
		return err
	}
	errs := []error{a.Deposit(ctx, who, AccountID, f.Deposit, e.now.In(e.zone).Format(time.DateOnly), opening)}
	for _, c := range f.Coupons {
		_, err := a.GrantCoupon(ctx, who, c)
		errs = append(errs, err)
	}
	_, err = a.GrantDiscount(ctx, who, f.Discount)
	errs = append(errs, err)
	_, err = a.SetCreditLimit(ctx, who, f.Credit.Plain())
	errs = append(errs, err, a.SetLowMark(ctx, who, f.Mark.Plain(), "demonstration mark"))
	for _, err := range errs {
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return nil
}

// begun tells whether the account is there, and refuses a database that holds others.
func begun(ctx context.Context, a *app.App) (found bool, err error) {
	all, err := a.Accounts(ctx)
	for _, c := range all {
		if c.ID != AccountID || c.Name != AccountName {
			return false, fault.New(fault.Conflict,
				"This database holds the account %s (%s). A demonstration needs a database of its own, because its password is known to everybody.", c.ID, c.Name)
		}
		found = true
	}
	return found, err
}

// bring imports a file of the estate, as somebody would at the command line.
func bring(ctx context.Context, a *app.App, kind app.ImportKind, name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp("", "perennial-demo-*.csv")
	if err != nil {
		return fmt.Errorf("write the estate: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := write(f); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("write the estate: %w", err)
	}
	r, err := a.Import(ctx, app.Operator(AccountID), app.ImportInput{Kind: kind, Name: name, File: f, Size: size, Apply: true})
	if err == nil && !r.Clean() {
		err = fmt.Errorf("the estate was refused: %s", r.Refusals[0])
	}
	return err
}

// Exposed are the users of the demonstration who still have its password: the
// database may be shown on this machine and to nobody else.
func Exposed(ctx context.Context, a *app.App) (emails []string, err error) {
	for _, p := range People() {
		u, err := a.FindMember(ctx, p.Email)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		matches, err := account.PasswordMatches(ctx, Password, u.PasswordHash)
		if err != nil {
			return nil, err
		}
		if matches {
			emails = append(emails, p.Email)
		}
	}
	return emails, nil
}
