package app

import (
	"context"
	"encoding/base64"
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
	secretBytes        = 32
	wrongEmailOrSecret = "The e-mail address or the password is wrong."
)

// SignInInput is a filled-in sign-in form.
type SignInInput struct {
	Email    string
	Password string
	Address  string // the network address it came from
	Previous string // the id of the session that the browser already has, or empty
	Device   Device // that the browser was given at its last sign-in, or zero
}

// SignInResult is a sign-in that succeeded.
type SignInResult struct {
	// SessionID is known to the browser only: the database has its hash.
	SessionID string
	// Device is for the browser to keep after the session.
	Device Device
	// Refused is how many sign-ins of this user were refused since the last one.
	Refused int
}

// SignIn checks a password and begins a session. A wrong password and an unknown
// address get the same answer after the same time.
func (a *App) SignIn(ctx context.Context, in SignInInput) (r SignInResult, err error) {
	var u account.User
	email, parseErr := account.ParseEmail(in.Email)
	if parseErr == nil {
		err = a.Store.Read(ctx, func(tx *store.Tx) (err error) {
			u, err = tx.MemberByEmail(email)
			return ignoreNone(err)
		})
		if err != nil {
			return r, fmt.Errorf("sign in: %w", err)
		}
	}
	known := in.Device.knows(u, a.Clock.Now())
	buckets := limits(email, in.Address)
	if known {
		buckets = []bucket{in.Device.limit()}
	}
	if err := a.countSignIn(ctx, email, buckets); err != nil {
		a.Log.WarnContext(ctx, "sign-in limited", "user", u.ID, "address", in.Address)
		return r, err
	}
	match, err := account.PasswordMatches(ctx, in.Password, u.PasswordHash)
	if err != nil {
		return r, fmt.Errorf("sign in: %w", err)
	}
	if !match {
		a.Log.WarnContext(ctx, "sign-in failed", "user", u.ID, "address", in.Address)
		err := a.Store.Write(ctx, func(tx *store.Tx) error { return tx.CountRefused(email, buckets[0].key) })
		if err != nil {
			return r, fmt.Errorf("count the refused sign-in: %w", err)
		}
		return r, fault.New(fault.Invalid, wrongEmailOrSecret)
	}
	secret := in.Device.Secret
	if !known {
		if secret, err = a.newSecret(); err != nil {
			return r, err
		}
	}
	r.Device = deviceOf(u, secret, a.Clock.Now())
	if r.SessionID, err = a.newSecret(); err != nil {
		return r, err
	}
	if r.Refused, err = a.beginSession(ctx, u, r.SessionID, in.Previous, buckets); err != nil {
		return SignInResult{}, err
	}
	a.Log.InfoContext(ctx, "signed in", "user", u.ID, "address", in.Address)
	return r, nil
}

// bucket is something whose failed sign-ins are counted together.
type bucket struct {
	key   string
	limit int
	// own reports that the bucket belongs to the user alone: a success returns every
	// attempt. A network address may be shared with the person who fails.
	own bool
}

// limits names the buckets of a sign-in. E-mail addresses are hashed: what was
// typed may be somebody's secret, and of any length.
func limits(email, address string) []bucket {
	return []bucket{
		{key: "address " + network(address), limit: SignInsPerAddress},
		{key: "email " + digest(email), limit: SignInsPerEmail, own: true},
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
func (a *App) countSignIn(ctx context.Context, email string, buckets []bucket) error {
	var wait time.Duration
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		now := a.Clock.Now()
		wait = 0
		for n, b := range buckets {
			allowed, err := tx.CountSignIn(b.key, b.limit, now, now.Add(-SignInWindow))
			if err != nil {
				return err
			}
			if allowed {
				continue
			}
			began, err := tx.SignInWindow(b.key)
			if err != nil {
				return err
			}
			wait = began.Add(SignInWindow).Sub(now)
			return notLookedAt(tx, email, buckets[:n], b)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the sign-in: %w", err)
	}
	if wait > 0 {
		return tooManySignIns(wait)
	}
	return nil
}

// notLookedAt returns the attempts that the other buckets counted for a sign-in that one
// refuses, and counts it for the user where that bucket belongs to the user. For a network
// address nothing is written, so that the answer takes the same time for every e-mail.
func notLookedAt(tx *store.Tx, email string, counted []bucket, refused bucket) error {
	for _, b := range counted {
		if err := tx.ReturnSignIn(b.key); err != nil {
			return err
		}
	}
	if !refused.own {
		return nil
	}
	return tx.CountRefused(email, refused.key)
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

func (a *App) beginSession(ctx context.Context, u account.User, id, previous string, buckets []bucket) (refused int, err error) {
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
		if refused, err = tx.TakeRefused(u.AccountID, u.ID); err != nil {
			return err
		}
		return tx.InsertSession(account.Session{IDHash: hashSessionID(id), UserID: u.ID, CreatedAt: now, UsedAt: now})
	})
	if err != nil {
		return 0, fmt.Errorf("begin a session: %w", err)
	}
	return refused, nil
}

// newSecret makes 256 bits that nobody can guess.
func (a *App) newSecret() (string, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(a.Rand, b); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// hashSessionID is what the database knows of an id. The id has 256 random bits,
// so a fast hash is enough.
func hashSessionID(id string) string { return digest(id) }

func ignoreNone(err error) error {
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	return err
}
