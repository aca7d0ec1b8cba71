package store

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// statementsKept is how many statements a connection to a SQLite file keeps
// compiled. A page asks about twenty different ones.
const statementsKept = 64

// keeping makes connections that keep their statements. Compiling a statement
// anew for every transaction costs a page more than its rows do; pgx keeps
// statements by itself.
type keeping struct{ driver.Connector }

func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(liteConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("store: a %T lacks an interface of database/sql/driver", conn)
	}
	return &keepingConn{liteConn: full, kept: map[string]liteStmt{}}, nil
}

// liteConn and liteStmt are what the SQLite driver offers of database/sql/driver.
type liteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type liteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keepingConn is a connection with the statements that nobody uses at the moment,
// the longest unused first. database/sql calls it from one goroutine at a time.
type keepingConn struct {
	liteConn
	kept  map[string]liteStmt
	order []string
}

func (c *keepingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if s, ok := c.kept[query]; ok {
		c.forget(query)
		return &keptStmt{liteStmt: s, conn: c, query: query}, nil
	}
	s, err := c.liteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	lite, ok := s.(liteStmt)
	if !ok {
		_ = s.Close()
		return nil, fmt.Errorf("store: a %T lacks an interface of database/sql/driver", s)
	}
	return &keptStmt{liteStmt: lite, conn: c, query: query}, nil
}

func (c *keepingConn) forget(query string) {
	delete(c.kept, query)
	for n, q := range c.order {
		if q == query {
			c.order = append(c.order[:n], c.order[n+1:]...)
			return
		}
	}
}

// keep takes a statement back, and closes the longest unused one where there are
// too many.
func (c *keepingConn) keep(query string, s liteStmt) error {
	if _, twice := c.kept[query]; twice {
		return s.Close()
	}
	c.kept[query] = s
	c.order = append(c.order, query)
	if len(c.order) <= statementsKept {
		return nil
	}
	oldest := c.order[0]
	stale := c.kept[oldest]
	c.forget(oldest)
	return stale.Close()
}

func (c *keepingConn) Close() error {
	for _, s := range c.kept {
		_ = s.Close() // the connection ends with them
	}
	clear(c.kept)
	c.order = nil
	return c.liteConn.Close()
}

// keptStmt is a statement in use. Closing it gives it back, unless it failed: the
// driver does not promise in what state it leaves that.
type keptStmt struct {
	liteStmt
	conn   *keepingConn
	query  string
	failed bool
}

func (s *keptStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	r, err := s.liteStmt.ExecContext(ctx, args)
	s.failed = s.failed || err != nil
	return r, err
}

func (s *keptStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	r, err := s.liteStmt.QueryContext(ctx, args)
	s.failed = s.failed || err != nil
	return r, err
}

func (s *keptStmt) Close() error {
	if s.failed {
		return s.liteStmt.Close()
	}
	return s.conn.keep(s.query, s.liteStmt)
}
