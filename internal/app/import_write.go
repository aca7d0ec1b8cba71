package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"perennial/internal/account"
	"perennial/internal/fault"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// has is what a batch finds in the account.
type has func(tx *store.Tx, accountID string, units []inventory.Unit) ([]inventory.Known, error)

// nothing is found of units that the account does not have.
func nothing(*store.Tx, string, []inventory.Unit) ([]inventory.Known, error) { return nil, nil }

// known locks what it finds.
func known(tx *store.Tx, accountID string, units []inventory.Unit) ([]inventory.Known, error) {
	return find(tx, accountID, units, tx.LockUnits)
}

// find reads what the account has of some units: the instances that the file
// names and all that hang under one of them. read is tx.Units or tx.LockUnits.
func find(tx *store.Tx, accountID string, units []inventory.Unit,
	read func(string, []string) (map[string]renewal.Unit, error)) ([]inventory.Known, error) {
	var ids []string
	for _, u := range units {
		ids = append(ids, u.IDs()...)
	}
	found, err := read(accountID, ids)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	sources, err := tx.Sources(accountID, ids)
	if err != nil {
		return nil, err
	}
	all := map[string]inventory.Known{}
	for id, u := range found {
		if u.ID == id {
			all[id] = inventory.Known{Instance: u.Instance, Source: sources[id], Intent: u.Intent != ""}
		}
		for _, i := range u.Associated {
			all[i.ID] = inventory.Known{Instance: i, Source: sources[i.ID], Intent: i.Intent != ""}
		}
	}
	return slices.Collect(maps.Values(all)), nil
}

// write applies a batch: it compares once more with what is locked now, keeps the
// instances, and brings the list fees of the units that were touched up to date.
func (w *importer) write(tx *store.Tx, units []inventory.Unit, find has) error {
	now := w.Clock.Now()
	// Whoever replaces the prices waits for this lock, and then finds these units.
	acc, err := tx.LockAccount(w.acc.ID)
	if err != nil {
		return err
	}
	if err := w.fees.refresh(tx, acc); err != nil {
		return err
	}
	here, err := find(tx, acc.ID, units)
	if err != nil {
		return err
	}
	b := &importBatch{was: map[string]renewal.Instance{}, touched: map[string]bool{}}
	for _, k := range here {
		b.was[k.Instance.ID] = k.Instance
	}
	stands := inventory.NewAccount(acc.Zone, here)
	for _, u := range units {
		changes, refusals, err := w.file.Compare(u, stands)
		if err != nil {
			return err
		}
		if len(refusals) > 0 {
			return fault.New(fault.Conflict, "The account changed meanwhile, and now %s", refusals[0])
		}
		b.take(u, changes, &w.fees)
	}
	if err := b.keep(tx, acc.ID, &w.fees); err != nil {
		return err
	}
	if !w.begun {
		b.audits = append(b.audits, w.audited(w.who, now, "import.instances", "account "+acc.ID, "", w.report.summary(w.in.Name)))
	}
	for _, c := range b.changed {
		if was, became := difference(b.was[c.Instance.ID], c.Instance); became != "" {
			b.audits = append(b.audits, w.audited(w.who, now, "instance.import", "instance "+c.Instance.ID, was, became))
		}
	}
	return tx.InsertAudits(b.audits...)
}

// importBatch is what one transaction writes.
type importBatch struct {
	was     map[string]renewal.Instance
	added   []store.Imported
	changed []inventory.Change
	touched map[string]bool // units whose list fee is computed from what was written
	audits  []store.Audit
}

// take sorts the changes of a unit. The fee of a unit that is new as a whole is
// known at once.
func (b *importBatch) take(u inventory.Unit, changes []inventory.Change, fees *listFees) {
	fresh := u.HasHead() && changes[0].Outcome == inventory.New
	var unit renewal.Unit
	for n, c := range changes {
		fresh = fresh && c.Outcome == inventory.New
		if n == 0 {
			unit.Instance = c.Instance
		} else {
			unit.Associated = append(unit.Associated, c.Instance)
		}
	}
	for n, c := range changes {
		switch {
		case c.Outcome == inventory.Unchanged:
			continue
		case c.Outcome != inventory.New:
			b.changed = append(b.changed, c)
		case fresh && n == 0:
			b.added = append(b.added, store.Imported{Instance: c.Instance, Source: c.Source, ListFee: fees.of(unit)})
		default:
			b.added = append(b.added, store.Imported{Instance: c.Instance, Source: c.Source, ListFee: store.NoListFee})
		}
		if !fresh {
			b.touched[u.HeadID] = true
			if parent := b.was[c.Instance.ID].ParentID; parent != "" {
				b.touched[parent] = true // it may have left that unit
			}
		}
	}
}

func (b *importBatch) keep(tx *store.Tx, accountID string, fees *listFees) error {
	if err := tx.InsertInstances(accountID, b.added); err != nil {
		return err
	}
	for _, c := range b.changed {
		if err := tx.UpdateInstance(accountID, store.Imported{Instance: c.Instance, Source: c.Source}); err != nil {
			return err
		}
	}
	_, err := fees.keep(tx, accountID, slices.Sorted(maps.Keys(b.touched)))
	return err
}

// summary is an import in a line, for its audit row.
func (r ImportReport) summary(file string) string {
	return fmt.Sprintf("file=%q rows=%d new=%d changed=%d unchanged=%d superseded=%d removed=%d",
		file, r.Rows, r.New, r.Changed, r.Unchanged, r.Superseded, r.Removed)
}

// difference writes the columns in which an instance changed, before and after.
func difference(was, became renewal.Instance) (before, after string) {
	from, to := inventory.Columns(was), inventory.Columns(became)
	var old, now []string
	for n, name := range inventory.InstanceColumns() {
		if from[n] != to[n] {
			old = append(old, name+"="+from[n])
			now = append(now, name+"="+to[n])
		}
	}
	return strings.Join(old, " "), strings.Join(now, " ")
}

// listFees computes list fees by one price book.
type listFees struct {
	number   int64
	book     renewal.PriceBook
	currency money.Currency
}

// refresh reads the price book again where it was replaced.
func (f *listFees) refresh(tx *store.Tx, acc account.Account) (err error) {
	if f.book != nil && f.number == acc.PriceBook {
		return nil
	}
	f.number, f.currency = acc.PriceBook, money.Currency(acc.Currency)
	f.book, err = tx.PriceBook(acc.ID)
	return err
}

// of is the list fee of a unit in minor units. A unit with a line that has no
// price, or whose sum is no amount any more, has none.
func (f *listFees) of(u renewal.Unit) int64 {
	lines, priced, err := renewal.ListLines(u, f.book, f.currency)
	if err != nil || !priced {
		return store.NoListFee
	}
	q, err := renewal.Sum(lines, f.currency)
	if err != nil {
		return store.NoListFee
	}
	return q.List.Minor
}

// keep computes the list fees of units as they stand now and writes those that
// differ. Ids that are no primary instances are passed over.
func (f *listFees) keep(tx *store.Tx, accountID string, ids []string) (changed int, err error) {
	units, err := tx.LockUnits(accountID, ids)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		u := units[id]
		if u.ID != id || u.ParentID != "" {
			continue
		}
		did, err := tx.SetListFee(accountID, id, f.of(u))
		if err != nil {
			return changed, err
		}
		if did {
			changed++
		}
	}
	return changed, nil
}
