// Package sandbox is a card gateway and a bank that can be told to misbehave. It
// speaks the HTTP API that gateway.Client asks, and keeps an append-only log
// that is the ground truth of what was captured and given back. It is written
// against the API and not against the client, so that an error in one shows in
// the other. It owns no listener: whoever starts it serves it.
//
//	POST /v1/payments               {"key", "card", "amount", "currency", "description", "data"}
//	POST /v1/payments/{id}/capture
//	GET  /v1/payments/{id}
//	GET  /v1/payments?after=…
//	POST /v1/payments/{id}/refunds  {"key", "amount", "currency"}
//	POST /v1/card-sessions          {"key", "account", "return_to"}
//	GET  /v1/card-sessions/{id}
//	GET  /cards/new?session=…       the page on which a person picks a test card
//	POST /cards/new
//	POST /sandbox/mood              {"calls", "mood", "next"}
//	POST /sandbox/release
package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"perennial/internal/clock"
	"perennial/internal/money"
)

// Server is the gateway. It is an http.Handler and safe for concurrent use.
type Server struct {
	clk     clock.Clock
	handler http.Handler
	apiKey  *[sha256.Size]byte // nil asks for no key
	moods   *script
	origins []string // of pages on other machines to which the card page may lead

	mu     sync.Mutex
	log    *os.File
	book   book
	broken error // why the log can no longer be trusted; only opening it anew heals that
}

// Option changes how a Server is opened.
type Option func(*Server)

// WithAPIKey makes every request carry the key as its bearer token, those that
// set moods included, but not those of the card page, which people open.
func WithAPIKey(key string) Option {
	return func(s *Server) {
		sum := sha256.Sum256([]byte(key))
		s.apiKey = &sum
	}
}

// WithReturnTo lets the card page lead back to pages of this address, such as
// https://console.example, besides those on loopback.
func WithReturnTo(address string) Option {
	return func(s *Server) { s.origins = append(s.origins, address) }
}

// Open reads the log at path, which is made if it is missing, and returns a
// gateway that goes on from there in the mood Approve. A last line that a crash
// cut off was never acknowledged and is removed; any other damage is an error.
// One Server at a time may have a log open.
func Open(path string, clk clock.Clock, options ...Option) (*Server, error) {
	s := &Server{clk: clk, moods: newScript()}
	for _, o := range options {
		o(s)
	}
	for i, address := range s.origins {
		u, err := webAddress(address)
		if err != nil || strings.Trim(u.RequestURI(), "/") != "" {
			return nil, fmt.Errorf("the card page cannot lead back to %q: an address like https://console.example is needed", address)
		}
		s.origins[i] = origin(u)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open gateway log: %w", err)
	}
	b, whole, err := replay(f)
	if err == nil {
		err = cutTail(f, whole)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open gateway log %s: %w", path, err), f.Close())
	}
	s.log, s.book = f, b
	s.handler = s.routes()
	return s, nil
}

// cutTail removes what follows the last whole line, and makes the file itself durable.
func cutTail(f *os.File, whole int64) error {
	if err := f.Truncate(whole); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(f.Name()))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// ServeHTTP answers one call in the mood that is set for it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close lets go of every call that is held, without answering it, and closes the
// log. Calls that come later are answered 503. Close before shutting the HTTP
// server down, which would wait for the held calls.
func (s *Server) Close() error {
	s.moods.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.broken, os.ErrClosed) {
		return nil
	}
	s.broken = os.ErrClosed
	return s.log.Close()
}

// Captures lists what was captured, in the order of capture.
func (s *Server) Captures() []Capture {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.book.captures)
}

// Refunds lists what was given back, in that order.
func (s *Server) Refunds() []Refund {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.book.refunds)
}

// refusal is an answer that says that nothing was done.
type refusal struct {
	status                 int
	code, message, subject string
}

// idOf derives an id from a key: it needs no randomness, and a log that was thrown
// away gives no id a second meaning.
func idOf(prefix, key string) string {
	sum := sha256.Sum256([]byte(key))
	return prefix + hex.EncodeToString(sum[:12])
}

// prepare finds the payment of a key, or makes it as the entry says.
func (s *Server) prepare(e entry) (payment, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return payment{}, nil, s.broken
	}
	if p, ok := s.book.payments[e.ID]; ok {
		if p.Card != e.Card || p.Amount != money.Of(e.Amount, e.Currency) || p.Description != e.Description || !slices.Equal(p.Data, e.Data) {
			return p, &refusal{http.StatusConflict, "key_reused", "The key belongs to a payment of another card, amount, description or data.", e.Key}, nil
		}
		return p, nil, nil
	}
	if _, ok := lookUp(e.Card); !ok {
		return payment{}, noCard(e.Card), nil
	}
	err := s.record(e)
	return s.book.payments[e.ID], nil, err
}

// capture decides a payment once: later calls hear what the first one decided.
// What the mood does not decline, the card may.
func (s *Server) capture(id string, mood Mood) (payment, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, no, err := s.find(id)
	if no != nil || err != nil || p.State != prepared {
		return p, no, err
	}
	e := entry{Event: captured, ID: id, Key: p.Key, Card: p.Card, Amount: p.Amount.Minor, Currency: p.Amount.Currency}
	reason, decline := strings.CutPrefix(string(mood), declinePrefix)
	if !decline {
		card, _ := lookUp(p.Card)
		reason = card.decline
	}
	if reason != "" {
		e.Event, e.Reason = declined, reason
	}
	err = s.record(e)
	return s.book.payments[id], nil, err
}

// refund gives money back once for each key. The key is looked up first, so that
// it gets its answer whatever became of the payment since.
func (s *Server) refund(id, key string, amount money.Amount) (Refund, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, no, err := s.find(id)
	if no != nil || err != nil {
		return Refund{}, no, err
	}
	if r, ok := s.book.byKey[key]; ok {
		if r.Payment != id || r.Amount != amount {
			return Refund{}, &refusal{http.StatusConflict, "key_reused", "The key belongs to a refund of another payment or amount.", key}, nil
		}
		return r, nil, nil
	}
	switch {
	case p.Amount.Currency != amount.Currency:
		return Refund{}, &refusal{http.StatusBadRequest, "invalid", "The payment has another currency.", key}, nil
	case p.State != captured:
		return Refund{}, &refusal{http.StatusConflict, "not_captured", "The payment is not captured.", id}, nil
	case amount.Minor > p.Amount.Minor-p.Refunded:
		return Refund{}, &refusal{http.StatusConflict, "too_much", "That is more than is left of the payment.", key}, nil
	}
	err = s.record(entry{Event: refunded, ID: idOf("re_", key), Payment: id, Key: key, Card: p.Card, Amount: amount.Minor, Currency: amount.Currency})
	return s.book.byKey[key], nil, err
}

func noCard(token string) *refusal {
	return &refusal{http.StatusNotFound, "no_card", "There is no such card.", token}
}

func (s *Server) get(id string) (payment, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

// find is get for who holds the lock.
func (s *Server) find(id string) (payment, *refusal, error) {
	p, ok := s.book.payments[id]
	switch {
	case s.broken != nil:
		return payment{}, nil, s.broken
	case !ok:
		return payment{}, &refusal{http.StatusNotFound, "not_found", "There is no such payment.", id}, nil
	}
	return p, nil, nil
}

// record makes an entry durable before anybody hears of it. After a failed write
// or sync nobody knows what the disk holds, so the server answers nothing more.
func (s *Server) record(e entry) error {
	e.At = s.clk.Now()
	err := write(s.log, e)
	if err == nil {
		err = s.book.apply(e)
	}
	if err != nil {
		s.broken = fmt.Errorf("gateway log: %w", err)
	}
	return s.broken
}
