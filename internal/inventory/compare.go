package inventory

import (
	"fmt"
	"slices"
	"time"

	"perennial/internal/renewal"
)

// Outcome is what an import does to one row.
type Outcome string

// The outcomes.
const (
	New        Outcome = "new"
	Changed    Outcome = "changed"
	Unchanged  Outcome = "unchanged"
	Superseded Outcome = "superseded" // its new expiry is not later than the one here
)

// Known is an instance that the account has.
type Known struct {
	Instance renewal.Instance
	Source   string // the row last imported, as Row.Source wrote it
	Intent   bool   // an open renewal intent holds it
}

// Account is what an account has of one or several units: the instances named by
// Unit.IDs and all that hang under one of them.
type Account struct {
	zone  *time.Location
	byID  map[string]Known
	under map[string][]renewal.Instance
}

// NewAccount makes the instances that were found searchable. The zone is the
// account's billing zone, in which anchor days are found.
func NewAccount(zone *time.Location, known []Known) *Account {
	a := &Account{zone, map[string]Known{}, map[string][]renewal.Instance{}}
	for _, k := range known {
		a.byID[k.Instance.ID] = k
		if p := k.Instance.ParentID; p != "" {
			a.under[p] = append(a.under[p], k.Instance)
		}
	}
	return a
}

// Change is what an import makes of one row.
type Change struct {
	Outcome  Outcome
	Instance renewal.Instance // as it stands here afterwards
	Source   string           // the row, to be kept as the one last imported
	Columns  []string         // the columns that the file changed
	// Order renewed the unit here, so that the expiry of the row did not apply.
	Order string
	line  int
}

// Compare tells what an import of the unit does, row by row, or why it is
// refused. A row is compared with the row last imported (product rule 9): a
// column that the source left alone changes nothing here, and a new source
// expiry applies only if it is later than ours. A new associated resource takes
// on the expiry and policy of a unit that was renewed or changed here.
func (f *File) Compare(u Unit, a *Account) ([]Change, []Refusal, error) {
	changes := make([]Change, len(u.Rows))
	for i, row := range u.Rows {
		var err error
		if changes[i], err = merge(row, a); err != nil {
			return nil, nil, err
		}
	}
	known, here := a.byID[u.HeadID]
	head := known.Instance
	if u.HasHead() {
		head = changes[0].Instance
	} else if refusals := refuseOrphans(u, known, here); len(refusals) > 0 {
		return nil, refusals, nil
	}
	var refusals []Refusal
	for i := range changes {
		c := &changes[i]
		child := c.Instance.ID != head.ID
		if child && here && c.Outcome == New {
			c.join(known, head)
		}
		intent := a.byID[c.Instance.ID].Intent || (child && c.Outcome == New && known.Intent)
		switch column, value, theirs := difference(c.Instance, head); {
		case intent && c.moves():
			refusals = append(refusals, c.refuse(c.firstColumn(), u.Rows[i], "This instance is being renewed, and nothing can change it until that is finished."))
		case column >= 0:
			refusals = append(refusals, c.refuse(column, u.Rows[i], fmt.Sprintf(
				"An associated resource shares the %s of its primary instance. Here it would be %s, and that of %s %s.", sharedWords[column], value, head.ID, theirs)))
		}
		refusals = append(refusals, f.refuseLeft(*c, u.Rows[i], a)...)
	}
	if len(refusals) > 0 {
		return nil, refusals, nil
	}
	return changes, nil, nil
}

// merge says what becomes of the row's own instance.
func merge(row Row, a *Account) (Change, error) {
	c := Change{Outcome: New, Instance: row.Instance, Source: row.Source(), line: row.Line}
	anchor := renewal.AnchorDay(row.Instance.EffectiveAt, row.Instance.ExpiresAt, a.zone)
	known, ok := a.byID[row.Instance.ID]
	if !ok {
		c.Instance.Anchor = anchor
		return c, nil
	}
	last, err := ParseSource(known.Source)
	if err != nil {
		return Change{}, err
	}
	c.Outcome, c.Instance = Unchanged, known.Instance
	if c.Columns = Diff(last, row.Columns()); len(c.Columns) == 0 {
		return c, nil
	}
	c.Outcome = Changed
	for i, column := range instanceColumns {
		switch {
		case !slices.Contains(c.Columns, column.name):
		case i == expireTime && !row.Instance.ExpiresAt.After(known.Instance.ExpiresAt):
			c.Outcome, c.Order = Superseded, known.Instance.RenewedOrder
		default:
			column.copy(&c.Instance, row.Instance)
			if i == effectiveTime || i == expireTime {
				c.Instance.Anchor = anchor
			}
		}
	}
	if c.Outcome == Superseded {
		// The anchor day goes with the expiry, and ours stays.
		c.Instance.Anchor = known.Instance.Anchor
	}
	return c, nil
}

// join lets a new associated resource take on what its unit has in common here,
// if its row fits the unit as it was last imported.
func (c *Change) join(known Known, head renewal.Instance) {
	last, err := ParseSource(known.Source)
	if err != nil {
		return
	}
	if write := instanceColumns[expireTime].text; write(c.Instance) != write(head) && c.fits(expireTime, last, head) {
		c.Instance.ExpiresAt, c.Instance.Anchor, c.Order = head.ExpiresAt, head.Anchor, known.Instance.RenewedOrder
	}
	if c.fits(expirePolicy, last, head) {
		c.Instance.Policy, c.Instance.Mode = head.Policy, head.Mode
	}
}

// fits tells whether a value is the unit's own here or the one last imported.
func (c *Change) fits(column int, last []string, head renewal.Instance) bool {
	write := instanceColumns[column].text
	return write(c.Instance) == at(last, column) || write(c.Instance) == write(head)
}

// moves tells whether the change does anything to the instance.
func (c *Change) moves() bool {
	return c.Outcome == New || c.Outcome == Changed || (c.Outcome == Superseded && len(c.Columns) > 1)
}

func (c *Change) firstColumn() int {
	if len(c.Columns) == 0 {
		return parentID // a new resource under a unit that is being renewed
	}
	return slices.Index(instanceNames, c.Columns[0])
}

func (c *Change) refuse(column int, row Row, reason string) Refusal {
	return Refusal{c.line, instanceNames[column], visible(instanceColumns[column].text(row.Instance)), reason}
}

// refuseOrphans refuses children whose primary instance is neither in the file
// nor, as one, in the account.
func refuseOrphans(u Unit, known Known, here bool) []Refusal {
	reason := "Neither the file nor the account has an instance of this ID."
	if here {
		if known.Instance.ParentID == "" {
			return nil
		}
		reason = "This instance is an associated resource itself, so nothing can hang under it: there is one level."
	}
	var refusals []Refusal
	for _, r := range u.Rows {
		refusals = append(refusals, Refusal{r.Line, instanceNames[parentID], visible(u.HeadID), reason})
	}
	return refusals
}

// refuseLeft refuses a row that would part an instance from the associated
// resources which hang under it here and which the file does not mention.
func (f *File) refuseLeft(c Change, row Row, a *Account) []Refusal {
	if !c.moves() {
		return nil
	}
	for _, left := range a.under[c.Instance.ID] {
		if f.Has(left.ID) {
			continue
		}
		if c.Instance.ParentID != "" {
			return []Refusal{c.refuse(parentID, row, fmt.Sprintf("%s hangs under this instance here, so it cannot become an associated resource: there is one level.", visible(left.ID)))}
		}
		if column, value, _ := difference(left, c.Instance); column >= 0 {
			return []Refusal{c.refuse(column, row, fmt.Sprintf(
				"%s hangs under this instance here, is not in the file, and would no longer share its %s, %s.", visible(left.ID), sharedWords[column], value))}
		}
	}
	return nil
}
