package testkit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVendoredFilesAreThePinnedOnes(t *testing.T) {
	sums, err := os.ReadFile("vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	pinned := 0
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not the file that was pinned", name)
		}
		pinned++
	}
	if files, err := filepath.Glob("vendor/*"); err != nil || len(files) != pinned+1 {
		t.Errorf("%d files are pinned, and the folder holds %q besides the sums: %v", pinned, files, err)
	}
}
