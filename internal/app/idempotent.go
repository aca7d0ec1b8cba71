package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"perennial/internal/fault"
	"perennial/internal/store"
)

// asked describes a request that must have one effect, however often it is sent.
func asked(key, route string, form ...any) store.Request {
	// Not %q, which writes every number above a million alike.
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", form))
	return store.Request{Key: key, Route: route, Fingerprint: hex.EncodeToString(sum[:])}
}

// once runs f in a write transaction unless the request was answered before, and
// keeps f's answer with the request. An f that returns an empty answer and no
// error is committed without one: it changed something, but not what was asked.
// The instant is read after the transaction began.
func (a *App) once(ctx context.Context, accountID string, r store.Request, f func(*store.Tx, time.Time) (string, error)) (answer string, err error) {
	if !usableKey(r.Key) {
		return "", noKey()
	}
	// Of two equal requests at once, one collides on the key or finds the task
	// changed by the other; its second run finds the other's answer.
	for range 2 {
		err = a.Store.Write(ctx, func(tx *store.Tx) error {
			now := a.Clock.Now()
			found := false
			if answer, found, err = tx.Answered(accountID, r); err != nil || found {
				return err
			}
			if answer, err = f(tx, now); err != nil || answer == "" {
				return err
			}
			r.Answer = answer
			return tx.InsertRequest(accountID, r, now)
		})
		if !store.IsDuplicate(err) && fault.KindOf(err) != fault.Conflict {
			break
		}
	}
	return answer, saidOfRequest(err)
}

func usableKey(key string) bool {
	return key != "" && len(key) <= 100 && !strings.ContainsFunc(key, func(c rune) bool { return c < ' ' })
}

func noKey() error {
	return fault.New(fault.Invalid, "The form has no usable key. Open the page again.")
}
