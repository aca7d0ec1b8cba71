package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"perennial/internal/money"
)

const maxRequest = 64 << 10 // bytes

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payments", s.servePrepare)
	mux.HandleFunc("POST /v1/payments/{id}/capture", s.serveCapture)
	mux.HandleFunc("GET /v1/payments/{id}", s.serveGet)
	mux.HandleFunc("POST /sandbox/mood", s.serveMood)
	mux.HandleFunc("POST /sandbox/release", func(w http.ResponseWriter, _ *http.Request) {
		s.Release()
		w.WriteHeader(http.StatusNoContent)
	})
	// A page in the browser of whoever runs the demo must not reach in here.
	return http.NewCrossOriginProtection().Handler(s.authorized(mux))
}

func (s *Server) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.apiKey != nil {
			token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			sum := sha256.Sum256([]byte(token)) // equal lengths: the comparison tells nothing of the key's
			if subtle.ConstantTimeCompare(sum[:], s.apiKey[:]) != 1 || !bearer {
				refuse(w, &refusal{http.StatusUnauthorized, "unauthorized", "The API key is missing or wrong.", ""})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) servePrepare(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Key         string         `json:"key"`
		Amount      int64          `json:"amount"`
		Currency    money.Currency `json:"currency"`
		Description string         `json:"description"`
	}
	if !read(w, r, &in) {
		return
	}
	why := ""
	switch {
	case in.Key == "" || len(in.Key) > 255 || !utf8.ValidString(in.Key):
		why = "The key must have 1 to 255 bytes."
	case in.Amount <= 0:
		why = "The amount must be more than nothing."
	case !in.Currency.Known():
		why = "The currency is not known."
	case len(in.Description) > 500:
		why = "The description must have 500 bytes at most."
	}
	if why != "" {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", why, in.Key})
		return
	}
	s.misbehave(w, r, CallPrepare, func(Mood) (payment, *refusal, error) {
		return s.prepare(in.Key, money.Of(in.Amount, in.Currency), in.Description)
	})
}

func (s *Server) serveCapture(w http.ResponseWriter, r *http.Request) {
	// Without a body read to its end net/http does not notice that a caller leaves.
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxRequest)); err != nil {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", "The request cannot be read.", r.PathValue("id")})
		return
	}
	s.misbehave(w, r, CallCapture, func(m Mood) (payment, *refusal, error) { return s.capture(r.PathValue("id"), m) })
}

func (s *Server) serveGet(w http.ResponseWriter, r *http.Request) {
	s.misbehave(w, r, CallGet, func(Mood) (payment, *refusal, error) { return s.get(r.PathValue("id")) })
}

// misbehave makes a call in the mood that is its turn.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, call Call, do func(Mood) (payment, *refusal, error)) {
	mood := s.moods.take(call)
	switch mood {
	case TimeoutBefore, ErrorBefore, ResetBefore:
		s.fail(w, r, mood)
		return
	case Busy:
		w.Header().Set("Retry-After", "1")
		refuse(w, &refusal{http.StatusTooManyRequests, "busy", "Too many requests.", ""})
		return
	case Slow:
		if !s.moods.untilReleased() {
			panic(http.ErrAbortHandler)
		}
	}
	p, no, err := do(mood)
	switch {
	case err != nil:
		// Not even a refusal is certain without the log.
		http.Error(w, "the sandbox cannot use its log", http.StatusServiceUnavailable)
	case mood == TimeoutAfter || mood == ErrorAfter || mood == ResetAfter:
		s.fail(w, r, mood)
	case no != nil:
		refuse(w, no)
	default:
		answer(w, p, mood)
	}
}

// fail ends a call without an answer that says anything.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, mood Mood) {
	switch mood {
	case ErrorBefore, ErrorAfter:
		http.Error(w, "the sandbox was told to fail", http.StatusInternalServerError)
		return
	case TimeoutBefore, TimeoutAfter:
		s.moods.untilGone(r.Context())
	case ResetBefore, ResetAfter:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // without it the peer sees a clean end; the connection closes either way
			}
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

func answer(w http.ResponseWriter, p payment, mood Mood) {
	out := struct {
		ID            string         `json:"id"`
		Key           string         `json:"key"`
		Amount        int64          `json:"amount"`
		Currency      money.Currency `json:"currency"`
		State         string         `json:"state"`
		DeclineReason string         `json:"decline_reason,omitempty"`
		CapturedAt    time.Time      `json:"captured_at,omitzero"`
	}{ID: p.ID, Key: p.Key, Amount: p.Amount.Minor, Currency: p.Amount.Currency, State: p.State, DeclineReason: p.Reason}
	if p.State == captured {
		out.CapturedAt = p.At
	}
	switch mood {
	case WrongID:
		out.ID, out.Key = "pay_of_somebody_else", "key of somebody else"
	case WrongAmount:
		out.Amount++
	case Garbage:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"`+p.ID+`","state":"capt`)
		return
	}
	send(w, http.StatusOK, out)
}

func refuse(w http.ResponseWriter, no *refusal) {
	send(w, no.status, map[string]any{"error": map[string]string{"code": no.code, "message": no.message, "subject": no.subject}})
}

func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller who has left asks again
}

// read decodes the one JSON value of a body strictly, or refuses the request.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, after := d.Token(); after == io.EOF {
			return true
		}
		err = errors.New("something follows the JSON value")
	}
	refuse(w, &refusal{http.StatusBadRequest, "invalid", "The request cannot be read: " + err.Error(), ""})
	return false
}

// serveMood is SetMood and Queue over HTTP: {"calls": ["capture"], "mood":
// "timeout_after", "next": ["approve"]}. No calls means captures.
func (s *Server) serveMood(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Calls []Call `json:"calls"`
		Mood  Mood   `json:"mood"`
		Next  []Mood `json:"next"`
	}
	if !read(w, r, &in) {
		return
	}
	if len(in.Calls) == 0 {
		in.Calls = []Call{CallCapture}
	}
	ok := in.Mood != "" && in.Mood.valid() || in.Mood == "" && len(in.Next) > 0
	for _, m := range in.Next {
		ok = ok && m.valid()
	}
	for _, c := range in.Calls {
		ok = ok && c.valid()
	}
	if !ok {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", "There is no such mood or call.", ""})
		return
	}
	for _, c := range in.Calls {
		s.moods.set(c, in.Mood, in.Next)
	}
	w.WriteHeader(http.StatusNoContent)
}
