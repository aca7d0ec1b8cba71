package testkit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// migratedFile makes a SQLite file for this test that has the schema: a copy of one
// that this process migrated and closed, because migrating each anew takes longer
// than most tests.
func migratedFile(tb testing.TB) string {
	tb.Helper()
	template.once.Do(func() { template.bytes, template.err = migrateFile() })
	if template.err != nil {
		tb.Fatalf("testkit: migrate a file to copy: %v", template.err)
	}
	path := filepath.Join(tb.TempDir(), "perennial.db")
	if err := os.WriteFile(path, template.bytes, 0o600); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	return path
}

// template is the file that migratedFile copies.
var template struct {
	once  sync.Once
	bytes []byte
	err   error
}

func migrateFile() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "perennial-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "perennial.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	if file, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	// All of it must be in the file itself, and nothing in a log beside it.
	if _, err := os.Stat(path + "-wal"); err == nil {
		return nil, fmt.Errorf("%s was closed and still has a log", path)
	}
	return file, nil
}
