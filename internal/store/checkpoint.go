package store

import (
	"context"
	"fmt"
	"time"
)

const (
	walPages = 32768 // of 4 KB, in the write-ahead log: from then on they are copied into the database
	walQuiet = 1200  // looks at a log that does not grow, a minute: it is copied however short it is
	walLook  = time.Second / 20
	walWaits = 20 // looks, from one wait for readers to the next
)

// What the checkpointer asks of the writer.
const (
	copyRest int32 = iota + 1
	awaitReaders
)

// checkpointer copies SQLite's write-ahead log into the database while the writer goes on. By itself the writer would do that
// behind every thousandth page, and whoever waits for it would wait for two more syncs of the disk. What is written meanwhile is
// copied in another round. The few pages that are left then the writer copies itself, between two commits: only so does it begin
// at the start of the log again, which would otherwise grow for as long as anybody writes.
//
// SQLite syncs the database only with the last page of the log, and so all of it while the writer waits; it is synced before
// that, here. Whether that works out decides, as it does for SQLite's own sync, whether this process may go on.
//
// A crash leaves a log that the next start reads; nothing depends on how far it was copied.
type checkpointer struct {
	conn *conn
	sync func() error // of the database's file
	w    *writer
	end  context.CancelFunc
	done chan struct{}

	most   int // pages, from which on they are copied
	pages  int // at the last look
	same   int // looks that have found just as many
	waited int // looks since the writer was asked to wait for readers
}

func newCheckpointer(db *DB) (*checkpointer, error) {
	c, err := newConn(context.Background(), db.write)
	return &checkpointer{conn: c, sync: db.file.Sync, w: db.w, done: make(chan struct{}), most: walPages, waited: walWaits}, err
}

func (k *checkpointer) start() {
	ctx, end := context.WithCancel(context.Background())
	k.end = end
	go k.run(ctx)
}

func (k *checkpointer) stop() {
	k.end()
	<-k.done
}

func (k *checkpointer) run(ctx context.Context) {
	defer close(k.done)
	tick := time.NewTicker(walLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if !k.w.dead.Load() {
				k.conn.drop()
			}
			return
		case <-tick.C:
			if err := k.look(); err != nil {
				k.w.die(err)
				return
			}
		}
	}
}

// look copies a log that is long, or has not grown for a minute, or may be in the way of a full disk, and asks the writer for the
// rest. Its error is one after which this process must end.
func (k *checkpointer) look() error {
	pages, copied, err := k.checkpoint("noop")
	k.same++
	k.waited++
	if pages != k.pages {
		k.pages, k.same = pages, 0
	}
	if err != nil || copied == pages || pages < k.most && k.same < walQuiet && !k.w.full.Swap(false) {
		return err
	}
	before := copied
	if pages, copied, err = k.checkpoint("passive"); err != nil {
		return err
	}
	if copied > before { // else somebody reads an older moment, a backup maybe, and for long
		if err := k.sync(); err != nil {
			return fmt.Errorf("sync the database: %w", err)
		}
		if _, _, err := k.checkpoint("passive"); err != nil { // what was written meanwhile
			return err
		}
	}
	k.w.rest.Store(copyRest)
	if pages > 2*k.most && k.waited >= walWaits { // it has not begun anew for long: somebody always reads an older moment
		k.waited = 0
		k.w.rest.Store(awaitReaders)
	}
	return nil
}

// checkpoint tells how many pages the log has, and how many of them the database has too.
func (k *checkpointer) checkpoint(mode string) (pages, copied int, err error) {
	var busy int
	stmt, err := k.conn.prepare(context.Background(), "pragma wal_checkpoint("+mode+")")
	if err == nil {
		err = stmt.QueryRow().Scan(&busy, &pages, &copied)
	}
	return pages, copied, k.w.worst(err)
}

// copyRest copies what is left of the log. Where the writer is to wait for who reads an older moment, it does so for a tenth of a
// second.
func (w *writer) copyRest(asked int32) error {
	ctx := context.Background()
	if asked != awaitReaders {
		return w.worst(w.exec(ctx, "pragma wal_checkpoint(passive)"))
	}
	_ = w.exec(ctx, "pragma busy_timeout(100)")
	err := w.exec(ctx, "pragma wal_checkpoint(restart)")
	_ = w.exec(ctx, "pragma busy_timeout(10000)")
	return w.worst(err)
}

// worst gives an error of copying the log only where the disk may have lost what was copied. Any other, of a full disk for one,
// leaves the log as it is, and is met again by the next commit.
func (w *writer) worst(err error) error {
	if err == nil || !w.db.d.broken(err) || w.db.overQuota(err) {
		return nil
	}
	return fmt.Errorf("copy the write-ahead log: %w", err)
}
