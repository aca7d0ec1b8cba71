package web

import (
	"slices"

	"perennial/internal/app"
	"perennial/views"
)

// coupons lists the coupons of the account.
func (s *server) coupons(c *call) error {
	p, err := s.App.CouponsOf(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	return c.show(page{title: "Coupons", nav: views.NavCoupons, body: views.Coupons(s.couponsPage(c, p))})
}

func (s *server) couponsPage(c *call, p app.CouponPage) views.CouponsPage {
	shown := views.CouponsPage{Task: p.Task, Services: p.Services, Now: s.Clock.Now(), Zone: c.account().Zone}
	for _, r := range p.Rows {
		shown.Rows = append(shown.Rows, views.CouponRow{Coupon: r.Coupon, Planned: r.Planned, Why: r.Why})
	}
	return shown
}

// coupon is one coupon with all that it was used for.
func (s *server) coupon(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	u, err := s.App.CouponUses(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	slices.Reverse(u.Uses) // the newest first
	return c.show(page{title: u.Coupon.Name, nav: views.NavCoupons, body: views.CouponUses(views.CouponUsesPage{
		CouponsPage: s.couponsPage(c, u.CouponPage), Uses: u.Uses,
		Coupon: views.CouponRow{Coupon: u.Coupon.Coupon, Planned: u.Coupon.Planned, Why: u.Coupon.Why},
	})})
}
