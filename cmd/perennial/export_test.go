package main

import (
	"context"

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

// Counts returns what status returns, without its names.
func (b Books) Counts() [3]int {
	s := b.status()
	return [3]int{s.Sound, s.Checking, s.Broken}
}
