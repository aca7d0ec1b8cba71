package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/config"
	"perennial/internal/demo"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/store"
)

// demonstrate serves the console on this machine with an estate of its own. It
// needs nothing and leaves nothing, unless a database is named; that is gone on
// with at the next start.
func demonstrate(ctx context.Context, p program) (err error) {
	in := p.Demo
	host, _, err := net.SplitHostPort(in.Listen)
	if err != nil || !config.Loopback(host) {
		return fault.New(fault.Invalid, "--listen %s is not an address of this machine such as 127.0.0.1:8080.", in.Listen)
	}
	folder, err := os.MkdirTemp("", "perennial-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demonstration: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	gatewayLog := filepath.Join(folder, "gateway.log")
	switch {
	case in.Database == "":
		in.Database = filepath.Join(folder, "perennial.db")
	case !remote(in.Database):
		gatewayLog = strings.TrimPrefix(in.Database, "sqlite:") + ".gateway.log"
	}

	c := &console{log: p.logger(in.LogLevel), sandbox: true}
	if c.store, err = store.Open(ctx, in.Database, store.Exclusive()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	if _, err := c.store.Migrate(ctx); err != nil {
		return err
	}
	if c.clock, err = startAt(ctx, c.store, in.Now.Time); err != nil {
		return err
	}
	closeGateway, err := c.openSandbox(gatewayLog)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeGateway()) }()
	if c.listener, err = net.Listen("tcp", in.Listen); err != nil {
		return fault.Wrap(err, fault.Unavailable, "--listen %s: %s.", in.Listen, err)
	}
	_, port, _ := net.SplitHostPort(c.listener.Addr().String())
	c.publicURL = &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	c.prepare()
	// The estate pays for orders before serve begins the checks. No real money moves.
	mayCharge := c.app.MayCharge
	c.app.MayCharge = nil
	if err := p.fill(ctx, c); err != nil {
		return errors.Join(err, c.listener.Close())
	}
	c.app.MayCharge = mayCharge
	p.sayHowToSignIn(c)
	return c.serve(ctx)
}

// fill makes the estate where it is not there yet.
func (p program) fill(ctx context.Context, c *console) error {
	zone, err := account.Zone(demo.Zone)
	if err != nil {
		return err
	}
	began := c.clock.Monotonic()
	estate := demo.NewEstate(p.Demo.Seed, int(p.Demo.Instances), c.clock.Now(), zone)
	made, err := demo.Fill(app.ForFile(ctx), c.app, estate, c.enterCard)
	if made {
		c.log.Info("the estate is made", "instances", int(p.Demo.Instances), "took", c.clock.Monotonic()-began)
	}
	return err
}

// startAt is a running clock that begins at the given instant, or now, but never
// before anything that the database knows to have happened.
func startAt(ctx context.Context, db *store.DB, at time.Time) (clock.Clock, error) {
	system := clock.NewSystem()
	if at.IsZero() {
		at = system.Now()
	}
	var latest time.Time
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		latest, err = tx.Latest()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the latest instant: %w", err)
	}
	if at.Before(latest) {
		at = latest
	}
	return clock.NewSystemAt(at), nil
}

// openSandbox serves a card gateway that moves no real money, to this process
// alone, and asks it over HTTP like any other.
func (c *console) openSandbox(log string) (stop func() error, err error) {
	key := rand.Text()
	s, err := sandbox.Open(log, c.clock, sandbox.WithAPIKey(key))
	if err != nil {
		return nil, err
	}
	c.enterCard = func(session string) error {
		_, err := s.Pick(session, sandbox.Visa)
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve the sandbox gateway: %w", err), s.Close())
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close() // every call is whole in the log, or unknown to its caller
		if ended := <-stopped; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return errors.Join(err, s.Close())
	}
	c.gateway, err = gateway.NewClient("http://"+listener.Addr().String(), key, &http.Client{Timeout: gatewayTimeout})
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}

// sayHowToSignIn prints the address, the people and their password.
func (p program) sayHowToSignIn(c *console) {
	fmt.Fprintf(p.out, "\nPerennial demonstration\n\n  Open      %s\n", c.publicURL)
	for n, person := range demo.People() {
		label := "Sign in"
		if n > 0 {
			label = ""
		}
		fmt.Fprintf(p.out, "  %-9s %-22s (%s)\n", label, person.Email, person.Role)
	}
	fmt.Fprintf(p.out, "  Password  %s\n", demo.Password)
	fmt.Fprintf(p.out, "  Data      %s\n  Clock     %s\n\nThe card gateway is a sandbox: no real money moves. Ctrl-C stops.\n\n",
		c.store.Name(), c.clock.Now().Format(time.RFC3339))
}
