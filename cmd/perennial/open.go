package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"strings"

	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/config"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/store"
)

// open opens a database that exists and has this program's schema, for a command
// that may run beside a server, and calls f.
func (p program) open(ctx context.Context, d config.Database, l config.Logging, f func(*app.App) error) error {
	return p.openWith(ctx, d, l, nil, f)
}

// openWith is open for a command that asks the card gateway, if there is one.
func (p program) openWith(ctx context.Context, d config.Database, l config.Logging, asked gateway.Gateway, f func(*app.App) error, opts ...store.Option) error {
	if err := exists(d.Database); err != nil {
		return err
	}
	return p.with(ctx, d, l, func(a *app.App) error {
		if err := a.Store.CheckSchema(ctx); err != nil {
			return err
		}
		a.Gateway = asked
		return f(a)
	}, opts...)
}

// with opens a database, whatever is in it, and calls f.
func (p program) with(ctx context.Context, d config.Database, l config.Logging, f func(*app.App) error, opts ...store.Option) (err error) {
	db, err := store.Open(ctx, d.Database, append(opts, store.Maintenance())...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return f(app.New(app.Deps{
		Store: db, Clock: clock.NewSystem(), Rand: rand.Reader, Log: p.logger(l.LogLevel), Wake: func() {},
	}))
}

// database is the flag with which another command finds the same database, with
// a blank before it, or nothing where it finds it anyway.
func database(location string) string {
	switch {
	case location == config.DefaultDatabase || location == os.Getenv("PERENNIAL_DATABASE"):
		return ""
	case remote(location):
		return " --database ADDRESS" // there may be a password in it
	}
	return " --database " + location
}

// exists refuses a database file that is not there: opening it would make an
// empty one, and a typing mistake would look like lost data.
func exists(location string) error {
	if remote(location) {
		return nil
	}
	if _, err := os.Stat(strings.TrimPrefix(location, "sqlite:")); errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "There is no database %s. Name it with --database or PERENNIAL_DATABASE.", location)
	}
	return nil
}

// remote tells an address from a file.
func remote(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}
