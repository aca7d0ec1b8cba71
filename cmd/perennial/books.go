package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"perennial/internal/fault"
	"perennial/internal/invariant"
	"perennial/internal/store"
)

// books checks the data of an account once, before this process first moves money
// of it. Pages are served meanwhile. An account whose data break a promise is
// checked again each time, so that a repair needs no restart, and its damage does
// not stop the others.
type books struct {
	store *store.DB
	log   *slog.Logger
	mu    sync.Mutex
	sound map[string]bool
}

func (b *books) mayCharge(ctx context.Context, accountID string) error {
	b.mu.Lock()
	sound := b.sound[accountID]
	b.mu.Unlock()
	if sound {
		return nil
	}
	broken, err := invariant.Check(ctx, b.store.Handle(), accountID)
	if err != nil {
		return fmt.Errorf("check the data of account %s: %w", accountID, err)
	}
	for _, row := range broken {
		b.log.ErrorContext(ctx, "the data break a promise; nothing will be charged", "account", accountID, "broken", row.String())
	}
	if len(broken) > 0 {
		return fault.New(fault.Unavailable, "The data of this account do not add up, so nothing is charged. The operator has to run perennial doctor.")
	}
	b.mu.Lock()
	b.sound[accountID] = true
	b.mu.Unlock()
	return nil
}
