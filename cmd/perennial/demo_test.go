package main_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	opens   = regexp.MustCompile(`Open +(http://127\.0\.0\.1:\d+)`)
	secret  = regexp.MustCompile(`Password +(\S+)`)
	runs    = regexp.MustCompile(`Clock +(\S+)`)
	lastOne = regexp.MustCompile(`Ctrl-C stops`)
)

// demonstrated is a demonstration that prints how to sign in.
func (p place) demonstrated(args ...string) *server {
	p.t.Helper()
	s := p.starting(append([]string{"demo", "--listen=127.0.0.1:0", "--instances=200"}, args...)...)
	s.until(lastOne)
	s.address = s.until(opens)[1]
	return s
}

// signIn opens the Renewals page as the first of the people.
func (s *server) signIn(t *testing.T) *http.Response {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"email": {"wei.chen@acme.example"}, "password": {s.until(secret)[1]}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.address)
	answer, err := (&http.Client{Jar: jar}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func TestDemoNeedsNothingAndLeavesNothing(t *testing.T) {
	p := newPlace(t)
	t.Setenv("TMPDIR", p.dir)
	s := p.demonstrated("--now=2026-11-22T06:00:00Z")
	if a := s.signIn(t); a.StatusCode != http.StatusOK || a.Request.URL.Path != "/renewals" {
		t.Errorf("signing in leads to %d %s", a.StatusCode, a.Request.URL)
	}
	if !strings.HasPrefix(s.until(runs)[1], "2026-11-22T06:00:") {
		t.Errorf("the clock does not start at --now:\n%s", s.said)
	}
	s.mustStop()
	left, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(f.Name(), "perennial-") {
			t.Errorf("left behind: %s", f.Name())
		}
	}
}

func TestDemoGoesOnWithItsDatabase(t *testing.T) {
	p := newPlace(t)
	s := p.demonstrated("--database=demo.db", "--now=2027-03-01T00:00:00Z")
	s.mustStop()
	if _, err := os.Stat(filepath.Join(p.dir, "demo.db.gateway.log")); err != nil {
		t.Error(err)
	}
	// The clock never starts before what has happened.
	s = p.demonstrated("--database=demo.db", "--now=2026-11-22T06:00:00Z")
	if !strings.HasPrefix(s.until(runs)[1], "2027-03-01T00:00:") {
		t.Errorf("the clock went back:\n%s", s.said)
	}
	if a := s.signIn(t); a.StatusCode != http.StatusOK || a.Request.URL.Path != "/renewals" {
		t.Errorf("signing in leads to %d %s", a.StatusCode, a.Request.URL)
	}
	s.mustStop()
	if out := p.must("", "doctor", "--database=demo.db"); !strings.Contains(out, "keeps all of") {
		t.Error(out)
	}
}

func TestDemoKeepsToItself(t *testing.T) {
	p := newPlace(t)
	if _, errOut, code := p.run("", "demo", "--listen=0.0.0.0:0"); code != 1 || !strings.Contains(errOut, "not an address of this machine") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
	p.demonstrated("--database=demo.db").mustStop()
	const others = "--public-url=https://renewals.example.com"
	for _, email := range []string{"wei.chen@acme.example", "li.na@acme.example", "sam.ortiz@acme.example"} {
		_, errOut, code := p.run("", "serve", "--database=demo.db", "--listen=127.0.0.1:0", others)
		if code != 1 || !strings.Contains(errOut, "everybody knows its password") || !strings.Contains(errOut, email) {
			t.Errorf("a demonstration is served to others: exit %d\n%s", code, errOut)
		}
		p.must("tangle-orbit-fern\n", "user", "set-password", email, "--password-stdin", "--database=demo.db")
	}
	s := p.starting("serve", "--database=demo.db", "--listen=127.0.0.1:0", others)
	s.until(regexp.MustCompile(`"msg":"serving"`))
	s.mustStop()
	p.must("", "account", "create", "--name=A real customer", "--email=a@b.example")
	if _, errOut, code := p.run("", "demo", "--database=perennial.db", "--listen=127.0.0.1:0"); code != 1 || !strings.Contains(errOut, "A real customer") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
}
