package config_test

import (
	"os"
	"strings"
	"testing"

	"perennial/internal/config"
)

// The README repeats the table of flags and variables to the letter.
func TestReadmeRepeatsTheTable(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	table, err := config.Table()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), table) {
		t.Errorf("README.md lacks this table:\n%s", table)
	}
}
