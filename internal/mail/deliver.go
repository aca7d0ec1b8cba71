package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"perennial/internal/clock"
	"perennial/internal/notice"
	"perennial/internal/store"
)

const (
	// MostAttempts is how often a mail is tried before it is dead.
	MostAttempts = 10
	// firstPause is how long the second attempt waits; each further one waits
	// three times as long, up to longestPause. Ten attempts take about a day.
	firstPause   = time.Minute
	longestPause = 6 * time.Hour
	// reserved is for how long an attempt keeps others from the same mail. A
	// sender that dies is followed by another after it.
	reserved = 2 * time.Minute
	// tooLate is how long after its time a mail is still worth sending: whoever
	// configures a mail server after months does not get the mails of months.
	tooLate = 7 * 24 * time.Hour
	// mostError is how much of an error is kept, in bytes.
	mostError = 500
)

// Courier delivers the outbox.
type Courier struct {
	Store  *store.DB
	Clock  clock.Clock
	Log    *slog.Logger
	Sender Sender
	// PublicURL is the origin with which every link begins.
	PublicURL *url.URL
}

// Deliver tries to hand over the mail that has been due for longest. It is a step
// of a worker; more tells that another mail may be due. A hand-over can take as
// long as a mail server takes to answer, so nothing urgent waits behind it.
func (c Courier) Deliver(ctx context.Context) (more bool, err error) {
	e, claimed, err := c.claim(ctx)
	if err != nil || e.ID == "" {
		return false, err
	}
	if !claimed {
		return true, nil // another sender was faster; there may be others due
	}
	outcome := c.attempt(ctx, e)
	if ctx.Err() != nil && outcome.State != notice.Sent {
		// The server is stopping. The mail stays reserved and is tried again.
		return false, ctx.Err()
	}
	// What was handed over must be known even when the server is stopping.
	err = c.Store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.SettleEntry(outcome) })
	if err != nil {
		return false, fmt.Errorf("settle mail %s: %w", e.ID, err)
	}
	level := slog.LevelInfo
	if outcome.LastError != "" {
		level = slog.LevelWarn // pages do not say why
	}
	c.Log.LogAttrs(ctx, level, "mail", slog.String("entry", e.ID), slog.String("kind", string(e.Kind)),
		slog.String("state", string(outcome.State)), slog.Int("attempt", outcome.Attempts), slog.String("why", outcome.LastError))
	return true, nil
}

// claim reserves the mail that has been due for longest. Where none is due, the
// entry is empty.
func (c Courier) claim(ctx context.Context) (e notice.Entry, claimed bool, err error) {
	var due []notice.Entry
	err = c.Store.Read(ctx, func(tx *store.Tx) error {
		due, err = tx.DueEntries(c.Clock.Now(), 1)
		return err
	})
	if err != nil || len(due) == 0 {
		return notice.Entry{}, false, err
	}
	err = c.Store.Write(ctx, func(tx *store.Tx) error {
		e, claimed, err = tx.ClaimEntry(due[0], c.Clock.Now().Add(reserved))
		return err
	})
	return e, claimed, err
}

// attempt hands a claimed mail over and says what became of it.
func (c Courier) attempt(ctx context.Context, e notice.Entry) notice.Entry {
	now := c.Clock.Now()
	if e.Attempts == 1 && now.Sub(e.NextAt) > tooLate {
		return dead(e, now, "It was due more than 7 days ago, while nothing sent mails.")
	}
	m, err := Render(e, c.PublicURL)
	if err != nil {
		return dead(e, now, err.Error())
	}
	m.To = slices.DeleteFunc(slices.Clone(e.Recipients), func(to string) bool { return slices.Contains(e.Reached, to) })
	if len(m.To) == 0 {
		// Whoever has not got it is no member of the account any more.
		e.State, e.SentAt, e.NextAt = notice.Sent, now, now
		return e
	}
	var problems []string
	waiting := false
	for n, err := range c.Sender.Send(ctx, m) {
		if err == nil {
			e.Reached = append(slices.Clone(e.Reached), m.To[n])
			continue
		}
		waiting = waiting || !errors.Is(err, ErrRefused)
		if text := err.Error(); !slices.Contains(problems, text) {
			problems = append(problems, text)
		}
	}
	e.LastError = short(strings.Join(problems, "; "))
	switch {
	case waiting && e.Attempts < MostAttempts:
		e.State, e.NextAt = notice.Queued, c.Clock.Now().Add(pause(e.Attempts))
	case len(e.Reached) > 0:
		// Somebody was told; the error says who was not.
		e.State, e.SentAt, e.NextAt = notice.Sent, c.Clock.Now(), now
	default:
		e = dead(e, now, e.LastError)
	}
	return e
}

func dead(e notice.Entry, now time.Time, why string) notice.Entry {
	e.State, e.NextAt, e.LastError = notice.Dead, now, short(why)
	return e
}

// pause is how long the next attempt waits after so many.
func pause(attempts int) time.Duration {
	p := firstPause
	for range attempts - 1 {
		if p *= 3; p >= longestPause {
			return longestPause
		}
	}
	return p
}

// short keeps an error printable and of a bearable length.
func short(text string) string {
	text = oneLine(strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > mostError {
		text = strings.ToValidUTF8(text[:mostError], "")
	}
	return text
}
