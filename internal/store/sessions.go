package store

import (
	"slices"
	"time"

	"perennial/internal/account"
	"perennial/internal/renewal"
)

// SignedIn is a session with the user and the account that it stands for, and how
// the user wants lists.
type SignedIn struct {
	Session    account.Session
	User       account.User
	Account    account.Account
	Preference renewal.Preference
}

// InsertSession keeps a new session.
func (tx *Tx) InsertSession(s account.Session) error {
	return tx.insert("session", columns("id_hash, member_id, created_at, used_at"),
		[][]any{{s.IDHash, s.UserID, millis(s.CreatedAt), millis(s.UsedAt)}})
}

// Session finds a session by the hash of its id, or ErrNone. It may have expired.
func (tx *Tx) Session(idHash string) (SignedIn, error) {
	var s SignedIn
	var created, used int64
	into := []any{&s.Session.IDHash, &s.Session.UserID, &created, &used}
	member, finishMember := memberFields(&s.User)
	owner, finishAccount := accountFields(&s.Account)
	preference, finishPreference := preferenceFields(&s.Preference)
	into = slices.Concat(into, member, owner, preference)
	err := tx.one(`SELECT session.id_hash, session.member_id, session.created_at, session.used_at, `+memberColumns+`, `+
		accountColumns+`, `+preferenceColumns+` FROM session JOIN member ON member.id = session.member_id
		JOIN account ON account.id = member.account_id
		LEFT JOIN preference ON preference.member_id = member.id AND preference.account_id = member.account_id WHERE session.id_hash = $1`, []any{idHash}, into...)
	if err != nil {
		return s, err
	}
	s.Session.CreatedAt, s.Session.UsedAt = instant(created), instant(used)
	finishMember()
	finishPreference()
	return s, finishAccount()
}

// TouchSession keeps the last use, unless a later or nearly as late one is kept.
func (tx *Tx) TouchSession(idHash string, now, ifUsedBy time.Time) error {
	_, err := tx.exec("UPDATE session SET used_at = $2 WHERE id_hash = $1 AND used_at <= $3", idHash, millis(now), millis(ifUsedBy))
	return err
}

// DeleteSession ends a session.
func (tx *Tx) DeleteSession(idHash string) error {
	_, err := tx.exec("DELETE FROM session WHERE id_hash = $1", idHash)
	return err
}

// DeleteSessionsOf ends every session of a user.
func (tx *Tx) DeleteSessionsOf(userID string) error {
	_, err := tx.exec("DELETE FROM session WHERE member_id = $1", userID)
	return err
}

// DeleteSessions removes up to limit sessions that were last used by one instant
// or made by another, and tells how many those were.
func (tx *Tx) DeleteSessions(usedBy, createdBy time.Time, limit int) (int, error) {
	n, err := tx.exec(`DELETE FROM session WHERE id_hash IN
		(SELECT id_hash FROM session WHERE used_at <= $1 OR created_at <= $2 LIMIT $3)`,
		millis(usedBy), millis(createdBy), limit)
	return int(n), err
}

// CountSignIn takes one of the limited attempts of a bucket, in one statement, so
// that any number of servers share the count. It tells whether there was one left
// in the window that began after windowBy.
func (tx *Tx) CountSignIn(bucket string, limit int, now, windowBy time.Time) (bool, error) {
	n, err := tx.exec(`INSERT INTO sign_in_limit (bucket, failures, window_at) VALUES ($1, 1, $2)
		ON CONFLICT (bucket) DO UPDATE SET
		failures = CASE WHEN sign_in_limit.window_at <= $3 THEN 1 ELSE sign_in_limit.failures + 1 END,
		window_at = CASE WHEN sign_in_limit.window_at <= $3 THEN excluded.window_at ELSE sign_in_limit.window_at END
		WHERE sign_in_limit.window_at <= $3 OR sign_in_limit.failures < $4`,
		bucket, millis(now), millis(windowBy), limit)
	return n == 1, err
}

// SignInWindow tells when the window of a bucket began, or ErrNone.
func (tx *Tx) SignInWindow(bucket string) (time.Time, error) {
	var at int64
	err := tx.one("SELECT window_at FROM sign_in_limit WHERE bucket = $1", []any{bucket}, &at)
	return instant(at), err
}

// ForgetSignIn gives all attempts of a bucket back.
func (tx *Tx) ForgetSignIn(bucket string) error {
	_, err := tx.exec("DELETE FROM sign_in_limit WHERE bucket = $1", bucket)
	return err
}

// ReturnSignIn gives one attempt of a bucket back.
func (tx *Tx) ReturnSignIn(bucket string) error {
	_, err := tx.exec("UPDATE sign_in_limit SET failures = failures - 1 WHERE bucket = $1 AND failures > 0", bucket)
	return err
}

// CountRefused counts a refused sign-in for the user with an e-mail address, if there
// is one. The bucket, which is there, is written either way, so that the time of the
// answer does not tell whether there is a user.
func (tx *Tx) CountRefused(email, bucket string) error {
	if _, err := tx.exec("UPDATE sign_in_limit SET window_at = window_at WHERE bucket = $1", bucket); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE member SET refused_sign_ins = refused_sign_ins + 1 WHERE email = $1", email)
	return err
}

// TakeRefused returns how many sign-ins of a user were refused, and starts the count
// again. The user's row is locked.
func (tx *Tx) TakeRefused(accountID, id string) (n int, err error) {
	if err := tx.one("SELECT refused_sign_ins FROM member WHERE account_id = $1 AND id = $2", []any{accountID, id}, &n); err != nil || n == 0 {
		return 0, err
	}
	_, err = tx.exec("UPDATE member SET refused_sign_ins = 0 WHERE account_id = $1 AND id = $2", accountID, id)
	return n, err
}

// DeleteSignIns removes up to limit buckets whose window began by an instant.
func (tx *Tx) DeleteSignIns(windowBy time.Time, limit int) (int, error) {
	n, err := tx.exec("DELETE FROM sign_in_limit WHERE bucket IN (SELECT bucket FROM sign_in_limit WHERE window_at <= $1 LIMIT $2)",
		millis(windowBy), limit)
	return int(n), err
}
