package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
)

// memory is where Linux keeps files that live in memory.
const memory = "/dev/shm"

// roomNeeded is far more than all tests at once keep in temporary files, in bytes.
const roomNeeded = 6 << 30

// inMemory puts the temporary files of the server and of the command into memory,
// where there is room: tests commit thousands of times, and no test can tell a
// disk that survives a power failure. Benchmarks keep the disk, which is what they
// measure, and so does a TMPDIR that somebody has set.
func inMemory(command []string) error {
	var fs syscall.Statfs_t
	benchmark := slices.ContainsFunc(command, func(arg string) bool { return strings.HasPrefix(arg, "-bench") })
	if benchmark || os.Getenv("TMPDIR") != "" || syscall.Statfs(memory, &fs) != nil || uint64(fs.Bsize)*fs.Bavail < roomNeeded {
		return nil
	}
	// The compiler's files are many and large, and nothing syncs them.
	built := os.Getenv("GOTMPDIR")
	if built == "" {
		built = os.TempDir()
	}
	return errors.Join(os.Setenv("GOTMPDIR", built), os.Setenv("TMPDIR", memory))
}
