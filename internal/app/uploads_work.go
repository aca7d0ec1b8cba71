package app

import (
	"context"
	"fmt"
	"runtime/debug"

	"perennial/internal/fault"
)

// Wait returns when nothing is at work on a file, or when ctx ends.
func (s *Uploads) Wait(ctx context.Context, id string) {
	s.mu.Lock()
	u := s.kept[id]
	var rested chan struct{}
	if u != nil {
		rested = u.rested
	}
	s.mu.Unlock()
	if rested == nil {
		return
	}
	select {
	case <-rested:
	case <-ctx.Done():
	}
}

// begin sets somebody to work on a file. It is called with the lock held.
func (s *Uploads) begin(u *upload, state UploadState) {
	u.State, u.Progress, u.Problem, u.rested = state, ImportProgress{}, "", make(chan struct{})
	in := ImportInput{Kind: u.Kind, Name: u.Name, File: u.file, Size: u.Size, Apply: state == UploadApplying}
	in.Progress = func(p ImportProgress) {
		s.mu.Lock()
		defer s.mu.Unlock()
		u.Progress = p
	}
	who := u.who
	s.work.Go(func() {
		var r ImportReport
		err := s.turn(func() (err error) {
			r, err = s.app.Import(s.ctx, who, in)
			return err
		})
		s.finish(u, in, r, err)
	})
}

// turn waits until few enough are at work, and turns a panic into an error.
func (s *Uploads) turn(f func() error) (err error) {
	select {
	case s.turns <- struct{}{}:
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
	defer func() {
		<-s.turns
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// finish keeps what became of a file.
func (s *Uploads) finish(u *upload, in ImportInput, r ImportReport, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(u.rested)
	u.usedAt, u.Report = s.app.Clock.Now(), r
	switch {
	case err != nil:
		s.app.Log.Error("an import stopped", "file", in.Name, "applied", r.Applied, "error", err.Error())
		u.State, u.Problem = UploadFailed, "Something went wrong here, and it was logged. Send the file again."
		if f, ok := fault.Of(err); ok {
			u.Problem = f.Message
		}
		if in.Apply {
			u.State = UploadStopped
		}
	case in.Apply && r.Clean():
		u.State = UploadApplied
	default:
		u.State = UploadChecked
	}
}
