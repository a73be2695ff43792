package store

import (
	"context"
	"time"
)

const (
	walPages = 16384 // of 4 KB, in the write-ahead log: from then on they are copied into the database
	walRest  = 512   // may be left for the writer to copy
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
// A crash leaves a log that the next start reads; nothing depends on how far it was copied.
type checkpointer struct {
	conn *conn
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
	return &checkpointer{conn: c, w: db.w, done: make(chan struct{}), most: walPages, waited: walWaits}, err
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
	defer k.conn.drop()
	tick := time.NewTicker(walLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			k.look()
		}
	}
}

// look copies a log that is long, or has not grown for a minute, or may be in the way of a full disk, and asks the writer for the
// rest.
func (k *checkpointer) look() {
	pages, copied := k.checkpoint("noop")
	k.same++
	k.waited++
	if pages != k.pages {
		k.pages, k.same = pages, 0
	}
	if copied == pages || pages < k.most && k.same < walQuiet && !k.w.full.Swap(false) {
		return
	}
	for rounds := 0; rounds < 4; rounds++ {
		if pages, copied := k.checkpoint("passive"); pages-copied <= walRest {
			break
		}
	}
	if pages > 4*k.most && k.waited >= walWaits { // it has not begun anew for long: somebody always reads an older moment
		k.waited = 0
		k.w.rest.Store(awaitReaders)
		return
	}
	k.w.rest.Store(copyRest)
}

// checkpoint tells how many pages the log has, and how many of them the database has too. An error, of a full disk for one, is
// the writer's to meet: it needs the same disk.
func (k *checkpointer) checkpoint(mode string) (pages, copied int) {
	var busy int
	stmt, err := k.conn.prepare(context.Background(), "pragma wal_checkpoint("+mode+")")
	if err == nil {
		_ = stmt.QueryRow().Scan(&busy, &pages, &copied)
	}
	return pages, copied
}

// copyRest copies what is left of the log. Where the writer is to wait for who reads an older moment, it does so for a tenth of a
// second. The next commit meets what is wrong with the disk.
func (w *writer) copyRest(asked int32) {
	ctx := context.Background()
	if asked != awaitReaders {
		_ = w.exec(ctx, "pragma wal_checkpoint(passive)")
		return
	}
	_ = w.exec(ctx, "pragma busy_timeout(100)")
	_ = w.exec(ctx, "pragma wal_checkpoint(restart)")
	_ = w.exec(ctx, "pragma busy_timeout(10000)")
}
