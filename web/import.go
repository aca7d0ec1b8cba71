package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
	"unicode"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/views"
)

const (
	// uploadBytes is the most that a form with a file may bring: the file and what
	// stands around it.
	uploadBytes = app.MaxUpload + 64<<10
	// uploadPatience is how long an answer waits for work on a file, so that a
	// small one is done with the click.
	uploadPatience = time.Second
	// uploadName is the longest name of a file that is kept, in characters.
	uploadName = 128
)

// imports is the form that takes a file.
func (s *server) imports(c *call) error {
	return s.showImports(c, http.StatusOK, views.ImportPage{})
}

func (s *server) showImports(c *call, status int, p views.ImportPage) error {
	p.InstanceColumns, p.PriceColumns = app.ImportColumns()
	p.MaxMiB = app.MaxUpload >> 20
	for _, u := range s.App.Uploads.List(c.account().ID) {
		p.Files = append(p.Files, importFilePage(c, u))
	}
	return c.show(page{status: status, title: "Import", nav: views.NavImport, body: views.Import(p)})
}

// sendImport takes a file and begins to check it. The file is not held in memory.
func (s *server) sendImport(c *call) error {
	if c.body != nil {
		c.body.within(s.patience.upload)
	}
	u, err := s.takeFile(c)
	if f, ok := fault.Of(err); ok && f.Kind == fault.Invalid && c.ctx().Err() == nil {
		p := views.ImportPage{Problem: f.Message, Field: "file", Kind: string(u.Kind)}
		if f.Fields["kind"] != "" {
			p.Field = "kind"
		}
		return s.showImports(c, kinds[f.Kind].status, p)
	}
	if err != nil {
		return err
	}
	s.wait(c, u.ID)
	return c.leave(views.ImportFilePath(u.ID))
}

// takeFile reads the form as it comes in: first what the file holds, then the file.
func (s *server) takeFile(c *call) (u app.Upload, err error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return u, fault.Wrap(err, fault.Invalid, "This is not a form that was filled in on a page.")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, fault.Field("file", "Choose a file.")
		}
		if err != nil {
			return u, incomplete(err)
		}
		switch part.FormName() {
		case "kind":
			kind, err := io.ReadAll(io.LimitReader(arriving{part}, 100))
			if err != nil {
				return u, err
			}
			u.Kind = app.ImportKind(kind)
		case "file":
			name := fileName(part)
			if name == "" {
				return u, fault.Field("file", "Choose a file.")
			}
			return s.App.Uploads.Take(c.actor(), u.Kind, name, arriving{part})
		}
	}
}

// fileName is the name of a file as it can be shown and kept, or empty where none
// was chosen.
func fileName(part *multipart.Part) string {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(part.FileName(), "\uFFFD"))
	if runes := []rune(name); len(runes) > uploadName {
		name = string(runes[:uploadName])
	}
	return name
}

// arriving reads a part of a form. Its errors are those of the form, and not of the disk
// to which the part is written.
type arriving struct{ part io.Reader }

func (a arriving) Read(b []byte) (int, error) {
	n, err := a.part.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = incomplete(err)
	}
	return n, err
}

// incomplete is the error of a form that broke off, took too long, or is not written as
// a browser writes it. None of that is this program's failure. Only a form that is too
// large keeps words of its own.
func incomplete(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "This form arrived incomplete. Send it again.")
}

// importFile is a file that was sent.
func (s *server) importFile(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	u, err := s.App.Uploads.Find(c.account().ID, id)
	if err != nil {
		return withImport(err)
	}
	p := page{title: u.Name, nav: views.NavImport, body: views.ImportFile(importFilePage(c, u))}
	if u.AtWork() {
		p.refresh = views.Refresh{After: 2, Live: views.ImportFileLivePath(u.ID)}
	}
	return c.show(p)
}

// applyImport imports a file that was checked.
func (s *server) applyImport(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("key")
	if err != nil {
		return err
	}
	if err := s.App.Uploads.Apply(c.actor(), id, in.Get("key")); err != nil {
		return withImport(err)
	}
	s.wait(c, id)
	return c.leave(views.ImportFilePath(id))
}

// wait gives work on a small file the time to end.
func (s *server) wait(c *call, id string) {
	ctx, cancel := context.WithTimeout(c.ctx(), uploadPatience)
	defer cancel()
	s.App.Uploads.Wait(ctx, id)
}

// withImport leads from a file that cannot be imported to the form for the next.
func withImport(err error) error {
	if f, ok := fault.Of(err); ok {
		return f.With("Send a file", views.ImportPath())
	}
	return err
}

func importFilePage(c *call, u app.Upload) views.ImportFilePage {
	r := u.Report
	p := views.ImportFilePage{
		ID: u.ID, Key: c.server.App.NewKey(), Name: u.Name, Size: u.Size, Kind: string(u.Kind), By: u.By, SentAt: u.SentAt,
		Zone: c.account().Zone, State: string(u.State), Problem: u.Problem,
		Applying: u.Progress.Applying, Done: u.Progress.Done, Of: u.Progress.Of,
		Rows: r.Rows, New: r.New, Changed: r.Changed, Unchanged: r.Unchanged, Superseded: r.Superseded,
		Removed: r.Removed, Fees: r.Fees, Refused: r.Refused, Writes: r.Writes(),
	}
	for _, f := range r.Refusals {
		p.Refusals = append(p.Refusals, views.ImportRefusal{Line: f.Line, Column: f.Column, Value: f.Value, Reason: f.Reason})
	}
	for _, o := range r.Ours {
		p.Ours = append(p.Ours, views.ImportSuperseded{Line: o.Line, InstanceID: o.InstanceID, OrderID: o.OrderID})
	}
	return p
}
