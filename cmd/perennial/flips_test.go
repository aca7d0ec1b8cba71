package main_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	program "perennial/cmd/perennial"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/clock"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// flips is how many files with flipped bits are tried.
var flips = flag.Int("flips", 12, "how many damaged files the tests try to charge on")

// chargeable is a database in which everything that moves money can be asked for:
// a confirmed task, an order that waits, and a top-up that can be refunded.
type chargeable struct {
	*testkit.World
	gateway *testkit.Gateway
	task    string
	pay     app.PayInput
	topUp   string
	files   int
}

func newChargeable(t *testing.T) *chargeable {
	t.Helper()
	c := &chargeable{gateway: testkit.NewGateway(t)}
	c.World = testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(c.gateway.Client))
	c.Prices(100)
	c.AddMany(150, 100*24*time.Hour)
	c.Add(testkit.Unit("alone", 90*24*time.Hour))
	c.Deposit(300 * testkit.UnitPrice)
	// A history, so that damage also falls on what was paid.
	c.Confirm(c.Prepare(testkit.Everything).ID)
	p, err := c.App.TopUp(c.Context(), c.Buyer, app.TopUpInput{Amount: "50.00", Key: "top-up"})
	c.Must(err)
	c.topUp = p.ID
	i, err := c.App.Instance(c.Context(), c.Account.ID, "alone")
	c.Must(err)
	order, err := c.App.PlaceOrder(c.Context(), c.Buyer, app.PlaceInput{InstanceID: "alone", Fee: i.Quote.Fee.Minor, Key: "order"})
	c.Must(err)
	paying, err := c.App.Paying(c.Context(), c.Account.ID, []string{order})
	c.Must(err)
	c.pay = app.PayInput{OrderIDs: []string{order}, Total: paying.Plan.Total.Minor, Due: paying.Plan.Due.Minor, Key: "pay"}
	task := c.Prepare(testkit.Everything)
	c.Must(c.App.Confirm(c.Context(), c.Buyer, app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: "confirm"}))
	c.task = task.ID
	return c
}

// bytes is a backup of the database, which has neither free pages nor a log.
func (c *chargeable) bytes() []byte {
	c.Helper()
	path := filepath.Join(c.TempDir(), "whole.db")
	c.Must(c.Store.Backup(c.Context(), path))
	file, err := os.ReadFile(path)
	c.Must(err)
	return file
}

// write makes a database file of bytes, and of a log beside it.
func (c *chargeable) write(file, log []byte) (path string) {
	c.Helper()
	c.files++
	path = filepath.Join(c.TempDir(), fmt.Sprintf("file-%d.db", c.files))
	c.Must(os.WriteFile(path, file, 0o600))
	if log != nil {
		c.Must(os.WriteFile(path+"-wal", log, 0o600))
	}
	return path
}

// damaged reports whether SQLite finds anything wrong with a file.
func (c *chargeable) damaged(path string) bool {
	c.Helper()
	db, err := store.Open(c.Context(), path)
	if err != nil {
		return true
	}
	defer db.Close()
	found, err := db.Damage(c.Context())
	return err != nil || len(found) > 0
}

// charged serves a file, asks for everything that moves money, and returns what did.
func (c *chargeable) charged(path string) (moved []string) {
	c.Helper()
	db, err := store.Open(c.Context(), path)
	if err != nil {
		return nil
	}
	defer db.Close()
	a := app.New(app.Deps{Store: db, Clock: clock.NewManual(testkit.Start), Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Wake: func() {}, Gateway: c.gateway.Client, Owner: "server"})
	b := program.NewBooks(a, func() {})
	ctx, stop := context.WithCancel(c.Context())
	over := make(chan error, 1)
	go func() { over <- b.Run(ctx) }()
	defer func() {
		stop()
		c.Must(<-over)
	}()
	captured, refunded := len(c.gateway.Captures()), len(c.gateway.Refunds())
	if p, err := a.TopUp(ctx, c.Buyer, app.TopUpInput{Amount: "10.00", Key: "again " + path}); err == nil && p.State == billing.PaymentCaptured {
		moved = append(moved, "top-up")
	}
	if p, err := a.PayOrders(ctx, c.Buyer, c.pay); err == nil && p.State == billing.PaymentCaptured {
		moved = append(moved, "order")
	}
	if f, err := a.RefundTopUp(ctx, app.Operator(c.Account.ID), c.topUp); err == nil && f.State == billing.RefundDone {
		moved = append(moved, "refund")
	}
	for range 3 {
		_, _ = a.WorkTasks(ctx) // what it did is read below
		_, _ = a.WorkPayments(ctx)
	}
	var t renewal.Task
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		t, err = tx.Task(c.Account.ID, c.task)
		return err
	})
	if err == nil && t.Renewed > 0 {
		moved = append(moved, "task")
	}
	if n := len(c.gateway.Captures()) - captured; n > 0 {
		moved = append(moved, "card")
	}
	if n := len(c.gateway.Refunds()) - refunded; n > 0 {
		moved = append(moved, "refund by card")
	}
	if err := b.MayCharge(c.Account.ID); len(moved) == 0 && fault.KindOf(err) != fault.Unavailable {
		moved = append(moved, fmt.Sprintf("nothing, but it may: %v", err))
	}
	return moved
}

// A damaged database charges nothing, in no way. A whole one shows that everything
// here would have been charged.
func TestADamagedFileChargesNothing(t *testing.T) {
	c := newChargeable(t)
	whole := c.bytes()
	refuse := func(what, path string) {
		t.Helper()
		if !c.damaged(path) {
			t.Errorf("%s: SQLite finds nothing wrong with it", what)
		}
		if moved := c.charged(path); len(moved) > 0 {
			t.Errorf("%s: %v", what, moved)
		}
	}
	tail := slices.Clone(whole)
	clear(tail[len(tail)-20<<10:])
	refuse("the last 20 KiB are zero", c.write(tail, nil))

	older := c.bytes()
	c.Deposit(testkit.UnitPrice)
	log, err := os.ReadFile(c.Location + "-wal")
	c.Must(err)
	refuse("a backup under the log of another file", c.write(older, log))

	damaged := 0
	for seed := uint64(1); damaged < *flips; seed++ {
		dice := mathrand.New(mathrand.NewPCG(seed, 0))
		file := slices.Clone(whole)
		for range 1 + dice.IntN(40) {
			at := dice.IntN(len(file))
			file[at] ^= 1 << dice.IntN(8)
		}
		path := c.write(file, nil)
		if !c.damaged(path) {
			continue // what SQLite cannot see
		}
		damaged++
		if moved := c.charged(path); len(moved) > 0 {
			t.Errorf("bits flipped with seed %d: %v", seed, moved)
		}
	}
	moved := c.charged(c.write(whole, nil))
	if want := []string{"top-up", "order", "refund", "task", "card", "refund by card"}; !slices.Equal(moved, want) {
		t.Errorf("on a whole file %v was charged, want %v", moved, want)
	}
	t.Logf("%d files with flipped bits were damaged, and charged nothing", damaged)
}
