package mail_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"perennial/internal/mail"
	"perennial/internal/testkit"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// parsed is a mail as a reader's program sees it.
type parsed struct {
	header netmail.Header // decoded
	text   string
	html   string
}

func read(t *testing.T, data []byte) parsed {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("the mail cannot be read: %v", err)
	}
	p := parsed{header: m.Header}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	m.Header["Subject"] = []string{subject}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			p.html = text
		} else {
			p.text = text
		}
	}
}

func TestAFolderOfMails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	f := mail.Folder{Dir: dir, From: "Perennial <bills@perennial.example>"}
	m := render(t, samples()["ready"])
	for range 2 { // sent again, it replaces itself
		for _, err := range f.Send(t.Context(), m) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != m.ID+".eml" {
		t.Fatalf("files %v, %v", files, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, data)
	if got.text != m.Text || got.html != m.HTML || got.header.Get("From") != `"Perennial" <bills@perennial.example>` {
		t.Errorf("the file is another mail: %v", got.header)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := render(t, samples()["ready"])
	if err := (mail.Folder{Dir: file, From: "bills@perennial.example"}).Send(t.Context(), m)[0]; err == nil || errors.Is(err, mail.ErrRefused) {
		t.Errorf("got %v, want an error that may pass", err)
	}
	m.ID = "../outside"
	if err := (mail.Folder{Dir: t.TempDir(), From: "bills@perennial.example"}).Send(t.Context(), m)[0]; !errors.Is(err, mail.ErrRefused) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestAddressesOfMailServers(t *testing.T) {
	for address, where := range map[string]string{
		"smtp://mail.example.com":                "mail.example.com:587",
		"smtps://mail.example.com":               "mail.example.com:465",
		"smtp://a:b@mail.example.com:2525/":      "mail.example.com:2525",
		"smtp://relay:25?tls=optional":           "relay:25",
		"smtp://localhost:25":                    "localhost:25",
		"smtps://mail.example.com?tls=required":  "mail.example.com:465",
		"smtp://mail.example.com?tls=required":   "mail.example.com:587",
		"smtp://user%40example.com:p%3A@mail:10": "mail:10",
	} {
		s, err := mail.NewSMTP(address, "bills@perennial.example")
		if err != nil || s.Where() != "the mail server "+where {
			t.Errorf("%s: %v, %v", address, s, err)
		}
	}
	for _, address := range []string{"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://mail/path",
		"smtp://mail:0", "smtp://mail:99999", "smtp://mail?tls=never", "smtp://a:geheim@mail:x"} {
		_, err := mail.NewSMTP(address, "bills@perennial.example")
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := mail.NewSMTP("smtp://mail", "nobody"); err == nil {
		t.Error("a sender that is no address passes")
	}
}

// Mails and passwords never travel in the clear unless somebody said so.
func TestNothingTravelsInTheClear(t *testing.T) {
	server := testkit.NewMailServer(t) // offers no TLS
	m := render(t, samples()["ready"])
	for _, query := range []string{"smtp://%s:%d?tls=required", "smtp://li:secret@%s:%d?tls=required", "smtps://%s:%d"} {
		s, err := mail.NewSMTP(fmt.Sprintf(query, server.Host, server.Port), "bills@perennial.example")
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range s.Send(t.Context(), m) {
			if err == nil || errors.Is(err, mail.ErrRefused) {
				t.Errorf("%s: got %v, want an error that may pass", query, err)
			}
		}
	}
	if n := len(server.Mails()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
}

// Whatever stands in a subject or an address, a mail has the headers that it
// should have and no others.
func FuzzMailHeaders(f *testing.F) {
	f.Add("Ready\r\nBcc: all@acme.example", "a@acme.example\r\nX: y")
	f.Add("Prêt\u2028\x00", "\"a b\"@acme.example")
	f.Add("=?utf-8?q?x=0D=0ABcc:_y?=", "Li Na <li.na@acme.example>, b@acme.example")
	f.Fuzz(func(t *testing.T, subject, to string) {
		dir := t.TempDir()
		m := mail.Message{ID: "a", MessageID: "a@" + subject, To: []string{to}, Subject: subject, Date: time.Unix(0, 0), Text: "text", HTML: "<p>html</p>"}
		if err := (mail.Folder{Dir: dir, From: "bills@perennial.example"}).Send(t.Context(), m)[0]; err != nil {
			return // refused, and nothing was written
		}
		data, err := os.ReadFile(filepath.Join(dir, "a.eml"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := netmail.ReadMessage(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		for name, values := range got.Header {
			switch name {
			case "Subject", "Message-Id", "Date", "From", "To", "Auto-Submitted", "Mime-Version", "Content-Type":
				if len(values) != 1 {
					t.Errorf("%s stands %d times", name, len(values))
				}
			default:
				t.Errorf("the mail has a header %s: %q", name, values)
			}
		}
	})
}
