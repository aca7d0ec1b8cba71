package billing

import (
	"fmt"
	"time"

	"perennial/internal/money"
)

// LegKind is a source of money.
type LegKind string

// The sources, in the order in which they are drawn on.
const (
	FromCoupon  LegKind = "coupon"
	FromBalance LegKind = "balance"
	FromCredit  LegKind = "credit"
	FromCard    LegKind = "card"
)

// LegKinds lists the sources in the order in which they are drawn on.
var LegKinds = []LegKind{FromCoupon, FromBalance, FromCredit, FromCard}

// Leg is one source's part of a payment.
type Leg struct {
	Kind   LegKind
	Source string // the coupon or card; empty for balance and credit
	Amount money.Amount
}

// UnitsACharge is how many units one payment covers at most, from the wallet as
// by card.
const UnitsACharge = 100

// Payable is what the plan has to know of a unit.
type Payable struct {
	Item       int            // its number in its task, or 0
	InstanceID string         // the primary instance
	OrderID    string         // of an order that no task made, or empty
	Service    string         // code of the primary instance
	Kinds      []DiscountKind // of the discounts taken off its lines
	Fee        money.Amount   // after discount, before coupons; not negative
}

// Funds are what an account can spend.
type Funds struct {
	Balance money.Amount
	Credit  money.Amount // what is left of the credit line
	Coupons []Coupon
	Card    string // the card that pays what nothing else does; empty: none
}

// Split says how one unit is paid.
type Split struct {
	Legs    []Leg        // in the order of LegKinds, none of them zero
	Missing money.Amount // what no source pays
}

// ByCard tells whether the unit needs a card, so that it is not paid from the
// wallet at once.
func (s Split) ByCard() bool { return len(s.Legs) > 0 && s.Legs[len(s.Legs)-1].Kind == FromCard }

// Coupon is what a coupon pays of it, or zero.
func (s Split) Coupon() money.Amount {
	if len(s.Legs) > 0 && s.Legs[0].Kind == FromCoupon {
		return s.Legs[0].Amount
	}
	return money.Of(0, s.Missing.Currency)
}

// Planner splits units over funds one by one in the order of payment. The review
// and the charge use it alike, so that what was shown is what is paid.
type Planner struct {
	funds   Funds
	coupons []candidate // in the order of Funds.Coupons
}

// candidate is a coupon with how near it has come to paying: why it has not paid so
// far, or CouponPays once it has.
type candidate struct {
	Coupon
	why    CouponWhy
	usable bool
}

// NewPlanner begins with the funds as they are at an instant.
func NewPlanner(f Funds, at time.Time) *Planner {
	p := &Planner{funds: f, coupons: make([]candidate, len(f.Coupons))}
	for n, c := range f.Coupons {
		if why := c.Standing(at); why != CouponPays {
			p.coupons[n] = candidate{c, why, false}
		} else {
			p.coupons[n] = candidate{c, CouponNoUnit, true}
		}
	}
	return p
}

// Next splits the next unit: at most one coupon, then balance, credit and card.
// Where that does not cover the fee, the coupon is used all the same and the rest
// of the funds is left alone: money is missing for this unit and for all later
// ones.
func (p *Planner) Next(u Payable) Split {
	rest := u.Fee
	s := Split{Missing: money.Of(0, rest.Currency)}
	take := func(kind LegKind, source string, from *money.Amount) {
		if part := min(rest.Minor, from.Minor); part > 0 {
			from.Minor -= part
			rest.Minor -= part
			s.Legs = append(s.Legs, Leg{kind, source, money.Of(part, rest.Currency)})
		}
	}
	if c := p.coupon(u); c != nil {
		take(FromCoupon, c.ID, &c.Remaining)
	}
	if p.funds.Card == "" && rest.Minor-p.funds.Balance.Minor > p.funds.Credit.Minor {
		s.Missing.Minor = rest.Minor - p.funds.Balance.Minor - p.funds.Credit.Minor
		p.funds.Balance.Minor, p.funds.Credit.Minor = 0, 0
		return s
	}
	take(FromBalance, "", &p.funds.Balance)
	take(FromCredit, "", &p.funds.Credit)
	unlimited := rest
	take(FromCard, p.funds.Card, &unlimited)
	return s
}

// coupon chooses the coupon that pays for a unit.
func (p *Planner) coupon(u Payable) *Coupon {
	if u.Fee.IsZero() {
		return nil
	}
	var first *candidate
	for n := range p.coupons {
		c := &p.coupons[n]
		if !c.usable {
			continue
		}
		why := c.admits(u)
		if why == CouponPays {
			if first == nil || firstUsed(&c.Coupon, &first.Coupon) < 0 {
				first = c
			}
			why = CouponNotNeeded
		}
		// Few units bring a coupon nearer than those before.
		if c.why != why && c.why != CouponPays && couponRank[why] > couponRank[c.why] {
			c.why = why
		}
	}
	if first == nil {
		return nil
	}
	first.why = CouponPays
	return &first.Coupon
}

// Spending is what a plan takes from one coupon.
type Spending struct {
	Coupon Coupon // as it was before
	Amount money.Amount
	Units  int
}

// Idle is a coupon that a plan does not use.
type Idle struct {
	Coupon Coupon
	Why    CouponWhy
}

// Plan says how units are paid and how far the funds reach. Nothing later is paid
// in the place of the first unit that the funds do not cover: what expires first
// is paid first.
type Plan struct {
	Units       int
	Total       money.Amount             // fees of all units, after discount and before coupons
	Due         money.Amount             // Total less what coupons pay
	Covered     int                      // units that are paid in full
	Spent       money.Amount             // fees of the covered units
	Legs        map[LegKind]money.Amount // of the covered units
	Shortfall   money.Amount             // what is missing for all units
	CardCharges int                      // how often the card is charged
	Coupons     []Spending               // over all units, in the order of first use
	Idle        []Idle
}

// NewPlan plans units in the order of payment with the funds as they are at an
// instant. each, which may be nil, is told of every unit.
func NewPlan(units []Payable, f Funds, at time.Time, each func(n int, s Split)) (Plan, error) {
	zero := money.Of(0, f.Balance.Currency)
	p := Plan{Units: len(units), Total: zero, Due: zero, Spent: zero, Shortfall: zero, Legs: map[LegKind]money.Amount{}}
	planner := NewPlanner(f, at)
	spent := map[string]int{} // coupon to its place in p.Coupons
	var run CardRun
	var err error
	for n, u := range units {
		s := planner.Next(u)
		if p.Total, err = p.Total.Add(u.Fee); err != nil {
			return Plan{}, fmt.Errorf("add up fees: %w", err)
		}
		p.Due.Minor += u.Fee.Minor - s.Coupon().Minor // at most Total
		p.Shortfall.Minor += s.Missing.Minor          // at most Due
		p.spendCoupon(s, f.Coupons, spent)
		if p.Covered == n && s.Missing.IsZero() {
			p.Covered++
			p.Spent = p.Total
			for _, l := range s.Legs {
				sum := p.Legs[l.Kind]
				p.Legs[l.Kind] = money.Of(sum.Minor+l.Amount.Minor, zero.Currency)
			}
			p.CardCharges += startsCharge(&run, u, s)
		}
		if each != nil {
			each(n, s)
		}
	}
	for n, c := range planner.coupons {
		if c.why != CouponPays {
			p.Idle = append(p.Idle, Idle{f.Coupons[n], c.why})
		}
	}
	return p, nil
}

// startsCharge adds a unit to a card charge, and returns 1 where it begins another.
func startsCharge(run *CardRun, u Payable, s Split) int {
	if !s.ByCard() {
		*run = CardRun{}
		return 0
	}
	first := run.units == 0
	if !run.Admit(u, s) {
		*run = CardRun{}
		first = run.Admit(u, s)
	}
	if first {
		return 1
	}
	return 0
}

func (p *Plan) spendCoupon(s Split, all []Coupon, place map[string]int) {
	amount := s.Coupon()
	if amount.IsZero() {
		return
	}
	id := s.Legs[0].Source
	n, known := place[id]
	if !known {
		n = len(p.Coupons)
		place[id] = n
		spending := Spending{Amount: money.Of(0, amount.Currency)}
		for _, c := range all {
			if c.ID == id {
				spending.Coupon = c
			}
		}
		p.Coupons = append(p.Coupons, spending)
	}
	p.Coupons[n].Amount.Minor += amount.Minor
	p.Coupons[n].Units++
}

// CouponTotal is what coupons pay over all units.
func (p Plan) CouponTotal() money.Amount {
	return money.Of(p.Total.Minor-p.Due.Minor, p.Total.Currency)
}
