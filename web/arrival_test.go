package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"perennial/internal/testkit"
	"perennial/web"
)

// never is longer than any test waits.
const never = time.Hour

// slow is a request whose body does not arrive: the head is sent, and some of the body.
type slow struct {
	t    *testing.T
	conn net.Conn
	from *bufio.Reader
}

// slowly begins a request to a console that is served on a real connection.
func slowly(t *testing.T, c *console, b *browser, address, path, kind string, length int, body string) slow {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+c.deps.PublicURL.Host+path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", kind)
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	var head bytes.Buffer
	c.Must(r.Header.Write(&head))
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n%s", path, r.Host, length, head.String(), body); err != nil {
		t.Fatal(err)
	}
	return slow{t, conn, bufio.NewReader(conn)}
}

// status is of the answer.
func (s slow) status() int {
	s.t.Helper()
	a, err := http.ReadResponse(s.from, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		s.t.Error(err)
	}
	return a.StatusCode
}

// patiently serves a console of its own for real.
func patiently(t *testing.T, form, upload, stop time.Duration, change ...func(*web.Deps)) (c *console, address string) {
	t.Helper()
	w := testkit.NewWorld(t, testkit.SQLite)
	t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
	c = newConsole(t, w, change...)
	var err error
	c.handler, err = web.NewPatient(c.deps, form, upload, stop)
	w.Must(err)
	served := httptest.NewServer(c.handler)
	t.Cleanup(served.Close)
	return c, served.Listener.Addr().String()
}

const (
	aForm = "application/x-www-form-urlencoded"
	aFile = "multipart/form-data; boundary=b"
	// opening is a file of which more is to come.
	opening = "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nprices\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\nservice"
)

func TestAFormThatDoesNotArriveIsGivenUp(t *testing.T) {
	c, address := patiently(t, 50*time.Millisecond, never, never)
	nobody, viewer := c.browser(t), c.signedIn(t, c.Viewer)
	for what, s := range map[string]slow{
		"a form":           slowly(t, c, nobody, address, "/sign-in", aForm, 200_000, "email=a"),
		"a file of nobody": slowly(t, c, nobody, address, "/admin/import", aFile, 200_000, opening),
		"a viewer's file":  slowly(t, c, viewer, address, "/admin/import", aFile, 200_000, opening),
		"no such page":     slowly(t, c, nobody, address, "/nothing", aForm, 200_000, "a=b"),
	} {
		if got := s.status(); got >= 500 {
			t.Errorf("%s: %d", what, got)
		}
		if _, err := s.from.ReadByte(); err == nil {
			t.Errorf("%s: the connection goes on", what)
		}
	}
	if strings.Contains(c.Log.String(), "level=ERROR") {
		t.Errorf("it is logged as our failure:\n%s", c.Log)
	}
}

// An owner has the time that a large file takes.
func TestAnOwnersFileMayTakeLonger(t *testing.T) {
	c, address := patiently(t, 50*time.Millisecond, never, never)
	rest := "_type_code\n\r\n--b--\r\n"
	s := slowly(t, c, c.signedIn(t, c.Owner), address, "/admin/import", aFile, len(opening+rest), opening)
	// A form of nobody that began later has been given up by now.
	slowly(t, c, c.browser(t), address, "/sign-in", aForm, 200_000, "email=a").status()
	if _, err := s.conn.Write([]byte(rest)); err != nil {
		t.Fatal(err)
	}
	if got := s.status(); got != http.StatusSeeOther {
		t.Errorf("the file is answered with %d", got)
	}
}

// A deadline that stayed would end the context of work that takes long.
func TestAFormThatArrivedIsWorkedOnToTheEnd(t *testing.T) {
	c, address := patiently(t, 50*time.Millisecond, never, never)
	if got := slowly(t, c, c.browser(t), address, "/probe/long", aForm, 3, "a=b").status(); got != http.StatusOK {
		t.Errorf("work that takes four times as long as a form may take to arrive: %d", got)
	}
}

func TestStoppingCutsASlowFile(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	c, address := patiently(t, never, never, 10*time.Millisecond, func(d *web.Deps) { d.Stopping = stopping })
	s := slowly(t, c, c.signedIn(t, c.Owner), address, "/admin/import", aFile, 200_000, opening)
	stop()
	if got := s.status(); got != http.StatusUnprocessableEntity {
		t.Errorf("the file is answered with %d", got)
	}
	if strings.Contains(c.Log.String(), "level=ERROR") {
		t.Errorf("it is logged as our failure:\n%s", c.Log)
	}
}
