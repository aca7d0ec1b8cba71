package testkit_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"perennial/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// again runs one test of this package in a process of its own.
func again(name string, env ...string) (output string, passed bool) {
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func TestAMissingBrowserIsLeftOutAloudOrFails(t *testing.T) {
	out, passed := again("TestBrowserRunsScriptsOrNot", "PATH=", "PERENNIAL_TEST_REQUIRE=postgres")
	if !passed || !strings.Contains(out, "LEFT OUT every test on browser") || !strings.Contains(out, "--- SKIP") {
		t.Errorf("not required: passed %t\n%s", passed, out)
	}
	out, passed = again("TestBrowserRunsScriptsOrNot", "PATH=", "PERENNIAL_TEST_REQUIRE=postgres,browser")
	if passed || !strings.Contains(out, "PERENNIAL_TEST_REQUIRE names browser") {
		t.Errorf("required: passed %t\n%s", passed, out)
	}
}

// TestLeak leaves a goroutine behind when it is asked to.
func TestLeak(t *testing.T) {
	if os.Getenv("TESTKIT_LEAK") != "" {
		go func() { select {} }()
	}
}

func TestMainFailsWhenGoroutinesAreLeft(t *testing.T) {
	if out, passed := again("TestLeak", "TESTKIT_LEAK=1"); passed || !strings.Contains(out, "goroutines outlive the tests") {
		t.Errorf("passed %t\n%s", passed, out)
	}
	if out, passed := again("TestLeak"); !passed {
		t.Errorf("nothing leaks, and yet:\n%s", out)
	}
}
