package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned"
)

// Options say where the rows are kept.
type Options struct {
	Dir string           // the data folder; SQLite lives in it
	URL string           // postgres://…; empty is SQLite
	Now func() time.Time // the clock; nil is time.Now
	// Claim makes this process the only one that uses an embedded database, before its schema is changed: an older program beside
	// it would not know. Nil where it is that already.
	Claim func() (release func() error, err error)
	// Existing refuses a place that has no database of ours ([ErrNone]), and leaves nothing there.
	Existing bool
}

// ErrNone is a place without a database of ours.
var ErrNone = errors.New("there is no database")

// DB is an open database. Its methods may be called from any number of goroutines.
type DB struct {
	d     *dialect
	dir   string // the data folder
	write *sql.DB
	read  *sql.DB
	now   func() time.Time
	w     *writer
	k     *checkpointer // nil on PostgreSQL, and file with it
	file  *os.File      // the database's, to sync it; to close it lets go of SQLite's locks, and so comes last

	views   chan struct{} // one for each read under way
	resting sync.Mutex
	rested  []*conn // connections that nobody reads on; the last to have been used is the next to be
	closed  bool
	refresh sync.Mutex // one reader at a time brings the snapshots up to date
	site    atomic.Pointer[Site]
	counts  atomic.Pointer[countsAt]

	revision, published atomic.Int64 // as Poll last saw them

	holding   sync.Mutex
	sequencer *conn // holds the sequencer's lock; nil while this node does not
	term      Term
	terms     int64 // how many there were
}

// Open opens the database, brings its schema up to date and starts the writer.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := &DB{now: o.Now, dir: o.Dir}
	if db.now == nil {
		db.now = time.Now
	}
	var err error
	if o.URL == "" {
		db.d = sqliteDialect
		if o.Existing {
			if there, err := Embedded(o.Dir); err != nil {
				return nil, err
			} else if !there {
				return nil, ErrNone
			}
		}
		if err := claimDir(o.Dir); err != nil {
			return nil, err
		}
		db.write, db.read, err = openSQLite(o.Dir)
	} else {
		db.d = postgresDialect
		db.write, db.read, err = openPostgres(o.URL)
	}
	if err != nil {
		return nil, err
	}
	if o.Existing {
		err = mustHaveSchema(ctx, db.write, db.d)
	}
	if err == nil {
		err = migrate(ctx, db.write, db.d, o.Claim)
	}
	if err != nil {
		return nil, errors.Join(err, db.write.Close(), db.read.Close())
	}
	db.views = make(chan struct{}, maxViews)
	if db.w, err = startWriter(db); err != nil {
		return nil, errors.Join(err, db.write.Close(), db.read.Close())
	}
	if db.d == sqliteDialect {
		if db.file, err = os.OpenFile(filepath.Join(o.Dir, sqliteFile), os.O_RDWR, 0); err == nil {
			db.k, err = newCheckpointer(db)
		}
		if err != nil {
			db.k = nil
			return nil, errors.Join(err, db.Close())
		}
		db.k.start()
	}
	return db, nil
}

// claimDir makes the data folder, for the owner alone: what is in it is sealed, but its sizes and times are not.
func claimDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be written to: %w", filepath.Base(dir), err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Close lets what was handed to the writer finish, and who reads from SQLite, then closes the database. After a fatal error it
// leaves the database as a crash would, and gives that error where nobody has heard it.
func (db *DB) Close() error {
	db.w.stop()
	if db.k != nil {
		db.k.stop()
	}
	db.ReleaseSequencer()
	if db.w.dead.Load() {
		select {
		case err := <-db.w.fatal:
			return err
		default:
			return nil
		}
	}
	if db.file != nil { // to close it takes from readers the locks by which another process knows of them
		for range maxViews {
			db.views <- struct{}{}
		}
		defer func() {
			for range maxViews {
				<-db.views
			}
		}()
	}
	db.resting.Lock()
	defer db.resting.Unlock()
	db.closed = true
	for _, c := range db.rested {
		c.drop()
	}
	db.rested = nil
	err := errors.Join(db.read.Close(), db.write.Close())
	if db.file != nil {
		err = errors.Join(err, db.file.Close())
	}
	return err
}

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.d.name }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	_, _, err := db.Poll(ctx)
	return err
}

// maxViews is how many reads run at the same time; one more waits.
const maxViews = 16

// View runs read on one moment of the database. Unavailable where the database cannot be read, or goes away meanwhile.
func (db *DB) View(ctx context.Context, read func(*Tx) error) (err error) {
	select {
	case db.views <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	var c *conn
	ended := false
	defer func() {
		if ended {
			db.rest(c)
		} else if c != nil { // lost, or read has panicked: its transaction must not reach the next one
			c.drop()
		}
		<-db.views
	}()
	if c, err = db.beginView(ctx, db.wake()); err == nil {
		err = read(&Tx{Now: db.now(), ctx: ctx, conn: c, d: db.d})
		// It must reach the connection even when ctx is over.
		always, cancel := db.always(ctx)
		defer cancel()
		_, rolled := c.ExecContext(always, "rollback")
		if rolled == nil {
			ended = true
			return err
		}
		err = errors.Join(err, rolled)
	}
	return &undersigned.Error{Kind: undersigned.Unavailable, Key: "error.stopping", Err: fmt.Errorf("view: %w", err)}
}

// wake takes the connection that was used last: its pages are the freshest, and the others need not exist. Nil where there is
// none.
func (db *DB) wake() (c *conn) {
	db.resting.Lock()
	defer db.resting.Unlock()
	if last := len(db.rested) - 1; last >= 0 {
		c, db.rested = db.rested[last], db.rested[:last]
	}
	return c
}

func (db *DB) rest(c *conn) {
	db.resting.Lock()
	defer db.resting.Unlock()
	if db.closed {
		c.drop()
		return
	}
	db.rested = append(db.rested, c)
}

// beginView begins to read, on a connection that was used before or on a fresh one: a database that restarted has cut all that
// were kept, and nobody should have to find that out for each of them.
func (db *DB) beginView(ctx context.Context, c *conn) (*conn, error) {
	if c != nil {
		always, cancel := db.always(ctx)
		defer cancel()
		if _, err := c.ExecContext(always, db.d.beginView); err == nil {
			return c, nil
		}
		c.drop()
	}
	c, err := newConn(ctx, db.read)
	if err != nil {
		return nil, err
	}
	always, cancel := db.always(ctx)
	defer cancel()
	if _, err := c.ExecContext(always, db.d.beginView); err != nil {
		c.drop()
		return nil, err
	}
	return c, nil
}

// always is ctx without its end, for what must not be left half done. A server that says nothing is not waited for.
func (db *DB) always(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if db.d.patience == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, lostAfter)
}
