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

// maxPrices bounds a price book, which is held in memory as a whole.
const maxPrices = 500_000

// importPrices checks a price file and, with Apply, puts it in the place of the
// account's price book: the prices with a new revision in one transaction, then
// the list fees of the units page by page. Between the two the fees that pages
// show may be older than the prices; quotes never are. An import that was
// interrupted there is completed by running it again.
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
	book, err := readPrices(io.NewSectionReader(in.File, 0, in.Size), money.Currency(acc.Currency), &r)
	if err != nil || !r.Clean() {
		return r, err
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		present, err := tx.PriceBook(acc.ID)
		r.compare(present, book)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("compare the prices: %w", err)
	}
	fees := &listFees{book: book, currency: money.Currency(acc.Currency)}
	if r.Fees, err = a.eachFee(ctx, acc.ID, fees, in, nil); err != nil || !in.Apply {
		return r, err
	}
	if err := a.replacePrices(ctx, who, acc.ID, book, in.Name, &r); err != nil {
		return r, interrupted(err, 0, r.Rows)
	}
	r.Applied = r.Rows
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
		if len(book) == maxPrices {
			r.Refuse(inventory.Refusal{Line: p.Line, Reason: fmt.Sprintf("A price book has at most %s prices.", money.Group(fmt.Sprint(maxPrices)))})
			return nil, nil
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

// replacePrices writes the price book, compared once more with the present one.
func (a *App) replacePrices(ctx context.Context, who Actor, accountID string, book renewal.PriceBook, file string, r *ImportReport) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		acc, err := tx.LockAccount(accountID)
		if err != nil {
			return err
		}
		present, err := tx.PriceBook(accountID)
		if err != nil {
			return err
		}
		if r.compare(present, book); r.New+r.Changed+r.Removed == 0 {
			return nil
		}
		if err := tx.ReplacePrices(accountID, book); err != nil {
			return err
		}
		return a.audit(tx, who, now, "import.prices", "account "+accountID,
			fmt.Sprintf("revision=%d", acc.PriceRevision), r.summary(file))
	})
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
