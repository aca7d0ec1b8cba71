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

// SwapSetting replaces a value that is what the caller saw, and reports whether it
// did. An empty value is one that does not exist.
func (tx *Tx) SwapSetting(name, seen, value string) (bool, error) {
	var changed int64
	var err error
	switch {
	case seen == "":
		changed, err = tx.insertOr("setting", columns("name, value"), [][]any{{name, value}}, " ON CONFLICT (name) DO NOTHING")
	case value == "":
		changed, err = tx.exec("DELETE FROM setting WHERE name = $1 AND value = $2", name, seen)
	default:
		changed, err = tx.exec("UPDATE setting SET value = $1 WHERE name = $2 AND value = $3", value, name, seen)
	}
	return changed == 1, err
}
