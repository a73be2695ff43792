package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned"
)

// Rank orders what waits for the writer: what a person waits for goes first.
type Rank int

const (
	Client Rank = iota // a request
	Jobs               // mail, the sequencer's tick, regular duties
	Bulk               // imports, purges
	ranks
)

const (
	maxWaiting = 4096                  // requests that may wait; one more is answered 503
	maxBatch   = 1024                  // requests in one commit
	maxJobs    = 64                    // and jobs after them, so that a flood cannot stop the mail altogether
	enough     = 64                    // requests are enough for one commit
	crowd      = 8                     // requests in one commit are many,
	crowdFor   = 50 * time.Millisecond // and this long after them
	bulkTurn   = time.Second           // from one bulk work that goes first to the next
	// maxWait is how long a request waits for its turn. Whoever asks should be told so well before web's answerTime.
	maxWait = 8 * time.Second
)

// errFull is what a request gets when too many wait already.
var errFull = undersigned.Fail(undersigned.Unavailable, "error.overloaded")

// writer is the one goroutine of a node that writes. Whatever writes is a function handed to it; it gathers what waits
// and commits it as one transaction, so that one fsync serves many. Each caller waits for that commit: when Update
// returns nil, the rows are on the disk.
type writer struct {
	db      *DB
	conn    *conn
	queue   [ranks]chan *write
	done    chan struct{}
	crowded atomic.Int64 // when a crowd last came, in nanoseconds since 1970
	rest    atomic.Int32 // what the checkpointer asks for: nothing, copyRest or awaitReaders
	full    atomic.Bool  // the disk was, a moment ago
	dead    atomic.Bool  // the disk may have lost what was written
	end     sync.Once
	quit    chan struct{}
	fatal   chan error

	lastTurn       time.Time     // when bulk work could last go first
	waited, worked time.Duration // for requests and at them, of late
	back           func()        // ends that its thread goes before others; nil while it does not
}

type write struct {
	rank   Rank
	fn     func(*Tx) error
	err    error
	result chan error
	begun  atomic.Bool // by the writer, or given up by its caller: whoever is first
}

func startWriter(db *DB) (*writer, error) {
	c, err := newConn(context.Background(), db.write)
	if err != nil {
		return nil, fmt.Errorf("open the writer: %w", err)
	}
	w := &writer{db: db, conn: c, done: make(chan struct{}), quit: make(chan struct{}), fatal: make(chan error, 1)}
	w.queue[Client] = make(chan *write, maxWaiting)
	w.queue[Jobs] = make(chan *write, maxJobs)
	w.queue[Bulk] = make(chan *write)
	go w.run()
	return w, nil
}

// Update runs fn in a transaction and returns once it is committed, or with fn's error and nothing written; an error of the
// engine is fn's too, even where it returns nil. fn may run twice and must have no effect but through its Tx. A request that
// finds 4,096 others waiting, or whose turn does not come within eight seconds, gets an Unavailable error; jobs and bulk work
// wait their turn. ctx counts until then and no longer: once begun, a write may be committed, and its caller has to know.
func (db *DB) Update(ctx context.Context, rank Rank, fn func(*Tx) error) error {
	job := &write{rank: rank, fn: fn, result: make(chan error, 1)}
	var late <-chan time.Time // never, but for requests
	if rank == Client {
		select {
		case db.w.queue[Client] <- job:
		case <-db.w.quit:
			return errStopped
		default:
			return errFull
		}
		timer := time.NewTimer(maxWait)
		defer timer.Stop()
		late = timer.C
	} else {
		select {
		case db.w.queue[rank] <- job:
		case <-ctx.Done():
			return ctx.Err()
		case <-db.w.quit:
			return errStopped
		case <-db.w.done:
			return errStopped
		}
	}
	for {
		select {
		case err := <-job.result:
			return err
		case <-late:
			if !job.begun.Swap(true) {
				return errFull
			}
		case <-db.w.done:
			select {
			case err := <-job.result:
				return err
			default:
				return errStopped
			}
		}
	}
}

// Crowded tells that just now many people at once waited for the writer, so that what nobody waits for may well go slower.
func (db *DB) Crowded() bool { return time.Since(time.Unix(0, db.w.crowded.Load())) < crowdFor }

var errStopped = undersigned.Fail(undersigned.Unavailable, "error.stopping")

// Fatal gives the error after which this process must end: the disk said that what was written may be lost.
func (db *DB) Fatal() <-chan error { return db.w.fatal }

func (w *writer) stop() {
	w.end.Do(func() { close(w.quit) })
	<-w.done
}

func (w *writer) run() {
	defer close(w.done)
	for !w.dead.Load() {
		ready := time.Now()
		batch := w.gather()
		if batch == nil {
			break
		}
		begun := time.Now()
		w.hurry(batch)
		err := w.commit(batch)
		w.waited += begun.Sub(ready) - w.waited/8
		w.worked += time.Since(begun) - w.worked/8
		if asked := w.rest.Swap(0); err == nil && asked != 0 && !w.dead.Load() {
			err = w.copyRest(asked)
		}
		if err != nil {
			w.die(err)
		}
	}
	if !w.dead.Load() {
		w.conn.drop()
	}
	// A thread that still goes before others ends with this goroutine, which has not given it back: nobody else runs on it.
}

// die tells that this process must end. From then on the log is not copied and its connections are not closed: with the last one
// SQLite would copy what it believes is not copied yet, and remove it. The next start copies all of it once more, unless another
// process has the database open until then.
func (w *writer) die(err error) {
	w.dead.Store(true)
	select {
	case w.fatal <- err:
	default: // told already
	}
}

// gather waits for work and takes what else waits. It gives nil when the writer is to stop and nothing waits any more.
func (w *writer) gather() []*write {
	if batch := w.take(nil); batch != nil {
		return batch
	}
	for {
		var first *write
		select {
		case first = <-w.queue[Client]:
		case first = <-w.queue[Jobs]:
		case first = <-w.queue[Bulk]:
		case <-w.quit:
			return w.take(nil)
		}
		if !first.begun.Swap(true) {
			return w.take([]*write{first})
		}
	}
}

// take adds what waits, requests first. Once a second bulk work goes before them, alone: however many they are, they do not keep
// it from its turn.
func (w *writer) take(batch []*write) []*write {
	if batch == nil && time.Since(w.lastTurn) >= bulkTurn {
		w.lastTurn = time.Now()
		if batch = drain(nil, w.queue[Bulk], 1); batch != nil {
			return batch
		}
	}
	w.letCome()
	batch = drain(batch, w.queue[Client], maxBatch)
	if len(batch) >= crowd {
		w.crowded.Store(time.Now().UnixNano())
	}
	batch = drain(batch, w.queue[Jobs], maxJobs)
	if batch == nil {
		batch = drain(batch, w.queue[Bulk], 1)
	}
	return batch
}

// letCome lets others run for as long as each time more requests come to wait, up to enough of them. Whoever was told of the last
// commit sends an answer, takes the next form and is back within microseconds; a commit costs as much as many rows, so it is worth
// to have them in this one. Where nobody else is about to run, it takes less than a microsecond.
func (w *writer) letCome() {
	for n := -1; n < min(len(w.queue[Client]), enough); {
		n = len(w.queue[Client])
		runtime.Gosched()
	}
}

// hurry lets the writer's thread go before others while a crowd waits for it more than it for the crowd: on SQLite it does all work
// that only one can do, and would otherwise share the processor with what can be done beside it.
func (w *writer) hurry(batch []*write) {
	late := len(batch) >= crowd && batch[crowd-1].rank == Client && w.waited < w.worked/4
	switch {
	case w.db.d != sqliteDialect || late == (w.back != nil):
	case late:
		w.back = ahead()
	default:
		w.back()
		w.back = nil
	}
}

func drain(batch []*write, queue chan *write, most int) []*write {
	for range most {
		select {
		case job := <-queue:
			if !job.begun.Swap(true) {
				batch = append(batch, job)
			}
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch and tells each caller what became of theirs. The error it returns is the kind after which
// nothing this process believes of the disk can be trusted.
//
// A crash before the engine's commit leaves nothing of the batch, and nobody was told otherwise. A crash after it leaves
// all of the batch, and its callers learn nothing: their answer is cut off.
func (w *writer) commit(batch []*write) error {
	ctx, cancel := w.inTime(batch)
	defer cancel()
	committing, err := w.attempt(ctx, batch, false)
	if err != nil && !committing && !w.db.d.again(err) {
		// One of them failed and took the others with it: run them anew, each on its own ground. Not when the commit
		// itself failed: then it may have happened.
		committing, err = w.attempt(ctx, batch, true)
	}
	if err != nil && !committing && w.db.d.again(err) {
		return w.oneByOne(batch)
	}
	return w.tell(batch, err)
}

// inTime bounds what the server may take, so that everybody in a batch is answered and the next begins on a new connection.
// Bulk work takes what it takes.
func (w *writer) inTime(batch []*write) (context.Context, context.CancelFunc) {
	bulk := slices.ContainsFunc(batch, func(job *write) bool { return job.rank == Bulk })
	if w.db.d.patience == 0 || bulk {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), w.db.d.patience)
}

// oneByOne commits each write for itself. Two nodes whose batches lock the same rows in another order would only meet again.
func (w *writer) oneByOne(batch []*write) error {
	for i := range batch {
		one := batch[i : i+1]
		ctx, cancel := w.inTime(one)
		committing, err := w.attempt(ctx, one, true)
		for tries := 1; err != nil && !committing && tries < 5 && w.db.d.again(err); tries++ {
			committing, err = w.attempt(ctx, one, true)
		}
		cancel()
		if err := w.tell(one, err); err != nil {
			_ = w.tell(batch[i+1:], err)
			return err
		}
	}
	return nil
}

// tell tells the callers what became of their writes, where err is of the whole transaction and nobody's own fault. It
// returns the error after which the process must end.
func (w *writer) tell(batch []*write, err error) error {
	var told error
	full := w.db.d.full(err) || w.db.overQuota(err)
	if err != nil {
		key := "error.stopping" // the database restarts, or another takes its place
		if full {
			key = "error.disk_full"
			w.full.Store(true)
		}
		told = &undersigned.Error{Kind: undersigned.Unavailable, Key: key, Err: err}
	}
	for _, job := range batch {
		if told != nil {
			job.err = told
		}
		job.result <- job.err
	}
	if err != nil && !full && w.db.d.broken(err) {
		return fmt.Errorf("write to the disk: %w", err)
	}
	return nil
}

// attempt runs the batch as one transaction. Without savepoints the first error ends it. With them an error stays with
// its own write, and only what concerns the whole transaction is returned. committing tells that the error came from the
// commit.
func (w *writer) attempt(ctx context.Context, batch []*write, savepoints bool) (committing bool, err error) {
	if err := w.exec(ctx, w.db.d.begin); err != nil {
		return false, errors.Join(err, w.renew())
	}
	tx := &Tx{Now: w.db.now(), ctx: ctx, conn: w.conn, d: w.db.d}
	for _, job := range batch {
		job.err = w.run1(tx, job, savepoints)
		switch err := job.err; {
		case err == nil:
		case w.db.d.standby(err):
			return false, errors.Join(err, w.renew())
		case !savepoints || ctx.Err() != nil || w.db.d.again(err) || w.db.d.full(err) || w.db.d.broken(err):
			return false, errors.Join(err, w.undo(ctx))
		}
	}
	if err := tx.flush(); err != nil {
		return false, errors.Join(err, w.undo(ctx))
	}
	if err := w.exec(ctx, "commit"); err != nil {
		_ = w.exec(ctx, "rollback") // SQLite keeps the transaction open after a commit that failed
		return true, errors.Join(err, w.renew())
	}
	return false, nil
}

// undo ends a transaction that failed.
func (w *writer) undo(ctx context.Context) error {
	if err := w.exec(ctx, "rollback"); err != nil {
		return w.renew()
	}
	return nil
}

func (w *writer) run1(tx *Tx, job *write, savepoint bool) error {
	tx.failed = nil
	if !savepoint {
		return job.call(tx)
	}
	if err := w.exec(tx.ctx, "savepoint one"); err != nil {
		return err
	}
	counted := tx.counted.clone()
	err := job.call(tx)
	if err == nil {
		err = tx.writeJobs()
	}
	if err != nil {
		tx.counted, tx.jobs, tx.taking = counted, nil, nil // what ActionTaking holds ends with the savepoint
		if rolled := w.exec(tx.ctx, "rollback to savepoint one"); rolled != nil {
			return errors.Join(err, rolled)
		}
		return err
	}
	return w.exec(tx.ctx, "release savepoint one")
}

// call makes an error of a panic: one caller's mistake must not end the node for all. What the panic says is left out unless
// the runtime says it: it might be what somebody typed.
func (job *write) call(tx *Tx) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("write: panic: %w", p)
		default:
			err = fmt.Errorf("write: panic: %T", p)
		}
	}()
	if err := job.fn(tx); err != nil {
		return err
	}
	return tx.failed
}

func (w *writer) exec(ctx context.Context, query string) error {
	stmt, err := w.conn.prepare(ctx, query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

// renew opens a fresh connection: PostgreSQL's may have been cut, and what is left open on it is of no use.
func (w *writer) renew() error {
	w.conn.drop()
	ctx, cancel := w.db.always(context.Background())
	defer cancel()
	c, err := newConn(ctx, w.db.write)
	if err != nil {
		return err
	}
	w.conn = c
	return nil
}
