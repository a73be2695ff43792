package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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
	conn, held, err := v.db.tryLock(ctx, query, keyringLock)
	if err == nil && !held {
		err = seal.ErrBusy
	}
	if err != nil {
		return nil, wrapKeys("hold the keys", err)
	}
	return func() error {
		// The server notices a connection that is gone a moment later, and whoever asks next would find the keys held. Where
		// this fails the connection was cut, and the lock with it.
		_, _ = conn.ExecContext(context.Background(), "select pg_advisory_unlock_all()")
		conn.drop()
		return nil
	}, nil
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

// sequencerLock is the advisory lock of the one node that sequences the public log.
const sequencerLock = 0x756e64657274

// HoldSequencer tells whether this node is the one that sequences the public log, and makes it so where none is. Beside
// SQLite there is no other node. The lock ends with its connection; that a node may go on for a moment after losing it
// does no harm, because the log grows by compare-and-swap.
func (db *DB) HoldSequencer(ctx context.Context) (bool, error) {
	if db.d != postgresDialect {
		return true, nil
	}
	db.holding.Lock()
	defer db.holding.Unlock()
	if db.sequencer != nil {
		if err := db.sequencer.PingContext(ctx); err == nil {
			return true, nil
		}
		db.sequencer.drop()
		db.sequencer = nil
	}
	c, held, err := db.tryLock(ctx, "select pg_try_advisory_lock($1)", sequencerLock)
	if err != nil || !held {
		return false, err
	}
	db.sequencer = c
	db.term.Add(1)
	return true, nil
}

// SequencerTerm counts how often this node began to hold the sequencer: in between, another may have. It stays 0 on SQLite.
func (db *DB) SequencerTerm() int64 { return db.term.Load() }

// ReleaseSequencer lets another node sequence.
func (db *DB) ReleaseSequencer() {
	db.holding.Lock()
	defer db.holding.Unlock()
	if db.sequencer != nil {
		db.sequencer.drop()
		db.sequencer = nil
	}
}
