package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"perennial/internal/money"
)

const maxRequest = 64 << 10 // bytes

func (s *Server) routes() http.Handler {
	api := http.NewServeMux()
	api.HandleFunc("POST /v1/payments", s.servePrepare)
	api.HandleFunc("POST /v1/payments/{id}/capture", s.serveCapture)
	api.HandleFunc("GET /v1/payments/{id}", s.serveGet)
	api.HandleFunc("GET /v1/payments", s.serveList)
	api.HandleFunc("POST /v1/payments/{id}/refunds", s.serveRefund)
	api.HandleFunc("POST /v1/card-sessions", s.serveOpenSession)
	api.HandleFunc("GET /v1/card-sessions/{id}", s.serveSession)
	api.HandleFunc("POST /sandbox/mood", s.serveMood)
	api.HandleFunc("POST /sandbox/release", func(w http.ResponseWriter, _ *http.Request) {
		s.Release()
		w.WriteHeader(http.StatusNoContent)
	})
	mux := http.NewServeMux()
	mux.Handle("/", s.authorized(api))
	mux.HandleFunc("GET /cards/new", s.serveCardPage)
	mux.HandleFunc("POST /cards/new", s.takeCard)
	mux.HandleFunc("GET /cards/page.css", serveStyle)
	// A page in the browser of whoever runs the demo must not reach in here.
	return http.NewCrossOriginProtection().Handler(mux)
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
		Card        string         `json:"card"`
		Amount      int64          `json:"amount"`
		Currency    money.Currency `json:"currency"`
		Description string         `json:"description"`
		Data        []string       `json:"data"`
	}
	if !read(w, r, &in) {
		return
	}
	why := unusable(in.Key, in.Amount, in.Currency)
	switch {
	case why != "":
	case in.Card == "":
		why = "The card is missing."
	case len(in.Description) > 500:
		why = "The description must have 500 bytes at most."
	case len(in.Data) > 45 || slices.ContainsFunc(in.Data, func(field string) bool { return utf8.RuneCountInString(field) > 500 }):
		why = "There may be 45 fields of data, of 500 characters each."
	}
	if why != "" {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", why, in.Key})
		return
	}
	misbehave(s, w, r, CallPrepare, func(Mood) (payment, *refusal, error) {
		return s.prepare(entry{Event: prepared, ID: idOf("pay_", in.Key), Key: in.Key, Card: in.Card, Amount: in.Amount, Currency: in.Currency,
			Description: in.Description, Data: in.Data})
	})
}

// unusable says what is wrong with a key or an amount, or nothing.
func unusable(key string, amount int64, currency money.Currency) string {
	switch {
	case key == "" || len(key) > 255 || !utf8.ValidString(key):
		return "The key must have 1 to 255 bytes."
	case amount <= 0:
		return "The amount must be more than nothing."
	case !currency.Known():
		return "The currency is not known."
	}
	return ""
}

func (s *Server) serveCapture(w http.ResponseWriter, r *http.Request) {
	// Without a body read to its end net/http does not notice that a caller leaves.
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxRequest)); err != nil {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", "The request cannot be read.", r.PathValue("id")})
		return
	}
	misbehave(s, w, r, CallCapture, func(m Mood) (payment, *refusal, error) { return s.capture(r.PathValue("id"), m) })
}

func (s *Server) serveGet(w http.ResponseWriter, r *http.Request) {
	misbehave(s, w, r, CallGet, func(Mood) (payment, *refusal, error) { return s.get(r.PathValue("id")) })
}

func (s *Server) serveRefund(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Key      string         `json:"key"`
		Amount   int64          `json:"amount"`
		Currency money.Currency `json:"currency"`
	}
	if !read(w, r, &in) {
		return
	}
	if why := unusable(in.Key, in.Amount, in.Currency); why != "" {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", why, in.Key})
		return
	}
	misbehave(s, w, r, CallRefund, func(Mood) (Refund, *refusal, error) {
		return s.refund(r.PathValue("id"), in.Key, money.Of(in.Amount, in.Currency))
	})
}

// teller tells itself as an answer, falsely if the mood wants that.
type teller interface{ tell(Mood) any }

// misbehave makes a call in the mood that is its turn.
func misbehave[T teller](s *Server, w http.ResponseWriter, r *http.Request, call Call, do func(Mood) (T, *refusal, error)) {
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
	done, no, err := do(mood)
	switch {
	case err != nil:
		// Not even a refusal is certain without the log.
		http.Error(w, "the sandbox cannot use its log", http.StatusServiceUnavailable)
	case mood == TimeoutAfter || mood == ErrorAfter || mood == ResetAfter:
		s.fail(w, r, mood)
	case no != nil:
		refuse(w, no)
	case mood == Garbage:
		whole, _ := json.Marshal(done.tell(mood)) // of plain fields, which always can be written
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(whole[:len(whole)/2])
	default:
		send(w, http.StatusOK, done.tell(mood))
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
