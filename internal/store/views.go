package store

import (
	"time"

	"perennial/internal/renewal"
)

// Views lists what a person keeps, by name.
func (tx *Tx) Views(accountID, memberID string) ([]renewal.View, error) {
	return list(tx, "SELECT id, name, query, opens FROM saved_view WHERE account_id = $1 AND member_id = $2 ORDER BY folded, id",
		[]any{accountID, memberID}, func(r row) (renewal.View, error) {
			var v renewal.View
			err := r.Scan(&v.ID, &v.Name, &v.Query, &v.Opens)
			return v, err
		})
}

// KeepView keeps a view; one of the same name, whatever its letter case, gives way.
func (tx *Tx) KeepView(accountID, memberID string, v renewal.View, now time.Time) error {
	_, err := tx.exec(`INSERT INTO saved_view (id, account_id, member_id, name, folded, query, opens, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7)
		ON CONFLICT (member_id, folded) DO UPDATE SET name = excluded.name, query = excluded.query`,
		v.ID, accountID, memberID, v.Name, Fold(v.Name), v.Query, millis(now))
	return err
}

// OpenWith has the page open with the view of that name, or with none where it is empty.
func (tx *Tx) OpenWith(accountID, memberID, name string) error {
	if _, err := tx.exec("UPDATE saved_view SET opens = FALSE WHERE account_id = $1 AND member_id = $2 AND opens", accountID, memberID); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE saved_view SET opens = TRUE WHERE account_id = $1 AND member_id = $2 AND folded = $3", accountID, memberID, Fold(name))
	return err
}

// DeleteView forgets a view, and tells whether there was one.
func (tx *Tx) DeleteView(accountID, memberID, id string) (bool, error) {
	n, err := tx.exec("DELETE FROM saved_view WHERE account_id = $1 AND member_id = $2 AND id = $3", accountID, memberID, id)
	return n == 1, err
}
