package account_test

import (
	"context"
	"strings"
	"testing"

	"perennial/internal/account"
	"perennial/internal/fault"
)

func TestCheckPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"tangle-orbit-fern":         true,
		"kq7Zvx2mRw9b":              true, // 12 characters
		"kq7Zvx2mRw9":               false,
		"пароль-и-ещё-слова":        true,
		"шесть-плюс5":               false, // 11 characters, more bytes
		strings.Repeat("wq7-k", 51): true,
		strings.Repeat("wq7-k", 52): false, // 260 characters
		"password":                  false,
		"PASSWORD":                  false,
		"password2026!":             false,
		"1q2w3e4r":                  false,
		"12345678":                  false,
		"qwertyuiop":                false,
		"perennial1":                false,
		"Perennial-2026":            false,
		"li.na@acme.example":        false,
		"li.na@acme":                false,
		"acme12345678":              false,
		"acme needs a longer one":   true,
		"two\nlines of text":        true,
		"broken \xff bytes here":    false,

		// Long enough, and still among the first guesses.
		"Welcome2026!!!":      false,
		"Summer!2026!":        false,
		"Qwerty123456!":       false,
		"2026--Dragon--2026":  false,
		"welcomewelcome":      false,
		"Letmein!Letmein!":    false,
		"aaaaaaaaaaaa":        false,
		"abababababab":        false,
		"123412341234":        false,
		"123456789012":        false,
		"abcdefghijklmn":      false,
		"987654321098":        false,
		"HuaweiCloud1!":       false,
		"huawei-renewals-26":  false,
		"blue-acorn-company":  false, // the name of the account
		"Blueacorn2026!":      false,
		"storm-cloud-picnic7": true,
		"summer-on-the-lake7": true,
	} {
		err := account.CheckPassword(password, "li.na@acme.example", "Li Na", "Blue Acorn Company")
		if (err == nil) != ok {
			t.Errorf("%q: accepted %t, want %t (%v)", password, err == nil, ok, err)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v is not a fault for people", password, err)
		}
	}
}

func TestPasswordsAreHashedToTheStatedCost(t *testing.T) {
	hash, err := account.HashPassword(t.Context(), "tangle-orbit-fern")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q, %v", hash, err)
	}
	again, err := account.HashPassword(t.Context(), "tangle-orbit-fern")
	if err != nil || again == hash {
		t.Fatal("two hashes of one password share their salt")
	}
	for password, want := range map[string]bool{
		"tangle-orbit-fern": true, "tangle-orbit-fer": false, "tangle-orbit-fern ": false, "Tangle-orbit-fern": false, "": false,
		strings.Repeat("x", 1<<20): false,
	} {
		got, err := account.PasswordMatches(t.Context(), password, hash)
		if err != nil || got != want {
			t.Errorf("%.30q matches: %t, %v", password, got, err)
		}
	}
}

func TestNobodyHasNoPassword(t *testing.T) {
	for _, password := range []string{"", "\x00", "tangle-orbit-fern"} {
		match, err := account.PasswordMatches(t.Context(), password, "")
		if err != nil || match {
			t.Errorf("%q signs in as nobody: %t, %v", password, match, err)
		}
	}
}

// An answer for an unknown user has to cost a hash. Without one a comparison of a
// thousand passwords would take no time and no memory.
func TestNobodyCostsWhatSomebodyCosts(t *testing.T) {
	hash, err := account.HashPassword(t.Context(), "tangle-orbit-fern")
	if err != nil {
		t.Fatal(err)
	}
	memory := func(stored string) int64 {
		return testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				_, _ = account.PasswordMatches(context.Background(), "wrong", stored)
			}
		}).AllocedBytesPerOp()
	}
	if somebody, nobody := memory(hash), memory(""); nobody < somebody*9/10 || nobody < 19<<20 {
		t.Errorf("a known user costs %d bytes, an unknown one %d", somebody, nobody)
	}
}

func TestHashingWaitsForItsTurn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	refused := 0
	for range 50 {
		// Both a free slot and the end of the context may be chosen; the latter at
		// times, or else somebody who left would still be waited for.
		if _, err := account.PasswordMatches(ctx, "wrong", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"); err != nil {
			refused++
			if fault.KindOf(err) != fault.Unavailable {
				t.Fatalf("%v", err)
			}
		}
	}
	if refused == 0 {
		t.Error("nobody who left gave up")
	}
}

func TestZone(t *testing.T) {
	for name, ok := range map[string]bool{"UTC": true, "Asia/Shanghai": true, "": false, "Local": false, "Mars/Olympus": false, "../etc/passwd": false} {
		z, err := account.Zone(name)
		if (err == nil) != ok || (ok && z.String() != name) {
			t.Errorf("%q: %v, %v", name, z, err)
		}
	}
}

func TestRolesCoverThoseBelow(t *testing.T) {
	roles := []account.Role{account.Viewer, account.Buyer, account.Owner}
	for have, r := range roles {
		for need, n := range roles {
			if r.Covers(n) != (have >= need) {
				t.Errorf("%s covers %s: %t", r, n, r.Covers(n))
			}
		}
		if account.Role("admin").Covers(r) || account.Role("").Covers(r) {
			t.Errorf("an unknown role covers %s", r)
		}
	}
}
