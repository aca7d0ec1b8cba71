package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"perennial/internal/app"
	"perennial/internal/config"
	"perennial/internal/fault"
	"perennial/internal/money"
)

func importInstances(ctx context.Context, p program) error {
	return p.importFile(ctx, app.ImportsInstances, p.Import.Instances)
}

func importPrices(ctx context.Context, p program) error {
	return p.importFile(ctx, app.ImportsPrices, p.Import.Prices)
}

// importFile reports what an import would do or did. It may run beside a server.
func (p program) importFile(ctx context.Context, kind app.ImportKind, in config.ImportFile) error {
	return p.open(ctx, in.Database, in.Logging, func(a *app.App) (err error) {
		c, err := a.FindAccount(ctx, in.Account)
		if err != nil {
			return err
		}
		file, name, err := p.openFile(in.File)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		info, err := file.Stat()
		if err != nil {
			return fmt.Errorf("open %s: %w", name, err)
		}
		r, err := a.Import(ctx, app.Operator(c.ID), app.ImportInput{Kind: kind, Name: name, File: file, Size: info.Size(), Apply: in.Apply})
		if err != nil {
			return stopped(ctx, err)
		}
		return p.report(r, name, c.Name, in.Apply)
	})
}

// openFile opens a CSV file, or a copy of what can be read only once: an import
// reads its file twice.
func (p program) openFile(path string) (file *os.File, name string, err error) {
	if path == "-" {
		file, err = spool(p.in)
		return file, "standard input", err
	}
	file, err = os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fault.Wrap(err, fault.NotFound, "There is no file %s.", path)
	}
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Invalid, "The file cannot be read: %s.", err)
	}
	name = filepath.Base(path)
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		return file, name, nil
	}
	stream := file
	defer func() { err = errors.Join(err, stream.Close()) }()
	if err != nil {
		return nil, "", fmt.Errorf("open %s: %w", path, err)
	}
	if info.IsDir() {
		return nil, "", fault.New(fault.Invalid, "%s is a folder and cannot be read as a CSV file.", path)
	}
	file, err = spool(stream)
	return file, name, err
}

// spool copies a stream into a file that nobody else sees and that goes with its handle.
func spool(in io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "perennial-import-*.csv")
	if err != nil {
		return nil, fmt.Errorf("copy the input: %w", err)
	}
	if err = os.Remove(file.Name()); err == nil {
		_, err = io.Copy(file, in)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy the input: %w", err), file.Close())
	}
	return file, nil
}

// stopped is the error of an import that did not end. A signal is no clean end
// of it: whoever sent it must see how far it came.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if f, ok := fault.Of(err); ok {
		return fault.New(f.Kind, "%s", f.Message)
	}
	return fault.New(fault.Unavailable, "The import was stopped while the file was checked. Nothing was written.")
}

// report prints an import as a terminal shows it. A refused file is an error.
func (p program) report(r app.ImportReport, name, account string, apply bool) error {
	fmt.Fprintf(p.out, "%s of %s for %s\n", r.Kind, name, account)
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(what string, n int) { fmt.Fprintf(w, "  %s\t%s\t\n", what, money.Group(fmt.Sprint(n))) }
	line("rows", r.Rows)
	line("new", r.New)
	line("changed", r.Changed)
	line("unchanged", r.Unchanged)
	if r.Kind == app.ImportsPrices {
		line("removed", r.Removed)
		line("estimated fees that change", r.Fees)
	} else {
		line("superseded", r.Superseded)
	}
	line("refused", r.Refused)
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range r.Ours {
		by := "was changed here"
		if s.OrderID != "" {
			by = "was renewed by order " + s.OrderID
		}
		fmt.Fprintf(p.out, "line %d: superseded, %s %s and expires no earlier.\n", s.Line, s.InstanceID, by)
	}
	p.more(r.Superseded-len(r.Ours), "superseded")
	for _, f := range r.Refusals {
		fmt.Fprintln(p.out, f)
	}
	p.more(r.Refused-len(r.Refusals), "refused")
	switch {
	case !r.Clean():
		return fault.New(fault.Invalid, "%s was refused, and nothing of it is imported.", name)
	case r.Rows == 0 && !r.Writes():
		fmt.Fprintln(p.out, "The file has no rows.")
	case !r.Writes():
		fmt.Fprintln(p.out, "Everything in it is here already.")
	case apply:
		fmt.Fprintln(p.out, "Imported.")
	default:
		fmt.Fprintln(p.out, "Nothing is written yet. Add --apply to import it.")
	}
	return nil
}

func (p program) more(n int, what string) {
	if n > 0 {
		fmt.Fprintf(p.out, "%s more are %s.\n", money.Group(fmt.Sprint(n)), what)
	}
}
