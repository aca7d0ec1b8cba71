package store_test

import (
	"testing"

	"perennial/internal/store"
)

// A database on another machine is not told the password in the clear, unless the
// operator wrote so.
func TestAPasswordTravelsOnlyOverVerifiedTLS(t *testing.T) {
	for _, c := range []struct {
		address, mode string
		want          string
	}{
		{"postgres://p:secret@db.acme.example/p", "", "verify-full db.acme.example"},
		{"postgres://p:secret@10.0.0.7:5433/p?connect_timeout=3", "", "verify-full 10.0.0.7"},
		{"postgres://p:secret@localhost,db.acme.example/p", "", "verify-full localhost"},
		{"postgres://p:secret@db.acme.example/p?sslmode=disable", "", "plain"},
		{"postgres://p:secret@db.acme.example/p?sslmode=prefer", "", "unverified"},
		{"postgres://p:secret@db.acme.example/p", "disable", "plain"},
		{"postgres://p:secret@127.0.0.1/p", "", "unverified"},
		{"postgres://p:secret@[::1]/p", "", "unverified"},
		{"postgres://p:secret@localhost/p", "", "unverified"},
		{"postgres:///p?host=/run/postgresql", "", "plain"},
	} {
		t.Setenv("PGSSLMODE", c.mode)
		config, err := store.PostgresConfig(c.address)
		if err != nil {
			t.Fatal(err)
		}
		got := "plain"
		switch tls := config.TLSConfig; {
		case tls != nil && tls.InsecureSkipVerify:
			got = "unverified"
		case tls != nil:
			got = "verify-full " + tls.ServerName
		}
		if got != c.want {
			t.Errorf("%s with PGSSLMODE=%q: %s, want %s", c.address, c.mode, got, c.want)
		}
	}
}
