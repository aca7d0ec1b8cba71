package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"perennial/internal/money"
)

type resultAnswer struct {
	ID            string         `json:"id"`
	Key           string         `json:"key"`
	Amount        int64          `json:"amount"`
	Currency      money.Currency `json:"currency"`
	State         State          `json:"state"`
	DeclineReason DeclineReason  `json:"decline_reason"`
	CapturedAt    *time.Time     `json:"captured_at"`
}

// parseResult reads a payment. One that contradicts itself is as good as none:
// ErrUnknown.
func parseResult(body []byte) (Result, error) {
	var a resultAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return Result{}, fmt.Errorf("%w: the answer cannot be read: %w", ErrUnknown, err)
	}
	r := Result{ID: a.ID, Key: a.Key, Amount: money.Of(a.Amount, a.Currency), State: a.State, DeclineReason: a.DeclineReason}
	if a.CapturedAt != nil {
		r.CapturedAt = a.CapturedAt.UTC().Truncate(time.Millisecond)
	}
	if why := r.contradiction(a.CapturedAt != nil); why != "" {
		return Result{}, fmt.Errorf("%w: the answer has %s", ErrUnknown, why)
	}
	return r, nil
}

func (r Result) contradiction(dated bool) string {
	switch {
	case !validID(r.ID):
		return "no usable id"
	case r.Key == "" || len(r.Key) > maxKey:
		return "no usable key"
	case r.Amount.Minor <= 0 || !r.Amount.Currency.Known():
		return "no usable amount"
	case r.State != Prepared && r.State != Captured && r.State != Declined:
		return fmt.Sprintf("an unknown state %.40q", r.State)
	case dated != (r.State == Captured) || dated && r.CapturedAt.UnixMilli() <= 0:
		return "a time of capture that does not fit its state"
	case (r.DeclineReason != "") != (r.State == Declined) || r.DeclineReason != "" && !validID(string(r.DeclineReason)):
		return "a decline reason that does not fit its state"
	}
	return ""
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

var refusalOf = map[int]struct {
	code  string
	err   error
	named bool // the answer must name the key or id that was asked about
}{
	http.StatusBadRequest:      {"invalid", ErrInvalid, false},
	http.StatusUnauthorized:    {"unauthorized", ErrUnauthorized, false},
	http.StatusNotFound:        {"not_found", ErrNotFound, true},
	http.StatusConflict:        {"key_reused", ErrKeyReused, true},
	http.StatusTooManyRequests: {"busy", ErrBusy, false},
}

// parseRefusal believes a refusal only if status, code and subject agree and the
// call can meet it. A bare 404 may come from a proxy or a wrong address, which
// know nothing of what the gateway did.
func parseRefusal(status int, body []byte, subject string, possible []error) error {
	var a refusalAnswer
	known, ok := refusalOf[status]
	if !ok || json.Unmarshal(body, &a) != nil || a.Error.Code != known.code {
		return fmt.Errorf("%w: status %d", ErrUnknown, status)
	}
	if known.named && a.Error.Subject != subject {
		return fmt.Errorf("%w: status %d about %.160q", ErrUnknown, status, a.Error.Subject)
	}
	if known.err != ErrUnauthorized && known.err != ErrBusy && !slices.Contains(possible, known.err) {
		return fmt.Errorf("%w: status %d is no answer to this call", ErrUnknown, status)
	}
	return fmt.Errorf("%w: %.200q", known.err, a.Error.Message)
}
