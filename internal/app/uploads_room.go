package app

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"perennial/internal/fault"
)

// The limits of all files together.
const (
	// uploadsOfAll is how many bytes the files of all accounts have at most.
	uploadsOfAll = 4 * MaxUpload
	// keptFree is how many bytes of the disk a file leaves to others.
	keptFree = 64 << 20
)

// reserve takes a place for a file that is about to arrive, before a byte of it is
// read: files that arrive at the same time are counted like those that are here.
func (s *Uploads) reserve(u *upload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return errStopping
	}
	if err := s.makeRoom(u.who.AccountID); err != nil {
		return err
	}
	u.State = uploadArriving
	s.kept[u.ID] = u
	return nil
}

// makeRoom drops the account's oldest idle files until one more may come. It is
// called with the lock held.
func (s *Uploads) makeRoom(accountID string) error {
	var idle []*upload
	theirs := 0
	for _, u := range s.kept {
		if u.who.AccountID == accountID {
			if theirs++; !u.AtWork() {
				idle = append(idle, u)
			}
		}
	}
	slices.SortFunc(idle, func(a, b *upload) int { return cmp.Or(a.usedAt.Compare(b.usedAt), cmp.Compare(a.ID, b.ID)) })
	for ; theirs >= uploadsAnAccount; theirs-- {
		if len(idle) == 0 {
			return fault.New(fault.TooMany, "%d files of this account are being sent or imported. Wait until one is finished.", theirs)
		}
		if err := s.drop(idle[0]); err != nil {
			return err
		}
		idle = idle[1:]
	}
	return nil
}

// drop forgets a file and frees its room. It is called with the lock held.
func (s *Uploads) drop(u *upload) error {
	delete(s.kept, u.ID)
	s.bytes -= u.Size
	if u.file == nil {
		return nil
	}
	return u.file.Close()
}

// spool copies a file to a temporary one that has no name any more.
func (s *Uploads) spool(u *upload, from io.Reader) error {
	f, err := os.CreateTemp("", "perennial-import-*.csv")
	if err != nil {
		return fmt.Errorf("keep the file: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return errors.Join(fmt.Errorf("keep the file: %w", err), f.Close())
	}
	if _, err := io.Copy(&spooling{s, u, f}, from); err != nil {
		return errors.Join(fmt.Errorf("keep the file: %w", err), f.Close())
	}
	u.file = f
	return nil
}

// spooling writes a file that arrives, as long as there is room for it.
type spooling struct {
	*Uploads
	upload *upload
	file   *os.File
}

func (s *spooling) Write(p []byte) (int, error) {
	if err := s.grow(s.upload, int64(len(p))); err != nil {
		return 0, err
	}
	free, err := s.free(s.file)
	if err != nil {
		return 0, fmt.Errorf("look how much room is free: %w", err)
	}
	if free < keptFree+uint64(len(p)) {
		return 0, fault.New(fault.Unavailable, "The disk of the server is nearly full. Nothing was taken. Send the file again once there is room, or use perennial import on the server.")
	}
	return s.file.Write(p)
}

// grow counts n more bytes of a file that arrives.
func (s *Uploads) grow(u *upload, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		return errStopping
	case u.Size+n > s.most:
		return fault.New(fault.TooLarge, "A file has at most %d MiB. Split it, or use perennial import on the server.", s.most>>20)
	case s.bytes+n > s.mostOfAll:
		return fault.New(fault.Unavailable, "The server holds as many files as it can. Nothing was taken. Send the file again later, or use perennial import on the server.")
	}
	s.bytes, u.Size = s.bytes+n, u.Size+n
	return nil
}

// freeBytes is how much room is left to the program on the disk that holds a file.
func freeBytes(f *os.File) (uint64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &disk); err != nil {
		return 0, err
	}
	return disk.Bavail * uint64(disk.Bsize), nil
}
