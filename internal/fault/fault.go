// Package fault is the error that people see. A fault carries a sentence that
// somebody wrote for the reader of a page; every other error is an accident and
// shows itself as "Internal error" with a reference. The package does not know
// HTTP: web turns a Kind into a status.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of trouble a person is in.
type Kind int

// The kinds of fault. The zero Kind is Internal, so that an error nobody thought
// about can never be shown as something milder.
const (
	Internal        Kind = iota // an accident: the sentence is generic
	Invalid                     // the input cannot be used as typed
	Unauthenticated             // nobody is signed in
	Forbidden                   // signed in, but the role does not allow it
	NotFound                    // no such thing in this account
	Conflict                    // the thing has changed since it was seen
	TooMany                     // asked too often
	TooLarge                    // more than is accepted at once
	Unavailable                 // a dependency is down; the same request may work later
)

// Remedy is a link that leads out of the trouble. Href is a path of this console.
type Remedy struct {
	Label string
	Href  string
}

// Error is a fault: a kind, a sentence and, where there is one, the way out.
type Error struct {
	Kind    Kind
	Message string
	Remedy  Remedy
	// Fields holds one sentence per form field, for faults of kind Invalid.
	Fields map[string]string
	// RetryAfter is how many seconds to wait, for faults of kind TooMany.
	RetryAfter int
	cause      error
}

// New makes a fault with a written sentence.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault that keeps the error behind it for the log.
func Wrap(cause error, kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Field makes an Invalid fault about one form field.
func Field(name, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Message: message, Fields: map[string]string{name: message}}
}

// With returns a copy of the fault that carries a remedy.
func (e *Error) With(label, href string) *Error {
	c := *e
	c.Remedy = Remedy{Label: label, Href: href}
	return &c
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// KindOf tells the kind of the first fault in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Of finds the first fault in err's chain.
func Of(err error) (*Error, bool) { return errors.AsType[*Error](err) }
