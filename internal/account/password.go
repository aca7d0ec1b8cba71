package account

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"perennial/internal/fault"
)

// The length of a password in characters. OWASP ASVS 5, V6.2.1 asks for 8 and
// recommends 15; V6.2.9 asks that at least 64 are accepted. People pay with this
// password, so it is longer than the least.
const (
	PasswordMin         = 12
	PasswordRecommended = 15
	PasswordMax         = 256
)

// A password has at least this much that does not follow from the rest of it.
const (
	passwordDistinct = 5 // different characters
	passwordSteps    = 4 // different distances between neighbors: "123456789012" has two
	passwordOwn      = 8 // characters besides words that others know
)

// knownWords are guessed by everybody who knows what this console is for.
var knownWords = []string{"perennial", "renewals", "renewal", "huaweicloud", "huawei", "cloud"}

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

// common lists the 5,000 most common passwords of at least 8 characters and the
// 5,000 most common of 4 to 7, one a line in lower case, from zxcvbn 4.4.2 (MIT). The
// short ones are what remains of "Welcome2026!!!" without its digits and signs.
//
//go:embed common.txt
var common string

// CheckPassword refuses a password that is too short, too long, too regular, among
// the most common ones, or made of little more than words that others know: the
// given ones, such as the names of user and account, and those of the provider. Any
// characters may be used in any mixture, and the password counts exactly as it was
// typed.
func CheckPassword(password string, words ...string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return fault.Field("password", "This password has bytes that are not text.")
	case length < PasswordMin:
		return fault.Field("password", "A password needs at least %d characters; %d or more are better.", PasswordMin, PasswordRecommended)
	case length > PasswordMax:
		return fault.Field("password", "A password has at most %d characters.", PasswordMax)
	case isRegular(password):
		return fault.Field("password", "This password repeats a few characters or counts them up. Choose another.")
	case isCommon(password):
		return fault.Field("password", "This password is one of the most common ones. Choose another.")
	case isOwn(password, words):
		return fault.Field("password", "This password is little more than names or words that others know. Choose another.")
	}
	return nil
}

// isRegular reports whether a password repeats a few characters or counts them up or
// down, however long it is.
func isRegular(password string) bool {
	characters, steps := map[rune]bool{}, map[rune]bool{}
	var last rune
	for n, r := range password {
		characters[r] = true
		if n > 0 {
			steps[r-last] = true
		}
		last = r
	}
	return len(characters) < passwordDistinct || len(steps) < passwordSteps
}

// isCommon finds the password in the list, also in capitals, repeated, or with digits
// and signs around it.
func isCommon(password string) bool {
	folded := strings.ToLower(password)
	return listed(folded) || listed(once(folded)) || listed(bare(once(folded))) || listed(once(bare(folded)))
}

// bare returns a text without the ASCII digits and signs around it.
func bare(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return r < 'a' && r < utf8.RuneSelf || r > 'z' && r < utf8.RuneSelf })
}

// once returns the shortest text that makes up the given one when it is repeated.
func once(text string) string {
	if text == "" {
		return ""
	}
	return text[:strings.Index((text + text)[1:], text)+1]
}

func listed(folded string) bool {
	return !strings.ContainsAny(folded, "\r\n") && folded != "" &&
		(strings.HasPrefix(common, folded+"\n") || strings.Contains(common, "\n"+folded+"\n"))
}

// isOwn reports whether less than passwordOwn characters, or a common password, remain
// when the words are taken out.
func isOwn(password string, words []string) bool {
	left := strings.ToLower(password)
	for _, text := range append(slices.Clone(words), knownWords...) {
		for _, word := range append([]string{strings.ToLower(text)}, strings.FieldsFunc(strings.ToLower(text), apart)...) {
			if utf8.RuneCountInString(word) >= 4 {
				left = strings.ReplaceAll(left, word, "")
			}
		}
	}
	return len(left) < len(password) && (utf8.RuneCountInString(left) < passwordOwn || isCommon(left))
}

// apart reports whether a character separates the words of a name or an e-mail address.
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
