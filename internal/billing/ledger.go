package billing

import (
	"time"

	"perennial/internal/money"
)

// Book is one side of the ledger. Each transaction sums to zero over its books,
// per currency.
type Book string

// The books. Cash is what the customer may spend; the others say where it came
// from and what it became.
const (
	BookCash     Book = "cash"
	BookBank     Book = "bank"     // transfers recorded by the operator
	BookGateway  Book = "gateway"  // captured by the card gateway
	BookRenewals Book = "renewals" // spent on renewals
)

// EntryKind says why a ledger transaction was written.
type EntryKind string

// The kinds of ledger transaction.
const (
	Deposit EntryKind = "deposit" // bank transfer
	TopUp   EntryKind = "top_up"  // through the gateway
	Renewal EntryKind = "renewal" // payment of renewed units
)

// Entry is a ledger transaction as the wallet shows it: what it did to the cash book.
type Entry struct {
	ID        string
	Kind      EntryKind
	At        time.Time
	ValueDate string // YYYY-MM-DD of a bank transfer
	Reference string // bank reference, gateway id or task number
	TaskID    string
	PaymentID string
	Amount    money.Amount // signed change of the cash balance
	After     money.Amount // cash balance after it
}

// PaymentState is what is known of an attempt to move money.
type PaymentState string

// The states of a payment. Created and Unknown are resolved only by the
// gateway's own answer for that payment.
const (
	PaymentCreated  PaymentState = "created"  // key committed, gateway not yet asked
	PaymentPrepared PaymentState = "prepared" // gateway id committed, not yet captured
	PaymentUnknown  PaymentState = "unknown"  // capture was asked for, the answer is missing
	PaymentCaptured PaymentState = "captured"
	PaymentDeclined PaymentState = "declined"
)

// Settled tells whether the payment's outcome is final.
func (s PaymentState) Settled() bool { return s == PaymentCaptured || s == PaymentDeclined }

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
	GatewayKey string
	GatewayID  string
	Reason     string // why it was declined, as the gateway's code
	CreatedAt  time.Time
	CreatedBy  string
	SettledAt  time.Time
	ReturnTo   string // the page that a top-up leads back to
}
