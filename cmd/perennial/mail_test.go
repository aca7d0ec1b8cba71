package main_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"perennial/internal/testkit"
)

// A mail server on the internet wants TLS and a password, and its certificate is
// believed only where the machine trusts it.
func TestMailsGoToASecureServer(t *testing.T) {
	const user, password = "bills@acme.example", "p@ss:word/"
	mails := testkit.NewSecureMailServer(t, user, password)
	for _, c := range []struct {
		what, password, trusted string
		want                    string
		taken                   int
	}{
		{"a certificate that nobody knows", password, "/dev/null", `"state":"queued".*certificate`, 0},
		{"a wrong password", "guess", mails.Certificate, `"state":"queued".*[Aa]uth`, 0},
		{"all in order", password, mails.Certificate, `"state":"sent"`, 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Setenv("SSL_CERT_FILE", c.trusted)
			w := realWorld(t)
			w.AddMany(3, time.Since(testkit.Start)+100*24*time.Hour)
			w.Prepare(testkit.Everything)
			address := url.URL{Scheme: "smtp", User: url.UserPassword(user, c.password),
				Host: fmt.Sprintf("%s:%d", mails.Host, mails.Port), RawQuery: "tls=required"}
			s := newPlace(t).serving("--database="+w.Location, "--smtp-url="+address.String(), "--mail-from=bills@acme.example")
			said := s.until(regexp.MustCompile(`.*"msg":"mail",.*`))[0]
			s.mustStop()
			if !regexp.MustCompile(c.want).MatchString(said) || strings.Contains(s.said, c.password) {
				t.Errorf("want %s and no password:\n%s", c.want, s.said)
			}
			if got := mails.Mails(); len(got) != c.taken || c.taken > 0 && got[0].From != "bills@acme.example" {
				t.Errorf("%d mails were taken, want %d", len(got), c.taken)
			}
		})
	}
}
