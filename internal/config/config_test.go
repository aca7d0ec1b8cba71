package config_test

import (
	"bytes"
	"strings"
	"testing"

	"perennial/internal/config"
)

const key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func parse(t *testing.T, args ...string) (config.CLI, string, error) {
	t.Helper()
	return config.Parse(args, &bytes.Buffer{}, func(code int) { t.Fatalf("exit %d", code) })
}

func TestServeNeedsAPublicURL(t *testing.T) {
	if _, _, err := parse(t, "serve"); err == nil || !strings.Contains(err.Error(), "--public-url") {
		t.Fatalf("serve without --public-url: %v", err)
	}
}

func TestPublicURLIsHTTPSOrLoopback(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://renewals.example.com": true, "https://renewals.example.com/": true, "http://localhost:8080": true,
		"http://127.0.0.1:8080": true, "http://[::1]:8080": true, "https://10.0.0.1:8443": true,
		"http://renewals.example.com": false, "http://10.0.0.1": false, "http://localhost.example.com": false,
		"https://renewals.example.com/console": false, "https://user@example.com": false, "ftp://localhost": false,
		"renewals.example.com": false, "https://": false, "": false, "http://0.0.0.0:80": false,
	} {
		cli, _, err := parse(t, "serve", "--public-url="+text)
		if (err == nil) != ok {
			t.Errorf("%q: accepted %t, want %t (%v)", text, err == nil, ok, err)
		}
		if err == nil && cli.Serve.PublicURL.Secure() != strings.HasPrefix(text, "https") {
			t.Errorf("%q: secure is %t", text, cli.Serve.PublicURL.Secure())
		}
	}
}

func TestVariablesStandForFlags(t *testing.T) {
	t.Setenv("PERENNIAL_PUBLIC_URL", "https://a.example")
	t.Setenv("PERENNIAL_DATABASE", "/var/lib/x.db")
	t.Setenv("PERENNIAL_TRUSTED_PROXY", "10.0.0.0/8,192.168.1.4/32")
	t.Setenv("PERENNIAL_SESSION_KEYS", key+","+key)
	cli, command, err := parse(t, "serve", "--database=/other.db")
	if err != nil || command != "serve" {
		t.Fatalf("%q, %v", command, err)
	}
	s := cli.Serve
	if s.Database.Database != "/other.db" || s.PublicURL.URL().String() != "https://a.example" || len(s.TrustedProxy) != 2 || len(s.SessionKeys) != 2 {
		t.Fatalf("%+v", s)
	}
}

func TestVariablesOfOneActDoNotExist(t *testing.T) {
	t.Setenv("PERENNIAL_AMOUNT", "9000")
	if _, _, err := parse(t, "deposit", "--value-date=2026-11-22", "--reference=r"); err == nil {
		t.Fatal("an amount was taken from the environment")
	}
}

func TestSecretsAreWholeAndHidden(t *testing.T) {
	for _, bad := range []string{"short", "c2hvcnQ=", key[:len(key)-4]} {
		_, _, err := parse(t, "serve", "--public-url=https://a.example", "--session-keys="+bad)
		if err == nil {
			t.Errorf("the key %q was accepted", bad)
		}
	}
	cli, _, err := parse(t, "serve", "--public-url=https://a.example", "--session-keys="+key)
	if err != nil || cli.Serve.SessionKeys[0].String() != "(secret)" {
		t.Fatalf("%v, %v", cli.Serve.SessionKeys, err)
	}
}

func TestAVariableIsNamedAndNotShown(t *testing.T) {
	t.Setenv("PERENNIAL_SESSION_KEYS", "c2VjcmV0")
	_, _, err := parse(t, "serve", "--public-url=https://a.example")
	if err == nil || strings.Contains(err.Error(), "c2VjcmV0") || !strings.Contains(err.Error(), "PERENNIAL_SESSION_KEYS") {
		t.Errorf("%v", err)
	}
}

func TestNetworksOfProxies(t *testing.T) {
	for text, want := range map[string]string{"127.0.0.1": "127.0.0.1/32", "::1": "::1/128", "10.0.0.0/8": "10.0.0.0/8", "nonsense": "", "10.0.0.0/99": "", "fe80::1%eth0": ""} {
		cli, _, err := parse(t, "serve", "--public-url=https://a.example", "--trusted-proxy="+text)
		if want == "" && (err == nil || !strings.Contains(err.Error(), "is not a network")) || want != "" && (err != nil || cli.Serve.TrustedProxy[0].String() != want) {
			t.Errorf("%q: %v, %v", text, cli.Serve.TrustedProxy, err)
		}
	}
}

func TestCommandsAreNamedByTheirWords(t *testing.T) {
	_, command, err := parse(t, "user", "set-password", "li.na@acme.example")
	if err != nil || command != "user set-password" {
		t.Fatalf("%q, %v", command, err)
	}
}

func TestTableHasEveryFlagOnce(t *testing.T) {
	table, err := config.Table()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| `--public-url` | `PERENNIAL_PUBLIC_URL` | – |",
		"| `--database` | `PERENNIAL_DATABASE` | `perennial.db` |",
		"| `--amount` | – | – |",
		`| SQLite file, or postgres:// address. | all but demo, sandbox-gateway |`,
	} {
		if strings.Count(table, want) != 1 {
			t.Errorf("the table should have %q once:\n%s", want, table)
		}
	}
}

func TestPercentages(t *testing.T) {
	for text, want := range map[string]config.Percent{"0": 0, "15": 1500, "12.5": 1250, "12.55": 1255, "0.01": 1, "100": 10_000, "100.00": 10_000} {
		cli, _, err := parse(t, "account", "set", "--discount="+text)
		if err != nil || cli.Account.Set.Discount == nil || *cli.Account.Set.Discount != want {
			t.Errorf("%q: %v, %v", text, cli.Account.Set.Discount, err)
		}
	}
	for _, bad := range []string{"", "-1", "100.01", "12.555", ".5", "1e2", "15%", "+5", "1.-2"} {
		if _, _, err := parse(t, "account", "set", "--discount="+bad); err == nil {
			t.Errorf("%q is a percentage", bad)
		}
	}
	cli, _, err := parse(t, "account", "set", "acme", "--frozen=false")
	if s := cli.Account.Set; err != nil || s.Discount != nil || s.Name != nil || s.Frozen == nil || *s.Frozen {
		t.Errorf("what is not given is nil: %+v, %v", s, err)
	}
}
