package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/mail"
	"perennial/internal/store"
	"perennial/internal/worker"
	"perennial/web"
)

const (
	// tick is how often the worker looks for work that nobody woke it for.
	tick = 2 * time.Second
	// choreTick is the same for chores, such as mails that are due again.
	choreTick = 10 * time.Second
	// stopWithin is how long requests may take to end after SIGTERM. With it the
	// program ends within 30 s.
	stopWithin = 20 * time.Second
)

// console is the program at work: HTTP in front, the worker behind.
type console struct {
	store     *store.DB
	clock     clock.Clock
	log       *slog.Logger
	gateway   gateway.Gateway // nil: deposits only
	sandbox   bool            // the gateway moves no real money
	sender    mail.Sender     // nil: the outbox is the mailbox
	listener  net.Listener
	publicURL *url.URL
	proxies   []netip.Prefix
	keys      [][]byte // nil: those in the database

	app      *app.App
	work     *worker.Loop
	payments *worker.Loop // what may wait for a slow gateway
	chores   *worker.Loop // what may wait for a slow mail server

	// enterCard enters a card in a session of the sandbox gateway.
	enterCard func(session string) error
}

// prepare makes the app and the loops, so that a demonstration can be filled
// before it is served.
func (c *console) prepare() {
	c.work, c.payments, c.chores = worker.New(c.log, tick), worker.New(c.log, choreTick), worker.New(c.log, choreTick)
	checked := &books{store: c.store, log: c.log, sound: map[string]bool{}}
	c.app = app.New(app.Deps{
		Store: c.store, Clock: c.clock, Rand: rand.Reader, Log: c.log, Gateway: c.gateway,
		Wake: func() { c.work.Wake(); c.payments.Wake(); c.chores.Wake() }, Owner: rand.Text(),
		MayCharge: checked.mayCharge,
	})
	c.work.Add("tasks", c.app.WorkTasks)
	c.work.Add("deadlines", c.app.WatchDeadlines)
	c.payments.Add("payments", c.app.WorkPayments)
	c.chores.Add("sessions", c.app.SweepSessions)
	c.chores.Add("uploads", c.app.Uploads.Sweep)
	c.chores.Add("prices", c.app.SweepPrices)
	if c.sender != nil {
		courier := mail.Courier{Store: c.store, Clock: c.clock, Log: c.log, Sender: c.sender, PublicURL: c.publicURL}
		c.chores.Add("mails", courier.Deliver)
	}
}

// serve answers people and works until ctx ends, and then lets both finish.
func (c *console) serve(ctx context.Context) error {
	keys := c.keys
	if keys == nil {
		var err error
		if keys, err = c.app.SessionKeys(ctx); err != nil {
			return err
		}
	}
	handler, err := web.New(web.Deps{
		App: c.app, Clock: c.clock, Log: c.log, PublicURL: c.publicURL, TrustedProxies: c.proxies, SessionKeys: keys,
		MailsGo: c.mailsGo(), Sandbox: c.sandbox,
	})
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelWarn),
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var wait sync.WaitGroup
	wait.Go(func() { c.work.Run(working) })
	wait.Go(func() { c.payments.Run(working) })
	wait.Go(func() { c.chores.Run(working) })
	wait.Go(func() {
		<-working.Done()
		// The signal has ended ctx, so what follows needs time of its own.
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		if err := server.Shutdown(patience); err != nil {
			c.log.Warn("requests were cut off", "error", err)
			_ = server.Close() // nothing is left to be saved
		}
	})
	wait.Go(func() {
		<-working.Done()
		if err := c.app.Uploads.Close(); err != nil {
			c.log.Warn("files that were sent were not let go of", "error", err)
		}
	})
	c.log.Info("serving", "address", c.listener.Addr().String(), "public", c.publicURL.String(), "database", c.store.Name())
	err = server.Serve(c.listener)
	stop()
	wait.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	c.log.Info("stopped")
	return nil
}

// mailsGo says where mails go, or nothing where they stay in the outbox.
func (c *console) mailsGo() string {
	if c.sender == nil {
		return ""
	}
	return c.sender.Where()
}
