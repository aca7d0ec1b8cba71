package store

import (
	"context"

	"perennial/internal/billing"
	"perennial/internal/renewal"
)

// CountQuery and PageQuery are the statements behind a list, for tests of what an
// engine makes of them.
func (s Scope) CountQuery() (string, []any) {
	w := s.conditions()
	return "SELECT COUNT(*) FROM instance WHERE " + w.String(), w.args
}

// PartsQuery is the statement that breaks a scope down.
func (s Scope) PartsQuery() (string, []any) { return s.parts() }

// PageQuery is the statement of one page.
func (s Scope) PageQuery(sort renewal.Sort, size int, after, before renewal.Cursor) (string, []any) {
	return s.page(sort, size, after, before)
}

// Unusable is unusable.
var Unusable = unusable

// AssociatedQuery is the statement that finds what hangs under so many instances.
func AssociatedQuery(instances int) string {
	query, order := associatedQuery("")
	return query + "(" + places(2, instances) + ")" + order
}

// Exec sends a statement that no use case needs.
func (tx *Tx) Exec(statement string, args ...any) error {
	_, err := tx.exec(statement, args...)
	return err
}

// VitalsQuery is asked at each reading of the metrics.
const VitalsQuery = vitals

// UnderWayQuery and OpenPaymentQuery are asked at every payment of a task.
const (
	UnderWayQuery    = underWay
	OpenPaymentQuery = openPaymentOf
)

// OrderPageQuery and OrderSumsQuery are the statements behind lists of orders.
func OrderPageQuery(f billing.OrderFilter, accountID string, after renewal.Cursor, limit int) (string, []any) {
	return ordered{f, accountID}.page(after, renewal.Cursor{}, limit)
}

// OrderSumsQuery is the statement that adds up.
func OrderSumsQuery(f billing.OrderFilter, accountID string) (string, []any) {
	return ordered{f, accountID}.sums()
}

// LedgerQuery and OrdersPaidQuery are the statements behind a page of the ledger.
func LedgerQuery(accountID string, after, before renewal.Cursor, limit int) (string, []any) {
	return newestQuery(ledgerQuery, "at", accountID, after, before, limit)
}

// OrdersPaidQuery is asked for the payments on a page of the ledger.
func OrdersPaidQuery(payments int) string {
	return ordersPaid + "(" + places(2, payments) + ") GROUP BY p.id"
}

// The statements of a receipt that join orders with what belongs to them.
const (
	ReceiptKindsQuery = receiptKinds
	ReceiptLegsQuery  = receiptLegs
)

// AnalyzeAll counts every table, for plans that follow such counts.
func (db *DB) AnalyzeAll(ctx context.Context) error {
	_, err := db.writer.ExecContext(ctx, "ANALYZE")
	return err
}

// MigrateTo brings the schema to an older program's version.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := db.provider()
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return err
}

// MountedOn is mountedOn.
var MountedOn = mountedOn

// Lane is lane.
type Lane struct{ *lane }

// NewLane is newLane.
func NewLane(turns, share, contended int) Lane { return Lane{newLane(turns, share, contended)} }

// Enter is enter.
func (l Lane) Enter(ctx context.Context, account string) error { return l.enter(ctx, account) }

// Leave is leave.
func (l Lane) Leave(account string) { l.leave(account) }

// SessionSetting reads a setting of a PostgreSQL session.
func (tx *Tx) SessionSetting(name string) (value string, err error) {
	err = tx.one("SELECT current_setting($1)", []any{name}, &value)
	return value, err
}

// PostgresConfig is postgresConfig.
var PostgresConfig = postgresConfig

// MarkNewer makes the database look as if a newer program had migrated it.
func (tx *Tx) MarkNewer() error {
	_, err := tx.exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)", newestMigration()+1, true)
	return err
}
