package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/undersigned/undersigned/internal/seal"
)

// Vault keeps the wrapped keys of several nodes in a table of their PostgreSQL database. Destroying a key deletes its
// row; what the server's own logs and archives keep of it, wrapped by a root key that is not in the database, expires
// with them. Beside one machine's SQLite keys live in files ([seal.Folder]), which can be overwritten.
func (db *DB) Vault() seal.Vault { return vault{db} }

type vault struct{ db *DB }

func (v vault) Create(ctx context.Context, name string, value []byte) (kept []byte, err error) {
	err = v.db.Update(ctx, Jobs, func(tx *Tx) error {
		if _, err := tx.exec("insert into keyring (name, wrapped) values ($1, $2) on conflict do nothing", name, value); err != nil {
			return err
		}
		_, err := tx.one("select wrapped from keyring where name = $1", []any{name}, &kept)
		return err
	})
	return kept, wrapKeys("keep a key", err)
}

func (v vault) Get(ctx context.Context, name string) (value []byte, err error) {
	err = v.db.View(ctx, func(tx *Tx) error {
		found, err := tx.one("select wrapped from keyring where name = $1", []any{name}, &value)
		if err == nil && !found {
			err = seal.ErrKeyDestroyed
		}
		return err
	})
	return value, wrapKeys("read a key", err)
}

func (v vault) List(ctx context.Context, prefix string) (names []string, err error) {
	err = v.db.View(ctx, func(tx *Tx) error {
		return tx.each("select name from keyring where substr(name, 1, $1) = $2 order by name", []any{len(prefix), prefix},
			func(r *sql.Rows) error {
				var name string
				err := r.Scan(&name)
				names = append(names, name)
				return err
			})
	})
	return names, wrapKeys("list the keys", err)
}

func (v vault) Replace(ctx context.Context, name string, value []byte) error {
	return wrapKeys("replace a key", v.db.Update(ctx, Jobs, func(tx *Tx) error {
		_, err := tx.exec("update keyring set wrapped = $2 where name = $1", name, value)
		return err
	}))
}

func (v vault) Destroy(ctx context.Context, name string) error {
	return wrapKeys("destroy a key", v.db.Update(ctx, Jobs, func(tx *Tx) error {
		_, err := tx.exec("delete from keyring where name = $1", name)
		return err
	}))
}

// keyringLock is the advisory lock that stands for the keyring: shared by those that use it, alone for rotating.
const keyringLock = 0x756e64657273

func (v vault) Hold(ctx context.Context, alone bool) (release func() error, err error) {
	query := "select pg_try_advisory_lock_shared($1)"
	if alone {
		query = "select pg_try_advisory_lock($1)"
	}
	c, held, err := v.db.tryLock(ctx, query, keyringLock)
	if err == nil && !held {
		err = seal.ErrBusy
	}
	if err != nil {
		return nil, wrapKeys("hold the keys", err)
	}
	holding, stop := context.WithCancel(context.WithoutCancel(ctx))
	kept := make(chan *conn)
	go func() { kept <- v.keepHolding(holding, c, query) }()
	return func() error {
		stop()
		if c := <-kept; c != nil {
			c.unlock()
		}
		return nil
	}, nil
}

// lookAfterLock is how often it is looked whether the lock of the keyring is still held.
const lookAfterLock = 10 * time.Second

// keepHolding takes the lock again whenever its connection has been cut, as by a database that fails over, until ctx ends. It
// gives the connection that holds it then, nil where none does.
func (v vault) keepHolding(ctx context.Context, c *conn, query string) *conn {
	tick := time.NewTicker(lookAfterLock)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return c
		case <-tick.C:
		}
		if c != nil && c.alive() {
			continue
		}
		if c != nil {
			c.drop()
		}
		c, _, _ = v.db.tryLock(ctx, query, keyringLock) // where that fails, soon again
	}
}

// tryLock asks for an advisory lock, which lives as long as the connection that it gives.
func (db *DB) tryLock(ctx context.Context, query string, lock int64) (*conn, bool, error) {
	c, err := newConn(ctx, db.write)
	if err != nil {
		return nil, false, err
	}
	var held bool
	if err := c.QueryRowContext(ctx, query, lock).Scan(&held); err != nil || !held {
		c.drop()
		return nil, false, err
	}
	return c, true, nil
}

func wrapKeys(what string, err error) error {
	if err == nil || errors.Is(err, seal.ErrKeyDestroyed) || errors.Is(err, seal.ErrBusy) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
