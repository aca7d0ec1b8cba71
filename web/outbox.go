package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"perennial/internal/fault"
	"perennial/internal/mail"
	"perennial/internal/notice"
	"perennial/views"
	"perennial/views/ui"
)

// mailPolicy is for a mail that is shown as it is sent: it carries its own
// styles, and may do nothing but look.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"

// outbox lists the mails of the account.
func (s *server) outbox(c *call) error {
	at, err := c.place()
	if err != nil {
		return err
	}
	entries, around, err := s.App.Outbox(c.ctx(), c.account().ID, at)
	if err != nil {
		return err
	}
	p := views.OutboxPage{Newer: around.Newer, Older: around.Older, Zone: c.account().Zone, Sends: s.SendsMails}
	for _, e := range entries {
		row := views.MailRow{Entry: e}
		if m, err := mail.Render(e, s.PublicURL); err == nil {
			row.Subject = m.Subject
		}
		p.Rows = append(p.Rows, row)
	}
	return c.show(page{title: "Outbox", nav: views.NavOutbox, body: views.Outbox(p)})
}

func (s *server) entry(c *call) (notice.Entry, error) {
	id, err := c.param("id")
	if err != nil {
		return notice.Entry{}, err
	}
	return s.App.OutboxEntry(c.ctx(), c.account().ID, id)
}

// outboxMail shows one mail, its text and what became of it.
func (s *server) outboxMail(c *call) error {
	e, err := s.entry(c)
	if err != nil {
		return err
	}
	p := views.MailPage{MailRow: views.MailRow{Entry: e}, Zone: c.account().Zone, Sends: s.SendsMails}
	if m, err := mail.Render(e, s.PublicURL); err != nil {
		p.Problem = err.Error()
	} else {
		p.Subject, p.Text = m.Subject, m.Text
	}
	return c.show(page{title: "Mail", nav: views.NavOutbox, body: views.Mail(p)})
}

// outboxHTML shows a mail as a mail program does, under a policy of its own.
func (s *server) outboxHTML(c *call) error {
	e, err := s.entry(c)
	if err != nil {
		return err
	}
	m, err := mail.Render(e, s.PublicURL)
	if err != nil {
		return fault.Wrap(err, fault.Conflict, "This mail cannot be written.")
	}
	c.Response().Header().Set("Content-Security-Policy", mailPolicy)
	return c.Blob(http.StatusOK, echo.MIMETextHTMLCharsetUTF8, []byte(m.HTML))
}

// retryMail queues a dead mail again.
func (s *server) retryMail(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	retried, err := s.App.RetryMail(c.ctx(), c.actor(), id)
	if err != nil {
		return err
	}
	if retried {
		c.flash(ui.Flash{Kind: ui.OK, Text: "The mail is queued again."})
	} else {
		c.flash(ui.Flash{Kind: ui.Info, Text: "This mail is not dead, so nothing was changed."})
	}
	return c.see(views.OutboxPath(nil))
}
