//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"perennial/internal/fault"
)

// fileLock keeps a second server from opening the same SQLite file. The kernel
// frees it when the process ends, however it ends.
type fileLock struct{ file *os.File }

// lockFile takes the lock beside the database file. The path follows no symlink any
// more, so that every name of the file leads to the same lock. It never opens the database
// file itself: closing any handle of that would drop SQLite's own locks.
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The lock file %s cannot be made.", path)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = errors.Join(err, f.Close())
		return nil, fault.Wrap(err, fault.Unavailable, "Another server has this database open. The lock is %s.", path)
	}
	return &fileLock{f}, nil
}

// identity names the locked file itself: a file that was deleted and made again
// under the same name has another one.
func (l *fileLock) identity() (string, error) {
	info, err := l.file.Stat()
	if err != nil {
		return "", fmt.Errorf("identify the lock file: %w", err)
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d:%d", s.Dev, s.Ino), nil
	}
	return "", nil
}

// links returns how many names (hard links) a file has.
func links(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}

func (l *fileLock) release() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("free the lock file: %w", err)
	}
	return nil
}
