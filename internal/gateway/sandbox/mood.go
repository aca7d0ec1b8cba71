package sandbox

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Mood is how a call goes. It is a word, so that it can be sent over HTTP and
// read in a failed test.
type Mood string

// The moods. "Before" does nothing and then fails; "after" does what was asked,
// makes it durable and then fails. Declines are made by Decline.
const (
	Approve       Mood = "approve"        // the call goes well, and a capture as its card has it
	TimeoutBefore Mood = "timeout_before" // never answers
	TimeoutAfter  Mood = "timeout_after"
	ErrorBefore   Mood = "error_before" // 500
	ErrorAfter    Mood = "error_after"
	ResetBefore   Mood = "reset_before" // the connection is reset
	ResetAfter    Mood = "reset_after"
	Slow          Mood = "slow"         // waits for Release, then goes on even if the caller has left
	Busy          Mood = "busy"         // 429, nothing done
	Garbage       Mood = "garbage"      // does what was asked and answers half a sentence
	WrongID       Mood = "wrong_id"     // does what was asked and answers with another payment's id
	WrongAmount   Mood = "wrong_amount" // does what was asked and answers with one minor unit more; a card has no amount and is told as it is
)

var moods = []Mood{Approve, TimeoutBefore, TimeoutAfter, ErrorBefore, ErrorAfter, ResetBefore, ResetAfter,
	Slow, Busy, Garbage, WrongID, WrongAmount}

const declinePrefix = "decline:"

// Decline is the mood in which a capture is declined for the reason, a code such
// as insufficient_funds, whatever the card itself would have done. Other calls
// take it for Approve.
func Decline(reason string) Mood { return Mood(declinePrefix + reason) }

var reasonCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// valid tells whether the mood is one.
func (m Mood) valid() bool {
	reason, decline := strings.CutPrefix(string(m), declinePrefix)
	return decline && reasonCode.MatchString(reason) || slices.Contains(moods, m)
}

// Call names the calls that can have a mood of their own.
type Call string

// The calls of the API.
const (
	CallPrepare Call = "prepare"
	CallCapture Call = "capture"
	CallGet     Call = "get"
	CallRefund  Call = "refund"
	CallCard    Call = "card"
	CallList    Call = "list"
)

var calls = []Call{CallPrepare, CallCapture, CallGet, CallRefund, CallCard, CallList}

func (c Call) valid() bool { return slices.Contains(calls, c) }

// script says which mood the next call meets, and holds calls that wait.
type script struct {
	mu       sync.Mutex
	standing map[Call]Mood
	queued   map[Call][]Mood
	held     int
	changed  chan struct{} // closed and replaced when held changes
	release  chan struct{} // closed and replaced by Release
	closed   chan struct{}
	once     sync.Once
}

func newScript() *script {
	return &script{standing: map[Call]Mood{}, queued: map[Call][]Mood{},
		changed: make(chan struct{}), release: make(chan struct{}), closed: make(chan struct{})}
}

func (s *script) close() { s.once.Do(func() { close(s.closed) }) }

// SetMood sets the mood in which the given calls go from now on, or captures if
// none is given, and forgets what was queued for them. It panics on a mood or
// call that does not exist: a test that misspells one must not pass.
func (s *Server) SetMood(m Mood, calls ...Call) {
	if len(calls) == 0 {
		calls = []Call{CallCapture}
	}
	for _, c := range calls {
		mustExist(c, m)
		s.moods.set(c, m, nil)
	}
}

// Queue adds moods for the next calls of one sort, one each; after them the mood
// of SetMood holds again. A request that cannot be read uses up none. It panics like SetMood.
func (s *Server) Queue(call Call, next ...Mood) {
	mustExist(call, next...)
	s.moods.set(call, "", next)
}

func mustExist(c Call, moods ...Mood) {
	for _, m := range moods {
		if !m.valid() || !c.valid() {
			panic(fmt.Sprintf("sandbox: no mood %q of a call %q", m, c))
		}
	}
}

// set replaces the standing mood unless m is empty, and then adds to the queue.
func (s *script) set(c Call, m Mood, next []Mood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m != "" {
		s.standing[c], s.queued[c] = m, nil
	}
	s.queued[c] = append(s.queued[c], next...)
}

func (s *script) take(c Call) Mood {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queued[c]; len(q) > 0 {
		s.queued[c] = q[1:]
		return q[0]
	}
	if m, ok := s.standing[c]; ok {
		return m
	}
	return Approve
}

// Release lets the calls go on that are held in the mood Slow.
func (s *Server) Release() {
	s.moods.mu.Lock()
	defer s.moods.mu.Unlock()
	close(s.moods.release)
	s.moods.release = make(chan struct{})
}

// AwaitHeld waits until at least n calls are held, in Slow or in a time-out, so
// that a test can cancel, crash or release at a known point without sleeping.
func (s *Server) AwaitHeld(ctx context.Context, n int) error {
	for {
		s.moods.mu.Lock()
		held, changed := s.moods.held, s.moods.changed
		s.moods.mu.Unlock()
		if held >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d calls are held: %w", held, n, ctx.Err())
		}
	}
}

// untilReleased holds a call and tells whether it may go on.
func (s *script) untilReleased() bool {
	defer s.hold(-1)
	select {
	case <-s.hold(+1):
		return true
	case <-s.closed:
		return false
	}
}

// untilGone holds a call until its caller gives up.
func (s *script) untilGone(ctx context.Context) {
	s.hold(+1)
	defer s.hold(-1)
	select {
	case <-ctx.Done():
	case <-s.closed:
	}
}

// hold counts a held call in or out and returns what releases it.
func (s *script) hold(by int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += by
	close(s.changed)
	s.changed = make(chan struct{})
	return s.release
}
