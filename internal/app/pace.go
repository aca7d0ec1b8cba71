package app

import (
	"context"

	"perennial/internal/store"
)

// ForAccount marks what is done for a page of an account, which has its share of the
// database and no more.
func ForAccount(ctx context.Context, id string) context.Context { return store.ForAccount(ctx, id) }

// ForFile marks what reads or writes a whole file, which may take minutes.
func ForFile(ctx context.Context) context.Context { return store.ForMaintenance(ctx) }
