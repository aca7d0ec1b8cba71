package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/clock"
	"perennial/internal/fault"
	"perennial/internal/store"
)

const (
	// recheckSound is the age at which a check that found nothing is repeated.
	recheckSound = 24 * time.Hour
	// recheckBroken is the same after a check that found something, so that a repair
	// needs no restart.
	recheckBroken = 5 * time.Second
	// recheckShare bounds the time spent on checks that keep finding something: the
	// next one comes after so many times as long as the last one took.
	recheckShare = 10
	// checkers is how many accounts are checked at a time. More would leave too few
	// connections to pages.
	checkers = 2
	// turn is how long an account is checked before another one gets its turn.
	turn = 50 * time.Millisecond
)

// books decides whether money of an account may be moved. It has the database file
// read through, and then the rules of the account checked, before this process first
// moves money of it, each again after a day, and the file again after an error that
// casts doubt on it. Pages are served meanwhile, and no account waits for the check
// of another.
type books struct {
	store *store.DB
	clock clock.Clock
	log   *slog.Logger
	wake  func()        // the worker, when a check has ended
	turns chan struct{} // wakes those who check accounts
	files chan struct{} // wakes the one that checks the file
	held  chan struct{} // closed when this server holds the file
	owner string
	// tenure is this server's hold on the file; nil before it runs.
	tenure *store.Tenure

	mu       sync.Mutex
	gone     error // the file is not the one that was opened, or another server has it
	beats    bool  // a write was tried
	beatErr  error // of the latest one
	beatAt   time.Duration
	doubts   int64 // errors that cast doubt on the file, up to its latest check
	doubted  bool  // a check of an account met such an error
	file     verdict
	accounts map[string]*verdict
	queue    []*check
}

// verdict is what the latest check found.
type verdict struct {
	books   account.Books
	done    chan struct{} // of the check under way; nil where none is
	checked bool
	ended   time.Duration // when the latest check ended, on the monotonic clock
	took    time.Duration
}

// due reports whether another check has to begin.
func (v *verdict) due(now time.Duration) bool {
	switch {
	case v.done != nil:
		return false
	case !v.checked:
		return true
	case v.books == account.BooksSound:
		return now-v.ended >= recheckSound
	}
	return now-v.ended >= max(recheckBroken, recheckShare*v.took)
}

// begin opens a check.
func (v *verdict) begin() { v.done = make(chan struct{}) }

// changes reports whether a check found another state than the one before.
func (v *verdict) changes(found account.Books) bool { return !v.checked || v.books != found }

// end closes a check.
func (v *verdict) end(found account.Books, now, took time.Duration) {
	close(v.done)
	v.books, v.done, v.checked, v.ended, v.took = found, nil, true, now, took
}

func newBooks(db *store.DB, c clock.Clock, log *slog.Logger, owner string, wake func()) *books {
	b := &books{store: db, clock: c, log: log, owner: owner, wake: wake, accounts: map[string]*verdict{},
		turns: make(chan struct{}, checkers), files: make(chan struct{}, 1), held: make(chan struct{})}
	b.file.books = account.BooksChecking
	return b
}

var (
	errChecking = fault.New(fault.Unavailable, "The records of this account are being checked before the first payment since the server started. Nothing was charged. Try again in a moment.")
	errBroken   = fault.New(fault.Unavailable, "The records of this account do not add up, so nothing is charged. Contact your administrator, who finds the reason with perennial doctor.")
	errDamaged  = fault.New(fault.Unavailable, "The database is damaged, so nothing is charged. Contact your administrator, who finds the reason with perennial doctor.")
)

// mayCharge returns an *app.Unsound where money of an account may not be moved. It
// begins the checks that are due and waits for none.
func (b *books) mayCharge(_ context.Context, accountID string) error {
	if err := b.present(); err != nil {
		return &app.Unsound{Books: account.BooksDamaged, Err: err}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Monotonic()
	b.lookAtFile(now)
	if b.file.books != account.BooksSound {
		return unsound(b.file)
	}
	v := b.accounts[accountID]
	if v == nil {
		v = &verdict{books: account.BooksChecking}
		b.accounts[accountID] = v
	}
	if v.due(now) {
		v.begin()
		b.queue = append(b.queue, &check{accountID: accountID, verdict: v})
		nudge(b.turns)
	}
	if v.books != account.BooksSound {
		return unsound(*v)
	}
	return nil
}

// lookAtFile begins a check of the file where one is due. After an error that casts
// doubt on the file nothing is charged until it has been checked again.
func (b *books) lookAtFile(now time.Duration) {
	doubts := b.store.Doubts()
	if b.file.books == account.BooksSound && (doubts > b.doubts || b.doubted) {
		b.log.Warn("an error casts doubt on the database; nothing is charged until it has been read through", "database", b.store.Name())
		b.file.books = account.BooksChecking
	}
	if b.file.due(now) {
		b.doubts, b.doubted = doubts, false
		b.file.begin()
		nudge(b.files)
	}
}

func unsound(v verdict) error {
	u := &app.Unsound{Books: v.books, Done: v.done, Err: errChecking}
	switch v.books {
	case account.BooksBroken:
		u.Err = errBroken
	case account.BooksDamaged:
		u.Err = errDamaged
	}
	return u
}

// nudge wakes one of those who wait on a channel. It never blocks.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // as many as are needed have been woken
	}
}

// present returns an error where the file is not this server's any more. What is
// noticed once stays so.
func (b *books) present() error {
	err := b.store.CheckFile()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone == nil {
		b.gone = err
	}
	return b.gone
}

// booksStatus counts accounts by the state of their records, as far as they were
// asked about since the server started.
type booksStatus struct {
	File                    account.Books
	Sound, Checking, Broken int
}

// status is for metrics.
func (b *books) status() booksStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := booksStatus{File: b.file.books}
	if b.gone != nil {
		s.File = account.BooksDamaged
	}
	for _, v := range b.accounts {
		switch v.books {
		case account.BooksSound:
			s.Sound++
		case account.BooksChecking:
			s.Checking++
		default:
			s.Broken++
		}
	}
	return s
}

// run carries out checks until ctx ends. It returns an error where the file is not
// this server's any more.
func (b *books) run(ctx context.Context) (err error) {
	if b.tenure, err = b.store.Tenure(b.owner); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	for range checkers {
		wait.Go(func() { b.checkAccounts(ctx) })
	}
	wait.Go(func() { b.checkFile(ctx) })
	err = b.keep(ctx)
	stop()
	wait.Wait()
	return err
}
