package billing

import (
	"cmp"
	"slices"
	"time"

	"perennial/internal/money"
)

// CashCoupon is the provider's coupon type of a coupon that pays like money.
const CashCoupon = 1

// CouponUse says for which orders a coupon may pay.
type CouponUse string

// The uses of a coupon.
const (
	ForNew      CouponUse = "new"
	ForRenewals CouponUse = "renewal"
	ForBoth     CouponUse = "both"
)

// Coupon is a cash coupon of an account.
type Coupon struct {
	ID        string
	Name      string
	Face      money.Amount
	Remaining money.Amount
	From      time.Time
	Until     time.Time // exclusive
	Use       CouponUse
	Services  []string       // codes of primary instances that it pays for; empty: all
	Minimum   money.Amount   // least fee of the unit that it pays for
	SingleUse bool           // pays once, and only where the fee reaches its value
	Excludes  []DiscountKind // kinds of discount beside which it does not pay
	Frozen    bool
	CreatedAt time.Time
}

// CouponWhy is the code of why a coupon does not pay.
type CouponWhy string

// Why a coupon does not pay, from what concerns it alone to what concerns a unit.
// The later one stands, the nearer the coupon came to paying.
const (
	CouponPays       CouponWhy = ""
	CouponFrozen     CouponWhy = "frozen"
	CouponSpent      CouponWhy = "spent"
	CouponNotYet     CouponWhy = "not_yet_valid"
	CouponEnded      CouponWhy = "expired"
	CouponForNew     CouponWhy = "new_orders_only"
	CouponOtherMoney CouponWhy = "other_currency"
	CouponNoUnit     CouponWhy = "nothing_to_pay"
	CouponScope      CouponWhy = "other_services"
	CouponBesides    CouponWhy = "not_beside_discount"
	CouponMinimum    CouponWhy = "below_minimum"
	CouponSingle     CouponWhy = "fee_below_value"
	CouponNotNeeded  CouponWhy = "others_first"
)

var couponWhys = []struct {
	code     CouponWhy
	sentence string
}{
	{CouponFrozen, "This coupon is frozen."},
	{CouponSpent, "This coupon is used up."},
	{CouponNotYet, "This coupon is not valid yet."},
	{CouponEnded, "This coupon has expired."},
	{CouponForNew, "This coupon pays for new orders only, not for renewals."},
	{CouponNoUnit, "There is nothing left that it could pay for."},
	{CouponOtherMoney, "This coupon is in another currency."},
	{CouponScope, "No instance is of a service that this coupon covers."},
	{CouponBesides, "This coupon does not pay where a discount of an excluded kind is taken off."},
	{CouponMinimum, "No fee reaches the minimum spend of this coupon."},
	{CouponSingle, "This coupon is used once and whole, and no fee reaches its value."},
	{CouponNotNeeded, "Coupons that expire sooner pay first."},
}

var couponRank = func() map[CouponWhy]int {
	rank := map[CouponWhy]int{}
	for n, w := range couponWhys {
		rank[w.code] = n
	}
	return rank
}()

// Sentence says to a person why the coupon does not pay.
func (w CouponWhy) Sentence() string {
	if n, ok := couponRank[w]; ok {
		return couponWhys[n].sentence
	}
	return ""
}

// Standing tells whether the coupon could pay for a renewal at an instant, and
// why not.
func (c Coupon) Standing(at time.Time) CouponWhy {
	switch {
	case c.Remaining.Minor == 0:
		return CouponSpent
	case !at.Before(c.Until):
		return CouponEnded
	case c.Frozen:
		return CouponFrozen
	case at.Before(c.From):
		return CouponNotYet
	case c.Use == ForNew:
		return CouponForNew
	}
	return CouponPays
}

// admits tells whether a coupon that stands well may pay for a unit.
func (c *Coupon) admits(u Payable) CouponWhy {
	switch {
	case c.Remaining.Minor == 0:
		return CouponSpent
	case c.Remaining.Currency != u.Fee.Currency:
		return CouponOtherMoney
	case !covers(c.Services, u.Service):
		return CouponScope
	case slices.ContainsFunc(u.Kinds, func(k DiscountKind) bool { return slices.Contains(c.Excludes, k) }):
		return CouponBesides
	case u.Fee.Minor < c.Minimum.Minor:
		return CouponMinimum
	case c.SingleUse && u.Fee.Minor < c.Remaining.Minor:
		return CouponSingle
	}
	return CouponPays
}

// firstUsed orders coupons as they are used: soonest to expire, then the smallest
// remainder, then by ID.
func firstUsed(a, b *Coupon) int {
	return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Remaining.Minor, b.Remaining.Minor), cmp.Compare(a.ID, b.ID))
}
