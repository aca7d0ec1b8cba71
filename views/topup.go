package views

import (
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/views/ui"
)

// TopUpPage asks how much to add to the balance.
type TopUpPage struct {
	Amount   string // as typed, or what is missing
	Return   string // path to go on to; empty: the wallet
	Key      string
	Balance  money.Amount
	Cards    []billing.Card
	Card     string // the chosen one
	Enter    EnterCard
	Now      time.Time
	Problem  string // why it was not done
	Field    string // the field that the problem is about; empty where a card was declined
	CanTopUp bool
	Sandbox  bool
	// Added and AddedAt tell of a top-up of the proposed amount a short while ago.
	Added   money.Amount
	AddedAt time.Time
	Zone    *time.Location
}

// TopUpStatusPage is what became of a top-up whose outcome was not known at once.
type TopUpStatusPage struct {
	ID      string
	State   billing.PaymentState
	Amount  money.Amount
	At      time.Time
	By      string
	Why     string // where it was declined
	Balance money.Amount
	Refund  billing.RefundState // empty: nothing was given back
	Return  string
	Zone    *time.Location
}

// givenBack says how a refund of the top-up stands.
func (p TopUpStatusPage) givenBack() string {
	switch p.Refund {
	case billing.RefundCreated:
		return "It is being given back to the card. The money is held until the gateway has answered."
	case billing.RefundDone:
		return "It was given back to the card, so it is not in the balance any more."
	case billing.RefundRefused:
		return "The gateway refused to give it back, so it is in the balance again."
	}
	return ""
}

func (p TopUpPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	id := p.Field
	if id == "" {
		id = "amount"
	}
	return []ui.FieldError{{ID: id, Text: p.Problem}}
}

// fieldProblem is the error of a field; that a card was declined is none.
func (p TopUpPage) fieldProblem(field string) string {
	if p.Field != field {
		return ""
	}
	return p.Problem
}

func (p TopUpPage) summary() string {
	if p.Field == "" {
		return "The top-up was declined. Nothing was charged"
	}
	return "Nothing was charged"
}

// back is where to go on to, in a button's words.
func back(path string) (href, label string) {
	if path == "" {
		return WalletPath(nil), "Back to the wallet"
	}
	if strings.HasPrefix(path, TasksPath()+"/") {
		return path, "Back to the task"
	}
	return path, "Back to where you were"
}

// AddedWords tell of a top-up that reached the balance.
func AddedWords(amount, balance money.Amount) string {
	return "Added " + amount.String() + ". The balance is now " + balance.String() + "."
}

func (p TopUpStatusPage) title() string {
	switch p.State {
	case billing.PaymentCaptured:
		return "Top-up of " + p.Amount.String() + " added"
	case billing.PaymentDeclined:
		return "Top-up of " + p.Amount.String() + " declined"
	}
	return "Top-up of " + p.Amount.String() + " not known yet"
}

// balanceLabel keeps anybody from counting what is not there yet.
func (p TopUpStatusPage) balanceLabel() string {
	if p.State == billing.PaymentCaptured {
		return "Balance"
	}
	return "Balance without it"
}
