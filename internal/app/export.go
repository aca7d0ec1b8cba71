package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"perennial/internal/account"
	"perennial/internal/inventory"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// exportPage is how many units an export reads at once. Between pages no
// transaction is open, so that a slow reader keeps nothing waiting.
const exportPage = 1_000

var exportHeader = []string{
	"resource_id", "resource_name", "status", "cannot_be_renewed", "service_type_code", "service_type_name",
	"resource_type_name", "resource_spec_code", "quantity", "region_code", "region_name", "enterprise_project", "order_id",
	"term", "effective_time", "expire_time", "associated_resources", "list_price", "discount", "fee", "currency",
}

// Export writes every unit that matches as CSV, in the order of the list. What is
// expired, expiring and so on is decided by the instant at which it began.
func (a *App) Export(ctx context.Context, accountID string, l renewal.Listing, to io.Writer) error {
	now := a.Clock.Now()
	l.Size, l.After, l.Before = exportPage, renewal.Cursor{}, renewal.Cursor{}
	out, err := inventory.NewWriter(to, exportHeader...)
	if err != nil {
		return fmt.Errorf("export renewals: %w", err)
	}
	for first := true; first || !l.After.IsZero(); first = false {
		var page Renewals
		if err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			page, err = exported(tx, accountID, l, now)
			return err
		}); err != nil {
			return fmt.Errorf("export renewals: %w", err)
		}
		for _, r := range page.Rows {
			if err := out.Write(cells(r, page.Account)...); err != nil {
				return fmt.Errorf("export %s: %w", r.ID, err)
			}
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("export renewals: %w", err)
		}
		l.After = page.Next
	}
	return nil
}

func exported(tx *store.Tx, accountID string, l renewal.Listing, now time.Time) (page Renewals, err error) {
	if page.Account, err = tx.Account(accountID); err != nil {
		return page, err
	}
	listed, err := tx.Page(scopeOf(page.Account, l.Filter, now), l.Sort, l.Size, l.After, renewal.Cursor{})
	if err != nil {
		return page, err
	}
	page.Rows, err = rowsOf(tx, page.Account, page.cut(listed, l), now)
	return page, err
}

func cells(r Row, acc account.Account) []inventory.Cell {
	text := inventory.Text
	line := []inventory.Cell{
		text(r.ID), text(r.Name), text(string(r.Status)), text(string(r.Blocked)), text(r.ServiceCode), text(r.ServiceName),
		text(r.TypeName), text(r.SpecCode), inventory.Number(r.Quantity), text(r.RegionCode), text(r.RegionName),
		text(r.Project), text(r.OrderID), text(r.Period.String()), inventory.Time(r.EffectiveAt, acc.Zone),
		inventory.Time(r.ExpiresAt, acc.Zone), inventory.Number(int64(len(r.Associated))),
	}
	if !r.Priced {
		return append(line, text(""), text(""), text(""), text(""))
	}
	return append(line, inventory.Money(r.Quote.List), inventory.Money(r.Quote.Discount), inventory.Money(r.Quote.Fee),
		text(string(r.Quote.Fee.Currency)))
}
