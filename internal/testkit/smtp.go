package testkit

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Mail is one message as the mail server took it.
type Mail struct {
	From string
	To   []string
	Data []byte // the message as sent, RFC 5322, without dot-stuffing
}

// MailMood is how the mail server answers one message.
type MailMood int

// The moods. A message that is not taken is not in Mails.
const (
	TakeMail        MailMood = iota
	RefuseSender             // 550 after MAIL: permanent
	RefuseRecipient          // 550 after RCPT: permanent
	DeferRecipient           // 450 after RCPT: try again later
	DeferMail                // 451 after the text: try again later
	RefuseMail               // 554 after the text: permanent
	DropBefore               // the connection breaks at MAIL
	DropAfter                // the text is taken, and the connection breaks before the answer
)

// MailServer is a real SMTP server on a loopback port of its own.
type MailServer struct {
	// Host and Port are where it listens.
	Host string
	Port int
	// Certificate is the file with the certificate that a client has to trust;
	// empty where the server offers no TLS.
	Certificate string

	user, password string // empty where nobody has to sign in
	mu             sync.Mutex
	moods          []MailMood
	mails          []Mail
}

// NewMailServer starts a mail server that ends with the test. The moods are for
// the first messages in turn; the ones after them are taken.
func NewMailServer(tb testing.TB, moods ...MailMood) *MailServer {
	tb.Helper()
	return startMail(tb, &MailServer{moods: moods}, nil)
}

// NewSecureMailServer starts a mail server that takes mails only from who has
// turned to TLS and signed in.
func NewSecureMailServer(tb testing.TB, user, password string) *MailServer {
	tb.Helper()
	certificate, file := selfSigned(tb)
	return startMail(tb, &MailServer{Certificate: file, user: user, password: password},
		&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
}

func startMail(tb testing.TB, s *MailServer, secure *tls.Config) *MailServer {
	tb.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatalf("testkit: listen for mail: %v", err)
	}
	addr := listener.Addr().(*net.TCPAddr)
	s.Host, s.Port = addr.IP.String(), addr.Port
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{server: s, conn: c}, nil
	}))
	server.Domain, server.TLSConfig = "mail.test", secure
	server.ErrorLog = log.New(io.Discard, "", 0) // broken connections are part of the script
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	tb.Cleanup(func() {
		server.Close()
		if err := <-served; err != nil && !errors.Is(err, net.ErrClosed) {
			tb.Errorf("testkit: mail server: %v", err)
		}
	})
	return s
}

// Script adds moods for the next messages.
func (s *MailServer) Script(moods ...MailMood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moods = append(s.moods, moods...)
}

// Mails are the messages that were taken so far, the oldest first. A message
// whose sender lost the connection after the text is among them.
func (s *MailServer) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *MailServer) nextMood() MailMood {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.moods) == 0 {
		return TakeMail
	}
	mood := s.moods[0]
	s.moods = s.moods[1:]
	return mood
}

func (s *MailServer) take(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
}

// mailSession is one connection; a mood holds from one MAIL to the next.
type mailSession struct {
	server *MailServer
	conn   *smtp.Conn
	signed bool // in
	mood   MailMood
	mail   Mail
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.user != "" && !s.signed {
		return smtp.ErrAuthRequired
	}
	s.mood, s.mail = s.server.nextMood(), Mail{From: from}
	switch s.mood {
	case RefuseSender:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Sender refused"}
	case DropBefore:
		return s.conn.Conn().Close()
	}
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch s.mood {
	case RefuseRecipient:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	case DeferRecipient:
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "Mailbox busy"}
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch s.mood {
	case DeferMail:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	case RefuseMail:
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "Message refused"}
	}
	s.mail.Data = text
	s.server.take(s.mail)
	if s.mood == DropAfter {
		return s.conn.Conn().Close()
	}
	return nil
}

func (s *mailSession) Reset()        { s.mail = Mail{} }
func (s *mailSession) Logout() error { return nil }
