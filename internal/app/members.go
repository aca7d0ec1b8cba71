package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/store"
)

// MemberInput says who a new user of the actor's account is to be.
type MemberInput struct {
	Email    string
	Name     string // empty: the part of the e-mail address before the @
	Role     account.Role
	Password string
}

// CreateMember makes a user of the actor's account. An e-mail address belongs to
// one user over all accounts, because it is what people sign in with.
func (a *App) CreateMember(ctx context.Context, actor Actor, in MemberInput) (account.User, error) {
	now := a.Clock.Now()
	email, err := account.ParseEmail(in.Email)
	if err != nil {
		return account.User{}, err
	}
	u := account.User{ID: a.newID(now), AccountID: actor.AccountID, Email: email, Name: strings.TrimSpace(in.Name), Role: in.Role, CreatedAt: now}
	if u.Name == "" {
		u.Name, _, _ = strings.Cut(email, "@")
	}
	switch {
	case utf8.RuneCountInString(u.Name) > maxName || !printable(u.Name):
		return u, fault.Field("name", "A name is at most %d characters on one line.", maxName)
	case !u.Role.Known():
		return u, fault.Field("role", "A role is viewer, buyer or owner.")
	}
	if u.PasswordHash, err = a.hashFor(ctx, u, in.Password); err != nil {
		return u, err
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Account(u.AccountID); err != nil {
			return noSuchAccount(err, u.AccountID)
		}
		if err := tx.InsertMember(u); err != nil {
			return err
		}
		return a.audit(tx, actor, now, "user.create", subject(u), "", string(u.Role))
	})
	if store.IsDuplicate(err) {
		return u, fault.Field("email", "There is already a user %s.", email)
	}
	if err != nil {
		return u, fmt.Errorf("create user %s: %w", email, err)
	}
	return u, nil
}

// FindMember finds a user of any account, for the operator.
func (a *App) FindMember(ctx context.Context, email string) (account.User, error) {
	email, err := account.ParseEmail(email)
	if err != nil {
		return account.User{}, err
	}
	var u account.User
	err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.MemberByEmail(email)
		return noSuchMember(err, email)
	})
	if err != nil {
		return u, fmt.Errorf("find user %s: %w", email, err)
	}
	return u, nil
}

// Members lists the users of the actor's account.
func (a *App) Members(ctx context.Context, actor Actor) (all []account.User, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Members(actor.AccountID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return all, nil
}

// SetPassword gives a user of the actor's account a new password and ends every
// session that began with the old one.
func (a *App) SetPassword(ctx context.Context, actor Actor, email, password string) error {
	u, err := a.FindMember(ctx, email)
	if err != nil {
		return err
	}
	hash, err := a.hashFor(ctx, u, password)
	if err != nil {
		return err
	}
	return a.changeMember(ctx, actor, u.Email, "user.password", func(u *account.User) error {
		u.PasswordHash = hash
		return nil
	})
}

// SetRole changes what a user of the actor's account may do, from the user's next
// request on.
func (a *App) SetRole(ctx context.Context, actor Actor, email string, role account.Role) error {
	return a.changeMember(ctx, actor, email, "user.role", func(u *account.User) error {
		if !role.Known() {
			return fault.Field("role", "A role is viewer, buyer or owner.")
		}
		u.Role = role
		return nil
	})
}

func (a *App) changeMember(ctx context.Context, actor Actor, email, action string, change func(*account.User) error) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		was, err := lockMember(tx, actor, email)
		if err != nil {
			return err
		}
		u := was
		if err := change(&u); err != nil {
			return err
		}
		if err := tx.UpdateMember(u); err != nil {
			return err
		}
		if u.PasswordHash != was.PasswordHash {
			if err := tx.DeleteSessionsOf(u.ID); err != nil {
				return err
			}
		}
		return a.audit(tx, actor, a.Clock.Now(), action, subject(u), string(was.Role), string(u.Role))
	})
	if err != nil {
		return fmt.Errorf("change user %s: %w", email, err)
	}
	return nil
}

// DeleteMember removes a user of the actor's account and ends the user's
// sessions. What the user did stays on record.
func (a *App) DeleteMember(ctx context.Context, actor Actor, email string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		u, err := lockMember(tx, actor, email)
		if err != nil {
			return err
		}
		if err := tx.DeleteMember(u.AccountID, u.ID); err != nil {
			return err
		}
		return a.audit(tx, actor, a.Clock.Now(), "user.delete", subject(u), string(u.Role), "")
	})
	if err != nil {
		return fmt.Errorf("delete user %s: %w", email, err)
	}
	return nil
}

// lockMember finds a user of the actor's account; one of another account does
// not exist for the actor.
func lockMember(tx *store.Tx, actor Actor, email string) (account.User, error) {
	folded, err := account.ParseEmail(email)
	if err != nil {
		return account.User{}, err
	}
	u, err := tx.LockMemberByEmail(folded)
	if err == nil && u.AccountID != actor.AccountID {
		err = store.ErrNone
	}
	return u, noSuchMember(err, folded)
}

func noSuchMember(err error, email string) error {
	if errors.Is(err, store.ErrNone) {
		return fault.New(fault.NotFound, "There is no user %s.", email)
	}
	return err
}

// hashFor returns the hash of a password that the user may have: it is not made of the
// user's or the account's own name.
func (a *App) hashFor(ctx context.Context, u account.User, password string) (string, error) {
	var name string
	err := a.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Account(u.AccountID)
		name = c.Name
		return noSuchAccount(err, u.AccountID)
	})
	if err != nil {
		return "", fmt.Errorf("read the account: %w", err)
	}
	if err := account.CheckPassword(password, u.Email, u.Name, name); err != nil {
		return "", err
	}
	return account.HashPassword(ctx, password)
}

func subject(u account.User) string { return "user " + u.ID + " " + u.Email }
