// Command mutants takes guards away, one at a time, and shows that a test notices:
//
//	go run ./internal/testkit/mutants [PART OF A NAME]
//
// A guard is replaced in an overlay of the go command, so the tree stays as it is.
// It fails where a mutant survives, or where its guard is no longer to be found.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	only := ""
	if len(os.Args) > 1 {
		only = os.Args[1]
	}
	if err := run(ctx, only); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string) error {
	dir, err := os.MkdirTemp("", "perennial-mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tried, survived := 0, 0
	for n, m := range mutants {
		if !strings.Contains(m.guards, only) {
			continue
		}
		caught, err := m.caughtBy(ctx, filepath.Join(dir, fmt.Sprint(n)))
		if err != nil {
			return fmt.Errorf("%s: %w", m.guards, err)
		}
		if tried++; caught == "" {
			survived++
			caught = "SURVIVED"
		}
		fmt.Printf("%2d  %-68s %-36s %s\n", n+1, m.guards, m.file, caught)
	}
	fmt.Printf("%d mutants, %d caught, %d survived\n", tried, tried-survived, survived)
	if survived > 0 {
		return errors.New("a guard can be taken away and no test notices")
	}
	return nil
}

var failed = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// caughtBy runs the tests of a mutant and names the first that fails.
func (m mutant) caughtBy(ctx context.Context, dir string) (test string, err error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.guard); n != 1 {
		return "", fmt.Errorf("the guard stands %d times in %s: %q", n, m.file, m.guard)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	changed := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.guard, m.without, 1)), 0o600); err != nil {
		return "", err
	}
	whole, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {whole: changed}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, "go", "test", "-overlay="+list, "-vet=off", "-count=1", "-timeout=5m", "-run="+m.tests, m.in)
	out, err := command.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return "", err
	} else if !ok {
		return "", nil
	} else if strings.Contains(string(out), "[build failed]") || exit.ExitCode() < 0 {
		return "", fmt.Errorf("it does not build or run:\n%s", out)
	}
	if name := failed.FindSubmatch(out); name != nil {
		return string(name[1]), nil
	}
	return "", fmt.Errorf("the tests failed without a name:\n%s", out)
}
