// Package renewal holds the rules of renewing: what an instance is, what its
// status is at an instant, how a term moves its expiry, what can and cannot be
// renewed and why, what a filter matches, and how a task and its items move from
// state to state. It is pure: it reads no clock, no database and no request, and
// it knows nothing of how a renewal is paid.
package renewal

import "time"

// Mode is the tab of the Renewals page on which an instance stands.
type Mode string

// The renewal modes. They are stored beside the provider's expire policy,
// because two policies share a mode.
const (
	Manual    Mode = "manual"
	Auto      Mode = "auto"
	PayPerUse Mode = "pay_per_use"
	Cancelled Mode = "cancelled"
)

// Modes lists the modes in the order of the tabs.
var Modes = []Mode{Manual, Auto, PayPerUse, Cancelled}

// Title is the provider's proper name of the tab.
func (m Mode) Title() string {
	switch m {
	case Auto:
		return "Auto Renewals"
	case PayPerUse:
		return "Pay-per-Use After Expiration"
	case Cancelled:
		return "Renewals Canceled"
	default:
		return "Manual Renewals"
	}
}

// Policy is the provider's code for what happens at expiry.
type Policy int

// Mode tells on which tab a policy stands and whether the provider knows the
// code: 0 and 4 are manual, 3 auto, 1 pay-per-use, 2 and 5 cancelled.
func (p Policy) Mode() (Mode, bool) {
	switch p {
	case 0, 4:
		return Manual, true
	case 3:
		return Auto, true
	case 1:
		return PayPerUse, true
	case 2, 5:
		return Cancelled, true
	}
	return "", false
}

// Period is the provider's period type: the unit in which an instance is billed,
// and with it the shortest term that a renewal can add.
type Period int

// The period types of the provider.
const (
	Month Period = 2
	Year  Period = 3
)

// Months is the length of one term in calendar months.
func (p Period) Months() int {
	if p == Year {
		return 12
	}
	return 1
}

// String is the term as a person reads it.
func (p Period) String() string {
	if p == Year {
		return "1 year"
	}
	return "1 month"
}

// Short is the term beside a price.
func (p Period) Short() string {
	if p == Year {
		return "yr"
	}
	return "mo"
}

// Instance is one yearly/monthly resource of an account, primary or associated.
type Instance struct {
	ID           string // the provider's resource ID, unique within the account
	Name         string
	ServiceCode  string
	ServiceName  string
	TypeCode     string
	TypeName     string
	SpecCode     string
	RegionCode   string
	RegionName   string
	Project      string // enterprise project, may be empty
	OrderID      string // the provider's original order
	Period       Period
	Quantity     int64
	EffectiveAt  time.Time
	ExpiresAt    time.Time
	Anchor       int // anchor day, 1–31 in the billing zone: AnchorDay of the imported times
	Policy       Policy
	Mode         Mode
	ParentID     string // the primary instance, empty for a primary
	Package      bool   // a resource package: prepaid traffic or storage
	Hold         Reason // what the provider says stands in the way, or empty
	RenewedAt    time.Time
	RenewedOrder string // our order that renewed it last, empty where we never did
	// Intent is the reason for which nothing else may renew it while IntentOrder,
	// an order of ours, waits for payment or is being paid; empty where none does.
	Intent      Reason
	IntentOrder string
}

// Unit is what is listed, counted, priced, paid and renewed: a primary instance
// with its associated resources, ordered by ID.
type Unit struct {
	Instance
	Associated []Instance
}

// NextExpiry is the unit's expiry after one more term. An instance whose anchor
// day was never stored (zero) has it from its times.
func (u Unit) NextExpiry(zone *time.Location) time.Time {
	anchor := u.Anchor
	if anchor == 0 {
		anchor = AnchorDay(u.EffectiveAt, u.ExpiresAt, zone)
	}
	return addMonths(anchor, undelayed(u.EffectiveAt, u.ExpiresAt, zone), u.Period.Months(), zone)
}

// All returns the instances of the unit, the primary first.
func (u Unit) All() []Instance {
	return append([]Instance{u.Instance}, u.Associated...)
}
