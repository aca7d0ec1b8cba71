package views

import (
	"slices"
	"strings"
	"time"

	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// OutboxPage lists the mails of the account.
type OutboxPage struct {
	Rows  []MailRow // newest first
	Newer renewal.Cursor
	Older renewal.Cursor
	Zone  *time.Location
	// Sends reports that mails are sent; otherwise the outbox is the mailbox.
	Sends bool
}

// MailRow is one mail of the outbox.
type MailRow struct {
	notice.Entry
	Subject string // empty where the mail cannot be written
}

// MailPage is one mail as it is or was sent.
type MailPage struct {
	MailRow
	Text    string
	Problem string // why it cannot be written
	Zone    *time.Location
	Sends   bool
}

func (p OutboxPage) first() string {
	if p.Newer.IsZero() {
		return ""
	}
	return OutboxPath(nil)
}

// mailKinds name the events.
var mailKinds = map[notice.Kind]string{
	notice.KindTaskReady:      "Task ready",
	notice.KindTaskExpiring:   "Task about to expire",
	notice.KindTaskExpired:    "Task expired",
	notice.KindTaskSuspended:  "Task paused",
	notice.KindTaskCompleted:  "Task completed",
	notice.KindTaskFailed:     "Task failed",
	notice.KindLowBalance:     "Balance low",
	notice.KindPaymentEntered: "Payment entered",
}

// title is the subject, or what is known of a mail that cannot be written.
func (r MailRow) title() string {
	if r.Subject != "" {
		return r.Subject
	}
	if name, ok := mailKinds[r.Kind]; ok {
		return name
	}
	return string(r.Kind)
}

func (r MailRow) to() string { return strings.Join(r.Recipients, ", ") }

// mailState is the state of a mail in words.
type mailState struct {
	kind  ui.Kind
	icon  ui.IconName
	label string
}

func (r MailRow) state(sends bool) mailState {
	switch {
	case r.State == notice.Dead:
		return mailState{ui.Bad, ui.IconCrossCircle, "Dead"}
	case r.State == notice.Sent && r.LastError != "":
		return mailState{ui.Warn, ui.IconAlert, "Sent in part"}
	case r.State == notice.Sent:
		return mailState{ui.OK, ui.IconCheckCircle, "Sent"}
	case !sends:
		return mailState{ui.Plain, ui.IconMail, "Not sent"}
	case r.Attempts > 0:
		return mailState{ui.Warn, ui.IconClock, "Trying again"}
	}
	return mailState{ui.Info, ui.IconHourglass, "Queued"}
}

// waits reports whether another attempt follows.
func (r MailRow) waits(sends bool) bool { return r.State == notice.Queued && sends }

// troubleTitle sums trouble up.
func (r MailRow) troubleTitle() string {
	switch r.State {
	case notice.Sent:
		return "Not delivered to everyone"
	case notice.Dead:
		return "Not delivered"
	}
	return "Not delivered yet"
}

// trouble says what went wrong, or nothing. An owner is a customer: the mail server and its
// answers are the operator's, and in the log.
func (r MailRow) trouble() string {
	missed := slices.DeleteFunc(slices.Clone(r.Recipients), func(to string) bool { return slices.Contains(r.Reached, to) })
	switch {
	case r.LastError == "":
		return ""
	case r.State == notice.Sent:
		return "Not delivered to " + strings.Join(missed, ", ") + "."
	case r.State == notice.Dead:
		return "This mail could not be delivered. The server's log says why."
	}
	return "The last attempt failed. It is tried again."
}
