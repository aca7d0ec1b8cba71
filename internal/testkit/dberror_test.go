package testkit_test

import (
	"strings"
	"testing"

	"perennial/internal/testkit"
)

func TestDBErrorsAreWhatTheyAreCalled(t *testing.T) {
	for engine, words := range map[string]map[string]string{
		testkit.SQLite:   {"busy": "locked", "full": "full", "gone": "unable to open", "damaged": "not a database"},
		testkit.Postgres: {"busy": "deadlock", "serialization": "serialize", "full": "No space", "gone": "Input/output", "damaged": "invalid page"},
	} {
		all := testkit.DBErrors(t, engine)
		for name, word := range words {
			if err := all[name]; err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s, %s: %v", engine, name, err)
			}
		}
	}
}
