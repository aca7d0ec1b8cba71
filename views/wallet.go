package views

import (
	"net/url"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// WalletPage is what an account can spend, with the ledger behind it.
type WalletPage struct {
	billing.Wallet
	Runway   billing.Runway
	Coupons  int             // how many could pay for a renewal now
	InCoupon money.Amount    // what those have left
	Owed     money.Amount    // of the credit line; the rest of what is used is held by a payment
	Card     billing.Card    // the one that renewals are charged to; zero: none
	Entries  []billing.Entry // newest first
	Newer    renewal.Cursor  // zero: this is the newest page
	Older    renewal.Cursor  // zero: there is nothing older
	Open     []TopUpAttempt  // outcome not known yet
	Declined []TopUpAttempt
	Now      time.Time
	Zone     *time.Location
	CanTopUp bool // a gateway is configured
	MayPay   bool // the person's role allows it
	Sandbox  bool // the gateway moves no real money
	NewKey   func() string
	// Mark and Repay are the forms as they were typed, where they were refused.
	Mark, Repay WalletField
}

// WalletField is a field of the wallet that was refused; the zero one was not sent.
type WalletField struct {
	Value   string
	Problem string
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

// covers says how many days of renewals the balance pays for.
func (p WalletPage) covers() string {
	switch {
	case p.Runway.Total.IsZero():
		return "No manual instance with a price falls due within a year."
	case p.Runway.ShortFrom.IsZero():
		return "Covers all renewals that are known for a year."
	}
	days := p.coveredDays()
	if days == 0 {
		return "Does not cover what falls due today."
	}
	return "Covers " + ui.Plural(days, "day", "days") + " of known renewals."
}

// coveredDays is how many days of the calendar lie between today and the day on
// which the balance falls short.
func (p WalletPage) coveredDays() int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(p.Zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(p.Runway.ShortFrom).Sub(day(p.Now)) / (24 * time.Hour))
}

// until is the list of what falls due up to the day on which the balance falls short.
func (p WalletPage) until() string {
	return RenewalsPath(url.Values{"tab": {"manual"}, "expires": {"range"}, "from": {ui.Day(p.Now, p.Zone)}, "to": {ui.Day(p.Runway.ShortFrom, p.Zone)}})
}

// mark is the mark as its field shows it.
func (p WalletPage) mark() string {
	if p.Mark.Problem != "" || p.LowMark.IsZero() {
		return p.Mark.Value
	}
	return p.LowMark.Plain()
}

// warns says when the account is warned.
func (p WalletPage) warns() string {
	if p.LowMark.IsZero() {
		return "No warning of a low balance"
	}
	return "Warning below " + p.LowMark.String()
}

// repay is what is proposed to be paid back: what is owed, as far as the balance goes.
func (p WalletPage) repay() string {
	if p.Repay.Problem != "" {
		return p.Repay.Value
	}
	return money.Of(min(p.Owed.Minor, p.Balance.Minor), p.Balance.Currency).Plain()
}

// creditHeld is what is used of the credit line and cannot be paid back yet.
func (p WalletPage) creditHeld() money.Amount {
	return money.Of(p.CreditUsed.Minor-p.Owed.Minor, p.CreditUsed.Currency)
}

func (p WalletPage) problems() (all []ui.FieldError) {
	for id, f := range map[string]WalletField{"mark": p.Mark, "repay": p.Repay} {
		if f.Problem != "" {
			all = append(all, ui.FieldError{ID: id, Text: f.Problem})
		}
	}
	return all
}

// pageOf is the address of a neighbouring page of a newest-first list, or nothing
// where there is none.
func pageOf(path func(url.Values) string, name string, at renewal.Cursor) string {
	if at.IsZero() {
		return ""
	}
	return path(url.Values{name: {at.String()}})
}

// unknownTopUp says of a top-up whose outcome is open what will become of it.
func unknownTopUp(a money.Amount) string {
	return "We asked the gateway and do not know yet whether " + a.String() + " was charged. " +
		"Nothing is charged twice: this is checked until it is known."
}

const sandboxWords = "The sandbox gateway stands for the bank and the card here. It moves no real money."

// LedgerExportPath is the whole ledger as CSV.
func LedgerExportPath() string { return "/wallet/ledger.csv" }

// LowMarkPath sets, by POST, the balance below which the account is warned.
func LowMarkPath() string { return "/wallet/mark" }

// RepayPath pays the credit line back from the balance by POST.
func RepayPath() string { return "/wallet/repay" }
