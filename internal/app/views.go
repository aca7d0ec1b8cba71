package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Views lists the views that a person keeps, by name.
func (a *App) Views(ctx context.Context, who Actor) (views []renewal.View, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		views, err = tx.Views(who.AccountID, who.UserID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read saved views: %w", err)
	}
	return views, nil
}

// SaveView keeps a list under a name, in place of one that had the name. With
// opens, the Renewals page opens with it from now on.
func (a *App) SaveView(ctx context.Context, who Actor, v renewal.View) error {
	v.Name = strings.TrimSpace(v.Name)
	if n := utf8.RuneCountInString(v.Name); n == 0 || n > renewal.ViewName || !printable(v.Name) {
		return fault.Field("view", "A name is 1 to %d characters on one line.", renewal.ViewName)
	}
	now := a.Clock.Now()
	v.ID = a.newID(now)
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		kept, err := tx.Views(who.AccountID, who.UserID)
		if err != nil {
			return err
		}
		same := slices.ContainsFunc(kept, func(k renewal.View) bool { return store.Fold(k.Name) == store.Fold(v.Name) })
		if len(kept) >= renewal.ViewsAPerson && !same {
			return fault.Field("view", "You keep %d views. Delete one first.", len(kept))
		}
		if err := tx.KeepView(who.AccountID, who.UserID, v, now); err != nil || !v.Opens {
			return err
		}
		return tx.OpenWith(who.AccountID, who.UserID, v.Name)
	})
	if err != nil {
		return fmt.Errorf("save view %q: %w", v.Name, err)
	}
	return nil
}

// OpenWith has the Renewals page of a person open with one of their views, or as
// it is where id is empty.
func (a *App) OpenWith(ctx context.Context, who Actor, id string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		kept, err := tx.Views(who.AccountID, who.UserID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(kept, func(k renewal.View) bool { return k.ID == id })
		switch {
		case id == "":
			return tx.OpenWith(who.AccountID, who.UserID, "")
		case n < 0:
			return noSuchView()
		}
		return tx.OpenWith(who.AccountID, who.UserID, kept[n].Name)
	})
	if err != nil {
		return fmt.Errorf("open with view %s: %w", id, err)
	}
	return nil
}

// DeleteView forgets one of a person's views.
func (a *App) DeleteView(ctx context.Context, who Actor, id string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		if there, err := tx.DeleteView(who.AccountID, who.UserID, id); err != nil || there {
			return err
		}
		return noSuchView()
	})
	if err != nil {
		return fmt.Errorf("delete view %s: %w", id, err)
	}
	return nil
}

func noSuchView() error { return fault.New(fault.NotFound, "There is no such view.") }
