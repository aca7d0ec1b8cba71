package store

import (
	"time"

	"perennial/internal/account"
)

const memberColumns = `member.id, member.account_id, member.email, member.name, member.role, member.password_hash,
	member.created_at, member.notices_read_at`

func memberFields(u *account.User) (into []any, finish func()) {
	var created, read int64
	return []any{&u.ID, &u.AccountID, &u.Email, &u.Name, &u.Role, &u.PasswordHash, &created, &read}, func() {
		u.CreatedAt, u.NoticesReadAt = instant(created), instant(read)
	}
}

func scanMember(r row) (account.User, error) {
	var u account.User
	into, finish := memberFields(&u)
	err := r.Scan(into...)
	finish()
	return u, err
}

// InsertMember keeps a new user. IsDuplicate tells of an e-mail address that is taken.
func (tx *Tx) InsertMember(u account.User) error {
	return tx.insert("member", columns("id, account_id, email, name, role, password_hash, created_at, notices_read_at"),
		[][]any{{u.ID, u.AccountID, u.Email, u.Name, string(u.Role), u.PasswordHash, millis(u.CreatedAt), millis(u.NoticesReadAt)}})
}

// MemberByEmail finds a user of any account by the folded e-mail address, or ErrNone.
func (tx *Tx) MemberByEmail(email string) (account.User, error) { return tx.oneMember(email, "") }

// LockMemberByEmail finds a user and keeps others from changing the row until the
// end of the transaction.
func (tx *Tx) LockMemberByEmail(email string) (account.User, error) {
	return tx.oneMember(email, tx.dialect.rowLock)
}

func (tx *Tx) oneMember(email, lock string) (account.User, error) {
	var u account.User
	into, finish := memberFields(&u)
	err := tx.one("SELECT "+memberColumns+" FROM member WHERE email = $1"+lock, []any{email}, into...)
	finish()
	return u, err
}

// Members lists the users of an account by e-mail address.
func (tx *Tx) Members(accountID string) ([]account.User, error) {
	return list(tx, "SELECT "+memberColumns+" FROM member WHERE account_id = $1 ORDER BY email", []any{accountID}, scanMember)
}

// UpdateMember writes a user's name, role and password hash.
func (tx *Tx) UpdateMember(u account.User) error {
	_, err := tx.exec("UPDATE member SET name = $3, role = $4, password_hash = $5 WHERE account_id = $1 AND id = $2",
		u.AccountID, u.ID, u.Name, string(u.Role), u.PasswordHash)
	return err
}

// DeleteMember removes a user, and with it the sessions.
func (tx *Tx) DeleteMember(accountID, id string) error {
	_, err := tx.exec("DELETE FROM member WHERE account_id = $1 AND id = $2", accountID, id)
	return err
}

// ReadNotices keeps up to when a user has read the notifications. It never goes back.
func (tx *Tx) ReadNotices(accountID, id string, upTo time.Time) error {
	_, err := tx.exec("UPDATE member SET notices_read_at = $3 WHERE account_id = $1 AND id = $2 AND notices_read_at < $3",
		accountID, id, millis(upTo))
	return err
}
