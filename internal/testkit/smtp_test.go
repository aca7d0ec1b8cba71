package testkit_test

import (
	"net"
	"net/smtp"
	"strconv"
	"strings"
	"testing"

	"perennial/internal/testkit"
)

func send(s *testkit.MailServer, text string) error {
	addr := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	return smtp.SendMail(addr, nil, "bills@perennial.test", []string{"li.na@example.com"}, []byte(text))
}

func TestMailServerTakesAMessageAsItWasWritten(t *testing.T) {
	s := testkit.NewMailServer(t)
	if err := send(s, "Subject: Ready\r\n\r\n.A line that begins with a dot\r\n"); err != nil {
		t.Fatal(err)
	}
	mails := s.Mails()
	if len(mails) != 1 || mails[0].From != "bills@perennial.test" || mails[0].To[0] != "li.na@example.com" {
		t.Fatalf("mails: %+v", mails)
	}
	if got := string(mails[0].Data); !strings.Contains(got, "\r\n.A line that begins with a dot\r\n") {
		t.Fatalf("the text changed on its way: %q", got)
	}
}

func TestMailServerFollowsItsScript(t *testing.T) {
	cases := []struct {
		mood  testkit.MailMood
		want  string // in the sender's error
		taken int
	}{
		{testkit.TakeMail, "", 1},
		{testkit.RefuseSender, "550", 0},
		{testkit.RefuseRecipient, "550", 0},
		{testkit.DeferRecipient, "450", 0},
		{testkit.DeferMail, "451", 0},
		{testkit.RefuseMail, "554", 0},
		{testkit.DropBefore, "", 0},
		{testkit.DropAfter, "", 1},
	}
	for _, c := range cases {
		s := testkit.NewMailServer(t, c.mood)
		err := send(s, "Subject: Ready\r\n\r\nText\r\n")
		if (err == nil) != (c.mood == testkit.TakeMail) || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("mood %d: the sender hears %v, want %q", c.mood, err, c.want)
		}
		if got := len(s.Mails()); got != c.taken {
			t.Errorf("mood %d: %d messages taken, want %d", c.mood, got, c.taken)
		}
		if err := send(s, "Subject: Again\r\n\r\nText\r\n"); err != nil {
			t.Errorf("mood %d: the next message hears %v", c.mood, err)
		}
	}
}
