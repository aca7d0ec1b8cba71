package mail

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// sendTimeout bounds one hand-over to the mail server. It is shorter than the time
// in which the server stops, and than what an attempt is reserved for.
const sendTimeout = 20 * time.Second

// SMTP hands mails to a mail server, one connection a mail.
type SMTP struct {
	client *gomail.Client
	from   string
	where  string
}

// NewSMTP reads the address of a mail server:
//
//	smtps://user:password@mail.example.com        TLS from the first byte, port 465
//	smtp://user:password@mail.example.com:587     STARTTLS, port 587
//	smtp://localhost:25                           STARTTLS where the server offers it
//
// Without TLS mails go to this machine only, unless ?tls=optional says that they
// may travel in the clear where the server offers nothing better. A password never
// does.
func NewSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps"):
		// The address may hold a password, so it is not repeated.
		return nil, errors.New("the mail server is an address such as smtp://user:password@mail.example.com:587")
	case u.Path != "" && u.Path != "/":
		return nil, errors.New("the address of the mail server has a path; it ends with the port")
	}
	o := []gomail.Option{gomail.WithTimeout(sendTimeout), gomail.WithPort(587), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	tls := u.Query().Get("tls")
	switch {
	case u.Scheme == "smtps":
		o = append(o, gomail.WithPort(465), gomail.WithSSL())
	case tls == "optional" || tls == "" && loopback(u.Hostname()):
		o = append(o, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case tls != "" && tls != "required":
		return nil, fmt.Errorf("tls=%s is not known; it is required or optional", tls)
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, fmt.Errorf("the port of the mail server is not a number: %w", err)
		}
		o = append(o, gomail.WithPort(port))
	}
	if user := u.User.Username(); user != "" {
		password, _ := u.User.Password()
		o = append(o, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(user), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), o...)
	if err != nil {
		return nil, fmt.Errorf("set up the mail server: %w", err)
	}
	if _, err := compose(Message{To: []string{"nobody@example.com"}}, from); err != nil {
		return nil, err
	}
	return &SMTP{client: client, from: from, where: client.ServerAddr()}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Where names the mail server.
func (s *SMTP) Where() string { return "the mail server " + s.where }

// Send hands the mail over in one transaction for all recipients that the server
// accepts. A refused recipient does not keep the mail from the others.
func (s *SMTP) Send(ctx context.Context, m Message) []error {
	msg, err := compose(m, s.from)
	if err != nil {
		return all(m, err)
	}
	c, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		// Also where the server answers 5xx: it refuses the connection or the
		// password, which somebody will put right, and not this mail.
		return all(m, fmt.Errorf("reach the mail server: %w", err))
	}
	// Stopping the server does not wait for a mail server that says nothing.
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer func() {
		if stop() {
			// The mail is taken or not by now; how the connection ends changes nothing.
			_ = c.Quit()
			_ = c.Close()
		}
	}()
	return s.transact(c, msg, m)
}

func (s *SMTP) transact(c *smtp.Client, msg *gomail.Msg, m Message) []error {
	from, err := msg.GetSender(false)
	if err != nil {
		return all(m, refusal{err})
	}
	if err := c.Mail(from); err != nil {
		return all(m, answered("the sender", err))
	}
	outcomes := make([]error, len(m.To))
	accepted := false
	for n, to := range m.To {
		outcomes[n] = answered(to, c.Rcpt(to))
		accepted = accepted || outcomes[n] == nil
	}
	if !accepted {
		return outcomes
	}
	if err := handOver(c, msg); err != nil {
		for n := range outcomes {
			if outcomes[n] == nil {
				outcomes[n] = answered("the mail", err)
			}
		}
	}
	return outcomes
}

func handOver(c *smtp.Client, msg *gomail.Msg) error {
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := msg.WriteTo(w); err != nil {
		return err
	}
	return w.Close()
}

// answered tells a refusal for good, a 5xx, from everything that may pass.
func answered(what string, err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 {
		return refusal{fmt.Errorf("%s: %w", what, err)}
	}
	return fmt.Errorf("%s: %w", what, err)
}
