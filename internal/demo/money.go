package demo

import (
	"fmt"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// covered is the share of the next 30 days' renewals that all funds together pay
// for: the task of those who try it runs dry nine tenths of the way.
const covered = money.BasisPoints(9_000)

// Funds are what the account is given to spend.
type Funds struct {
	Deposit  money.Amount
	Credit   money.Amount
	Mark     money.Amount // below it the account is warned
	Coupons  []app.CouponInput
	Discount app.DiscountInput // beside the contract's
}

// promotion is a discount that is larger than the contract's, on caches.
const promotion = money.BasisPoints(2_500)

// Discounts are what the account was granted.
func (e *Estate) Discounts() []billing.Discount {
	return []billing.Discount{
		{Kind: billing.Contract, Rate: ContractDiscount},
		{Kind: billing.Promotional, Rate: promotion, From: e.now, Until: e.now.Add(60 * renewal.Day), Services: []string{dcs}},
	}
}

// Funds make the account pay for nine tenths of what it costs to renew the units on
// the Manual Renewals tab that expire within 30 days and can be renewed: by coupons
// and a credit line, each a small part of it, and for the rest by the balance. It
// is never nothing, however small the estate.
func (e *Estate) Funds() (Funds, error) {
	due, err := e.due()
	if err != nil {
		return Funds{}, err
	}
	part := func(share money.BasisPoints, most int64) money.Amount {
		whole := due.Share(share).Minor / 100 * 100 // in whole units, as people give
		return money.Of(min(max(whole, 5_00), most*100), Currency)
	}
	day := func(days int) string {
		return e.now.Add(time.Duration(days) * renewal.Day).In(e.zone).Format(time.DateOnly)
	}
	f := Funds{Credit: part(100, 1_000), Discount: app.DiscountInput{
		ID: "CACHE-WEEKS", Kind: billing.Promotional, Name: "Cache weeks", Rate: int(promotion), Until: day(59), Services: []string{dcs}}}
	given := f.Credit.Minor
	coupon := func(value money.Amount, days int, c app.CouponInput) {
		c.Value, c.Until, c.Use = value.Plain(), day(days), billing.ForBoth
		given += value.Minor
		f.Coupons = append(f.Coupons, c)
	}
	coupon(part(50, 500), 5, app.CouponInput{ID: "CYBER-WEEK", Name: "Cyber week"})
	coupon(part(200, 2_000), 90, app.CouponInput{ID: "WELCOME", Name: "Welcome"})
	coupon(part(100, 1_000), 45, app.CouponInput{ID: "DATA-BONUS", Name: "Data bonus", Services: []string{dcs, rds}, Excludes: []billing.DiscountKind{billing.Promotional}})
	coupon(part(500, 250), 120, app.CouponInput{ID: "JUBILEE", Name: "Jubilee", SingleUse: true})
	// A tenth is left to the balance at least, and a hundred units of an estate
	// of which nothing falls due.
	f.Deposit = money.Of(max(due.Share(covered).Minor-given, due.Share(1_000).Minor), Currency)
	if due.IsZero() {
		f.Deposit = money.Of(100_00, Currency)
	}
	f.Mark = money.Of(f.Deposit.Share(1_000).Minor/100*100, Currency)
	return f, nil
}

// due is what it costs to renew the units that expire within 30 days.
func (e *Estate) due() (money.Amount, error) {
	book := e.Prices()
	terms := renewal.Terms{Zone: e.zone, Retention: renewal.DefaultRetention}
	sum := money.Of(0, Currency)
	for u := range e.Units() {
		if u.Mode != renewal.Manual || u.ExpiresAt.Before(e.now) || !u.ExpiresAt.Before(e.now.Add(renewal.Within30.Window())) {
			continue
		}
		quote, priced, err := billing.Quote(u, book, Currency, e.Discounts(), e.now)
		if err != nil {
			return sum, fmt.Errorf("price %s: %w", u.ID, err)
		}
		if _, why := renewal.Check(u, e.now, terms, priced); why != "" {
			continue
		}
		if sum, err = sum.Add(quote.Fee); err != nil {
			return sum, fmt.Errorf("add up fees: %w", err)
		}
	}
	return sum, nil
}
