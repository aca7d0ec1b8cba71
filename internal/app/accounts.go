package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/store"
)

// The lengths of grace and retention of an account that says nothing else, in
// days (product.md, Time), and the most that a length may be.
const (
	GraceDays     = 15
	RetentionDays = 15
	maxDays       = 365
)

const maxName = 128

// AccountInput says what a new account is to be.
type AccountInput struct {
	ID            string // empty: made here
	Name          string
	Currency      string // ISO 4217
	Zone          string // IANA name of the billing time zone
	Email         string // where notices go
	GraceDays     int
	RetentionDays int
	ContractRate  int // hundredths of a percent
}

// CreateAccount opens an account with an empty wallet.
func (a *App) CreateAccount(ctx context.Context, in AccountInput) (account.Account, error) {
	now := a.Clock.Now()
	c := account.Account{
		ID: in.ID, Name: strings.TrimSpace(in.Name), Currency: strings.ToUpper(in.Currency), ZoneName: in.Zone, Email: in.Email,
		GraceDays: in.GraceDays, RetentionDays: in.RetentionDays, ContractRate: in.ContractRate, PriceRevision: 1, CreatedAt: now,
	}
	if c.ID == "" {
		c.ID = a.newID(now)
	}
	if !money.Currency(c.Currency).Known() {
		return c, fault.Field("currency", "%q is not a currency that can be billed in.", in.Currency)
	}
	if err := check(&c); err != nil {
		return c, err
	}
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertAccount(c); err != nil {
			return err
		}
		if err := tx.InsertWallet(c.ID, money.Currency(c.Currency)); err != nil {
			return err
		}
		return a.audit(tx, Operator(c.ID), now, "account.create", "account "+c.ID, "", describe(c))
	})
	if store.IsDuplicate(err) {
		return c, fault.Field("id", "There is already an account %s.", c.ID)
	}
	if err != nil {
		return c, fmt.Errorf("create an account: %w", err)
	}
	return c, nil
}

// AccountChange says what to change about an account; nil leaves a thing as it is.
type AccountChange struct {
	Name, Zone, Email                      *string
	GraceDays, RetentionDays, ContractRate *int
	Frozen                                 *bool
}

// ChangeAccount changes the actor's account. A new discount makes older quotes
// count as older prices.
func (a *App) ChangeAccount(ctx context.Context, actor Actor, change AccountChange) (account.Account, error) {
	var c account.Account
	err := a.Store.Write(ctx, func(tx *store.Tx) (err error) {
		now := a.Clock.Now()
		if c, err = tx.LockAccount(actor.AccountID); err != nil {
			return noSuchAccount(err, actor.AccountID)
		}
		was := c
		set(&c.Name, change.Name)
		set(&c.ZoneName, change.Zone)
		set(&c.Email, change.Email)
		set(&c.GraceDays, change.GraceDays)
		set(&c.RetentionDays, change.RetentionDays)
		set(&c.ContractRate, change.ContractRate)
		set(&c.Frozen, change.Frozen)
		if err := check(&c); err != nil {
			return err
		}
		if err := tx.UpdateAccount(c); err != nil {
			return err
		}
		if c.ContractRate != was.ContractRate {
			c.PriceRevision++
			if err := tx.CountPriceRevision(c.ID); err != nil {
				return err
			}
		}
		return a.audit(tx, actor, now, "account.change", "account "+c.ID, describe(was), describe(c))
	})
	if err != nil {
		return c, fmt.Errorf("change account %s: %w", actor.AccountID, err)
	}
	return c, nil
}

// Accounts lists every account, for the operator.
func (a *App) Accounts(ctx context.Context) (all []account.Account, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Accounts()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return all, nil
}

// FindAccount finds the account that the operator means: by its id, by a name
// that only one has, or, for an empty text, the only one there is.
func (a *App) FindAccount(ctx context.Context, text string) (account.Account, error) {
	all, err := a.Accounts(ctx)
	if err != nil {
		return account.Account{}, err
	}
	var named []account.Account
	for _, c := range all {
		if c.ID == text {
			return c, nil
		}
		if text == "" || strings.EqualFold(c.Name, text) {
			named = append(named, c)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(all) == 0:
		return account.Account{}, fault.New(fault.NotFound, "There is no account yet. Make one with perennial account create.")
	case len(named) > 1:
		return account.Account{}, fault.New(fault.Invalid, "There are %d such accounts. Say which one by its id; perennial account list has them.", len(named))
	}
	return account.Account{}, fault.New(fault.NotFound, "There is no account %q. The command perennial account list has them.", text)
}

// check refuses an account that could not be billed, and fills in its zone.
func check(c *account.Account) (err error) {
	switch {
	case c.Name == "" || utf8.RuneCountInString(c.Name) > maxName || !printable(c.Name):
		return fault.Field("name", "A name is 1 to %d characters on one line.", maxName)
	case c.ID == "" || len(c.ID) > maxName || !printable(c.ID):
		return fault.Field("id", "An id is 1 to %d characters on one line.", maxName)
	case c.GraceDays < 0 || c.GraceDays > maxDays || c.RetentionDays < 0 || c.RetentionDays > maxDays:
		return fault.Field("days", "Grace and retention are 0 to %d days each.", maxDays)
	case c.ContractRate < 0 || c.ContractRate > 10_000:
		return fault.Field("discount", "A discount is 0 to 100 percent.")
	}
	if c.Email, err = account.ParseEmail(c.Email); err != nil {
		return err
	}
	c.Zone, err = account.Zone(c.ZoneName)
	return err
}

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func describe(c account.Account) string {
	return fmt.Sprintf("name=%q zone=%s email=%s grace=%d retention=%d discount=%d frozen=%t",
		c.Name, c.ZoneName, c.Email, c.GraceDays, c.RetentionDays, c.ContractRate, c.Frozen)
}

func noSuchAccount(err error, id string) error {
	if errors.Is(err, store.ErrNone) {
		return fault.New(fault.NotFound, "There is no account %s.", id)
	}
	return err
}
