package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	mutants "perennial/internal/testkit/mutants"
)

// A guard that moved is no longer tried: the mutants would end there, by hand and
// late.
func TestEveryGuardStandsOnce(t *testing.T) {
	mutants.EachGuard(func(keeps, file, guard string) {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Error(err)
		} else if n := strings.Count(string(text), guard); n != 1 {
			t.Errorf("%s: its guard stands %d times in %s: %q", keeps, n, file, guard)
		}
	})
}
