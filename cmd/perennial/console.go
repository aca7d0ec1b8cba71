package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/netutil"

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
	// mostConnections is how many are open at once; the next ones wait. Behind a proxy
	// there are few, and without a bound anybody could take all of the program's files.
	mostConnections = 4096
	// leaveWithin is how long the last write of a server may take.
	leaveWithin = 2 * time.Second
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
	keys      [][]byte     // nil: those in the database
	tls       *tls.Config  // nil: plain HTTP
	measuring net.Listener // nil: nobody reads the metrics

	app      *app.App
	books    *books
	metrics  *metrics
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
	c.metrics = newMetrics()
	asked := c.gateway
	if asked != nil {
		asked = gateway.Watch(asked, c.clock, c.metrics.called)
	}
	owner := rand.Text()
	c.books = newBooks(c.store, c.clock, c.log, owner, func() { c.work.Wake(); c.payments.Wake() })
	c.app = app.New(app.Deps{
		Store: c.store, Clock: c.clock, Rand: rand.Reader, Log: c.log, Gateway: asked,
		Wake: func() { c.work.Wake(); c.payments.Wake(); c.chores.Wake() }, Owner: owner,
		MayCharge: c.books.mayCharge,
	})
	c.metrics.app, c.metrics.books = c.app, c.books
	for _, l := range []*worker.Loop{c.work, c.payments, c.chores} {
		l.Watch(c.metrics.stepped)
	}
	c.work.Add("tasks", c.app.WorkTasks)
	c.work.Add("deadlines", c.app.WatchDeadlines)
	c.payments.Add("reconcile", c.app.WorkReconcile)
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
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	metrics := web.NewMetrics(c.metrics)
	handler, err := web.New(web.Deps{
		App: c.app, Clock: c.clock, Log: c.log, PublicURL: c.publicURL, TrustedProxies: c.proxies, SessionKeys: keys,
		SendsMails: c.sender != nil, Sandbox: c.sandbox, Metrics: metrics, Ready: c.books.ready, Stopping: working,
	})
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, WriteTimeout: 10 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelWarn),
	}
	schema := worker.New(c.log, tick)
	schema.Add("schema", c.watchSchema(stop))
	var wait sync.WaitGroup
	var lost error // why the file is not this server's any more
	wait.Go(func() {
		if lost = c.books.run(working); lost != nil {
			c.log.Error("the server stops", "err", lost)
			stop(lost)
		}
	})
	wait.Go(func() { c.work.Run(working) })
	wait.Go(func() { c.payments.Run(working) })
	wait.Go(func() { c.chores.Run(working) })
	wait.Go(func() { schema.Run(working) })
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
		if err := c.app.Close(); err != nil {
			c.log.Warn("files that were sent were not let go of", "error", err)
		}
	})
	if c.measuring != nil {
		wait.Go(func() { c.measure(working, metrics) })
	}
	if c.sender != nil {
		c.log.Info("mails go to " + c.sender.Where())
	}
	c.log.Info("serving", "address", c.listener.Addr().String(), "public", c.publicURL.String(), "database", c.store.Name())
	listener := netutil.LimitListener(c.listener, mostConnections)
	if c.tls != nil {
		listener = tls.NewListener(listener, c.tls)
	}
	err = server.Serve(listener)
	stop(nil)
	wait.Wait()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWithin)
	defer cancel()
	c.books.leave(patience)
	if lost != nil {
		return lost
	}
	if newer := context.Cause(working); errors.Is(newer, store.ErrNewer) {
		return newer
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	c.log.Info("stopped")
	return nil
}

// measure answers Prometheus until ctx ends. The console does not need it.
func (c *console) measure(ctx context.Context, metrics http.Handler) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelWarn)}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // a reading that is cut is read again
	c.log.Info("serving metrics", "address", c.measuring.Addr().String())
	if err := server.Serve(c.measuring); !errors.Is(err, http.ErrServerClosed) {
		c.log.Error("metrics are no longer served", "error", err)
	}
}

// watchSchema ends the program once a newer one has migrated the database: with
// several servers on PostgreSQL the older ones stop by themselves.
func (c *console) watchSchema(stop context.CancelCauseFunc) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, choreTick)
		defer cancel()
		// Other trouble of the database is logged by those who need it.
		if err := c.store.Ping(ctx); errors.Is(err, store.ErrNewer) {
			c.log.ErrorContext(ctx, "a newer version has migrated the database; this server stops", "error", err)
			stop(err)
		}
		return false, nil
	}
}
