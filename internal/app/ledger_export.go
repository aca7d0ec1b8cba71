package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/inventory"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

var ledgerHeader = []string{
	"time", "kind", "reference", "value_date", "task", "payment_id", "refund_id", "amount", "balance_after", "credit", "coupons", "card", "currency",
}

// ExportLedger writes the whole ledger of an account as CSV, the oldest first.
// Between pages no transaction is open, so that a slow reader keeps nothing waiting.
func (a *App) ExportLedger(ctx context.Context, acc account.Account, to io.Writer) error {
	out, err := inventory.NewWriter(to, ledgerHeader...)
	if err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	// What follows a place on the way to the newest is what ends before it on the
	// way back.
	for at := (renewal.Cursor{Number: -1, ID: "0"}); ; { // before the first
		var page []billing.Entry
		if err := a.Store.Read(ctx, func(tx *store.Tx) error {
			page, err = tx.Ledger(acc.ID, renewal.Cursor{}, at, exportPage)
			return err
		}); err != nil {
			return fmt.Errorf("export the ledger: %w", err)
		}
		slices.Reverse(page)
		for _, e := range page {
			if err := out.Write(entryCells(e, acc)...); err != nil {
				return fmt.Errorf("export entry %s: %w", e.ID, err)
			}
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("export the ledger: %w", err)
		}
		if len(page) < exportPage {
			return nil
		}
		last := page[len(page)-1]
		at = renewal.Cursor{Number: last.At.UnixMilli(), ID: last.ID}
	}
}

func entryCells(e billing.Entry, acc account.Account) []inventory.Cell {
	text := inventory.Text
	task := ""
	if e.Task > 0 {
		task = taskReference(renewal.Task{Number: e.Task})
	}
	return []inventory.Cell{
		inventory.Time(e.At, acc.Zone), text(string(e.Kind)), text(strings.TrimSpace(e.Reference)), text(e.ValueDate), text(task), text(e.PaymentID), text(e.RefundID),
		inventory.Money(e.Amount), inventory.Money(e.After), inventory.Money(e.Credit), inventory.Money(e.Coupons), inventory.Money(e.Card),
		text(string(e.Amount.Currency)),
	}
}
