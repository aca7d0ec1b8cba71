package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
)

func userCreate(ctx context.Context, p program) error {
	in := p.User.Create
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		c, err := a.FindAccount(ctx, in.Account)
		if err != nil {
			return err
		}
		password, err := p.password(in.PasswordStdin)
		if err != nil {
			return err
		}
		u, err := a.CreateMember(ctx, app.Operator(c.ID), app.MemberInput{
			Email: in.Email, Name: in.Name, Role: account.Role(in.Role), Password: password,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Created %s, %s of %s.\n", u.Email, u.Role, c.Name)
		p.showPassword(in.PasswordStdin, password)
		return nil
	})
}

func userList(ctx context.Context, p program) error {
	in := p.User.List
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		c, err := a.FindAccount(ctx, in.Account)
		if err != nil {
			return err
		}
		all, err := a.Members(ctx, app.Operator(c.ID))
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "E-MAIL\tNAME\tROLE\tSINCE")
		for _, u := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Email, u.Name, u.Role, u.CreatedAt.In(c.Zone).Format("2006-01-02"))
		}
		return w.Flush()
	})
}

func userSetPassword(ctx context.Context, p program) error {
	in := p.User.SetPassword
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		u, err := a.FindMember(ctx, in.Email)
		if err != nil {
			return err
		}
		password, err := p.password(in.PasswordStdin)
		if err != nil {
			return err
		}
		if err := a.SetPassword(ctx, app.Operator(u.AccountID), u.Email, password); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Changed the password of %s and ended the sessions.\n", u.Email)
		p.showPassword(in.PasswordStdin, password)
		return nil
	})
}

func userSetRole(ctx context.Context, p program) error {
	in := p.User.SetRole
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		u, err := a.FindMember(ctx, in.Email)
		if err != nil {
			return err
		}
		if err := a.SetRole(ctx, app.Operator(u.AccountID), u.Email, account.Role(in.Role)); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s is %s now.\n", u.Email, in.Role)
		return nil
	})
}

func userDelete(ctx context.Context, p program) error {
	in := p.User.Delete
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) error {
		u, err := a.FindMember(ctx, in.Email)
		if err != nil {
			return err
		}
		if err := a.DeleteMember(ctx, app.Operator(u.AccountID), u.Email); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Deleted %s.\n", u.Email)
		return nil
	})
}

// password reads a password from standard input, or makes one. It is never an
// argument: those stay in the history of the shell and show in the process list.
func (p program) password(fromInput bool) (string, error) {
	if !fromInput {
		return rand.Text(), nil // 26 characters, 130 bits
	}
	line, err := bufio.NewReader(io.LimitReader(p.in, 4096)).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fault.Wrap(err, fault.Invalid, "There is no password on standard input.")
	}
	return line, nil
}

// showPassword shows a password that was made here, once: it is kept nowhere.
func (p program) showPassword(fromInput bool, password string) {
	if !fromInput {
		fmt.Fprintf(p.out, "Password: %s\n", password)
	}
}
