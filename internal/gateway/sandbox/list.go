package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
)

// maxPage is how long the payments of one page of the list may be, in bytes; a page
// holds at least one.
const maxPage = 512 << 10

// change is an event of a payment in the order of the log. The digest covers all
// events up to it, so that a cursor of another log is not taken for one of this.
type change struct {
	payment string
	digest  uint64
}

func (b *book) listChange(e entry) {
	id := e.ID
	if e.Event == refunded {
		id = e.Payment
	}
	before := uint64(0)
	if n := len(b.changes); n > 0 {
		before = b.changes[n-1].digest
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %d", before, e.Event, e.Key, e.Amount))
	b.latest[id] = len(b.changes)
	b.changes = append(b.changes, change{id, binary.BigEndian.Uint64(sum[:])})
}

// cursor names the place after the first n changes.
func (b *book) cursor(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d-%016x", n, b.changes[n-1].digest)
}

// place finds what cursor named, or false where this log never had it.
func (b *book) place(cursor string) (n int, known bool) {
	if cursor == "" {
		return 0, true
	}
	if _, err := fmt.Sscanf(cursor, "%d-", &n); err != nil || n < 1 || n > len(b.changes) {
		return 0, false
	}
	return n, b.cursor(n) == cursor
}

// listing is a part of the list of payments.
type listing struct {
	payments []payment
	next     string
	more     bool
}

// list returns the payments that changed after a cursor, in the order of their
// latest change.
func (s *Server) list(after string) (listing, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return listing{}, nil, s.broken
	}
	n, known := s.book.place(after)
	if !known {
		return listing{}, &refusal{http.StatusNotFound, "not_found", "There is no such cursor.", after}, nil
	}
	var out listing
	for size := 0; n < len(s.book.changes); n++ {
		id := s.book.changes[n].payment
		if s.book.latest[id] != n {
			continue // it changed again, and comes later
		}
		p := s.book.payments[id]
		size += 300 + len(p.Key) // what a payment takes besides its data
		for _, field := range p.Data {
			size += len(field) + 3
		}
		if size > maxPage && len(out.payments) > 0 {
			out.more = true
			break
		}
		out.payments = append(out.payments, p)
	}
	out.next = s.book.cursor(n)
	return out, nil, nil
}

func (p listing) tell(mood Mood) any {
	payments := make([]json.RawMessage, len(p.payments))
	for n, one := range p.payments {
		payments[n], _ = json.Marshal(one.tell(mood)) // of plain fields, which always can be written
	}
	return map[string]any{"payments": payments, "next": p.next, "more": p.more}
}

func (s *Server) serveList(w http.ResponseWriter, r *http.Request) {
	misbehave(s, w, r, CallList, func(Mood) (listing, *refusal, error) { return s.list(r.URL.Query().Get("after")) })
}
