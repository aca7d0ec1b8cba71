// Package email writes mails: for each kind of notice a template and its text
// twin. Both take their sentences from views, so that a mail says what the console
// says. Unlike pages, mails carry their styles on each element, because that is
// all that mail programs keep.
package email

import (
	"fmt"

	"github.com/a-h/templ"

	"perennial/internal/notice"
	"perennial/views"
)

// Mail is one mail as its reader sees it.
type Mail struct {
	Subject string
	HTML    templ.Component
	Text    string
}

// Of writes the mail of a notice. The origin is the configured public address of
// the console, without a slash at its end: every link begins with it.
func Of(n notice.Notice, origin string) (Mail, error) {
	w, err := views.WordsOf(n)
	if err != nil {
		return Mail{}, err
	}
	f := frame{NoticeWords: w, origin: origin}
	_, f.ofTask = n.(notice.AboutTask)
	switch n := n.(type) {
	case notice.TaskReady:
		return f.mail(ready(f, n), readyText(f, n)), nil
	case notice.TaskExpiring:
		return f.mail(expiring(f, n), expiringText(f, n)), nil
	case notice.TaskExpired:
		return f.mail(expired(f, n), expiredText(f, n)), nil
	case notice.TaskSuspended:
		return f.mail(suspended(f, n), suspendedText(f, n)), nil
	case notice.TaskCompleted:
		return f.mail(completed(f, n), completedText(f, n)), nil
	case notice.TaskFailed:
		return f.mail(failed(f, n), failedText(f, n)), nil
	case notice.LowBalance:
		return f.mail(lowBalance(f, n), lowBalanceText(f, n)), nil
	case notice.PaymentEntered:
		return f.mail(entered(f, n), enteredText(f, n)), nil
	}
	return Mail{}, fmt.Errorf("there is no mail for a notice of kind %q", n.Kind())
}

// frame is what every mail has around its own part.
type frame struct {
	views.NoticeWords
	origin string
	ofTask bool // somebody may have confirmed it, who has the mail, too
}

func (f frame) subject() string { return f.About + ": " + f.Title }
func (f frame) link() string    { return f.origin + f.Href }

func (f frame) mail(html templ.Component, text string) Mail {
	return Mail{Subject: f.subject(), HTML: html, Text: text}
}

// reason says why somebody has the mail, and what a link in it cannot do.
func (f frame) reason() string {
	why := "the address is the account's"
	if f.ofTask {
		why += ", or because its owner confirmed the task"
	}
	return "Perennial at " + f.origin + " sent this because " + why + ". " +
		"The link changes nothing by itself: you sign in and decide there."
}

// fact is one line of figures: what it is, and how much.
type fact struct {
	label string
	value string
	sum   bool // what the lines before it come to
}
