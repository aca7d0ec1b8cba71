package views

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

func sampleCoupons() CouponsPage {
	day := 24 * time.Hour
	coupon := func(id, name string, face, left int64, from, until time.Duration) CouponRow {
		return CouponRow{Planned: usd(0), Coupon: billing.Coupon{ID: id, Name: name, Face: usd(face), Remaining: usd(left), From: sampleTime.Add(from),
			Until: sampleTime.Add(until), Use: billing.ForBoth, Minimum: usd(0)}}
	}
	planned := coupon("SPRING-26", "Spring 2026", 500_00, 420_00, -60*day, 5*day)
	planned.Planned, planned.Services = usd(380_00), []string{"hws.service.type.ec2", "hws.service.type.unknown"}
	single := coupon("ANNIVERSARY", "Ten years together", 2_000_00, 2_000_00, -10*day, 90*day)
	single.SingleUse, single.Why = true, billing.CouponSingle
	beside := coupon("PARTNER-7", "Partner bonus", 150_00, 150_00, -10*day, 60*day)
	beside.Excludes, beside.Minimum, beside.Why, beside.Use = []billing.DiscountKind{billing.Contract, billing.Promotional}, usd(25_00), billing.CouponBesides, billing.ForRenewals
	fresh := coupon("NEW-ONLY", "New instances", 80_00, 80_00, -10*day, 60*day)
	fresh.Use, fresh.Why = billing.ForNew, billing.CouponForNew
	later := coupon("2027", "Happy new year", 100_00, 100_00, 30*day, 60*day)
	frozen := coupon("HELD", "Under review", 75_00, 50_00, -10*day, 60*day)
	frozen.Frozen = true
	spent := coupon("WELCOME", "Welcome", 100_00, 0, -200*day, 100*day)
	old := coupon("SUMMER-25", "Summer 2025", 60_00, 12_50, -400*day, -100*day)
	return CouponsPage{Rows: []CouponRow{planned, single, beside, fresh, later, frozen, spent, old}, Task: renewal.Task{ID: "t1", Number: 7},
		Services: map[string]string{"hws.service.type.ec2": "Elastic Cloud Server"}, Now: sampleTime, Zone: sampleZone}
}

func couponSpecimens() []Specimen {
	full := sampleCoupons()
	use := func(hours int, kind billing.EntryKind, amount, left int64) billing.Entry {
		return billing.Entry{ID: string(kind), Kind: kind, At: hoursAgo(hours), Reference: "SPRING-26", TaskID: "t1", Task: 7, Purpose: billing.ForRenewal,
			Coupons: usd(amount), After: money.Of(left, "USD")}
	}
	granted := use(1_440, billing.Grant, 500_00, 500_00)
	granted.TaskID, granted.Task, granted.Purpose = "", 0, ""
	one := CouponUsesPage{CouponsPage: full, Coupon: full.Rows[0], Uses: []billing.Entry{
		use(2, billing.Release, 20_00, 420_00), use(3, billing.Hold, -20_00, 400_00), use(20, billing.Renewal, -80_00, 420_00), granted}}
	idle := one
	idle.Coupon, idle.Uses = full.Rows[2], nil
	return []Specimen{
		{"page-coupons", true, inShell("", "Coupons", NavCoupons, Coupons(full))},
		{"page-coupons-dark", true, inShell("dark", "Coupons", NavCoupons, Coupons(full))},
		{"page-coupons-none", true, inShell("", "Coupons", NavCoupons, Coupons(CouponsPage{Now: sampleTime, Zone: sampleZone}))},
		{"page-coupon", true, inShell("", "Spring 2026", NavCoupons, CouponUses(one))},
		{"page-coupon-idle", true, inShell("dark", "Partner bonus", NavCoupons, CouponUses(idle))},
	}
}
