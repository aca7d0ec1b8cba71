package app

import (
	"context"
	"fmt"
	"io"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

var itemHeader = []string{
	"number", "resource_id", "resource_name", "service_type_code", "service_type_name", "resource_spec_code", "region_code",
	"region_name", "enterprise_project", "associated_resources", "term", "old_expire_time", "new_expire_time", "list_price",
	"discount", "discount_kind", "fee", "currency", "outcome", "reason", "reason_text", "order_id", "payment_id", "paid_time",
	"coupon", "balance", "credit", "card", "coupon_name", "card_name",
}

// TaskFile is the units of a task as a CSV file: what a person reviews before, and
// the receipt after.
type TaskFile struct {
	Task    renewal.Task
	account account.Account
	look    renewal.Look
	sources map[string]string
	app     *App
}

// TaskFile finds a task to write a list of its units; without a list it is all.
func (a *App) TaskFile(ctx context.Context, accountID, taskID string, look renewal.Look) (f TaskFile, err error) {
	f = TaskFile{app: a, look: look}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		if f.Task, err = tx.Task(accountID, taskID); store.IsNone(err) {
			return noTask()
		} else if err != nil {
			return err
		}
		if f.account, err = tx.Account(accountID); err != nil {
			return err
		}
		f.sources, err = sourceNames(tx, accountID)
		return err
	})
	return f, err
}

// Write writes the units in the order of payment. Between pages no transaction is
// open, so that a slow reader keeps nothing waiting.
func (f TaskFile) Write(ctx context.Context, to io.Writer) error {
	out, err := inventory.NewWriter(to, itemHeader...)
	if err != nil {
		return fmt.Errorf("export task %s: %w", f.Task.ID, err)
	}
	for after := 0; ; {
		rows, err := f.page(ctx, after)
		if err != nil {
			return fmt.Errorf("export task %s: %w", f.Task.ID, err)
		}
		for _, row := range rows {
			if err := out.Write(f.cells(row)...); err != nil {
				return fmt.Errorf("export %s: %w", row.InstanceID, err)
			}
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("export task %s: %w", f.Task.ID, err)
		}
		if len(rows) < exportPage {
			return nil
		}
		after = rows[len(rows)-1].Number
	}
}

func (f TaskFile) page(ctx context.Context, after int) (rows []ItemRow, err error) {
	c := money.Currency(f.account.Currency)
	err = f.app.Store.Read(ctx, func(tx *store.Tx) error {
		items, err := tx.Items(f.scope(), after, 0, exportPage, c)
		if err != nil {
			return err
		}
		rows = make([]ItemRow, len(items))
		for n, i := range items {
			rows[n].Item = i
		}
		return addOrders(tx, f.account.ID, rows, c)
	})
	return rows, err
}

// scope is the list that was asked for, or everything, blocked units included.
func (f TaskFile) scope() store.ItemScope {
	switch f.look.List {
	case renewal.ListBlocked, renewal.ListFailed, renewal.ListRenewed, renewal.ListLeft, renewal.ListRenewable, renewal.ListChanged:
		r := Review{Task: f.Task, Now: f.app.Clock.Now()}
		return r.scope(f.look)
	}
	return store.ItemScope{AccountID: f.account.ID, TaskID: f.Task.ID, Service: f.look.Service}
}

func (f TaskFile) cells(row ItemRow) []inventory.Cell {
	text := inventory.Text
	i := row.Item
	line := []inventory.Cell{
		inventory.Number(int64(i.Number)), text(i.InstanceID), text(i.Name), text(i.ServiceCode), text(i.ServiceName),
		text(i.SpecCode), text(i.RegionCode), text(i.RegionName), text(i.Project), inventory.Number(int64(i.Associated)),
		text(i.Period.String()), inventory.Time(i.OldExpiry, f.account.Zone),
	}
	list, discount, fee := i.List, i.Discount, i.Fee
	order := billing.Order{}
	if row.Order != nil {
		order = *row.Order
		list, discount, fee = order.List, order.Discount, order.Fee
	}
	if i.State == renewal.ItemBlocked {
		// What cannot be renewed has no new expiry and no fee.
		line = append(line, text(""), text(""), text(""), text(""), text(""))
	} else {
		line = append(line, inventory.Time(i.NewExpiry, f.account.Zone), inventory.Money(list), inventory.Money(discount),
			text(i.DiscountKind()), inventory.Money(fee))
	}
	line = append(line, text(f.account.Currency), text(f.outcome(i)), text(string(i.Reason)), text(i.Reason.Sentence()),
		text(order.ID), text(order.PaymentID), inventory.Time(order.PaidAt, f.account.Zone))
	for _, kind := range billing.LegKinds {
		line = append(line, legCell(order, kind))
	}
	for _, kind := range []billing.LegKind{billing.FromCoupon, billing.FromCard} {
		line = append(line, text(sourceOfLeg(order, kind, f.sources)))
	}
	return line
}

// sourceOfLeg names the coupon or card that paid a part of an order.
func sourceOfLeg(o billing.Order, kind billing.LegKind, names map[string]string) string {
	for _, l := range o.Legs {
		if l.Kind == kind {
			return names[l.Source]
		}
	}
	return ""
}

func legCell(o billing.Order, kind billing.LegKind) inventory.Cell {
	if o.ID == "" {
		return inventory.Text("")
	}
	sum := money.Of(0, o.Fee.Currency)
	for _, l := range o.Legs {
		if l.Kind == kind {
			sum.Minor += l.Amount.Minor
		}
	}
	return inventory.Money(sum)
}

// outcome is what became of a unit, as a word that a program can read.
func (f TaskFile) outcome(i renewal.Item) string {
	switch {
	case i.State == renewal.ItemBlocked:
		return "not_renewable"
	case i.State == renewal.ItemWaiting && !f.Task.State.Open():
		return "not_attempted"
	}
	return string(i.State)
}
