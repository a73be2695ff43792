package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"modernc.org/sqlite"
)

// Tx is one transaction. It must not be kept beyond the function it was given to.
type Tx struct {
	Now  time.Time // read once; every row written by the transaction carries the same moment
	ctx  context.Context
	conn *conn
	d    *dialect

	counted tallies           // what is to be added to counts
	jobs    []Job             // enqueued, and not written yet
	taking  map[string]Taking // what ActionTaking has read, by pid
	failed  error             // the first error of the engine in the present write
}

// conn is a connection with the statements prepared on it; parsing SQL anew costs more than most of our statements.
type conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt
	embedded bool // the engine runs in this process
}

func newConn(ctx context.Context, pool *sql.DB) (*conn, error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	_, embedded := pool.Driver().(*sqlite.Driver)
	return &conn{Conn: c, prepared: map[string]*sql.Stmt{}, embedded: embedded}, nil
}

// drop closes the connection itself rather than giving it back: what is left open on it must not reach the next user. SQLite
// closes none that has a statement left, and would keep what it reads from being forgotten; database/sql leaves them to us. A
// server forgets them with the connection, and one that is silent must not be asked to.
func (c *conn) drop() {
	if c.embedded {
		for _, stmt := range c.prepared {
			_ = stmt.Close()
		}
	}
	_ = c.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.Close()
}

// alive tells whether the server still answers on a connection.
func (c *conn) alive() bool {
	ctx, cancel := context.WithTimeout(context.Background(), lostAfter)
	defer cancel()
	return c.PingContext(ctx) == nil
}

// unlock gives up the advisory locks of a connection, and drops it. By itself the server notices a connection that is gone a
// moment later, and whoever asks next would find them held. Where this fails it was cut, and they with it.
func (c *conn) unlock() {
	ctx, cancel := context.WithTimeout(context.Background(), lostAfter)
	defer cancel()
	_, _ = c.ExecContext(ctx, "select pg_advisory_unlock_all()")
	c.drop()
}

func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := c.prepared[query]; ok {
		return stmt, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.prepared[query] = stmt
	return stmt, nil
}

// exec runs a statement and tells how many rows it changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	stmt, err := tx.conn.prepare(tx.ctx, query)
	if err != nil {
		return 0, tx.noted(err)
	}
	result, err := stmt.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, tx.noted(err)
	}
	return result.RowsAffected()
}

// one reads a single row into dest; found is false where there is none.
func (tx *Tx) one(query string, args []any, dest ...any) (found bool, err error) {
	stmt, err := tx.conn.prepare(tx.ctx, query)
	if err != nil {
		return false, tx.noted(err)
	}
	switch err := stmt.QueryRowContext(tx.ctx, args...).Scan(dest...); err {
	case nil:
		return true, nil
	case sql.ErrNoRows:
		return false, nil
	default:
		return false, tx.noted(err)
	}
}

// each calls scan for every row.
func (tx *Tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	stmt, err := tx.conn.prepare(tx.ctx, query)
	if err != nil {
		return tx.noted(err)
	}
	rows, err := stmt.QueryContext(tx.ctx, args...)
	if err != nil {
		return tx.noted(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return tx.noted(rows.Err())
}

// noted remembers the engine's first error, whatever the caller makes of it: PostgreSQL answers the commit of a transaction
// in which a statement failed with a rollback and no error.
func (tx *Tx) noted(err error) error {
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// micros is how a moment is stored: microseconds since 1970, UTC; 0 is none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
