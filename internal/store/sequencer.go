package store

import (
	"context"
	"fmt"
)

// sequencerLock is the advisory lock of the one node that sequences the public log.
const sequencerLock = 0x756e64657274

// HoldSequencer tells whether this node is the one that sequences the public log, and makes it so where none is; who
// sequences calls it again before each step. Beside SQLite there is no other node.
//
// The server itself cuts the connection of a holder that is silent: a node that is frozen, or behind a cut cable, must not keep
// the log to itself. No step between two calls may take as long as lostAfter. A node that was frozen may not know that it has
// lost the lock. Its term tells: each new holder counts it up in the database, and [Tx.GrowLog] and [Tx.Publish] of an older
// term change nothing.
func (db *DB) HoldSequencer(ctx context.Context) (bool, error) {
	db.holding.Lock()
	defer db.holding.Unlock()
	if db.term != (Term{}) && (db.sequencer == nil || db.sequencer.alive()) {
		return true, nil
	}
	db.letGo()
	if db.d == postgresDialect {
		c, held, err := db.tryLock(ctx, "select pg_try_advisory_lock($1)", sequencerLock)
		if err != nil || !held {
			return false, err
		}
		db.sequencer = c
		if _, err := c.ExecContext(ctx, "set idle_session_timeout = "+milliseconds(lostAfter)); err != nil {
			db.letGo()
			return false, fmt.Errorf("hold the sequencer: %w", err)
		}
	}
	var n int64
	err := db.Update(ctx, Jobs, func(tx *Tx) error {
		_, err := tx.one("update site set sequencer_term = sequencer_term + 1 returning sequencer_term", nil, &n)
		return err
	})
	if err != nil {
		db.letGo()
		return false, fmt.Errorf("hold the sequencer: %w", err)
	}
	db.terms++
	db.term = Term{n, db.terms}
	return true, nil
}

// Term is one time of a node as the holder of the sequencer; the zero Term is none. Two of one process are never the same, also
// where the database has lost one and counts its number anew.
type Term struct{ n, ofProcess int64 }

// SequencerTerm is this node's present one.
func (db *DB) SequencerTerm() Term {
	db.holding.Lock()
	defer db.holding.Unlock()
	return db.term
}

// ReleaseSequencer lets another node sequence.
func (db *DB) ReleaseSequencer() {
	db.holding.Lock()
	defer db.holding.Unlock()
	db.letGo()
}

// letGo is called with holding held.
func (db *DB) letGo() {
	db.term = Term{}
	if db.sequencer != nil {
		db.sequencer.unlock()
		db.sequencer = nil
	}
}
