package app

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"perennial/internal/fault"
)

// The limits of files that people send.
const (
	// MaxUpload is the size of the largest file that is taken, in bytes.
	MaxUpload = 512 << 20
	// UploadKept is how long a file is kept after it was last used.
	UploadKept = time.Hour
	// uploadsAnAccount is how many files of one account are kept at once.
	uploadsAnAccount = 4
	// uploadsAtWork is how many files are checked or applied at once.
	uploadsAtWork = 2
)

// UploadState is how far a file has come.
type UploadState string

// The states of an upload. A failed one could not be checked; a stopped one was
// interrupted while it was applied, can be applied again, and then goes on.
const (
	UploadChecking UploadState = "checking"
	UploadChecked  UploadState = "checked"
	UploadFailed   UploadState = "failed"
	UploadApplying UploadState = "applying"
	UploadApplied  UploadState = "applied"
	UploadStopped  UploadState = "stopped"

	// uploadArriving is a file that is being sent, which only takes up room.
	uploadArriving UploadState = "arriving"
)

// Upload is a file that a person sent, and what became of it.
type Upload struct {
	ID       string
	Name     string
	Size     int64
	Kind     ImportKind
	By       string
	SentAt   time.Time
	State    UploadState
	Progress ImportProgress
	Report   ImportReport
	// Problem is why it failed or stopped, in a sentence.
	Problem string
}

// AtWork reports whether the file is being written or read.
func (u Upload) AtWork() bool {
	return u.State == UploadChecking || u.State == UploadApplying || u.State == uploadArriving
}

// Uploads keeps the files that people send until they are applied, and checks and
// applies them without anybody waiting. All of it lives in this process alone:
// after a restart a file is sent again, and an import that was interrupted goes
// on from where it stopped. Close it when the server ends.
type Uploads struct {
	app   *App
	ctx   context.Context
	stop  context.CancelFunc
	turns chan struct{}
	work  sync.WaitGroup

	most, mostOfAll int64 // bytes of a file, and of all files
	free            func(*os.File) (uint64, error)

	mu    sync.Mutex
	kept  map[string]*upload
	bytes int64 // of all that are kept
}

// upload is a kept file. Its file has no name any more: whatever ends this
// process, nothing stays behind.
type upload struct {
	Upload
	who    Actor
	file   *os.File
	usedAt time.Time
	key    string        // of the form that applied it last
	rested chan struct{} // closed when nothing is at work on it
}

func newUploads(a *App) *Uploads {
	ctx, stop := context.WithCancel(context.Background())
	return &Uploads{app: a, ctx: ctx, stop: stop, turns: make(chan struct{}, uploadsAtWork), most: MaxUpload, mostOfAll: uploadsOfAll,
		free: freeBytes, kept: map[string]*upload{}}
}

// Close stops what is at work between two transactions, and lets go of the files.
func (s *Uploads) Close() error {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, u := range s.kept {
		if u.State != uploadArriving { // whoever sends that one hears that the server stops
			errs = append(errs, s.drop(u))
		}
	}
	return errors.Join(errs...)
}

// Take keeps a file and begins to check it.
func (s *Uploads) Take(who Actor, kind ImportKind, name string, file io.Reader) (_ Upload, err error) {
	if kind != ImportsInstances && kind != ImportsPrices {
		return Upload{}, fault.Field("kind", "Choose what the file holds.")
	}
	now := s.app.Clock.Now()
	u := &upload{who: who, usedAt: now, Upload: Upload{ID: s.app.NewKey(), Name: name, Kind: kind, By: who.Name, SentAt: now}}
	if err := s.reserve(u); err != nil {
		return Upload{}, err
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if u.State == uploadArriving { // also where reading the file panics
			err = errors.Join(err, s.drop(u))
		}
	}()
	if err := s.spool(u, file); err != nil {
		return Upload{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return Upload{}, errStopping
	}
	u.usedAt = s.app.Clock.Now()
	s.begin(u, UploadChecking)
	return u.Upload, nil
}

var errStopping = fault.New(fault.Unavailable, "The server is stopping. Send the file again in a moment.")

// Sweep lets go of files that nobody has used for UploadKept. It is a step of the
// worker and never has more to do.
func (s *Uploads) Sweep(context.Context) (more bool, err error) {
	now := s.app.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, u := range s.kept {
		if !u.AtWork() && now.Sub(u.usedAt) >= UploadKept {
			errs = append(errs, s.drop(u))
		}
	}
	return false, errors.Join(errs...)
}

// Find tells how far a file of the account has come. Others' files do not exist.
func (s *Uploads) Find(accountID, id string) (Upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(accountID, id)
	if err != nil {
		return Upload{}, err
	}
	return u.Upload, nil
}

// List tells of the files of the account that are kept, the latest first.
func (s *Uploads) List(accountID string) []Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Upload
	for _, u := range s.kept {
		if _, err := s.find(accountID, u.ID); err == nil {
			all = append(all, u.Upload)
		}
	}
	slices.SortFunc(all, func(a, b Upload) int { return cmp.Compare(b.ID, a.ID) })
	return all
}

func (s *Uploads) find(accountID, id string) (*upload, error) {
	u, ok := s.kept[id]
	if !ok || u.who.AccountID != accountID || u.State == uploadArriving || (!u.AtWork() && s.app.Clock.Now().Sub(u.usedAt) >= UploadKept) {
		return nil, fault.New(fault.NotFound, "This server does not keep this file: its hour is over, or another server took it. Send it again: what was imported of it already stays as it is.")
	}
	return u, nil
}

// Apply begins to import a file that was checked and changes something. A form
// that is sent twice, and one for a file that is being applied, have no further
// effect.
func (s *Uploads) Apply(who Actor, id, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(who.AccountID, id)
	if err != nil || u.AtWork() || u.State == UploadApplied || (key != "" && u.key == key) {
		return err
	}
	if u.State == UploadFailed || !u.Report.Writes() {
		return fault.New(fault.Conflict, "There is nothing to import from this file.")
	}
	if s.ctx.Err() != nil {
		return errStopping
	}
	u.who, u.key = who, key
	s.begin(u, UploadApplying)
	return nil
}
