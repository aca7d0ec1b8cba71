package testkit

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// engineConn is what a connection of both engines offers, so that nothing has to
// be guessed when it is missing.
type engineConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

type engineStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type faultConnector struct {
	driver.Connector
	faults *Faults
}

func (c *faultConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(engineConn)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("testkit: a %T cannot be wrapped: it lacks an interface of database/sql/driver", conn)
	}
	return &faultConn{engineConn: full, faults: c.faults}, nil
}

// faultConn is used by one goroutine at a time, as database/sql promises.
type faultConn struct {
	engineConn
	faults *Faults
	inTx   bool
	failed bool // the open transaction has heard an error
}

// carryOut runs one operation under its fault. undo takes back what do did,
// where an operation that "took effect" would leave something open.
func carryOut[T any](c *faultConn, kind OpKind, sql string, do func() (T, error), undo func(T)) (T, error) {
	var none T
	if c.failed {
		return none, c.faults.misuse(kind, sql)
	}
	fault := c.faults.next(kind, sql)
	if fault.Err != nil && fault.When != After {
		c.failed = c.inTx
		return none, fault.Err
	}
	result, err := do()
	if err == nil && fault.Err != nil {
		undo(result)
		result, err = none, fault.Err
	}
	c.failed = c.inTx && err != nil
	return result, err
}

func (c *faultConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := carryOut(c, OpBegin, "",
		func() (driver.Tx, error) { return c.engineConn.BeginTx(ctx, opts) },
		func(tx driver.Tx) { _ = tx.Rollback() })
	if err != nil {
		return nil, err
	}
	c.inTx = true
	return &faultTx{engine: tx, conn: c}, nil
}

func (c *faultConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *faultConn) ExecContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Result, error) {
	return carryOut(c, OpExec, sql,
		func() (driver.Result, error) { return c.engineConn.ExecContext(ctx, sql, args) },
		func(driver.Result) {})
}

func (c *faultConn) QueryContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(sql, func() (driver.Rows, error) { return c.engineConn.QueryContext(ctx, sql, args) })
}

// query adds to carryOut the fault that only a query can have. The failing rows
// come from the engine's own, so that the statement is really running.
func (c *faultConn) query(sql string, do func() (driver.Rows, error)) (driver.Rows, error) {
	if c.failed {
		return nil, c.faults.misuse(OpQuery, sql)
	}
	fault := c.faults.next(OpQuery, sql)
	if fault.Err != nil && fault.When == Before {
		c.failed = c.inTx
		return nil, fault.Err
	}
	rows, err := do()
	if err != nil || fault.Err == nil {
		c.failed = c.inTx && err != nil
		return rows, err
	}
	c.failed = c.inTx
	if fault.When == Reading {
		return &faultRows{Rows: rows, err: fault.Err}, nil
	}
	rows.Close()
	return nil, fault.Err
}

func (c *faultConn) PrepareContext(ctx context.Context, sql string) (driver.Stmt, error) {
	stmt, err := carryOut(c, OpPrepare, sql,
		func() (driver.Stmt, error) { return c.engineConn.PrepareContext(ctx, sql) },
		func(stmt driver.Stmt) { stmt.Close() })
	if err != nil {
		return nil, err
	}
	full, ok := stmt.(engineStmt)
	if !ok {
		stmt.Close()
		return nil, fmt.Errorf("testkit: a %T cannot be wrapped: it lacks an interface of database/sql/driver", stmt)
	}
	return &faultStmt{engineStmt: full, conn: c, sql: sql}, nil
}

func (c *faultConn) Prepare(sql string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), sql)
}

// CheckNamedValue and IsValid are offered by one engine each; ErrSkip and true
// are what database/sql takes their absence for.
func (c *faultConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.engineConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *faultConn) IsValid() bool {
	if validator, ok := c.engineConn.(driver.Validator); ok {
		return validator.IsValid()
	}
	return true
}

type faultStmt struct {
	engineStmt
	conn *faultConn
	sql  string
}

func (s *faultStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return carryOut(s.conn, OpExec, s.sql,
		func() (driver.Result, error) { return s.engineStmt.ExecContext(ctx, args) },
		func(driver.Result) {})
}

func (s *faultStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.query(s.sql, func() (driver.Rows, error) { return s.engineStmt.QueryContext(ctx, args) })
}

type faultTx struct {
	engine driver.Tx
	conn   *faultConn
}

// Commit that fails leaves no transaction open, as neither engine does for an
// error that a commit can meet.
func (t *faultTx) Commit() error {
	if t.conn.failed {
		_ = t.Rollback()
		return t.conn.faults.misuse(OpCommit, "")
	}
	fault := t.conn.faults.next(OpCommit, "")
	if fault.Err != nil && fault.When != After {
		_ = t.Rollback()
		return fault.Err
	}
	t.conn.inTx = false
	if err := t.engine.Commit(); err != nil {
		return err
	}
	return fault.Err
}

func (t *faultTx) Rollback() error {
	t.conn.inTx, t.conn.failed = false, false
	return t.engine.Rollback()
}

// faultRows fails at its first row.
type faultRows struct {
	driver.Rows
	err error
}

func (r *faultRows) Next([]driver.Value) error { return r.err }
