package billing

import (
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// PaymentState is what is known of an attempt to move money.
type PaymentState string

// The states of a payment. Unknown is resolved only by the gateway's own answer for
// that payment; Created and Prepared have moved nothing.
const (
	PaymentCreated  PaymentState = "created"  // key committed, gateway not yet asked
	PaymentPrepared PaymentState = "prepared" // gateway id committed, not yet captured
	PaymentUnknown  PaymentState = "unknown"  // capture was asked for, the answer is missing
	PaymentCaptured PaymentState = "captured"
	PaymentDeclined PaymentState = "declined"
)

// ReasonLapsed is the reason of a payment that was given up before its capture,
// because a unit could no longer be renewed.
const ReasonLapsed = "lapsed"

// ReasonGivenUp is the reason of a payment that a person ended: it was never sent, or
// the person found out that it was not captured.
const ReasonGivenUp = "given_up"

// The reasons of a payment that what the gateway keeps contradicts.
const (
	// ReasonUnrecorded: its key belongs to another payment there.
	ReasonUnrecorded = renewal.WhyUnrecorded
	// ReasonReturned: the money was given back there before it was entered here.
	ReasonReturned = "returned"
)

// Settled tells whether the payment's outcome is final.
func (s PaymentState) Settled() bool { return s == PaymentCaptured || s == PaymentDeclined }

// Sent reports whether the gateway may have been asked to capture the payment. Before
// that no money can have moved.
func (s PaymentState) Sent() bool { return s != PaymentCreated && s != PaymentPrepared }

// Purpose says what a payment is for.
type Purpose string

// The purposes of a payment.
const (
	ForRenewal Purpose = "renewal"
	ForTopUp   Purpose = "top_up"
)

// Payment is one attempt to move money for one or several orders or into the balance.
type Payment struct {
	ID         string
	AccountID  string
	Purpose    Purpose
	TaskID     string
	State      PaymentState
	Amount     money.Amount
	Charged    money.Amount // the part that the gateway is asked for; zero where no card is needed
	CardID     string
	GatewayKey string
	GatewayID  string
	Data       string // what the gateway is told that it pays; empty in a payment of an older server
	Reason     string // why it was declined, as the gateway's code
	CreatedAt  time.Time
	CreatedBy  string
	SettledAt  time.Time
	ReturnTo   string // the page that a top-up leads back to
}

// RefundState is what is known of money on its way back.
type RefundState string

// The states of a refund. A created one is asked for until the gateway answers.
const (
	RefundCreated RefundState = "created"
	RefundDone    RefundState = "refunded"
	RefundRefused RefundState = "refused" // the gateway will not; the operator gives it back by hand
)

// Refunding is a captured payment, or one order of it, given back.
type Refunding struct {
	ID         string
	AccountID  string
	PaymentID  string
	OrderID    string // empty: the whole payment
	State      RefundState
	Amount     money.Amount
	Charged    money.Amount // the part that goes back through the gateway
	GatewayKey string
	Reason     string
	CreatedAt  time.Time
	CreatedBy  string
	SettledAt  time.Time
}

// MaximumTopUp is the largest single top-up, in whole units of the currency.
const MaximumTopUp = 10_000_000

// OneTopUp is as much of what is missing as a single top-up brings.
func OneTopUp(missing money.Amount) money.Amount {
	limit := int64(MaximumTopUp)
	for range missing.Currency.Exponent() {
		limit *= 10
	}
	return money.Of(min(missing.Minor, limit), missing.Currency)
}
