package store

import (
	"context"
	"time"
)

const (
	walPages = 16384 // of 4 KB, in the write-ahead log: from then on they are copied into the database
	walRest  = 512   // may be left for the writer to copy
	walLook  = 50 * time.Millisecond
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
}

func startCheckpointer(db *DB) (*checkpointer, error) {
	c, err := newConn(context.Background(), db.write)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	k := &checkpointer{conn: c, w: db.w, end: end, done: make(chan struct{})}
	go k.run(ctx)
	return k, nil
}

func (k *checkpointer) stop() {
	k.end()
	<-k.done
}

func (k *checkpointer) run(ctx context.Context) {
	defer close(k.done)
	defer k.conn.drop()
	look := time.NewTicker(walLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			k.copyFrom(walPages)
		}
	}
}

// copyFrom copies a log that has so many pages, and asks the writer for the rest.
func (k *checkpointer) copyFrom(most int) {
	if pages, copied := k.checkpoint("noop"); pages < most || copied == pages {
		return
	}
	for rounds := 0; rounds < 4; rounds++ {
		if pages, copied := k.checkpoint("passive"); pages-copied <= walRest {
			break
		}
	}
	k.w.restart.Store(true)
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
