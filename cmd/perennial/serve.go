package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/config"
	"perennial/internal/demo"
	"perennial/internal/fault"
	"perennial/internal/mail"
	"perennial/internal/store"
)

// gatewayTimeout is how long a call to the card gateway may take. After it the
// outcome is unknown and asked for later.
const gatewayTimeout = 20 * time.Second

// serve runs the console on a database of its own. It brings the schema up by
// itself; nobody else has a SQLite file open then.
func serve(ctx context.Context, p program) (err error) {
	in := p.Serve
	c := &console{clock: clock.NewSystem(), log: p.logger(in.LogLevel), publicURL: in.PublicURL.URL()}
	for _, network := range in.TrustedProxy {
		c.proxies = append(c.proxies, network.Prefix)
	}
	for _, key := range in.SessionKeys {
		c.keys = append(c.keys, key)
	}
	if c.sender, err = sender(in); err != nil {
		return err
	}
	if c.gateway, err = client(in.Gateway); err != nil {
		return err
	}
	if err := c.encrypt(in); err != nil {
		return err
	}
	if c.store, err = store.Open(ctx, in.Database.Database, store.Exclusive(), store.StateDir(in.StateDir.StateDir)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	steps, err := c.store.Migrate(ctx)
	if err != nil {
		return err
	}
	if steps > 0 {
		c.log.Info("migrated", "database", c.store.Name(), "steps", steps)
	}
	if err := c.listen(in); err != nil {
		return err
	}
	c.prepare()
	if in.PublicURL.Secure() {
		if err := unexposed(ctx, c.app); err != nil {
			return errors.Join(err, c.silence())
		}
	}
	if err := p.sayWhatIsFirst(ctx, c.app, in.Database.Database); err != nil {
		return errors.Join(err, c.silence())
	}
	if err := c.sayOpenPayments(ctx); err != nil {
		return errors.Join(err, c.silence())
	}
	if in.PublicURL.Secure() && len(in.TrustedProxy) == 0 {
		c.log.Warn("no --trusted-proxy: behind a proxy all people share one address, and one limit of failed sign-ins")
	}
	return c.serve(ctx)
}

// sayOpenPayments names the payments that an earlier server left open. A server without
// a gateway never settles them.
func (c *console) sayOpenPayments(ctx context.Context) error {
	open, err := c.app.OpenPayments(ctx)
	if err != nil || len(open) == 0 {
		return err
	}
	if c.gateway == nil {
		c.log.Warn("no --gateway-url: nobody is asked about card payments whose outcome is not known", "count", len(open), "oldest", open[0].CreatedAt)
		return nil
	}
	for _, one := range open[:min(len(open), mostNamed)] {
		c.log.Info("the gateway is asked about a payment whose outcome is not known", "payment", one.ID, "account", one.AccountID,
			"state", one.State, "since", one.CreatedAt, "count", len(open))
	}
	return nil
}

// mostNamed bounds the lines about payments at the start.
const mostNamed = 20

// encrypt reads the certificate with which the console speaks TLS itself, and warns where
// passwords travel over a network in the clear.
func (c *console) encrypt(in config.Serve) error {
	switch {
	case (in.TLSCert == "") != (in.TLSKey == ""):
		return fault.New(fault.Invalid, "--tls-cert and --tls-key are given together.")
	case in.TLSCert != "" && !in.PublicURL.Secure():
		return fault.New(fault.Invalid, "--tls-cert needs an https --public-url.")
	case in.TLSCert != "":
		pair, err := tls.LoadX509KeyPair(in.TLSCert, in.TLSKey)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "--tls-cert %s: %s.", in.TLSCert, err)
		}
		c.tls = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
		return nil
	}
	if host, _, err := net.SplitHostPort(in.Listen); err == nil && in.PublicURL.Secure() && !config.Loopback(host) {
		c.log.Warn("passwords and sessions reach --listen in the clear: listen on this machine only, or give --tls-cert and --tls-key", "listen", in.Listen)
	}
	return nil
}

// listen opens the addresses of the console and of the metrics.
func (c *console) listen(in config.Serve) (err error) {
	if c.listener, err = net.Listen("tcp", in.Listen); err != nil {
		return fault.Wrap(err, fault.Unavailable, "--listen %s: %s.", in.Listen, err)
	}
	if in.MetricsListen == "" {
		return nil
	}
	if c.measuring, err = net.Listen("tcp", in.MetricsListen); err != nil {
		return errors.Join(fault.Wrap(err, fault.Unavailable, "--metrics-listen %s: %s.", in.MetricsListen, err), c.listener.Close())
	}
	return nil
}

// silence closes the addresses that listen opened.
func (c *console) silence() error {
	err := c.listener.Close()
	if c.measuring != nil {
		err = errors.Join(err, c.measuring.Close())
	}
	return err
}

func sender(in config.Serve) (mail.Sender, error) {
	switch {
	case in.SMTPURL != "":
		s, err := mail.NewSMTP(in.SMTPURL, in.MailFrom)
		if err != nil {
			return nil, fmt.Errorf("--smtp-url: %w", err)
		}
		return s, nil
	case in.MailFolder != "":
		f, err := mail.NewFolder(in.MailFolder, in.MailFrom)
		if err != nil {
			return nil, fmt.Errorf("--mail-folder: %w", err)
		}
		return f, nil
	}
	return nil, nil
}

// unexposed refuses to show others a demonstration into which everybody can sign in.
func unexposed(ctx context.Context, a *app.App) error {
	emails, err := demo.Exposed(ctx, a)
	if err != nil || len(emails) == 0 {
		return err
	}
	return fault.New(fault.Forbidden, "This database was made by perennial demo, and everybody knows its password. Give another to %s with perennial user set-password, or serve a database of its own.",
		strings.Join(emails, ", "))
}

// sayWhatIsFirst tells the operator of an empty database how to go on: there is
// no account and no password until somebody makes them.
func (p program) sayWhatIsFirst(ctx context.Context, a *app.App, location string) error {
	all, err := a.Accounts(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintf(p.err, "No account yet: perennial account create --name \"Acme Group\" --email billing@acme.example%s\n", database(location))
		return nil
	}
	for _, c := range all {
		people, err := a.Members(ctx, app.Operator(c.ID))
		if err != nil {
			return err
		}
		if len(people) > 0 {
			return nil
		}
	}
	fmt.Fprintf(p.err, "No user yet: perennial user create you@example.com --account %s --role owner%s\n", all[0].ID, database(location))
	return nil
}
