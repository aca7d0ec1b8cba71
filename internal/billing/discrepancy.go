package billing

import (
	"time"

	"perennial/internal/money"
)

// DiscrepancyKind is in what the gateway and the books differ about a payment.
type DiscrepancyKind string

// The kinds. Missing and Differs keep the account from charging.
const (
	Missing       DiscrepancyKind = "missing"       // captured there, not entered here
	Differs       DiscrepancyKind = "differs"       // entered here with another amount or outcome
	RefundedThere DiscrepancyKind = "refunded"      // more went back there than is entered here
	UnknownThere  DiscrepancyKind = "unknown_there" // captured according to the books, not known there
)

// Blocks reports whether nothing is charged in the account before a discrepancy of
// this kind is settled.
func (k DiscrepancyKind) Blocks() bool { return k == Missing || k == Differs }

// DiscrepancyState is what became of a discrepancy.
type DiscrepancyState string

// The states. Open and Returning ones are not settled.
const (
	DiscrepancyOpen      DiscrepancyState = "open"
	DiscrepancyReturning DiscrepancyState = "returning" // the gateway is asked to refund the payment
	DiscrepancyEntered   DiscrepancyState = "entered"
	DiscrepancyReturned  DiscrepancyState = "returned"
	DiscrepancyDismissed DiscrepancyState = "dismissed" // a person looked, and said why
)

// DiscrepancyWhy is the code of why a payment did not enter itself.
type DiscrepancyWhy string

// Why a person has to decide.
const (
	WhyNoData       DiscrepancyWhy = "no_data"       // the gateway does not say what it pays
	WhyIdentity     DiscrepancyWhy = "identity"      // it was made for other records, and renews instances of these
	WhyNoAccount    DiscrepancyWhy = "no_account"    // there is no such account
	WhyPartRefunded DiscrepancyWhy = "part_refunded" // a part of it went back at the gateway
	WhyAmounts      DiscrepancyWhy = "amounts"       // its units do not add up to it
	WhyInstance     DiscrepancyWhy = "instance"      // an instance is gone, or was renewed in another way
	WhyOrder        DiscrepancyWhy = "order"         // another order of an instance is being paid
	WhyWallet       DiscrepancyWhy = "wallet"        // the wallet no longer covers its part
)

// Discrepancy is a payment about which the gateway and the books differ.
type Discrepancy struct {
	GatewayID  string
	Kind       DiscrepancyKind
	AccountID  string // empty where neither key nor data name an account of these books
	State      DiscrepancyState
	GatewayKey string
	Card       string // the gateway's token
	Amount     money.Amount
	Refunded   money.Amount // so far, at the gateway
	CapturedAt time.Time
	Data       string
	Why        DiscrepancyWhy
	FoundAt    time.Time
	SettledAt  time.Time
	SettledBy  string
	Reference  string
}

// Settled reports whether nothing is left to decide or to do.
func (d Discrepancy) Settled() bool {
	return d.State != DiscrepancyOpen && d.State != DiscrepancyReturning
}

// Left is what the gateway still has of the payment.
func (d Discrepancy) Left() money.Amount {
	return money.Of(d.Amount.Minor-d.Refunded.Minor, d.Amount.Currency)
}
