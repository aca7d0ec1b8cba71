package testkit

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// The engines that a test can run on.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Start is the instant at which the clock of a World stands at first.
var Start = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

// World is a real store with one account in it, its three users, and an App on a
// clock that only the test moves.
type World struct {
	testing.TB
	Location             string // of the database, for a second process or a second World
	Store                *store.DB
	App                  *app.App
	Clock                *clock.Manual
	Account              account.Account
	Owner, Buyer, Viewer app.Actor
	Log                  *bytes.Buffer
	deps                 app.Deps
	checkers             checkers
}

// WorldOption changes how a World is made.
type WorldOption func(*worldSetup)

type worldSetup struct {
	store   []store.Option
	gateway gateway.Gateway
	at      time.Time
	rate    int
}

// WithStore opens the database with options, such as a faulty driver.
func WithStore(o ...store.Option) WorldOption {
	return func(s *worldSetup) { s.store = append(s.store, o...) }
}

// WithFaults opens the database through a driver that fails when it is told to.
func WithFaults(f *Faults) WorldOption { return WithStore(store.Wrap(f.Wrap)) }

// VisaCard is the card of the account of a World with a gateway. It pays for
// top-ups; for renewals it pays once it is preferred.
var VisaCard = billing.Card{ID: "card-visa", Token: sandbox.Visa, Brand: "Visa", LastFour: "4242", Month: 12, Year: 2039, AddedAt: Start, AddedBy: "Wei Chen"}

// WithGateway gives the App a card gateway, and the account the card VisaCard.
func WithGateway(g gateway.Gateway) WorldOption { return func(s *worldSetup) { s.gateway = g } }

// WithDiscount grants the account a contract discount in hundredths of a percent.
func WithDiscount(rate int) WorldOption { return func(s *worldSetup) { s.rate = rate } }

// At sets the clock to another instant than Start, such as the real one for tests
// of the real program.
func At(now time.Time) WorldOption { return func(s *worldSetup) { s.at = now } }

// EachEngine runs a test on SQLite and on PostgreSQL.
func EachEngine(t *testing.T, test func(t *testing.T, engine string)) {
	t.Helper()
	for _, engine := range []string{SQLite, Postgres} {
		t.Run(engine, func(t *testing.T) { test(t, engine) })
	}
}

// EachWorld runs a test in a new World on each engine.
func EachWorld(t *testing.T, test func(t *testing.T, w *World), options ...WorldOption) {
	t.Helper()
	EachEngine(t, func(t *testing.T, engine string) { test(t, NewWorld(t, engine, options...)) })
}

// NewWorld makes a World on an engine. When the test ends, every invariant is checked.
func NewWorld(tb testing.TB, engine string, options ...WorldOption) *World {
	tb.Helper()
	location := ""
	if engine == Postgres {
		dsn, ok := migratedDSN(tb)
		if !ok {
			tb.SkipNow() // left out aloud by migratedDSN, or fatal where it is required
		}
		location = dsn
	} else {
		location = migratedFile(tb)
	}
	s := worldSetup{at: Start}
	for _, o := range options {
		o(&s)
	}
	w := &World{TB: tb, Location: location, Clock: clock.NewManual(s.at), Log: &bytes.Buffer{}, checkers: checkers{}}
	w.open(s)
	w.populate(s)
	tb.Cleanup(w.CheckInvariants)
	return w
}

func (w *World) open(s worldSetup) {
	w.Helper()
	db, err := store.Open(w.Context(), w.Location, s.store...)
	w.Must(err)
	w.Cleanup(func() {
		w.Must(w.App.Close())
		w.checkers.close(w, db)
		w.Must(db.Close())
	})
	_, err = db.Migrate(w.Context())
	w.Must(err)
	w.serve(db, s)
}

// serve puts an App on a database.
func (w *World) serve(db *store.DB, s worldSetup) {
	w.Store = db
	w.deps = app.Deps{Store: db, Clock: w.Clock, Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
		Wake: func() {}, Gateway: s.gateway, Owner: "worker-1"}
	w.App = app.New(w.deps)
	w.Reconcile()
}

// WorldOf is a World around a database that is there, seen from one of its accounts.
func WorldOf(tb testing.TB, db *store.DB, accountID string, options ...WorldOption) *World {
	tb.Helper()
	s := worldSetup{at: Start}
	for _, o := range options {
		o(&s)
	}
	w := &World{TB: tb, Clock: clock.NewManual(s.at), Log: &bytes.Buffer{}, checkers: checkers{}}
	w.serve(db, s)
	w.Read(func(tx *store.Tx) (err error) { w.Account, err = tx.Account(accountID); return err })
	w.people(func(app.Actor) {})
	return w
}

func (w *World) populate(s worldSetup) {
	w.Helper()
	acc, err := w.App.CreateAccount(w.Context(), app.AccountInput{
		ID: "acme", Name: "Acme Group", Currency: "USD", Zone: "Asia/Shanghai", Email: "finance@acme.example",
		GraceDays: app.GraceDays, RetentionDays: app.RetentionDays, ContractRate: s.rate,
	})
	w.Must(err)
	w.Account = acc
	if s.gateway != nil {
		w.Write(func(tx *store.Tx) error { return tx.InsertCard(acc.ID, VisaCard) })
	}
	w.people(func(who app.Actor) {
		w.Write(func(tx *store.Tx) error {
			return tx.InsertMember(account.User{ID: who.UserID, AccountID: acc.ID, Email: who.Email, Name: who.Name,
				Role: who.Role, PasswordHash: "!", CreatedAt: w.Clock.Now()})
		})
	})
}

// people are the users of a World's account.
func (w *World) people(each func(app.Actor)) {
	for to, who := range map[*app.Actor]app.Actor{
		&w.Owner:  {UserID: "wei", Name: "Wei Chen", Email: "wei.chen@acme.example", Role: account.Owner},
		&w.Buyer:  {UserID: "li", Name: "Li Na", Email: "li.na@acme.example", Role: account.Buyer},
		&w.Viewer: {UserID: "sam", Name: "Sam Ortiz", Email: "sam.ortiz@acme.example", Role: account.Viewer},
	} {
		who.AccountID, who.RequestID = w.Account.ID, "test"
		each(who)
		*to = who
	}
}

// Another makes a second App on the same database, as a second server would be.
func (w *World) Another(owner string) *app.App {
	d := w.deps
	d.Owner = owner
	return app.New(d)
}

// Context is one that outlives the test's own, for what is cleaned up after it.
func (w *World) Context() context.Context { return context.WithoutCancel(w.TB.Context()) }

// Must ends the test on an error.
func (w *World) Must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Write runs f in a write transaction.
func (w *World) Write(f func(*store.Tx) error) {
	w.Helper()
	// What a test sets up may be large, and the machine busy.
	w.Must(w.Store.Write(store.ForMaintenance(w.Context()), f))
}

// Read runs f in a read transaction.
func (w *World) Read(f func(*store.Tx) error) {
	w.Helper()
	w.Must(w.Store.Read(w.Context(), f))
}

// Unit makes a primary instance that is on the Manual Renewals tab and expires so
// long after Start; change it as the test needs before it is added.
func Unit(id string, left time.Duration) renewal.Unit {
	expires := Start.Add(left)
	return renewal.Unit{Instance: renewal.Instance{
		ID: id, Name: "name-of-" + id, ServiceCode: "hws.service.type.ec2", ServiceName: "Elastic Cloud Server",
		TypeCode: "hws.resource.type.vm", TypeName: "Cloud server", SpecCode: "s6.small.1", RegionCode: "cn-north-4",
		RegionName: "CN North-Beijing4", Project: "web-edge", OrderID: "CS" + id, Period: renewal.Month, Quantity: 1,
		EffectiveAt: expires.AddDate(0, -1, 0), ExpiresAt: expires, Mode: renewal.Manual,
	}}
}

// Disk makes an associated resource of a unit.
func Disk(of renewal.Unit, id string) renewal.Instance {
	d := of.Instance
	d.ID, d.Name, d.ParentID = id, "name-of-"+id, of.ID
	d.ServiceCode, d.ServiceName = "hws.service.type.ebs", "Elastic Volume Service"
	d.TypeCode, d.TypeName, d.SpecCode = "hws.resource.type.volume", "Cloud disk", "SAS.40"
	return d
}

// UnitPrice and DiskPrice are what Prices charges for one month, in cents.
const (
	UnitPrice = 1000
	DiskPrice = 250
)

// Prices gives the account a price book for Unit and Disk, by the month and by
// the year at ten months' price, times a hundredth of percent.
func (w *World) Prices(percent int64) {
	w.Helper()
	book := renewal.PriceBook{}
	for spec, price := range map[[2]string]int64{{"hws.service.type.ec2", "s6.small.1"}: UnitPrice, {"hws.service.type.ebs", "SAS.40"}: DiskPrice} {
		key := renewal.PriceKey{ServiceCode: spec[0], SpecCode: spec[1], RegionCode: "cn-north-4", Period: renewal.Month}
		book[key] = money.Of(price*percent/100, "USD")
		key.Period = renewal.Year
		book[key] = money.Of(10*price*percent/100, "USD")
	}
	w.ReplacePrices(book)
}

// ReplacePrices puts a price book in the place of the account's, as an import does.
func (w *World) ReplacePrices(book renewal.PriceBook) {
	w.Helper()
	w.Write(func(tx *store.Tx) error {
		present, err := tx.PriceBook(w.Account.ID)
		if err != nil || maps.Equal(present, book) {
			return err
		}
		acc, err := tx.LockAccount(w.Account.ID)
		if err != nil {
			return err
		}
		number, err := tx.BeginPriceBook(acc.ID)
		if err != nil {
			return err
		}
		if err := tx.AddPrices(acc.ID, number, store.PriceKeys(book), book); err != nil {
			return err
		}
		if _, err := tx.UsePriceBook(acc.ID, number, acc.PriceBook); err != nil {
			return err
		}
		return tx.DeletePrices(acc.ID, acc.PriceBook, len(present))
	})
}

// Add inserts units as an import would.
func (w *World) Add(units ...renewal.Unit) {
	w.Helper()
	var all []store.Imported
	for _, u := range units {
		for _, i := range u.All() {
			i.Anchor = renewal.AnchorDay(i.EffectiveAt, i.ExpiresAt, w.Account.Zone)
			all = append(all, store.Imported{Instance: i, ListFee: UnitPrice})
		}
	}
	w.Write(func(tx *store.Tx) error { return tx.InsertInstances(w.Account.ID, all) })
}

// AddMany inserts n units, an hour apart from the first expiry on.
func (w *World) AddMany(n int, first time.Duration) {
	w.Helper()
	units := make([]renewal.Unit, n)
	for i := range units {
		units[i] = Unit(fmt.Sprintf("ecs-%05d", i), first+time.Duration(i)*time.Hour)
	}
	w.Add(units...)
}

// Deposit puts money on the account, in cents.
func (w *World) Deposit(minor int64) {
	w.Helper()
	w.Must(w.App.Deposit(w.Context(), app.Operator(w.Account.ID), w.Account.ID, money.Of(minor, "USD"), "2026-11-20",
		fmt.Sprintf("ref-%d-%s", minor, w.App.NewKey())))
}

// Coupon gives the account a cash coupon of so many cents that pays for any renewal
// in the next thirty days.
func (w *World) Coupon(id string, minor int64, change ...func(*billing.Coupon)) {
	w.Helper()
	c := billing.Coupon{ID: id, Name: "Coupon " + id, Face: money.Of(minor, "USD"), Remaining: money.Of(minor, "USD"), Use: billing.ForBoth,
		From: w.Clock.Now().Add(-renewal.Day), Until: w.Clock.Now().Add(30 * renewal.Day), Minimum: money.Of(0, "USD"), CreatedAt: w.Clock.Now()}
	for _, f := range change {
		f(&c)
	}
	w.Write(func(tx *store.Tx) error {
		if err := tx.InsertCoupon(w.Account.ID, c); err != nil {
			return err
		}
		if err := tx.InsertAudits(store.Audit{ID: w.App.NewKey(), AccountID: w.Account.ID, At: w.Clock.Now(), Actor: "Operator",
			Action: "grant", Subject: "coupon " + id, Became: c.Face.String(), RequestID: "test"}); err != nil {
			return err
		}
		return tx.Post(w.Account.ID, billing.Entry{ID: w.App.NewKey(), Kind: billing.Grant, At: w.Clock.Now(), Reference: id},
			store.Posting{Book: billing.BookOfCoupon(id), Amount: c.Face}, store.Posting{Book: billing.BookGrants, Amount: money.Of(-minor, "USD")})
	})
}

// Task reads a task as it stands.
func (w *World) Task(id string) (t renewal.Task) {
	w.Helper()
	w.Read(func(tx *store.Tx) (err error) {
		t, err = tx.Task(w.Account.ID, id)
		return err
	})
	return t
}

// Balance reads the balance in cents.
func (w *World) Balance() (minor int64) {
	w.Helper()
	w.Read(func(tx *store.Tx) error {
		b, err := tx.Balance(w.Account.ID)
		minor = b.Minor
		return err
	})
	return minor
}
