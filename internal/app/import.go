package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/store"
)

// ImportKind says what a file holds.
type ImportKind string

// The kinds of file.
const (
	ImportsInstances ImportKind = "instances"
	ImportsPrices    ImportKind = "prices"
)

// rowsACommit is how many rows of a file one transaction applies (product.md,
// section 9), so that the write lock is never held for long.
const rowsACommit = 2_000

// maxListed is how many superseded rows a report lists; all are counted.
const maxListed = 1_000

// ImportInput is a file and what to do with it.
type ImportInput struct {
	Kind ImportKind
	Name string // of the file, as the person knows it; kept in the audit row
	File io.ReaderAt
	Size int64
	// Apply writes what the check found, if nothing was refused.
	Apply bool
	// Progress is told how far the import is; it may be nil.
	Progress func(ImportProgress)
}

// ImportProgress is how far an import is: so many rows of so many, first checked
// and then applied. Of is 0 where it is not known.
type ImportProgress struct {
	Applying bool
	Done, Of int
}

// ImportReport says what an import would do, or did.
type ImportReport struct {
	inventory.Report
	Kind ImportKind
	// Removed counts the prices of the account that the file does not have.
	Removed int
	// Fees counts the units whose list fee another price book changes.
	Fees int
	// Ours are rows whose new expiry is not later than the one here.
	Ours []Superseded
	// Applied counts the rows of the file that are in effect; after an interrupted
	// import fewer than Rows.
	Applied int
}

// Superseded is a row that came later than a renewal or a change here.
type Superseded struct {
	Line       int
	InstanceID string
	OrderID    string // our order that renewed it, or empty
}

// Writes tells whether importing the file would change anything.
func (r ImportReport) Writes() bool {
	return r.Clean() && r.New+r.Changed+r.Superseded+r.Removed+r.Fees > 0
}

// Import checks a whole file against the account and writes nothing; with Apply,
// and if nothing was refused, it then writes what it found, 2,000 rows a
// transaction. A refused file is no error: the report says so. An error while it
// writes tells how far it came, and the same import simply goes on from there.
func (a *App) Import(ctx context.Context, who Actor, in ImportInput) (ImportReport, error) {
	ctx = store.ForMaintenance(ctx)
	acc, err := a.accountOf(ctx, who.AccountID)
	if err != nil {
		return ImportReport{Kind: in.Kind}, err
	}
	if in.Progress == nil {
		in.Progress = func(ImportProgress) {}
	}
	switch in.Kind {
	case ImportsInstances:
		return a.importInstances(ctx, who, acc, in)
	case ImportsPrices:
		return a.importPrices(ctx, who, acc, in)
	}
	return ImportReport{}, fault.Field("kind", "A file holds instances or prices.")
}

// ImportColumns are the columns of the two kinds of file, in their own order.
func ImportColumns() (instances, prices []string) {
	return inventory.InstanceColumns(), inventory.PriceColumns()
}

func (a *App) accountOf(ctx context.Context, id string) (acc account.Account, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		acc, err = tx.Account(id)
		return noSuchAccount(err, id)
	})
	return acc, err
}

func (a *App) importInstances(ctx context.Context, who Actor, acc account.Account, in ImportInput) (ImportReport, error) {
	r := ImportReport{Kind: in.Kind}
	file, report, err := inventory.Check(ctx, in.File, in.Size)
	if err != nil {
		return r, err
	}
	r.Report = *report
	w := &importer{App: a, who: who, acc: acc, file: file, in: in, report: &r}
	if err := w.check(ctx); err != nil || !in.Apply || !r.Clean() {
		return r, err
	}
	return r, w.apply(ctx)
}

// importer takes one instance file into one account.
type importer struct {
	*App
	who    Actor
	acc    account.Account
	file   *inventory.File
	in     ImportInput
	report *ImportReport
	fresh  work // units of which the account has nothing
	others work // those that change something else
	begun  bool // something was written
	fees   listFees
}

// work are units that change something.
type work struct {
	places []inventory.Place
	rows   int
}

func (k *work) add(f *inventory.File, u inventory.Unit) {
	k.places = append(k.places, f.Place(u))
	k.rows += len(u.Rows)
}

// check compares every unit of the file with the account, and remembers which of
// them change anything.
func (w *importer) check(ctx context.Context) error {
	done, some := 0, false
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		some, err = tx.HasInstances(w.acc.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("look into the account: %w", err)
	}
	for units, err := range w.file.Batches(rowsACommit) {
		if err != nil {
			return err
		}
		var here []inventory.Known
		if some {
			err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
				here, err = find(tx, w.acc.ID, units, tx.Units)
				return err
			})
		}
		if err == nil {
			err = w.compare(units, here)
		}
		if err != nil {
			return fmt.Errorf("compare the file with the account: %w", err)
		}
		done += rowsIn(units)
		w.in.Progress(ImportProgress{Done: done, Of: w.report.Rows})
	}
	slices.SortStableFunc(w.report.Refusals, func(a, b inventory.Refusal) int { return a.Line - b.Line })
	return nil
}

// compare counts the outcomes of a batch in the report.
func (w *importer) compare(units []inventory.Unit, here []inventory.Known) error {
	acc := inventory.NewAccount(w.acc.Zone, here)
	for _, u := range units {
		changes, refusals, err := w.file.Compare(u, acc)
		if err != nil {
			return err
		}
		w.report.Refuse(refusals...)
		w.report.Count(changes)
		fresh, changed := u.HasHead(), false
		for n, c := range changes {
			fresh = fresh && c.Outcome == inventory.New
			changed = changed || c.Outcome != inventory.Unchanged
			if c.Outcome == inventory.Superseded && len(w.report.Ours) < maxListed {
				w.report.Ours = append(w.report.Ours, Superseded{u.Rows[n].Line, c.Instance.ID, c.Order})
			}
		}
		switch {
		case !changed:
		case fresh:
			w.fresh.add(w.file, u)
		default:
			w.others.add(w.file, u)
		}
	}
	return nil
}

// apply writes what changes anything, each batch in a transaction that compares
// again. What nobody has is inserted without being asked for: where somebody else
// brought it meanwhile, its key says so, and the batch asks like any other.
func (w *importer) apply(ctx context.Context) error {
	// The person who imported looks for what came.
	defer w.facets.drop(w.acc.ID)
	w.report.Applied = w.report.Rows - w.fresh.rows - w.others.rows
	// A large price book takes long to read, and nobody is to wait for that.
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		acc, err := tx.Account(w.acc.ID)
		if err != nil {
			return err
		}
		return w.fees.refresh(tx, acc)
	})
	if err == nil {
		err = w.applyEach(ctx, w.fresh, func(units []inventory.Unit) error {
			err := w.Store.Write(ctx, func(tx *store.Tx) error { return w.write(tx, units, nothing) })
			if store.IsDuplicate(err) {
				return w.merge(ctx, units)
			}
			return err
		})
	}
	if err == nil {
		err = w.applyEach(ctx, w.others, func(units []inventory.Unit) error { return w.merge(ctx, units) })
	}
	if err == nil {
		err = w.Store.Analyze(ctx)
	}
	if err != nil {
		return interrupted(err, w.report.Applied, w.report.Rows)
	}
	return nil
}

func (w *importer) merge(ctx context.Context, units []inventory.Unit) error {
	return w.Store.Write(ctx, func(tx *store.Tx) error { return w.write(tx, units, known) })
}

func (w *importer) applyEach(ctx context.Context, k work, write func([]inventory.Unit) error) error {
	written := 0
	for units, err := range w.file.BatchesAt(k.places, rowsACommit) {
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err == nil {
			err = write(units)
		}
		// Each time there is twice as much as when it was last counted.
		if written++; err == nil && written&(written-1) == 0 {
			err = w.Store.Analyze(ctx)
		}
		if err != nil {
			return err
		}
		w.begun = true
		w.report.Applied += rowsIn(units)
		w.in.Progress(ImportProgress{Applying: true, Done: w.report.Applied, Of: w.report.Rows})
	}
	return nil
}

// interrupted says how far an import came.
func interrupted(err error, done, of int) error {
	why, kind := "", fault.Unavailable
	if f, ok := fault.Of(err); ok {
		why, kind = f.Message+" ", f.Kind
	} else if !errors.Is(err, context.Canceled) {
		kind = fault.Internal
	}
	return fault.Wrap(err, kind, "%sThe import stopped after %s of %s rows. Import the same file again: it goes on from there.",
		why, money.Group(fmt.Sprint(done)), money.Group(fmt.Sprint(of)))
}

func rowsIn(units []inventory.Unit) (rows int) {
	for _, u := range units {
		rows += len(u.Rows)
	}
	return rows
}
