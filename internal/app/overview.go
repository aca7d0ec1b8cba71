package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"perennial/internal/billing"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

const (
	// forecastMonths are the month that is running and those that follow.
	forecastMonths = 6
	// couponsEnd is within how long a coupon that ends asks for attention.
	couponsEnd = 14 * renewal.Day
)

// Overview is how things stand: each figure is that of a list that can be opened.
// Units are those of the Manual Renewals tab; fees are estimates, as in the wallet.
type Overview struct {
	Wallet  billing.Wallet
	Runway  billing.Runway
	Horizon Horizon
	Months  []billing.Month
	// Services are what renewing everything that expires within 30 days costs, the
	// most costly first.
	Services []ServiceFee

	Soon      int          // expire within 7 days
	SoonFee   money.Amount // of those
	Month     int          // expire within 30 days
	MonthFee  money.Amount
	Lapsed    int // expired or frozen, and not released yet
	Releasing int // of those, released within 2 days

	Unpaid   int          // units that an unpaid order blocks
	Waiting  int          // orders of ours that wait for payment
	Unknown  int          // top-ups whose outcome is not known
	Expiring money.Amount // left on coupons that end within 14 days
	Task     renewal.Task // the open task; no ID: none
}

// ServiceFee is what the units of one service cost.
type ServiceFee struct {
	Code  string
	Units int
	Fee   money.Amount
}

// Overview reads how things stand with an account. What it says of fees and the
// horizon may be a minute old.
func (a *App) Overview(ctx context.Context, accountID string) (o Overview, err error) {
	due, err := a.due(ctx, accountID)
	if err != nil {
		return o, err
	}
	if o.Horizon, err = a.Horizon(ctx, accountID, renewal.Filter{Tab: renewal.Manual}); err != nil {
		return o, err
	}
	now := a.Clock.Now()
	if err = a.Store.Read(ctx, func(tx *store.Tx) error { return o.read(tx, accountID, now) }); err != nil {
		return o, fmt.Errorf("read the overview: %w", err)
	}
	o.SoonFee, o.MonthFee = money.Of(0, o.Wallet.Balance.Currency), money.Of(0, o.Wallet.Balance.Currency)
	if err := o.add(due, now); err != nil {
		return o, fmt.Errorf("add up the overview: %w", err)
	}
	return o, nil
}

func (o *Overview) read(tx *store.Tx, accountID string, now time.Time) error {
	acc, err := tx.Account(accountID)
	if err != nil {
		return err
	}
	for f, to := range map[*renewal.Filter]*int{
		{Expires: renewal.Within7}:                                  &o.Soon,
		{Expires: renewal.Within30}:                                 &o.Month,
		{Status: []renewal.Status{renewal.Expired, renewal.Frozen}}: &o.Lapsed,
		{Released: 2}:                   &o.Releasing,
		{Blocked: renewal.OrderPending}: &o.Unpaid,
	} {
		f.Tab = renewal.Manual
		if *to, err = tx.Count(scopeOf(acc, *f, now)); err != nil {
			return err
		}
	}
	if o.Wallet, err = tx.Wallet(accountID); err != nil {
		return err
	}
	if o.Task, err = tx.OpenTask(accountID); ignoreNone(err) != nil {
		return err
	}
	if o.Waiting, err = tx.CountWaiting(accountID); err != nil {
		return err
	}
	unknown, err := tx.TopUpsNotBooked(accountID, now.Add(time.Millisecond), rowsAPage)
	if o.Unknown = len(unknown); err != nil {
		return err
	}
	coupons, err := tx.SpendableCoupons(accountID, now)
	o.Expiring = money.Of(0, o.Wallet.Balance.Currency)
	for _, c := range coupons {
		if err == nil && c.Standing(now) == billing.CouponPays && c.Until.Before(now.Add(couponsEnd)) {
			o.Expiring, err = o.Expiring.Add(c.Remaining)
		}
	}
	return err
}

// add adds up what falls due.
func (o *Overview) add(due []billing.Due, now time.Time) (err error) {
	if o.Months, err = billing.NewForecast(o.Wallet.Balance, due, o.Horizon.Today, forecastMonths); err != nil {
		return err
	}
	if o.Runway, err = billing.NewRunway(o.Wallet.Balance, manualFrom(due, now), now.Add(runwayAhead)); err != nil {
		return err
	}
	for _, d := range manualWithin(due, now, renewal.Within7) {
		if o.SoonFee, err = o.SoonFee.Add(d.Amount); err != nil {
			return err
		}
	}
	if o.Services, err = serviceFees(due, now); err != nil {
		return err
	}
	for _, s := range o.Services {
		if o.MonthFee, err = o.MonthFee.Add(s.Fee); err != nil {
			return err
		}
	}
	return nil
}

// manualWithin leaves what a person renews from now until the end of a window.
func manualWithin(due []billing.Due, now time.Time, e renewal.Expires) []billing.Due {
	return slices.DeleteFunc(manualFrom(due, now), func(d billing.Due) bool { return !d.At.Before(now.Add(e.Window())) })
}

// serviceFees adds up by service what renewing everything that expires within 30
// days costs, the most costly first.
func serviceFees(due []billing.Due, now time.Time) ([]ServiceFee, error) {
	services := map[string]ServiceFee{}
	for _, d := range manualWithin(due, now, renewal.Within30) {
		s, ok := services[d.Service]
		if !ok {
			s = ServiceFee{Code: d.Service, Fee: money.Of(0, d.Amount.Currency)}
		}
		var err error
		if s.Fee, err = s.Fee.Add(d.Amount); err != nil {
			return nil, err
		}
		s.Units += d.Units
		services[d.Service] = s
	}
	return slices.SortedFunc(maps.Values(services), func(a, b ServiceFee) int {
		return cmp.Or(cmp.Compare(b.Fee.Minor, a.Fee.Minor), cmp.Compare(a.Code, b.Code))
	}), nil
}

// ExportForecast writes what falls due by month as CSV.
func (a *App) ExportForecast(ctx context.Context, accountID string, to io.Writer) error {
	months, err := a.forecast(ctx, accountID)
	if err != nil {
		return err
	}
	return exportAll(to, []string{"from", "to", "manual", "auto", "again", "total", "balance_after", "currency"}, months, func(m billing.Month) []inventory.Cell {
		return []inventory.Cell{
			inventory.Text(m.From.Format(time.DateOnly)), inventory.Text(m.To.AddDate(0, 0, -1).Format(time.DateOnly)), inventory.Money(m.Manual),
			inventory.Money(m.Auto), inventory.Money(m.Again), inventory.Money(m.Total), inventory.Money(m.After), inventory.Text(string(m.After.Currency)),
		}
	})
}

// forecast is the part of the overview that says what falls due by month.
func (a *App) forecast(ctx context.Context, accountID string) ([]billing.Month, error) {
	due, err := a.due(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var balance money.Amount
	var today time.Time
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		acc, err := tx.Account(accountID)
		if err != nil {
			return err
		}
		today = midnight(a.Clock.Now(), acc.Zone)
		balance, err = tx.Balance(accountID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the balance: %w", err)
	}
	return billing.NewForecast(balance, due, today, forecastMonths)
}

// ExportServices writes what falls due within 30 days by service as CSV.
func (a *App) ExportServices(ctx context.Context, accountID string, to io.Writer) error {
	due, err := a.due(ctx, accountID)
	if err != nil {
		return err
	}
	services, err := serviceFees(due, a.Clock.Now())
	if err != nil {
		return fmt.Errorf("add up by service: %w", err)
	}
	return exportAll(to, []string{"service_type_code", "instances", "fee", "currency"}, services, func(s ServiceFee) []inventory.Cell {
		return []inventory.Cell{inventory.Text(s.Code), inventory.Number(int64(s.Units)), inventory.Money(s.Fee), inventory.Text(string(s.Fee.Currency))}
	})
}

// exportAll writes a short table as CSV.
func exportAll[T any](to io.Writer, header []string, rows []T, cells func(T) []inventory.Cell) error {
	out, err := inventory.NewWriter(to, header...)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for _, r := range rows {
		if err := out.Write(cells(r)...); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return out.Flush()
}
