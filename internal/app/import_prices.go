package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"perennial/internal/account"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// instancesAPage is how many instances are read, and whose list fees are written,
// at a time.
const instancesAPage = 1_000

// importPrices checks a price file and, with Apply, puts it in the place of the
// account's price book: the prices with a new revision, then the list fees of the
// units page by page. Between the two the fees that pages show may be older than
// the prices; quotes never are. An import that was interrupted there is completed
// by running it again.
func (a *App) importPrices(ctx context.Context, who Actor, acc account.Account, in ImportInput) (ImportReport, error) {
	r := ImportReport{Kind: in.Kind}
	report, err := inventory.CheckPrices(ctx, io.NewSectionReader(in.File, 0, in.Size))
	if err != nil {
		return r, err
	}
	r.Report = *report
	if !r.Clean() {
		return r, nil
	}
	w := &priceImport{App: a, who: who, accountID: acc.ID, in: in, report: &r}
	if w.book, err = readPrices(io.NewSectionReader(in.File, 0, in.Size), money.Currency(acc.Currency), &r); err != nil || !r.Clean() {
		return r, err
	}
	if err := w.compare(ctx); err != nil {
		return r, err
	}
	fees := &listFees{book: w.book, currency: money.Currency(acc.Currency)}
	if r.Fees, err = a.eachFee(ctx, acc.ID, fees, in, nil); err != nil || !in.Apply {
		return r, err
	}
	if err := w.replace(ctx); err != nil {
		return r, w.stopped(err)
	}
	r.Applied = r.Rows
	fees.number = w.inUse
	if _, err = a.eachFee(ctx, acc.ID, fees, in, func(tx *store.Tx, stale []string) error {
		now, err := tx.LockAccount(acc.ID)
		if err != nil {
			return err
		}
		if err := fees.refresh(tx, now); err != nil {
			return err
		}
		_, err = fees.keep(tx, acc.ID, stale)
		return err
	}); err != nil {
		return r, fmt.Errorf("bring the list fees up to date: %w", interrupted(err, r.Rows, r.Rows))
	}
	return r, nil
}

// readPrices makes a price book of a clean file. A price in another currency than
// the account is billed in could never be charged, and is refused.
func readPrices(file io.Reader, c money.Currency, r *ImportReport) (renewal.PriceBook, error) {
	book := renewal.PriceBook{}
	prices := inventory.NewPriceReader(file)
	for {
		p, _, err := prices.Next()
		if errors.Is(err, io.EOF) {
			return book, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read prices: %w", err)
		}
		if p.List.Currency != c {
			r.Refuse(inventory.Refusal{Line: p.Line, Column: "currency", Value: string(p.List.Currency),
				Reason: fmt.Sprintf("This account is billed in %s.", c)})
		}
		book[p.Key] = p.List
	}
}

// compare counts what a price book changes about the present one.
func (r *ImportReport) compare(present, book renewal.PriceBook) {
	r.New, r.Changed, r.Unchanged, r.Removed = 0, 0, 0, 0
	for key, price := range book {
		switch was, ok := present[key]; {
		case !ok:
			r.New++
		case was != price:
			r.Changed++
		default:
			r.Unchanged++
		}
	}
	r.Removed = len(present) - r.Changed - r.Unchanged
}

// eachFee walks over the units of an account and counts those whose kept list fee
// is not the one of the price book. With write, each page of them is handed to it
// in a transaction of its own.
func (a *App) eachFee(ctx context.Context, accountID string, fees *listFees, in ImportInput,
	write func(*store.Tx, []string) error) (stale int, err error) {
	after, seen := "", 0
	for {
		var units []store.UnitFee
		var next string
		err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			units, next, err = tx.UnitFees(accountID, after, instancesAPage)
			return err
		})
		var old []string
		for _, u := range units {
			if u.ListFee != fees.of(u.Unit) {
				old = append(old, u.ID)
			}
		}
		if err == nil && write != nil && len(old) > 0 {
			err = a.Store.Write(ctx, func(tx *store.Tx) error { return write(tx, old) })
		}
		if err != nil {
			return stale, err
		}
		stale, seen = stale+len(old), seen+len(units)
		in.Progress(ImportProgress{Applying: write != nil, Done: seen})
		if after = next; after == "" {
			return stale, nil
		}
	}
}
