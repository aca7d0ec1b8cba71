package views

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// CouponsPage lists the coupons of an account.
type CouponsPage struct {
	Rows     []CouponRow
	Task     renewal.Task // the open task that may spend them; zero: none
	Services map[string]string
	Now      time.Time
	Zone     *time.Location
}

// CouponRow is a coupon with what is to become of it.
type CouponRow struct {
	billing.Coupon
	Planned money.Amount      // what the open task will spend of it
	Why     billing.CouponWhy // why it does not pay
}

// CouponUsesPage is one coupon with all that was entered into its book.
type CouponUsesPage struct {
	CouponsPage
	Coupon CouponRow
	Uses   []billing.Entry // the newest first
}

// couponGroup is a heading of the list with what stands under it.
type couponGroup struct {
	title string
	rows  []CouponRow
}

// groups sort coupons by how they stand: those that pay first.
func (p CouponsPage) groups() []couponGroup {
	groups := []couponGroup{{title: "Available"}, {title: "Not valid yet"}, {title: "Frozen"}, {title: "Used up"}, {title: "Expired"}}
	for _, r := range p.Rows {
		n := 0
		switch r.Standing(p.Now) {
		case billing.CouponNotYet:
			n = 1
		case billing.CouponFrozen:
			n = 2
		case billing.CouponSpent:
			n = 3
		case billing.CouponEnded:
			n = 4
		}
		groups[n].rows = append(groups[n].rows, r)
	}
	return slices.DeleteFunc(groups, func(g couponGroup) bool { return len(g.rows) == 0 })
}

// couponStands are how a coupon stands, as a badge says it.
var couponStands = map[billing.CouponWhy]struct {
	kind  ui.Kind
	icon  ui.IconName
	label string
}{
	billing.CouponPays:   {ui.OK, ui.IconCheckCircle, "Available"},
	billing.CouponNotYet: {ui.Plain, ui.IconClock, "Not valid yet"},
	billing.CouponFrozen: {ui.Hold, ui.IconSnowflake, "Frozen"},
	billing.CouponSpent:  {ui.Plain, ui.IconCheck, "Used up"},
	billing.CouponEnded:  {ui.Plain, ui.IconHistory, "Expired"},
	billing.CouponForNew: {ui.Plain, ui.IconBan, "New orders only"},
}

// covers says in words what a coupon pays for.
func (p CouponsPage) covers(c billing.Coupon) string {
	orders := map[billing.CouponUse]string{billing.ForNew: "New orders", billing.ForRenewals: "Renewals", billing.ForBoth: "New orders and renewals"}[c.Use]
	if len(c.Services) == 0 {
		return orders + " of every service"
	}
	names := make([]string, len(c.Services))
	for n, code := range c.Services {
		if names[n] = p.Services[code]; names[n] == "" {
			names[n] = code
		}
	}
	return orders + " of " + strings.Join(names, ", ")
}

// limits are the conditions of a coupon, each in words.
func couponLimits(c billing.Coupon) (all []string) {
	if !c.Minimum.IsZero() {
		all = append(all, "Fees of at least "+c.Minimum.String()+".")
	}
	if c.SingleUse {
		all = append(all, "Used once and whole: for a fee of at least "+c.Face.String()+".")
	}
	if len(c.Excludes) > 0 {
		all = append(all, "Not beside a "+strings.Join(c.Excludes, " or ")+" discount.")
	}
	return all
}

// soon is how long before its end a coupon is marked.
const soon = 14 * 24 * time.Hour

// endsSoon tells whether a coupon that pays stops paying before long.
func (p CouponsPage) endsSoon(c billing.Coupon) bool {
	return c.Standing(p.Now) == billing.CouponPays && c.Until.Sub(p.Now) <= soon
}

// lastDay is the last day on which a coupon is good.
func (p CouponsPage) lastDay(c billing.Coupon) string {
	return ui.Day(c.Until.Add(-time.Millisecond), p.Zone)
}

// idle says why the coupon is not used, where that is not what its badge says.
func (p CouponsPage) idle(r CouponRow) string {
	if r.Why == billing.CouponPays || r.Why == r.Standing(p.Now) && r.Why != billing.CouponForNew {
		return ""
	}
	return r.Why.Sentence()
}

func (p CouponsPage) taskNumber() string { return TaskNumber(p.Task.Number) }

// CouponsPath lists the coupons.
func CouponsPath() string { return "/wallet/coupons" }

// CouponPath is one coupon with its uses.
func CouponPath(id string) string { return CouponsPath() + "/" + url.PathEscape(id) }
