package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/mail"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// desk is a World with a courier that hands over to an SMTP server of its own.
type desk struct {
	*testkit.World
	server  *testkit.MailServer
	courier mail.Courier
}

func newDesk(t *testing.T, w *testkit.World, moods ...testkit.MailMood) *desk {
	server := testkit.NewMailServer(t, moods...)
	sender, err := mail.NewSMTP(fmt.Sprintf("smtp://%s:%d", server.Host, server.Port), "bills@perennial.example")
	w.Must(err)
	return &desk{w, server, courier(w, sender)}
}

func courier(w *testkit.World, s mail.Sender) mail.Courier {
	return mail.Courier{Store: w.Store, Clock: w.Clock, Log: quiet, Sender: s, PublicURL: public}
}

// tell puts a notice for the account and some of its members into the outbox and
// returns its entry's id.
func (d *desk) tell(n notice.Notice, members ...string) string {
	d.Helper()
	id := d.App.NewKey()
	d.Write(func(tx *store.Tx) error { return tx.Tell(id, d.Account.ID, n, d.Clock.Now(), members...) })
	return id
}

func (d *desk) tellSample(members ...string) string {
	d.Helper()
	return d.tell(samples()["suspended"], members...)
}

// deliver runs the step until nothing is due.
func (d *desk) deliver() {
	d.Helper()
	for more := true; more; {
		var err error
		more, err = d.courier.Deliver(d.Context())
		d.Must(err)
	}
}

func (d *desk) entry(id string) (e notice.Entry) {
	d.Helper()
	d.Read(func(tx *store.Tx) (err error) {
		e, err = tx.Entry(d.Account.ID, id)
		return err
	})
	return e
}

func (d *desk) expect(id string, state notice.Delivery, attempts int, why string) {
	d.Helper()
	e := d.entry(id)
	if e.State != state || e.Attempts != attempts || !strings.Contains(e.LastError, why) || (why == "") != (e.LastError == "") {
		d.Errorf("the mail is %s after %d attempts (%s), want %s after %d (%s)", e.State, e.Attempts, e.LastError, state, attempts, why)
	}
}

func TestAMailIsSentOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d := newDesk(t, w)
		id := d.tellSample(d.Buyer.UserID)
		d.tellSample() // the same event: promise 19 keeps one row
		d.deliver()
		d.deliver()
		d.expect(id, notice.Sent, 1, "")
		mails := d.server.Mails()
		if len(mails) != 1 || !slices.Equal(mails[0].To, []string{"finance@acme.example", "li.na@acme.example"}) {
			t.Fatalf("the server took %d mails", len(mails))
		}
		if e := d.entry(id); !e.SentAt.Equal(w.Clock.Now()) || len(e.Reached) != 2 {
			t.Errorf("sent at %v to %v", e.SentAt, e.Reached)
		}
	})
}

func TestWhatIsSentIsWhatIsPreviewed(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite))
	id := d.tellSample()
	preview, err := mail.Render(d.entry(id), public)
	d.Must(err)
	d.deliver()
	got := read(t, d.server.Mails()[0].Data)
	if got.text != preview.Text || got.html != preview.HTML {
		t.Error("the preview is not what was sent")
	}
	for header, want := range map[string]string{
		"Subject": preview.Subject, "Message-ID": "<" + preview.MessageID + ">", "From": "<bills@perennial.example>",
		"To": "<finance@acme.example>", "Auto-Submitted": "auto-generated",
	} {
		if got := got.header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

// What a server answers decides whether a mail waits, is dead or was sent.
func TestAnswersOfTheServer(t *testing.T) {
	for _, c := range []struct {
		mood  testkit.MailMood
		state notice.Delivery
		why   string
	}{
		{testkit.RefuseSender, notice.Dead, "550"},
		{testkit.RefuseRecipient, notice.Dead, "550"},
		{testkit.RefuseMail, notice.Dead, "554"},
		{testkit.DeferRecipient, notice.Queued, "450"},
		{testkit.DeferMail, notice.Queued, "451"},
		{testkit.DropBefore, notice.Queued, "EOF"},
		{testkit.DropAfter, notice.Queued, "EOF"},
	} {
		t.Run(fmt.Sprint(c.mood), func(t *testing.T) {
			d := newDesk(t, testkit.NewWorld(t, testkit.SQLite), c.mood)
			id := d.tellSample()
			d.deliver()
			d.expect(id, c.state, 1, c.why)
			if c.state == notice.Dead {
				return
			}
			d.Clock.Advance(time.Minute - time.Millisecond)
			d.deliver()
			d.expect(id, notice.Queued, 1, c.why)
			d.Clock.Advance(time.Millisecond)
			d.deliver()
			d.expect(id, notice.Sent, 2, "")
		})
	}
}

// A mail whose answer was lost is sent again and can be told to be the same.
func TestSentAgainUnderTheSameMessageID(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite), testkit.DropAfter)
	d.tellSample()
	d.deliver()
	d.Clock.Advance(time.Hour)
	d.deliver()
	mails := d.server.Mails()
	if len(mails) != 2 {
		t.Fatalf("the server took %d mails, want 2", len(mails))
	}
	first, second := read(t, mails[0].Data).header.Get("Message-ID"), read(t, mails[1].Data).header.Get("Message-ID")
	if first == "" || first != second {
		t.Errorf("Message-IDs %q and %q", first, second)
	}
}

func TestBackOffEndsDeadAndRetryRevives(t *testing.T) {
	moods := slices.Repeat([]testkit.MailMood{testkit.DeferMail}, mail.MostAttempts)
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite), moods...)
	id := d.tellSample()
	var pauses []time.Duration
	for range mail.MostAttempts {
		before := d.Clock.Now()
		d.deliver()
		if e := d.entry(id); e.State == notice.Queued {
			pauses = append(pauses, e.NextAt.Sub(before))
			d.Clock.Set(e.NextAt)
		}
	}
	const m = time.Minute
	if want := []time.Duration{m, 3 * m, 9 * m, 27 * m, 81 * m, 243 * m, 360 * m, 360 * m, 360 * m}; !slices.Equal(pauses, want) {
		t.Errorf("pauses %v", pauses)
	}
	d.expect(id, notice.Dead, mail.MostAttempts, "451")
	d.Clock.Advance(30 * renewal.Day)
	d.deliver()
	d.expect(id, notice.Dead, mail.MostAttempts, "451")

	for _, want := range []bool{true, false} {
		if got, err := d.App.RetryMail(t.Context(), d.Owner, id); err != nil || got != want {
			t.Errorf("retried %v, %v, want %v", got, err, want)
		}
	}
	d.deliver()
	d.expect(id, notice.Sent, 1, "")
}

// A recipient who is refused or busy does not keep the mail from the others, and
// nobody gets it twice for another's sake.
func TestEachRecipientIsFollowed(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite))
	busy := errors.New("450 mailbox busy")
	s := &scripted{rounds: [][]error{
		{nil, fmt.Errorf("%w: 550 no such mailbox", mail.ErrRefused), busy},
		{fmt.Errorf("%w: 550 no such mailbox", mail.ErrRefused), nil},
	}}
	d.courier = courier(d.World, s)
	id := d.tellSample(d.Buyer.UserID, d.Viewer.UserID)
	d.deliver()
	d.expect(id, notice.Queued, 1, "450 mailbox busy")
	d.Clock.Advance(time.Hour)
	d.deliver()
	d.expect(id, notice.Sent, 2, "550 no such mailbox")
	if got := fmt.Sprint(s.asked); got != "[[finance@acme.example li.na@acme.example sam.ortiz@acme.example] [li.na@acme.example sam.ortiz@acme.example]]" {
		t.Errorf("asked for %s", got)
	}
}

// A person who is deleted gets no mail that was written before, on no path: it
// waits, it is tried again, or it is dead and somebody sends it again.
func TestWhoWasDeletedGetsNoMail(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d, busy := newDesk(t, w), errors.New("450 mailbox busy")
		refused := fmt.Errorf("%w: 550 no such mailbox", mail.ErrRefused)
		one := samples()["suspended"].(notice.TaskSuspended)
		tell := func(day int) string {
			one.Day = day
			return d.tell(one, d.Buyer.UserID)
		}
		s := &scripted{rounds: [][]error{{nil, busy}, {busy, busy}, {refused, refused}}}
		d.courier = courier(d.World, s)
		var ids []string
		for day := range 3 {
			ids = append(ids, tell(day))
			d.deliver()
		}
		ids = append(ids, tell(3)) // waits for its first attempt
		w.Must(w.App.DeleteMember(t.Context(), w.Owner, d.Buyer.Email))
		retried, err := w.App.RetryMail(t.Context(), w.Owner, ids[2])
		if err != nil || !retried {
			t.Fatal(retried, err)
		}
		s.asked = nil
		d.Clock.Advance(time.Hour)
		d.deliver()
		if got := fmt.Sprint(s.asked); got != "[[finance@acme.example] [finance@acme.example] [finance@acme.example]]" {
			t.Errorf("asked for %s", got)
		}
		for _, id := range ids {
			if e := d.entry(id); e.State != notice.Sent || !slices.Equal(e.Recipients, []string{"finance@acme.example"}) {
				t.Errorf("%s, to %v: %s", e.State, e.Recipients, e.LastError)
			}
		}
	})
}

// An account that changes its address gets what waits at the new one.
func TestAMailGoesToTheAccountsPresentAddress(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite))
	id := d.tellSample()
	d.Write(func(tx *store.Tx) error {
		acc := d.Account
		acc.Email = "billing@acme.example"
		return tx.UpdateAccount(acc)
	})
	d.deliver()
	d.expect(id, notice.Sent, 1, "")
	if to := d.entry(id).Recipients; !slices.Equal(to, []string{"billing@acme.example"}) {
		t.Errorf("sent to %v", to)
	}
}

// scripted answers as it was told to.
type scripted struct {
	rounds [][]error
	asked  [][]string
	before func()
}

func (s *scripted) Where() string { return "a script" }

func (s *scripted) Send(_ context.Context, m mail.Message) []error {
	s.asked = append(s.asked, m.To)
	if s.before != nil {
		s.before()
	}
	if len(s.rounds) == 0 {
		return make([]error, len(m.To))
	}
	outcomes := s.rounds[0]
	s.rounds = s.rounds[1:]
	return outcomes
}

// Promise 19, at least one delivery: a sender that dies after the server took the
// mail and before it could say so leaves it reserved, and another sends it.
func TestACrashBetweenSendAndSettle(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d := newDesk(t, w)
		id := d.tellSample()
		died := &scripted{before: func() { panic("killed") }}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the sender did not die")
				}
			}()
			_, err := courier(w, died).Deliver(t.Context())
			w.Must(err)
		}()
		d.deliver()
		if len(d.server.Mails()) != 0 {
			t.Error("a mail that is reserved was sent by another")
		}
		w.Clock.Advance(2 * time.Minute)
		d.deliver()
		d.expect(id, notice.Sent, 2, "")
		if n := len(d.server.Mails()); n != 1 {
			t.Errorf("the server took %d mails", n)
		}
	})
}

// Two couriers never work on the same attempt.
func TestTwoCouriersShareTheOutbox(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d := newDesk(t, w)
		id := d.tellSample()
		inside := &scripted{before: d.deliver} // another comes by while this one sends
		more, err := courier(w, inside).Deliver(t.Context())
		w.Must(err)
		if n := len(d.server.Mails()); n != 0 || !more {
			t.Errorf("the other sent %d mails", n)
		}
		d.expect(id, notice.Sent, 1, "")
	})
}

// Stopping in the middle decides nothing about a mail.
func TestStoppingLeavesTheMailReserved(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite))
	id := d.tellSample()
	ctx, stop := context.WithCancel(t.Context())
	s := &scripted{before: stop, rounds: [][]error{{context.Canceled}}}
	if _, err := courier(d.World, s).Deliver(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	d.expect(id, notice.Queued, 1, "")

	ctx, stop = context.WithCancel(t.Context())
	d.Clock.Advance(time.Hour)
	if _, err := courier(d.World, &scripted{before: stop}).Deliver(ctx); err != nil {
		t.Error(err)
	}
	d.expect(id, notice.Sent, 2, "") // it was taken, which is known even then
}

func TestMailsOfLongAgoAreNotSent(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite))
	id := d.tellSample()
	d.Clock.Advance(7*renewal.Day + time.Millisecond)
	d.deliver()
	d.expect(id, notice.Dead, 1, "more than 7 days ago")
	_, err := d.App.RetryMail(t.Context(), d.Owner, id)
	d.Must(err)
	d.deliver()
	d.expect(id, notice.Sent, 1, "")
}

func TestAMailThatCannotBeWrittenIsDead(t *testing.T) {
	d := newDesk(t, testkit.NewWorld(t, testkit.SQLite))
	id := d.tell(rain{})
	d.deliver()
	d.expect(id, notice.Dead, 1, `"rain" is not known`)
}

type rain struct{ notice.Task }

func (rain) Kind() notice.Kind { return "rain" }
func (rain) EventKey() string  { return "today" }
