package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const password = "tangle-orbit-fern"

func TestFromNothingToAConsole(t *testing.T) {
	p := newPlace(t)
	s := p.serving()
	if !strings.Contains(s.said, "No account yet: perennial account create") {
		t.Errorf("an empty database does not say what to do first:\n%s", s.said)
	}
	if code, err := get(t.Context(), "http://"+s.address+"/readyz"); err != nil || code != 200 {
		t.Errorf("readyz: %d, %v", code, err)
	}
	// The operator goes on beside the server.
	p.must("", "account", "create", "--name=Acme Group", "--email=billing@acme.example", "--zone=Asia/Shanghai", "--id=acme", "--discount=12.5")
	s.mustStop()
	s = p.serving()
	if !strings.Contains(s.said, "No user yet: perennial user create") {
		t.Errorf("an account without users does not say what to do:\n%s", s.said)
	}
	s.mustStop()

	out := p.must("", "user", "create", "wei.chen@acme.example", "--role=owner", "--name=Wei Chen")
	if _, secret, _ := strings.Cut(out, "Password: "); len(strings.TrimSpace(secret)) < 20 {
		t.Errorf("no password was made:\n%s", out)
	}
	out = p.must(password+"\n", "user", "create", "li.na@acme.example", "--account=acme", "--role=buyer", "--password-stdin")
	if strings.Contains(out, password) {
		t.Errorf("a password that was given is printed:\n%s", out)
	}
	p.must("another-orbit-fern\n", "user", "set-password", "li.na@acme.example", "--password-stdin")
	p.must("", "user", "set-role", "li.na@acme.example", "viewer")
	if out := p.must("", "user", "list"); !strings.Contains(out, "li.na@acme.example") || !strings.Contains(out, "viewer") || strings.Contains(out, "argon2") {
		t.Errorf("%s", out)
	}
	p.must("", "user", "delete", "li.na@acme.example")
	p.must("", "account", "set", "acme", "--name=Acme", "--frozen")
	if out := p.must("", "account", "list"); !strings.Contains(out, "Acme  ") || !strings.Contains(out, "12.50%") || !strings.Contains(out, "true") {
		t.Errorf("%s", out)
	}
	if out := p.must("", "deposit", "--amount=2500.00", "--value-date=2026-11-22", "--reference=TT-1"); !strings.Contains(out, "$2,500.00") {
		t.Errorf("%s", out)
	}
	p.must("", "backup", "copy.db")
	for _, database := range []string{"perennial.db", "copy.db"} {
		if out := p.must("", "doctor", "--database="+database); !strings.Contains(out, "keeps all of") {
			t.Errorf("%s: %s", database, out)
		}
	}
}

func TestMistakesAreOneLineAndAnExitCode(t *testing.T) {
	p := newPlace(t)
	p.must("", "account", "create", "--name=Acme Group", "--email=billing@acme.example", "--id=acme")
	p.must("", "deposit", "--amount=1.00", "--value-date=2026-11-22", "--reference=TT-1")
	if err := os.WriteFile(filepath.Join(p.dir, "noise.db"), []byte(strings.Repeat("this is no database. ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "empty.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.tear("perennial.db", "torn.db")
	for _, test := range []struct {
		input string
		args  []string
		code  int
		says  string
	}{
		{"", []string{"user", "list", "--database=typo.db"}, 1, "There is no database typo.db"},
		{"", []string{"user", "list", "--database=noise.db"}, 1, "noise.db"},
		{"", []string{"user", "list", "--database=empty.db"}, 1, "Run perennial migrate first"},
		{"", []string{"doctor", "--database=torn.db"}, 1, "Restore a backup"},
		{"", []string{"user", "list", "--database=postgres://nobody@127.0.0.1:1/none?connect_timeout=2"}, 1, "cannot be reached"},
		{"", []string{"user", "create", "nobody"}, 1, "not an e-mail address"},
		{"tangle-fern\n", []string{"user", "create", "a@b.example", "--password-stdin"}, 1, "at least 12 characters"},
		{"Password2026!\n", []string{"user", "create", "a@b.example", "--password-stdin"}, 1, "most common"},
		{"", []string{"user", "create", "a@b.example", "--password-stdin"}, 1, "no password on standard input"},
		{"", []string{"user", "create", "a@b.example", "--account=none"}, 1, `no account "none"`},
		{"", []string{"user", "delete", "a@b.example"}, 1, "no user a@b.example"},
		{"", []string{"account", "create", "--name=Acme", "--email=a@b.example", "--id=acme"}, 1, "already an account acme"},
		{"", []string{"account", "create", "--name=Acme", "--email=a@b.example", "--zone=Mars/Olympus"}, 1, "not a time zone"},
		{"", []string{"deposit", "--amount=1.005", "--value-date=2026-11-22", "--reference=TT-2"}, 1, "--amount"},
		{"", []string{"deposit", "--amount=1.00", "--value-date=2026-11-22", "--reference=TT-1"}, 1, "booked already"},
		{"", []string{"deposit", "--amount=1.00", "--value-date=9999-01-01", "--reference=TT-2"}, 1, "today is"},
		{"", []string{"backup", "perennial.db"}, 1, "exists already"},
		{"", []string{"backup", "none/copy.db"}, 1, "none/copy.db"},
		{"", []string{"import", "prices", "."}, 1, "cannot be read"},
		{"", []string{"demo", "--now=yesterday"}, 2, "not an instant"},
		{"", []string{"demo", "--instances=-5"}, 2, "not a whole number"},
		{"", []string{"demo", "--instances=1000001"}, 2, "not a whole number"},
		{"", []string{"sandbox-gateway", "--key=k", "--listen=0.0.0.0:0"}, 1, "not an address of this machine"},
		{"", []string{"sandbox-gateway", "--key=k", "--listen=127.0.0.1:0", "--return-to=https://console.example/x"}, 1, "cannot lead back"},
		{"", []string{"serve", "--public-url=http://example.com"}, 2, "not encrypted"},
		{"", []string{"serve"}, 2, "--public-url"},
		{"", []string{"serve", "--public-url=http://localhost:1", "--listen=nowhere:x"}, 1, "--listen"},
		{"", []string{"serve", "--public-url=http://localhost:1", "--smtp-url=nonsense"}, 1, "--smtp-url"},
		{"", []string{"serve", "--public-url=https://a.example", "--tls-cert=c.pem"}, 1, "given together"},
		{"", []string{"serve", "--public-url=https://a.example", "--tls-cert=c.pem", "--tls-key=k.pem"}, 1, "--tls-cert c.pem"},
		{"", []string{"serve", "--public-url=http://localhost:1", "--tls-cert=c.pem", "--tls-key=k.pem"}, 1, "https"},
		{"", []string{"serve", "--public-url=http://localhost:1", "--mail-folder=mails", "--mail-from=nobody"}, 1, "--mail-folder"},
		{"", []string{"serve", "--public-url=http://localhost:1", "--mail-folder=empty.db/mails"}, 1, "--mail-folder"},
		{"", []string{"dance"}, 2, "dance"},
		{"", nil, 2, ""},
	} {
		p.mistake(test.input, test.code, test.says, test.args...)
	}
}

// mistake runs a command that cannot be done: it says so in one line.
func (p place) mistake(input string, want int, says string, args ...string) {
	p.t.Helper()
	out, errOut, code := p.run(input, args...)
	last := strings.TrimSuffix(errOut, "\n")
	if code != want || !strings.HasPrefix(last, "perennial: ") || strings.Contains(last, "\n") || !strings.Contains(last, says) {
		p.t.Errorf("perennial %s: exit %d, want %d and %q\n%s%s", strings.Join(args, " "), code, want, says, out, errOut)
	}
}

// Who follows the advice of a program that was told of a database finds the same one.
func TestAdviceNamesTheDatabase(t *testing.T) {
	p := newPlace(t)
	s := p.serving("--database=other.db")
	if !strings.Contains(s.said, "--email billing@acme.example --database other.db") {
		t.Errorf("an account would be made elsewhere:\n%s", s.said)
	}
	s.mustStop()
	out := p.must("", "account", "create", "--name=Acme", "--email=a@acme.example", "--id=acme", "--database=other.db")
	if !strings.Contains(out, "--role owner --database other.db\n") {
		t.Errorf("a user would be made elsewhere:\n%s", out)
	}
	s = p.serving("--database=other.db")
	if !strings.Contains(s.said, "--role owner --database other.db\n") {
		t.Errorf("a user would be made elsewhere:\n%s", s.said)
	}
	s.mustStop()
}

// The time for a backup is before a migration.
func TestABackupAsksForNoSchema(t *testing.T) {
	p := newPlace(t)
	p.write("empty.db", "")
	p.must("", "backup", "copy.db", "--database=empty.db")
	if _, errOut, code := p.run("", "backup", "typo-copy.db", "--database=typo.db"); code != 1 || !strings.Contains(errOut, "There is no database typo.db") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
}

func TestOneServerForAFile(t *testing.T) {
	p := newPlace(t)
	s := p.serving()
	_, errOut, code := p.run("", "serve", "--public-url=http://localhost:1", "--listen=127.0.0.1:0")
	if code != 1 || !strings.Contains(errOut, "Another server has this database open") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
	s.mustStop()
	p.serving().mustStop() // and free again
}
