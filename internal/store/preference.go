package store

import (
	"strings"

	"perennial/internal/renewal"
)

// What a page needs of a preference comes with the session; here it is only kept.
// Each choice has its own statement, so that two made at once both hold.

// PreferCompact keeps how dense the rows of a person's lists are.
func (tx *Tx) PreferCompact(accountID, memberID string, compact bool) error {
	return tx.prefer("compact", accountID, memberID, compact)
}

// PreferSize keeps how many rows a page of a person has.
func (tx *Tx) PreferSize(accountID, memberID string, rows int) error {
	return tx.prefer("page_size", accountID, memberID, rows)
}

// PreferHidden keeps which columns a person leaves out.
func (tx *Tx) PreferHidden(accountID, memberID string, hidden []renewal.Column) error {
	return tx.prefer("hidden", accountID, memberID, joinColumns(hidden))
}

// PreferKeys keeps whether keys of one character do something for a person.
func (tx *Tx) PreferKeys(accountID, memberID string, off bool) error {
	return tx.prefer("keys_off", accountID, memberID, off)
}

func (tx *Tx) prefer(column, accountID, memberID string, value any) error {
	_, err := tx.exec("INSERT INTO preference (account_id, member_id, "+column+") VALUES ($1, $2, $3) ON CONFLICT (member_id) DO UPDATE SET "+
		column+" = excluded."+column, accountID, memberID, value)
	return err
}

const preferenceColumns = `COALESCE(preference.compact, FALSE), COALESCE(preference.page_size, 0), COALESCE(preference.hidden, ''),
	COALESCE(preference.keys_off, FALSE)`

func preferenceFields(p *renewal.Preference) (into []any, finish func()) {
	var hidden string
	return []any{&p.Compact, &p.Size, &hidden, &p.KeysOff}, func() { p.Hidden = splitColumns(hidden) }
}

func joinColumns(hidden []renewal.Column) string {
	codes := make([]string, len(hidden))
	for n, c := range hidden {
		codes[n] = string(c)
	}
	return strings.Join(codes, " ")
}

func splitColumns(hidden string) []renewal.Column {
	var all []renewal.Column
	for code := range strings.FieldsSeq(hidden) {
		all = append(all, renewal.Column(code))
	}
	return renewal.InOrder(all)
}
