package sandbox

import (
	"time"

	"perennial/internal/money"
)

func (p payment) tell(mood Mood) any {
	out := struct {
		ID             string         `json:"id"`
		Key            string         `json:"key"`
		Card           string         `json:"card,omitempty"`
		Amount         int64          `json:"amount"`
		Currency       money.Currency `json:"currency"`
		State          string         `json:"state"`
		DeclineReason  string         `json:"decline_reason,omitempty"`
		CapturedAt     time.Time      `json:"captured_at,omitzero"`
		RefundedAmount int64          `json:"refunded_amount"`
		Data           []string       `json:"data,omitempty"`
	}{ID: p.ID, Key: p.Key, Card: p.Card, Amount: p.Amount.Minor, Currency: p.Amount.Currency, State: p.State,
		DeclineReason: p.Reason, RefundedAmount: p.Refunded, Data: p.Data}
	if p.State == captured {
		out.CapturedAt = p.At
	}
	switch mood {
	case WrongID:
		out.ID, out.Key = "pay_of_somebody_else", "key of somebody else"
	case WrongAmount:
		out.Amount++
	}
	return out
}

func (r Refund) tell(mood Mood) any {
	out := struct {
		ID         string         `json:"id"`
		Payment    string         `json:"payment"`
		Key        string         `json:"key"`
		Amount     int64          `json:"amount"`
		Currency   money.Currency `json:"currency"`
		RefundedAt time.Time      `json:"refunded_at"`
	}{r.ID, r.Payment, r.Key, r.Amount.Minor, r.Amount.Currency, r.At}
	switch mood {
	case WrongID:
		out.ID, out.Payment, out.Key = "re_of_somebody_else", "pay_of_somebody_else", "key of somebody else"
	case WrongAmount:
		out.Amount++
	}
	return out
}
