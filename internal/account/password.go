package account

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"perennial/internal/fault"
)

// The length of a password in characters. OWASP ASVS 5, V6.2.1 asks for 8 and
// recommends 15; V6.2.9 asks that at least 64 are taken.
const (
	PasswordMin         = 8
	PasswordRecommended = 15
	PasswordMax         = 256
)

// cost is what one guess costs: 19 MiB and two passes, the least that OWASP's
// Password Storage Cheat Sheet accepts for argon2id with one lane.
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing limits how many passwords are hashed at once, and with them the memory
// that a burst of sign-ins can take.
var hashing = make(chan struct{}, 2)

// nobody is a hash that no password has. Comparing with it takes the time that
// comparing with a real one takes, so that an answer's speed does not tell which
// e-mail addresses are known.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// common lists the 5,000 most common passwords of at least PasswordMin
// characters, one a line in lower case, from zxcvbn 4.4.2 (MIT).
//
//go:embed common.txt
var common string

// CheckPassword refuses a password that is too short, too long, among the most
// common ones, or made of little more than words that belong to its user, such as
// the name or the e-mail address. Any characters may be used in any mixture, and
// the password counts exactly as it was typed.
func CheckPassword(password string, words ...string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return fault.Field("password", "This password has bytes that are not text.")
	case length < PasswordMin:
		return fault.Field("password", "A password needs at least %d characters; %d or more are better.", PasswordMin, PasswordRecommended)
	case length > PasswordMax:
		return fault.Field("password", "A password has at most %d characters.", PasswordMax)
	case isCommon(password):
		return fault.Field("password", "This password is one of the most common ones. Choose another.")
	case isOwn(password, words):
		return fault.Field("password", "This password is little more than a name that others know. Choose another.")
	}
	return nil
}

// isCommon finds the password in the list, also in capitals or with digits and
// signs around it.
func isCommon(password string) bool {
	folded := strings.ToLower(password)
	bare := strings.TrimFunc(folded, func(r rune) bool { return r < 'a' && r < utf8.RuneSelf || r > 'z' && r < utf8.RuneSelf })
	return listed(folded) || listed(bare)
}

func listed(folded string) bool {
	return !strings.ContainsAny(folded, "\r\n") && folded != "" &&
		(strings.HasPrefix(common, folded+"\n") || strings.Contains(common, "\n"+folded+"\n"))
}

// isOwn tells whether less than PasswordMin characters remain when the words are
// taken out.
func isOwn(password string, words []string) bool {
	left := strings.ToLower(password)
	for _, text := range append(words, "perennial") {
		for _, word := range append(strings.FieldsFunc(strings.ToLower(text), apart), strings.ToLower(text)) {
			if utf8.RuneCountInString(word) >= 4 {
				left = strings.ReplaceAll(left, word, "")
			}
		}
	}
	return len(left) < len(password) && utf8.RuneCountInString(left) < PasswordMin
}

// apart tells what separates the words of a name or an e-mail address.
func apart(r rune) bool { return strings.ContainsRune(" .@-_+", r) }

// HashPassword makes the hash that is stored. It waits while others are hashed.
func HashPassword(ctx context.Context, password string) (string, error) {
	if err := enter(ctx); err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(password, cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// PasswordMatches compares a password with a stored hash. An empty hash stands
// for a user who does not exist: it matches nothing and takes as long.
func PasswordMatches(ctx context.Context, password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > PasswordMax {
		return false, nil
	}
	if err := enter(ctx); err != nil {
		return false, err
	}
	defer leave()
	known := hash != ""
	if !known {
		hash = nobody
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return match && known, nil
}

func enter(ctx context.Context) error {
	select {
	case hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "Too many people are signing in at the moment. Try again.")
	}
}

func leave() { <-hashing }
