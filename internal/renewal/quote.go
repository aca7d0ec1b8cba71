package renewal

import (
	"fmt"
	"time"

	"perennial/internal/money"
)

// PriceKey is what a list price depends on.
type PriceKey struct {
	ServiceCode string
	SpecCode    string
	RegionCode  string
	Period      Period
}

// PriceOf is the key under which the price of an instance is found.
func PriceOf(i Instance) PriceKey {
	return PriceKey{i.ServiceCode, i.SpecCode, i.RegionCode, i.Period}
}

// PriceBook holds the list price of one term by key.
type PriceBook map[PriceKey]money.Amount

// Line is the price of one term of one instance. Fee = List − Discount.
type Line struct {
	InstanceID   string
	OrderID      string // the provider's order, and what the price was asked for
	ServiceCode  string
	SpecCode     string
	RegionCode   string
	Quantity     int64
	List         money.Amount // unit price × quantity
	Discount     money.Amount
	DiscountKind string // contract, partner or promotional; empty where there is none
	Fee          money.Amount
}

// Quote is the price of renewing a unit by one term: the sums of its lines.
type Quote struct {
	Lines    []Line
	List     money.Amount
	Discount money.Amount
	Fee      money.Amount
}

// ListLines prices each instance of the unit without discounts. It reports false
// where a line has no price in the currency: such a unit is no_price.
func ListLines(u Unit, book PriceBook, c money.Currency) ([]Line, bool, error) {
	all := u.All()
	lines := make([]Line, 0, len(all))
	for _, i := range all {
		unit, ok := book[PriceOf(i)]
		if !ok || unit.Currency != c {
			return nil, false, nil
		}
		list, err := unit.Times(i.Quantity)
		if err != nil {
			return nil, false, fmt.Errorf("price %d of %s: %w", i.Quantity, i.ID, err)
		}
		lines = append(lines, Line{
			InstanceID: i.ID, OrderID: i.OrderID, ServiceCode: i.ServiceCode, SpecCode: i.SpecCode, RegionCode: i.RegionCode, Quantity: i.Quantity,
			List: list, Discount: money.Of(0, c), Fee: list,
		})
	}
	return lines, true, nil
}

// Sum makes a quote of discounted lines.
func Sum(lines []Line, c money.Currency) (Quote, error) {
	q := Quote{Lines: lines, List: money.Of(0, c), Discount: money.Of(0, c), Fee: money.Of(0, c)}
	var err error
	for _, l := range lines {
		if q.List, err = q.List.Add(l.List); err != nil {
			return Quote{}, err
		}
		if q.Discount, err = q.Discount.Add(l.Discount); err != nil {
			return Quote{}, err
		}
		if q.Fee, err = q.Fee.Add(l.Fee); err != nil {
			return Quote{}, err
		}
	}
	return q, nil
}

// RecentlyRenewed tells whether a unit was renewed here so lately that renewing
// it again deserves a second look: within 30 days before now. The zero time is never.
func RecentlyRenewed(renewedAt, now time.Time) bool {
	return !renewedAt.Before(now.Add(-RecentRenewal))
}

// RecentRenewal is the window of RecentlyRenewed and of the renewed filter.
const RecentRenewal = 30 * Day

// SoonAgain is how near the new expiry must lie for a unit to deserve a second look.
const SoonAgain = 7 * Day
