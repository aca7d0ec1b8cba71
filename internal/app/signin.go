package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/store"
)

// How many sign-ins may fail within a window before the next must wait, for one
// e-mail address and for one network address, behind which many people may sit
// (OWASP ASVS 5, V6.3.1).
const (
	SignInWindow       = 15 * time.Minute
	SignInsPerEmail    = 10
	SignInsPerAddress  = 60
	sweptAtOnce        = 1000
	sessionIDBytes     = 32
	wrongEmailOrSecret = "The e-mail address or the password is wrong."
)

// SignInInput is a filled-in sign-in form.
type SignInInput struct {
	Email    string
	Password string
	Address  string // the network address it came from
	Previous string // the id of the session that the browser already has, or empty
}

// SignIn checks a password and begins a session. The id that it returns is
// known to the browser only: the database has its hash. A wrong password and an
// unknown address get the same answer after the same time.
func (a *App) SignIn(ctx context.Context, in SignInInput) (sessionID string, err error) {
	email, parseErr := account.ParseEmail(in.Email)
	buckets := limits(email, in.Address)
	if err := a.countSignIn(ctx, buckets); err != nil {
		a.Log.WarnContext(ctx, "sign-in limited", "address", in.Address)
		return "", err
	}
	var u account.User
	if parseErr == nil {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			u, err = tx.MemberByEmail(email)
			return ignoreNone(err)
		})
		if err != nil {
			return "", fmt.Errorf("sign in: %w", err)
		}
	}
	match, err := account.PasswordMatches(ctx, in.Password, u.PasswordHash)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	if !match {
		a.Log.WarnContext(ctx, "sign-in failed", "user", u.ID, "address", in.Address)
		return "", fault.New(fault.Invalid, wrongEmailOrSecret)
	}
	id, err := a.beginSession(ctx, u, in.Previous, buckets)
	if err != nil {
		return "", err
	}
	a.Log.InfoContext(ctx, "signed in", "user", u.ID, "address", in.Address)
	return id, nil
}

// bucket is something whose failed sign-ins are counted together.
type bucket struct {
	key   string
	limit int
	// own tells that a success gives every attempt back, not only its own: an
	// address may be shared with whoever fails.
	own bool
}

// limits names the buckets of a sign-in. E-mail addresses are hashed: what was
// typed may be somebody's secret, and of any length.
func limits(email, address string) []bucket {
	sum := sha256.Sum256([]byte(email))
	return []bucket{
		{key: "address " + network(address), limit: SignInsPerAddress},
		{key: "email " + hex.EncodeToString(sum[:]), limit: SignInsPerEmail, own: true},
	}
}

// network is the address, or of IPv6 the /64 that one customer is given.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}

// countSignIn counts the attempt before the password is looked at, so that a
// thousand guesses at once are a thousand guesses.
func (a *App) countSignIn(ctx context.Context, buckets []bucket) error {
	return a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		for _, b := range buckets {
			allowed, err := tx.CountSignIn(b.key, b.limit, now, now.Add(-SignInWindow))
			if err != nil {
				return fmt.Errorf("count the sign-in: %w", err)
			}
			if allowed {
				continue
			}
			began, err := tx.SignInWindow(b.key)
			if err != nil {
				return fmt.Errorf("count the sign-in: %w", err)
			}
			return tooManySignIns(began.Add(SignInWindow).Sub(now))
		}
		return nil
	})
}

func tooManySignIns(wait time.Duration) error {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	unit := "minutes"
	if minutes == 1 {
		unit = "minute"
	}
	f := fault.New(fault.TooMany, "Too many sign-ins have failed. Try again in %d %s.", minutes, unit)
	f.RetryAfter = int((wait + time.Second - 1) / time.Second)
	return f
}

func (a *App) beginSession(ctx context.Context, u account.User, previous string, buckets []bucket) (string, error) {
	id, err := a.newSessionID()
	if err != nil {
		return "", err
	}
	err = a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		current, err := tx.LockMemberByEmail(u.Email)
		if ignoreNone(err) != nil {
			return err
		}
		if current.ID != u.ID || current.PasswordHash != u.PasswordHash {
			// The password was changed while this one was compared.
			return fault.New(fault.Invalid, wrongEmailOrSecret)
		}
		if previous != "" {
			if err := tx.DeleteSession(hashSessionID(previous)); err != nil {
				return err
			}
		}
		for _, b := range buckets {
			giveBack := tx.ReturnSignIn
			if b.own {
				giveBack = tx.ForgetSignIn
			}
			if err := giveBack(b.key); err != nil {
				return err
			}
		}
		return tx.InsertSession(account.Session{IDHash: hashSessionID(id), UserID: u.ID, CreatedAt: now, UsedAt: now})
	})
	if err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return id, nil
}

// newSessionID makes 256 bits that nobody can guess.
func (a *App) newSessionID() (string, error) {
	b := make([]byte, sessionIDBytes)
	if _, err := io.ReadFull(a.Rand, b); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// hashSessionID is what the database knows of an id. The id has 256 random bits,
// so a fast hash is enough.
func hashSessionID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

func ignoreNone(err error) error {
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	return err
}
