// Package mail makes mails of notices and hands them over: to a mail server or
// into a folder. A mail is written when it is delivered or previewed, from the
// facts in the outbox, so that the preview is what is sent. Delivery happens at
// least once; a mail that is sent again carries the same Message-ID. The package
// decides nothing about what people are told of.
package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"perennial/internal/notice"
	"perennial/views/email"
)

// Message is one mail, ready to be handed over.
type Message struct {
	ID        string // of the outbox entry
	MessageID string // without angle brackets; the same each time the entry is sent
	To        []string
	Subject   string
	Date      time.Time // when the event happened
	Text      string
	HTML      string
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// Render writes the mail of an outbox entry, addressed to all its recipients. Its
// links begin with the public address of the console, never with what a browser
// called it.
func Render(e notice.Entry, public *url.URL) (Message, error) {
	n, err := notice.Read(e.Kind, e.Facts)
	if err != nil {
		return Message{}, err
	}
	written, err := email.Of(n, public.Scheme+"://"+public.Host)
	if err != nil {
		return Message{}, err
	}
	var html bytes.Buffer
	if err := written.HTML.Render(context.Background(), &html); err != nil {
		return Message{}, fmt.Errorf("render the mail of %s: %w", e.ID, err)
	}
	host := strings.ToLower(public.Hostname())
	if !hostName.MatchString(host) {
		host = "localhost" // an IPv6 address is none that a Message-ID may hold
	}
	return Message{ID: e.ID, MessageID: e.ID + "@" + host, To: e.Recipients, Subject: oneLine(written.Subject),
		Date: e.CreatedAt, Text: written.Text, HTML: html.String()}, nil
}

// oneLine keeps what goes into a header from being two.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// ErrRefused is in the chain of every error of a hand-over that will never succeed.
var ErrRefused = errors.New("refused for good")

// refusal makes an ErrRefused of an error without changing its words, which people read.
type refusal struct{ error }

func (r refusal) Unwrap() []error { return []error{r.error, ErrRefused} }

// Sender hands messages over.
type Sender interface {
	// Send tries to hand m over for each of its recipients and tells for each what
	// became of it, in the order of m.To: nil where it was taken, ErrRefused where
	// it never will be, any other error where a later attempt may succeed.
	Send(ctx context.Context, m Message) []error
	// Where says in words where mails go, for pages and logs.
	Where() string
}

// all gives every recipient the same outcome.
func all(m Message, err error) []error {
	outcomes := make([]error, len(m.To))
	for n := range outcomes {
		outcomes[n] = err
	}
	return outcomes
}

// compose writes a message as RFC 5322 wants it. What cannot be an address or a
// header is refused for good.
func compose(m Message, from string) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, refusal{fmt.Errorf("the sender %q: %w", from, err)}
	}
	if err := msg.To(m.To...); err != nil {
		return nil, refusal{fmt.Errorf("a recipient: %w", err)}
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(oneLine(m.MessageID))
	msg.SetDateWithValue(m.Date)
	// Keeps holiday notices and other robots from answering (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
