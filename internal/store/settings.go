package store

// Setting reads a value that this installation made for itself, or ErrNone.
func (tx *Tx) Setting(name string) (string, error) {
	var value string
	err := tx.one("SELECT value FROM setting WHERE name = $1", []any{name}, &value)
	return value, err
}

// KeepSetting keeps a value unless there is one, and returns the one that is
// kept: of two servers that start at once, both go on with the same.
func (tx *Tx) KeepSetting(name, value string) (string, error) {
	if _, err := tx.insertOr("setting", columns("name, value"), [][]any{{name, value}}, " ON CONFLICT (name) DO NOTHING"); err != nil {
		return "", err
	}
	return tx.Setting(name)
}
