package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"perennial/internal/money"
)

type resultAnswer struct {
	ID             string         `json:"id"`
	Key            string         `json:"key"`
	Card           string         `json:"card"`
	Amount         int64          `json:"amount"`
	Currency       money.Currency `json:"currency"`
	State          State          `json:"state"`
	DeclineReason  DeclineReason  `json:"decline_reason"`
	CapturedAt     *time.Time     `json:"captured_at"`
	RefundedAmount *int64         `json:"refunded_amount"`
	Data           []string       `json:"data"`
}

// parseResult reads a payment. One that contradicts itself is as good as none:
// ErrUnknown.
func parseResult(body []byte) (Result, error) {
	var a resultAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return Result{}, unreadable(err)
	}
	return a.result()
}

func (a resultAnswer) result() (Result, error) {
	r := Result{ID: a.ID, Key: a.Key, Card: a.Card, Amount: money.Of(a.Amount, a.Currency), State: a.State,
		DeclineReason: a.DeclineReason, Data: strings.Join(a.Data, "")}
	if a.CapturedAt != nil {
		r.CapturedAt = instant(*a.CapturedAt)
	}
	why := "no refunded amount" // nothing given back has to be said, too
	if a.RefundedAmount != nil {
		r.RefundedAmount = money.Of(*a.RefundedAmount, a.Currency)
		why = r.contradiction(a.CapturedAt != nil)
	}
	if why != "" {
		return Result{}, fmt.Errorf("%w: the answer has %s", ErrUnknown, why)
	}
	return r, nil
}

func unreadable(err error) error {
	return fmt.Errorf("%w: the answer cannot be read: %w", ErrUnknown, err)
}

func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func (r Result) contradiction(dated bool) string {
	switch {
	case !validID(r.ID):
		return "no usable id"
	case r.Key == "" || len(r.Key) > maxKey:
		return "no usable key"
	case r.Card != "" && !validToken(r.Card):
		return "no usable card"
	case r.Amount.Minor <= 0 || !r.Amount.Currency.Known():
		return "no usable amount"
	case r.State != Prepared && r.State != Captured && r.State != Declined:
		return fmt.Sprintf("an unknown state %.40q", r.State)
	case dated != (r.State == Captured) || dated && r.CapturedAt.UnixMilli() <= 0:
		return "a time of capture that does not fit its state"
	case (r.DeclineReason != "") != (r.State == Declined) || r.DeclineReason != "" && !validID(string(r.DeclineReason)):
		return "a decline reason that does not fit its state"
	case len(r.Data) > MaximumData || !printable(r.Data):
		return "unusable data"
	case r.RefundedAmount.Minor < 0 || r.RefundedAmount.Minor > r.Amount.Minor || r.RefundedAmount.Minor > 0 && r.State != Captured:
		return "a refunded amount that does not fit what was captured"
	}
	return ""
}

type pageAnswer struct {
	Payments []resultAnswer `json:"payments"`
	Next     *string        `json:"next"`
	More     bool           `json:"more"`
}

// parsePage reads a part of the list that begins after a cursor. A payment that
// contradicts itself is listed apart: the caller must know whether it is its own.
func parsePage(body []byte, after string) (Page, error) {
	var a pageAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return Page{}, unreadable(err)
	}
	if a.Payments == nil || a.Next == nil {
		return Page{}, fmt.Errorf("%w: the answer is not a list of payments", ErrUnknown)
	}
	p := Page{Payments: make([]Result, 0, len(a.Payments)), Next: *a.Next, More: a.More}
	for n, one := range a.Payments {
		if r, err := one.result(); err != nil {
			p.Unreadable = append(p.Unreadable, Unreadable{one.Key, strings.Join(one.Data, ""), fmt.Errorf("payment %d of the list: %w", n+1, err)})
		} else {
			p.Payments = append(p.Payments, r)
		}
	}
	switch {
	case len(p.Next) > maxCursor || !printable(p.Next) || p.Next == "" && len(a.Payments) > 0:
		return Page{}, fmt.Errorf("%w: the list has no usable cursor", ErrUnknown)
	case p.More && (len(a.Payments) == 0 || p.Next == after):
		// Whoever believed it would ask for ever.
		return Page{}, fmt.Errorf("%w: the list says that there is more and does not go on", ErrUnknown)
	}
	return p, nil
}

type refundAnswer struct {
	ID         string         `json:"id"`
	Payment    string         `json:"payment"`
	Key        string         `json:"key"`
	Amount     int64          `json:"amount"`
	Currency   money.Currency `json:"currency"`
	RefundedAt time.Time      `json:"refunded_at"`
}

// parseRefund reads a refund that must be the one that was asked for.
func parseRefund(body []byte, payment, key string, amount money.Amount) (Refund, error) {
	var a refundAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return Refund{}, unreadable(err)
	}
	r := Refund{ID: a.ID, Payment: a.Payment, Key: a.Key, Amount: money.Of(a.Amount, a.Currency), RefundedAt: instant(a.RefundedAt)}
	switch {
	case r.Payment != payment || r.Key != key || r.Amount != amount:
		return Refund{}, fmt.Errorf("%w: the answer is about payment %.160q, key %.160q, %d %.10q",
			ErrUnknown, r.Payment, r.Key, r.Amount.Minor, r.Amount.Currency)
	case !validID(r.ID):
		return Refund{}, fmt.Errorf("%w: the answer has no usable id", ErrUnknown)
	case r.RefundedAt.UnixMilli() <= 0:
		return Refund{}, fmt.Errorf("%w: the answer has no usable time", ErrUnknown)
	}
	return r, nil
}

type cardAnswer struct {
	Token    string `json:"token"`
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
}

// The states of a card session.
const (
	sessionOpen      = "open"
	sessionCompleted = "completed"
)

type cardSession struct {
	ID      string      `json:"id"`
	Key     string      `json:"key"`
	Account string      `json:"account"`
	State   string      `json:"state"`
	Card    *cardAnswer `json:"card"`
	card    Card
}

// parseSession reads a session of an account, with its card where there is one.
func parseSession(body []byte, account string) (cardSession, error) {
	var s cardSession
	if err := json.Unmarshal(body, &s); err != nil {
		return cardSession{}, unreadable(err)
	}
	why := ""
	switch {
	case !validID(s.ID):
		why = "no usable id"
	case s.Account != account:
		why = "another account"
	case s.State != sessionOpen && s.State != sessionCompleted:
		why = fmt.Sprintf("an unknown state %.40q", s.State)
	case (s.Card != nil) != (s.State == sessionCompleted):
		why = "a card that does not fit its state"
	case s.Card != nil:
		s.card, why = Card(*s.Card), s.Card.contradiction()
	}
	if why != "" {
		return cardSession{}, fmt.Errorf("%w: the answer has %s", ErrUnknown, why)
	}
	return s, nil
}

func (a cardAnswer) contradiction() string {
	switch {
	case !validToken(a.Token):
		return "no usable token"
	case !validBrand(a.Brand):
		return "no usable brand"
	case len(a.Last4) != 4 || !digitsOnly(a.Last4):
		return "no usable last four digits"
	case a.ExpMonth < 1 || a.ExpMonth > 12 || a.ExpYear < 2000 || a.ExpYear > 9999:
		return "no usable month of expiry"
	}
	return ""
}

// validBrand accepts words of letters. Without digits no part of a card's number
// can come in with it.
func validBrand(brand string) bool {
	return brand != "" && len(brand) <= 40 && strings.TrimSpace(brand) == brand && utf8.ValidString(brand) &&
		!strings.ContainsFunc(brand, func(r rune) bool { return !unicode.IsLetter(r) && r != ' ' && r != '-' })
}

func digitsOnly(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// validToken accepts an id with a letter in it: digits alone may be the number of
// a card, which must not come this far and goes no further.
func validToken(token string) bool {
	return validID(token) && strings.ContainsFunc(token, unicode.IsLetter)
}

// validID accepts what can stand in a path, a log line and a page as it is.
func validID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

type refusalAnswer struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Subject string `json:"subject"`
	} `json:"error"`
}

var refusalOf = map[string]struct {
	status int
	err    error
}{
	"invalid":      {http.StatusBadRequest, ErrInvalid},
	"unauthorized": {http.StatusUnauthorized, ErrUnauthorized},
	"not_found":    {http.StatusNotFound, ErrNotFound},
	"no_card":      {http.StatusNotFound, ErrNoCard},
	"key_reused":   {http.StatusConflict, ErrKeyReused},
	"not_captured": {http.StatusConflict, ErrNotCaptured},
	"too_much":     {http.StatusConflict, ErrTooMuch},
	"busy":         {http.StatusTooManyRequests, ErrBusy},
}

// refusals are those that a call can meet besides the ones that all can, each with
// the key, id or token that it must name.
type refusals map[error]string

// parseRefusal believes a refusal only if status, code and subject agree and the
// call can meet it. A bare 404 may come from a proxy or a wrong address, which
// know nothing of what the gateway did.
func parseRefusal(status int, body []byte, possible refusals) error {
	var a refusalAnswer
	if json.Unmarshal(body, &a) != nil {
		return fmt.Errorf("%w: status %d", ErrUnknown, status)
	}
	known, ok := refusalOf[a.Error.Code]
	if !ok || known.status != status {
		return fmt.Errorf("%w: status %d", ErrUnknown, status)
	}
	if known.err != ErrInvalid && known.err != ErrUnauthorized && known.err != ErrBusy {
		subject, can := possible[known.err]
		if !can {
			return fmt.Errorf("%w: %q is no answer to this call", ErrUnknown, a.Error.Code)
		}
		switch {
		case a.Error.Subject == subject:
		case known.err == ErrNoCard: // what it names is a token
			return fmt.Errorf("%w: %q about another card", ErrUnknown, a.Error.Code)
		default:
			return fmt.Errorf("%w: %q about %.160q", ErrUnknown, a.Error.Code, a.Error.Subject)
		}
	}
	message := a.Error.Message
	if token := possible[ErrNoCard]; token != "" {
		message = strings.ReplaceAll(message, token, "(the card's token)")
	}
	return fmt.Errorf("%w: %.200q", known.err, message)
}
