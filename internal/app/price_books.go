package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// priceImport takes a price book into one account. The new book is written beside
// the one in use, 2,000 prices a transaction, so that nobody waits for it; then one
// short transaction takes it into use. Whatever ends the import before that leaves
// the old book as it is.
type priceImport struct {
	*App
	who       Actor
	accountID string
	in        ImportInput
	book      renewal.PriceBook
	report    *ImportReport
	inUse     int64 // the number of the book that the report compares with
}

// compare counts what the book changes about the one in use.
func (w *priceImport) compare(ctx context.Context) error {
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		acc, err := tx.Account(w.accountID)
		if err != nil {
			return err
		}
		present, err := tx.PriceBook(w.accountID)
		w.inUse = acc.PriceBook
		w.report.compare(present, w.book)
		return err
	})
	if err != nil {
		return fmt.Errorf("compare the prices: %w", err)
	}
	return nil
}

func (w *priceImport) changes() bool { return w.report.New+w.report.Changed+w.report.Removed > 0 }

// replace puts the book in the place of the one in use, unless they are equal.
func (w *priceImport) replace(ctx context.Context) error {
	if !w.changes() {
		return nil
	}
	var number int64
	if err := w.Store.Write(ctx, func(tx *store.Tx) (err error) {
		number, err = tx.BeginPriceBook(w.accountID)
		return err
	}); err != nil {
		return fmt.Errorf("begin a price book: %w", err)
	}
	if err := w.fill(ctx, number); err != nil {
		return err
	}
	taken := false
	if err := w.Store.Write(ctx, func(tx *store.Tx) (err error) {
		taken, err = w.take(tx, number)
		return err
	}); err != nil {
		return fmt.Errorf("take a price book into use: %w", err)
	}
	if !taken {
		return otherPrices(store.ErrOtherBook)
	}
	w.inUse = number
	return w.deleteOld(ctx)
}

// fill writes the book, part by part in the order of the table.
func (w *priceImport) fill(ctx context.Context, number int64) error {
	keys, done := store.PriceKeys(w.book), 0
	for part := range slices.Chunk(keys, rowsACommit) {
		if err := w.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.AddPrices(w.accountID, number, part, w.book)
		}); err != nil {
			return otherPrices(fmt.Errorf("write prices: %w", err))
		}
		done += len(part)
		w.in.Progress(ImportProgress{Applying: true, Done: done, Of: len(keys)})
	}
	return nil
}

// take takes the whole book into use instead of the one that it was compared with.
func (w *priceImport) take(tx *store.Tx, number int64) (bool, error) {
	acc, err := tx.LockAccount(w.accountID)
	if err != nil {
		return false, err
	}
	ok, err := tx.UsePriceBook(w.accountID, number, w.inUse)
	if err != nil || !ok {
		return false, err
	}
	return true, w.audit(tx, w.who, w.Clock.Now(), "import.prices", "account "+w.accountID,
		fmt.Sprintf("revision=%d", acc.PriceRevision), w.report.summary(w.in.Name))
}

// deleteOld deletes books that are not in use any more, part by part.
func (w *priceImport) deleteOld(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = w.SweepPrices(ctx); err != nil {
			return err
		}
	}
	return nil
}

// SweepPrices deletes a part of a price book that is not in use any more, also one
// that an import left when it was ended. It is a step of the worker; more reports
// that there may be others.
func (a *App) SweepPrices(ctx context.Context) (more bool, err error) {
	var accountID string
	var book int64
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		accountID, book, err = tx.OldPriceBook()
		return err
	})
	if store.IsNone(err) {
		return false, nil
	}
	if err == nil {
		err = a.Store.Write(ctx, func(tx *store.Tx) error { return tx.DeletePrices(accountID, book, rowsACommit) })
	}
	if err != nil {
		return false, fmt.Errorf("delete old prices: %w", err)
	}
	return true, nil
}

// otherPrices says that a later import of prices takes the place of this one.
func otherPrices(err error) error {
	if errors.Is(err, store.ErrOtherBook) {
		return fault.Wrap(err, fault.Conflict, "Another import of prices into this account began or ended after this one.")
	}
	return err
}

// stopped says that an import ended before its prices were taken into use.
func (w *priceImport) stopped(err error) error {
	why, kind := "", fault.Unavailable
	if f, ok := fault.Of(err); ok {
		why, kind = f.Message+" ", f.Kind
	} else if !errors.Is(err, context.Canceled) {
		kind = fault.Internal
	}
	return fault.Wrap(err, kind, "%sThe import stopped, and the prices are what they were. Import the same file again.", why)
}
