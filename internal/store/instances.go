package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"perennial/internal/renewal"
)

const instanceColumns = `id, name, service_code, service_name, type_code, type_name, spec_code, region_code,
	region_name, project, order_id, period, quantity, effective_at, expires_at, anchor, policy, mode, parent_id,
	package, hold, renewed_at, renewed_order, intent, intent_order`

// NoListFee stands in list_fee where a unit has no price; it sorts before every fee.
const NoListFee = -1

// Fold is the form in which names are searched and sorted. It is made here
// because the engines disagree on the letter case of anything but ASCII.
func Fold(s string) string { return cases.Fold().String(norm.NFC.String(s)) }

func scanInstance(r row) (renewal.Instance, error) {
	var i renewal.Instance
	var effective, expires, renewed int64
	err := r.Scan(&i.ID, &i.Name, &i.ServiceCode, &i.ServiceName, &i.TypeCode, &i.TypeName, &i.SpecCode, &i.RegionCode,
		&i.RegionName, &i.Project, &i.OrderID, &i.Period, &i.Quantity, &effective, &expires, &i.Anchor, &i.Policy, &i.Mode,
		&i.ParentID, &i.Package, &i.Hold, &renewed, &i.RenewedOrder, &i.Intent, &i.IntentOrder)
	i.EffectiveAt, i.ExpiresAt, i.RenewedAt = instant(effective), instant(expires), instant(renewed)
	return i, err
}

// instanceValues are the values of instanceColumns in their order.
func instanceValues(i renewal.Instance) []any {
	return []any{i.ID, i.Name, i.ServiceCode, i.ServiceName, i.TypeCode, i.TypeName, i.SpecCode, i.RegionCode,
		i.RegionName, i.Project, i.OrderID, i.Period, i.Quantity, millis(i.EffectiveAt), millis(i.ExpiresAt), i.Anchor,
		i.Policy, i.Mode, i.ParentID, i.Package, i.Hold, millis(i.RenewedAt), i.RenewedOrder, i.Intent, i.IntentOrder}
}

// Imported is an instance with what an import keeps beside it.
type Imported struct {
	renewal.Instance
	Source  string // the imported row as it stood in the file
	ListFee int64  // minor units of the whole unit, or NoListFee; means nothing for an associated resource
}

// InsertInstances adds new instances.
func (tx *Tx) InsertInstances(accountID string, all []Imported) error {
	tx.changes(accountID)
	rows := make([][]any, len(all))
	sources := make([][]any, len(all))
	for n, i := range all {
		rows[n] = append(instanceValues(i.Instance), accountID, Fold(i.Name), i.ListFee)
		sources[n] = []any{accountID, i.ID, i.Source}
	}
	if err := tx.scatter("instance", append(columns(instanceColumns), "account_id", "folded", "list_fee"), rows); err != nil {
		return err
	}
	return tx.scatter("instance_source", []string{"account_id", "id", "source"}, sources)
}

// UpdateInstance replaces everything that an import may change, and the source
// beside it; all but the list fee, which SetListFee keeps.
func (tx *Tx) UpdateInstance(accountID string, i Imported) error {
	tx.changes(accountID)
	names := append(columns(instanceColumns), "folded")
	sets := make([]string, len(names))
	for n, name := range names {
		sets[n] = fmt.Sprintf("%s = $%d", name, n+1)
	}
	args := append(instanceValues(i.Instance), Fold(i.Name), accountID)
	n, err := tx.exec("UPDATE instance SET "+strings.Join(sets, ", ")+
		fmt.Sprintf(" WHERE account_id = $%d AND id = $1", len(args)), args...)
	if err == nil && n != 1 {
		err = fmt.Errorf("update instance %s: %w", i.ID, ErrNone)
	}
	if err != nil {
		return err
	}
	_, err = tx.exec("UPDATE instance_source SET source = $1 WHERE account_id = $2 AND id = $3", i.Source, accountID, i.ID)
	return err
}

// Sources returns the last imported rows of the given instances, by ID.
func (tx *Tx) Sources(accountID string, ids []string) (map[string]string, error) {
	sources := make(map[string]string, len(ids))
	err := tx.byIDs("SELECT id, source FROM instance_source WHERE account_id = $1 AND id IN ", accountID, ids, "", func(r row) error {
		var id, source string
		err := r.Scan(&id, &source)
		sources[id] = source
		return err
	})
	return sources, err
}

// byIDs runs a query whose last condition is a list of IDs, some of them a
// statement, so that the statement stays small and is prepared once.
func (tx *Tx) byIDs(query, accountID string, ids []string, suffix string, scan func(row) error) error {
	for len(ids) > 0 {
		n := min(parametersAStatement-1, len(ids))
		args := []any{accountID}
		for _, id := range ids[:n] {
			args = append(args, id)
		}
		if err := tx.each(query+"("+places(2, n)+")"+suffix, args, scan); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// Unit finds a primary instance with its associated resources, or ErrNone.
func (tx *Tx) Unit(accountID, id string) (renewal.Unit, error) {
	units, err := tx.Units(accountID, []string{id})
	if err != nil {
		return renewal.Unit{}, err
	}
	u, ok := units[id]
	if !ok {
		return u, ErrNone
	}
	return u, nil
}

// Units finds instances by ID with their associated resources; what does not
// exist is not in the map.
func (tx *Tx) Units(accountID string, ids []string) (map[string]renewal.Unit, error) {
	return tx.units(accountID, ids, "")
}

// LockUnits is Units for units that are about to be changed: on an engine with
// several writers nobody else changes them before this transaction ends.
func (tx *Tx) LockUnits(accountID string, ids []string) (map[string]renewal.Unit, error) {
	return tx.units(accountID, ids, tx.dialect.rowLock)
}

func (tx *Tx) units(accountID string, ids []string, lock string) (map[string]renewal.Unit, error) {
	units := make(map[string]renewal.Unit, len(ids))
	err := tx.byIDs("SELECT "+instanceColumns+" FROM instance WHERE account_id = $1 AND id IN ", accountID, ids, " ORDER BY id"+lock, func(r row) error {
		i, err := scanInstance(r)
		units[i.ID] = renewal.Unit{Instance: i}
		return err
	})
	if err != nil {
		return nil, err
	}
	// Nothing hangs under what is not here.
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, here := units[id]; return !here })
	hanging, err := tx.associated(accountID, ids, lock)
	for id, all := range hanging {
		u := units[id]
		u.Associated = all
		units[id] = u
	}
	return units, err
}

// associated reads what hangs under primary instances, in the order of the IDs.
func (tx *Tx) associated(accountID string, ids []string, lock string) (map[string][]renewal.Instance, error) {
	all := map[string][]renewal.Instance{}
	query, order := associatedQuery(lock)
	err := tx.byIDs(query, accountID, ids, order, func(r row) error {
		i, err := scanInstance(r)
		all[i.ParentID] = append(all[i.ParentID], i)
		return err
	})
	for _, some := range all {
		slices.SortFunc(some, func(a, b renewal.Instance) int { return strings.Compare(a.ID, b.ID) })
	}
	return all, err
}

// associatedQuery is the query with its order: only where rows are locked they are
// asked for in one. Asked for those of a single ID in their order, SQLite walks over
// the whole account, which stands in that order already.
func associatedQuery(lock string) (query, order string) {
	query = "SELECT " + instanceColumns + " FROM instance WHERE account_id = $1 AND parent_id IN "
	if lock != "" {
		order = " ORDER BY parent_id, id" + lock
	}
	return query, order
}

// Extend moves the expiry of one instance from the one that was quoted to the
// new one, keeps when and by which order that was, and ends that order's intent.
// It reports false where the expiry is no longer the quoted one, or another order
// means to renew the instance.
func (tx *Tx) Extend(accountID, id string, from, to, now time.Time, orderID string) (bool, error) {
	tx.changes(accountID)
	n, err := tx.exec(`UPDATE instance SET expires_at = $1, renewed_at = $2, renewed_order = $3, intent = '', intent_order = ''
		WHERE account_id = $4 AND id = $5 AND expires_at = $6 AND intent_order IN ('', $3)`,
		millis(to), millis(now), orderID, accountID, id, millis(from))
	return n == 1, err
}

// Intend makes an order the only one that may renew an instance, if its expiry is
// still the quoted one and nobody else means to renew it. An order that has the
// intent already may change what it tells others.
func (tx *Tx) Intend(accountID, id string, expiry time.Time, why renewal.Reason, orderID string) (bool, error) {
	tx.changes(accountID)
	n, err := tx.exec(`UPDATE instance SET intent = $1, intent_order = $2
		WHERE account_id = $3 AND id = $4 AND expires_at = $5 AND intent_order IN ('', $2)`,
		string(why), orderID, accountID, id, millis(expiry))
	return n == 1, err
}

// EndIntent lets others renew an instance that an order gave up.
func (tx *Tx) EndIntent(accountID, id, orderID string) error {
	tx.changes(accountID)
	_, err := tx.exec("UPDATE instance SET intent = '', intent_order = '' WHERE account_id = $1 AND id = $2 AND intent_order = $3",
		accountID, id, orderID)
	return err
}
