package billing

import (
	"time"

	"perennial/internal/money"
)

// Book is one side of the ledger. Each transaction sums to zero over its books,
// per currency.
type Book string

// The books. Cash, credit and the coupons' books are what the customer may spend;
// the others say where that came from and what it became.
const (
	BookCash     Book = "cash"
	BookCredit   Book = "credit"   // what is owed on the credit line, as a negative sum
	BookHolding  Book = "holding"  // taken for a payment that the gateway has not decided
	BookBank     Book = "bank"     // transfers recorded by the operator
	BookGateway  Book = "gateway"  // captured by the card gateway, less what it gave back
	BookGrants   Book = "grants"   // given away as coupons
	BookRenewals Book = "renewals" // spent on renewals
)

// BookOfCoupon is the book of one coupon; its sum is what the coupon has left.
func BookOfCoupon(id string) Book { return Book("coupon:" + id) }

// BookOf is the book from which a leg is paid. Cards are charged by the gateway.
func BookOf(l Leg) Book {
	switch l.Kind {
	case FromCoupon:
		return BookOfCoupon(l.Source)
	case FromCredit:
		return BookCredit
	case FromCard:
		return BookGateway
	}
	return BookCash
}

// EntryKind says why a ledger transaction was written.
type EntryKind string

// The kinds of ledger transaction. They are stored and never renamed.
const (
	Deposit    EntryKind = "deposit"    // bank transfer
	TopUp      EntryKind = "top_up"     // through the gateway
	Renewal    EntryKind = "renewal"    // payment of renewed units
	Hold       EntryKind = "hold"       // wallet legs of a payment that needs the card
	Release    EntryKind = "release"    // the same back, because the card was not charged
	Refund     EntryKind = "refund"     // a captured payment given back
	Grant      EntryKind = "grant"      // a coupon given
	Settlement EntryKind = "settlement" // the credit line paid back
)

// Entry is a ledger transaction as the wallet shows it: what it did to the balance
// and to what else the account spends.
type Entry struct {
	ID        string
	Kind      EntryKind
	At        time.Time
	ValueDate string // YYYY-MM-DD of a bank transfer
	Reference string // bank reference, gateway id, task or order number
	TaskID    string
	PaymentID string
	RefundID  string
	OrderID   string       // the first order that the payment was for, where no task made it
	Amount    money.Amount // signed change of the cash balance
	After     money.Amount // cash balance after it
	Credit    money.Amount // signed change of what is left on the credit line
	Coupons   money.Amount // signed change of what the coupons have left
	Card      money.Amount // charged to a card, or given back to it as a negative amount
	Task      int          // the number of the task, where it has one
	Purpose   Purpose      // of the payment, where it has one
}

// Wallet is what an account can spend besides coupons and cards.
type Wallet struct {
	Balance     money.Amount
	CreditLimit money.Amount
	CreditUsed  money.Amount
	LowMark     money.Amount // below it the account is warned; zero: never
	LowTold     bool         // the account was warned since the balance fell below
}

// Low tells whether the balance is below the mark.
func (w Wallet) Low() bool { return w.Balance.Minor < w.LowMark.Minor }

// CreditLeft is what can still be spent on the credit line.
func (w Wallet) CreditLeft() money.Amount {
	return money.Of(w.CreditLimit.Minor-w.CreditUsed.Minor, w.CreditLimit.Currency)
}

// Card is what is kept of a payment card: the gateway's token for it, and what a
// person tells it by.
type Card struct {
	ID        string
	Token     string
	Brand     string
	LastFour  string
	Month     int // of expiry
	Year      int
	Preferred bool // pays where the wallet does not reach
	AddedAt   time.Time
	AddedBy   string
	RemovedAt time.Time
}

// String is the card as a person tells it: Visa •••• 4242.
func (c Card) String() string { return c.Brand + " •••• " + c.LastFour }

// Expired tells whether the card can no longer be charged at an instant: it is
// good until the end of its month, in UTC.
func (c Card) Expired(at time.Time) bool {
	return !at.Before(time.Date(c.Year, time.Month(c.Month)+1, 1, 0, 0, 0, 0, time.UTC))
}
