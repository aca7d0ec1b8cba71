package app

import (
	"context"
	"fmt"
	"slices"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// PreferCompact keeps whether a person's rows are of one line.
func (a *App) PreferCompact(ctx context.Context, who Actor, compact bool) error {
	return a.prefer(ctx, func(tx *store.Tx) error { return tx.PreferCompact(who.AccountID, who.UserID, compact) })
}

// PreferSize keeps how many rows a page has for a person.
func (a *App) PreferSize(ctx context.Context, who Actor, rows int) error {
	if !slices.Contains(renewal.Sizes, rows) {
		return fault.Field("size", "A page has 10, 20, 50, 100 or 200 rows.")
	}
	return a.prefer(ctx, func(tx *store.Tx) error { return tx.PreferSize(who.AccountID, who.UserID, rows) })
}

// PreferHidden keeps which columns of the Renewals list a person leaves out.
func (a *App) PreferHidden(ctx context.Context, who Actor, hidden []renewal.Column) error {
	for _, c := range hidden {
		if !slices.Contains(renewal.Columns, c) {
			return fault.Field("show", "There is no column of that name that can be left out.")
		}
	}
	return a.prefer(ctx, func(tx *store.Tx) error {
		return tx.PreferHidden(who.AccountID, who.UserID, renewal.InOrder(hidden))
	})
}

// PreferKeys keeps whether keys of one character do something for a person.
func (a *App) PreferKeys(ctx context.Context, who Actor, off bool) error {
	return a.prefer(ctx, func(tx *store.Tx) error { return tx.PreferKeys(who.AccountID, who.UserID, off) })
}

func (a *App) prefer(ctx context.Context, keep func(*store.Tx) error) error {
	if err := a.Store.Write(ctx, keep); err != nil {
		return fmt.Errorf("keep a preference: %w", err)
	}
	return nil
}
