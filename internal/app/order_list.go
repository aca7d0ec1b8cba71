package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// OrderRow is an order with what a person wants to know of its payment and its task.
type OrderRow struct {
	billing.Order
	Payment     billing.Payment // that captured it, or is under way, or was the last; no ID: none
	TaskNumber  int
	PreparedBy  string // of a task; of another order who made it
	ConfirmedBy string // who confirmed the task or paid
	Refund      billing.Refunding
}

// OrderList is one page of the orders of an account, or of its history.
type OrderList struct {
	Account account.Account
	Now     time.Time
	Rows    []OrderRow
	Around  Around
	Waiting int // orders that wait for payment, on all pages
	// Matching and Paid are of all renewals that match, where a history is asked for.
	Matching int
	Paid     money.Amount
	Sources  map[string]string
}

// Orders lists orders of the account, the newest first.
func (a *App) Orders(ctx context.Context, accountID string, f billing.OrderFilter, at Place) (l OrderList, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		l = OrderList{Now: a.Clock.Now()}
		if l.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		if f.Renewed {
			l.Matching, l.Paid, err = tx.OrderSums(accountID, f, money.Currency(l.Account.Currency))
		} else {
			l.Waiting, err = tx.CountWaiting(accountID)
		}
		if err != nil {
			return err
		}
		if l.Sources, err = sourceNames(tx, accountID); err != nil {
			return err
		}
		orders, err := tx.OrderList(accountID, f, at.After, at.Before, rowsAPage+1)
		if err != nil {
			return err
		}
		orders, l.Around = pageOf(orders, at, func(o billing.Order) renewal.Cursor { return orderCursor(f, o) })
		l.Rows, err = orderRows(tx, accountID, orders)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("list orders: %w", err)
	}
	return l, nil
}

func orderCursor(f billing.OrderFilter, o billing.Order) renewal.Cursor {
	if f.Renewed {
		return renewal.Cursor{Number: o.PaidAt.UnixMilli(), ID: o.ID}
	}
	return renewal.Cursor{Number: o.CreatedAt.UnixMilli(), ID: o.ID}
}

// orderRows adds payments, tasks and people to orders.
func orderRows(tx *store.Tx, accountID string, orders []billing.Order) ([]OrderRow, error) {
	rows := make([]OrderRow, len(orders))
	var payments, tasks []string
	for n, o := range orders {
		rows[n] = OrderRow{Order: o, PreparedBy: o.CreatedBy}
		if id := paidBy(o); id != "" && !slices.Contains(payments, id) {
			payments = append(payments, id)
		}
		if o.TaskID != "" && !slices.Contains(tasks, o.TaskID) {
			tasks = append(tasks, o.TaskID)
		}
	}
	paid, err := tx.Payments(accountID, payments)
	if err != nil {
		return nil, err
	}
	people, err := tx.PeopleOfTasks(accountID, tasks)
	if err != nil {
		return nil, err
	}
	for n := range rows {
		row := &rows[n]
		row.Payment = paid[paidBy(row.Order)]
		row.ConfirmedBy = row.Payment.CreatedBy
		if t, ok := people[row.TaskID]; ok {
			row.TaskNumber, row.PreparedBy, row.ConfirmedBy = t.Number, t.PreparedBy, t.ConfirmedBy
		}
	}
	return rows, nil
}

func paidBy(o billing.Order) string {
	if o.PaymentID != "" {
		return o.PaymentID
	}
	return o.AttemptID
}

// OrderDetail is one order with all that is known of it.
type OrderDetail struct {
	OrderRow
	Account  account.Account
	Now      time.Time
	Sources  map[string]string
	Attempts []billing.Payment // to pay it, the first one first
	EndedBy  string            // who cancelled it
	Declined string            // why the last card payment was, in words
	Problem  string            // why it cannot be paid now, while it waits
}

// Order finds an order of the account.
func (a *App) Order(ctx context.Context, accountID, id string) (d OrderDetail, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		d = OrderDetail{Now: a.Clock.Now()}
		if d.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		if d.Sources, err = sourceNames(tx, accountID); err != nil {
			return err
		}
		found, err := tx.Orders(accountID, []string{id})
		if err != nil {
			return err
		}
		if _, ok := found[id]; !ok {
			return noOrder()
		}
		if err := tx.OrderLegs(accountID, found); err != nil {
			return err
		}
		rows, err := orderRows(tx, accountID, []billing.Order{found[id]})
		if err != nil {
			return err
		}
		d.OrderRow = rows[0]
		if d.Payment.State == billing.PaymentDeclined {
			d.Declined = declinedBecause(d.Payment.Reason)
		}
		return d.read(tx)
	})
	return d, err
}

// read finds what happened to the order.
func (d *OrderDetail) read(tx *store.Tx) (err error) {
	if d.Status == billing.PendingPayment {
		unit, err := tx.Unit(d.AccountID, d.Lines[0].InstanceID)
		if ignoreNone(err) != nil {
			return err
		}
		d.Problem = unpayable(d.Order, unit, termsOf(d.Account), d.Now)
	}
	if d.Attempts, err = tx.PaymentsOfOrder(d.AccountID, d.ID); err != nil {
		return err
	}
	if d.Payment.ID != "" {
		refunds, err := tx.Refunds(d.AccountID, d.Payment.ID)
		if err != nil {
			return err
		}
		for _, f := range refunds {
			if f.OrderID == d.ID {
				d.Refund = f
			}
		}
	}
	audits, err := tx.Audits(d.AccountID, "order "+d.ID)
	for _, a := range audits {
		if a.Became == billing.OrderCancelled.Code() {
			d.EndedBy = a.Actor
		}
	}
	return err
}

var orderHeader = []string{
	"order_id", "status", "created_time", "paid_time", "resource_id", "resource_name", "service_type_code", "service_type_name", "resource_spec_code",
	"region_code", "region_name", "enterprise_project", "term", "quantity", "old_expire_time", "new_expire_time", "list_price", "discount",
	"discount_kind", "fee", "currency", "task", "prepared_by", "confirmed_by", "payment_id", "gateway_id",
	"order_fee", "coupon", "balance", "credit", "card", "coupon_name", "card_name",
}

// ExportOrders writes the orders that match as CSV, one row for each instance: the
// sums of an order and its legs stand in the row of its primary instance.
func (a *App) ExportOrders(ctx context.Context, accountID string, f billing.OrderFilter, to io.Writer) error {
	out, err := inventory.NewWriter(to, orderHeader...)
	if err != nil {
		return fmt.Errorf("export orders: %w", err)
	}
	var after renewal.Cursor
	for {
		var l OrderList
		if err := a.Store.Read(ctx, func(tx *store.Tx) error {
			if l.Account, err = tx.Account(accountID); err != nil {
				return err
			}
			if l.Sources, err = sourceNames(tx, accountID); err != nil {
				return err
			}
			orders, err := tx.OrderList(accountID, f, after, renewal.Cursor{}, exportPage)
			if err != nil {
				return err
			}
			l.Rows, err = orderRows(tx, accountID, orders)
			return err
		}); err != nil {
			return fmt.Errorf("export orders: %w", err)
		}
		for _, row := range l.Rows {
			for n := range row.Lines {
				if err := out.Write(l.cells(row, n)...); err != nil {
					return fmt.Errorf("export order %s: %w", row.ID, err)
				}
			}
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("export orders: %w", err)
		}
		if len(l.Rows) < exportPage {
			return nil
		}
		after = orderCursor(f, l.Rows[len(l.Rows)-1].Order)
	}
}

func (l OrderList) cells(row OrderRow, n int) []inventory.Cell {
	text, zone := inventory.Text, l.Account.Zone
	line := row.Lines[n]
	task := ""
	if row.TaskNumber > 0 {
		task = fmt.Sprintf("RT-%04d", row.TaskNumber)
	}
	cells := []inventory.Cell{
		text(row.ID), text(row.Status.Code()), inventory.Time(row.CreatedAt, zone), inventory.Time(row.PaidAt, zone), text(line.InstanceID),
		text(line.Name), text(line.ServiceCode), text(line.ServiceName), text(line.SpecCode), text(line.RegionCode), text(line.RegionName),
		text(line.Project), text(line.Period.String()), inventory.Number(line.Quantity), inventory.Time(line.OldExpiry, zone),
		inventory.Time(line.NewExpiry, zone), inventory.Money(line.List), inventory.Money(line.Discount), text(line.DiscountKind),
		inventory.Money(line.Fee), text(string(line.Fee.Currency)), text(task), text(row.PreparedBy), text(row.ConfirmedBy),
		text(row.PaymentID), text(row.Payment.GatewayID),
	}
	if n > 0 {
		return append(cells, text(""), text(""), text(""), text(""), text(""), text(""), text(""))
	}
	cells = append(cells, inventory.Money(row.Fee))
	for _, kind := range billing.LegKinds {
		cells = append(cells, legCell(row.Order, kind))
	}
	return append(cells, text(sourceOfLeg(row.Order, billing.FromCoupon, l.Sources)), text(sourceOfLeg(row.Order, billing.FromCard, l.Sources)))
}
