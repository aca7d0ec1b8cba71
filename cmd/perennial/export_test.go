package main

import (
	"context"
	"time"

	"perennial/internal/app"
)

// Books is books, for tests in this process.
type Books struct{ *books }

// NewBooks is newBooks for the server of an app. It also sets the app's MayCharge.
func NewBooks(a *app.App, wake func()) Books {
	b := Books{newBooks(a.Store, a.Clock, a.Log, "server", wake)}
	a.MayCharge = b.mayCharge
	return b
}

// Run is run.
func (b Books) Run(ctx context.Context) error { return b.run(ctx) }

// MayCharge is mayCharge.
func (b Books) MayCharge(accountID string) error { return b.mayCharge(context.Background(), accountID) }

// Ready is ready.
func (b Books) Ready() error { return b.ready() }

// NoteBeat is noteBeat.
func (b Books) NoteBeat(err error) { b.noteBeat(err) }

// Metrics is metrics, for tests in this process.
type Metrics struct{ *metrics }

// NewMetrics returns the metrics of an app and its books.
func NewMetrics(a *app.App, b Books) Metrics {
	m := newMetrics()
	m.app, m.books = a, b.books
	return Metrics{m}
}

// Stepped is stepped.
func (m Metrics) Stepped(step string, err error) { m.stepped(step, err, 0) }

// Called is called.
func (m Metrics) Called(call, answer string, took time.Duration) { m.called(call, answer, took) }

// SetLimit sets how long a reading waits for the database.
func (m Metrics) SetLimit(d time.Duration) { m.limit = d }

// Counts returns what status returns, without its names.
func (b Books) Counts() [3]int {
	s := b.status()
	return [3]int{s.Sound, s.Checking, s.Broken}
}
