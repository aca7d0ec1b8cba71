package main_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

// A file that arrives slowly is cut: it can be sent again, and meanwhile the server
// refuses everybody.
func TestASlowFileDoesNotKeepTheServerFromEnding(t *testing.T) {
	p := newPlace(t)
	p.must("", "migrate")
	p.must("", "account", "create", "--name=Acme", "--email=a@b.example")
	p.must(password+"\n", "user", "create", "wei@acme.example", "--role=owner", "--password-stdin")
	s := p.serving()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	at := &url.URL{Scheme: "http", Host: s.address}
	form := url.Values{"email": {"wei@acme.example"}, "password": {password}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.String()+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", at.String())
	answer, err := client.Do(r)
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: %v, %v", answer, err)
	}
	_ = answer.Body.Close()

	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cookies := &http.Request{Header: http.Header{}}
	for _, c := range jar.Cookies(at) {
		cookies.AddCookie(c)
	}
	const part = "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nprices\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\n"
	fmt.Fprintf(conn, "POST /admin/import HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nCookie: %s\r\nContent-Type: multipart/form-data; boundary=b\r\n"+
		"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n", s.address, at, cookies.Header.Get("Cookie"))
	// The server asks for the body once it reads it: it is at work on the file then.
	buffer := make([]byte, 25)
	if _, err := conn.Read(buffer); err != nil || !strings.HasPrefix(string(buffer), "HTTP/1.1 100") {
		t.Fatalf("%q, %v", buffer, err)
	}
	fmt.Fprint(conn, part)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-s.exited; err != nil {
		t.Fatalf("after SIGTERM: %v\n%s", err, s.said)
	}
	for len(s.lines) > 0 {
		s.said += <-s.lines
	}
	if strings.Contains(s.said, "requests were cut off") || !strings.Contains(s.said, `"msg":"stopped"`) {
		t.Errorf("the server waited for the file as long as it may:\n%s", s.said)
	}
}
