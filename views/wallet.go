package views

import (
	"net/url"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// WalletPage is the balance with the ledger behind it.
type WalletPage struct {
	Balance  money.Amount
	Entries  []billing.Entry // newest first
	Newer    renewal.Cursor  // zero: this is the newest page
	Older    renewal.Cursor  // zero: there is nothing older
	Open     []TopUpAttempt  // outcome not known yet
	Declined []TopUpAttempt
	Zone     *time.Location
	CanTopUp bool // a gateway is configured
	MayPay   bool // the person's role allows it
	Sandbox  bool // the gateway moves no real money
}

// TopUpAttempt is a top-up that did not reach the balance.
type TopUpAttempt struct {
	ID     string
	Amount money.Amount
	At     time.Time
	By     string
	Why    string // where it was declined
}

// newer and older are the pages beside this one.
func (p WalletPage) newer() string { return pageOf(WalletPath, "before", p.Newer) }
func (p WalletPage) older() string { return pageOf(WalletPath, "after", p.Older) }

func (p WalletPage) first() string {
	if p.Newer.IsZero() {
		return ""
	}
	return WalletPath(nil)
}

// pageOf is the address of a neighbouring page of a newest-first list, or nothing
// where there is none.
func pageOf(path func(url.Values) string, name string, at renewal.Cursor) string {
	if at.IsZero() {
		return ""
	}
	return path(url.Values{name: {at.String()}})
}

// entryWords say what moved the balance.
var entryWords = map[billing.EntryKind]string{
	billing.Deposit: "Bank transfer",
	billing.TopUp:   "Top-up",
	billing.Renewal: "Renewal",
}

// unknownTopUp says of a top-up whose outcome is open what will become of it.
func unknownTopUp(a money.Amount) string {
	return "We asked the gateway and do not know yet whether " + a.String() + " was charged. " +
		"Nothing is charged twice: this is checked until it is known."
}

const sandboxWords = "The sandbox gateway stands for the bank and the card here. It moves no real money."
