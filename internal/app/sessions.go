package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// SignedIn is a person at a browser: the actor of what the person does, and what
// pages show of user and account.
type SignedIn struct {
	Actor   Actor
	User    account.User
	Account account.Account
	// Preference is how the person wants lists.
	Preference renewal.Preference
}

// Resume finds the person behind a session id. A use keeps the session alive, at
// most one write a minute; a request that a page makes by itself is none. A
// session that has ended, or never was, is Unauthenticated.
func (a *App) Resume(ctx context.Context, sessionID string, use bool) (SignedIn, error) {
	var found store.SignedIn
	hash := hashSessionID(sessionID)
	err := a.Store.Read(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.Session(hash)
		return ignoreNone(err)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("resume the session: %w", err)
	}
	now := a.Clock.Now()
	if found.User.ID == "" || !found.Session.Alive(now) {
		return SignedIn{}, fault.New(fault.Unauthenticated, "Your session has ended. Sign in again.")
	}
	if use && now.Sub(found.Session.UsedAt) >= account.SessionTouch {
		err := a.Store.WriteIfFree(ctx, func(tx *store.Tx) error {
			return tx.TouchSession(hash, now, now.Add(-account.SessionTouch))
		})
		if err != nil {
			// A page that can be read is worth more than the note that it was:
			// at worst the session ends early.
			a.Log.WarnContext(ctx, "the use of a session was not kept", "error", err)
		}
	}
	u := found.User
	return SignedIn{
		Actor: Actor{UserID: u.ID, AccountID: u.AccountID, Name: u.Name, Email: u.Email, Role: u.Role},
		User:  u, Account: found.Account, Preference: found.Preference,
	}, nil
}

// SignOut ends a session. One that has ended already is no error.
func (a *App) SignOut(ctx context.Context, sessionID string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error { return tx.DeleteSession(hashSessionID(sessionID)) })
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// SweepSessions deletes sessions that have ended and sign-in counts that no
// longer count. It is a step of the worker; more tells that it has not finished.
func (a *App) SweepSessions(ctx context.Context) (more bool, err error) {
	now := a.Clock.Now()
	var sessions, counts int
	err = a.Store.Write(ctx, func(tx *store.Tx) (err error) {
		sessions, err = tx.DeleteSessions(now.Add(-account.SessionIdle), now.Add(-account.SessionAbsolute), sweptAtOnce)
		if err != nil {
			return err
		}
		counts, err = tx.DeleteSignIns(now.Add(-SignInWindow), sweptAtOnce)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("sweep sessions: %w", err)
	}
	return sessions == sweptAtOnce || counts == sweptAtOnce, nil
}

// SessionKeyBytes is the length of a secret from which cookie keys are derived.
const SessionKeyBytes = 32

// SessionKeys returns the two secrets of this installation, the one that signs
// first. They are made on first start and kept, so that a restart signs nobody
// out and several servers on one database agree.
func (a *App) SessionKeys(ctx context.Context) ([][]byte, error) {
	fresh := make([]string, 2)
	for n := range fresh {
		b := make([]byte, SessionKeyBytes)
		if _, err := io.ReadFull(a.Rand, b); err != nil {
			return nil, fmt.Errorf("read randomness: %w", err)
		}
		fresh[n] = base64.StdEncoding.EncodeToString(b)
	}
	var kept string
	err := a.Store.Write(ctx, func(tx *store.Tx) (err error) {
		kept, err = tx.KeepSetting("session_keys", strings.Join(fresh, " "))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep the session keys: %w", err)
	}
	var keys [][]byte
	for text := range strings.FieldsSeq(kept) {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != SessionKeyBytes {
			return nil, fmt.Errorf("the session keys in the database cannot be read")
		}
		keys = append(keys, key)
	}
	return keys, nil
}
