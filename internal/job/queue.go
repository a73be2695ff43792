// Package job runs what was promised: the queue of jobs that were committed with what caused them, and the clock of the
// node's regular duties.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Queue works on the jobs of one name. Any number of nodes may work on the same queue.
type Queue struct {
	Name string
	// Later names a queue whose jobs are begun, the newest first, when none is due in the first. Empty is none.
	Later string
	// Newest begins those jobs of the first queue, too, that came due last.
	Newest bool
	// Open tells whether any job may be begun now; nil is always.
	Open    func(*store.Tx) (bool, error)
	Workers int
	// Lease is how long a node may take for a job; then another may begin it anew. Do must end well before.
	Lease time.Duration
	Wake  <-chan struct{} // something was enqueued on this node
	// Do works on one job. With a time it is postponed until then, with its Args as Do leaves them. Otherwise it is
	// finished: erased. Either is one transaction with what finish does, which may be nil. Do may be called again for a job that
	// it has done, after a crash between its last line and that transaction: it must be able to tell, or do it twice
	// without harm.
	Do func(context.Context, *store.Job) (again time.Time, finish func(*store.Tx) error)

	DB  *store.DB
	Log *slog.Logger

	failing string // why the last claim failed
}

// idle is how long a node without work waits before it looks for other nodes' jobs, and for those that have come due.
const idle = time.Second

// Run works until ctx ends. Jobs that are being done then may use up the grace; those that nobody has begun are given
// back. No more are claimed than there are workers free: a job that waited here for its worker would use up its lease.
func (q *Queue) Run(ctx context.Context, grace time.Duration) {
	q.run(ctx, grace, q.claim)
}

// run is Run with any claim: whatever it gives, no more jobs are begun than workers are free.
func (q *Queue) run(ctx context.Context, grace time.Duration, claim func(context.Context, int) []store.Job) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()

	free := make(chan struct{}, q.Workers)
	for range q.Workers {
		free <- struct{}{}
	}
	var workers sync.WaitGroup
	for ctx.Err() == nil {
		n := take(ctx, free)
		claimed := claim(ctx, n)
		if ctx.Err() != nil {
			q.giveBack(working, claimed)
			break
		}
		if len(claimed) > n {
			q.giveBack(working, claimed[n:])
			claimed = claimed[:n]
		}
		for _, j := range claimed {
			workers.Go(func() {
				q.do(working, &j)
				q.giveWay(ctx)
				free <- struct{}{}
			})
		}
		for range n - len(claimed) {
			free <- struct{}{}
		}
		if len(claimed) < n {
			q.wait(ctx)
		}
	}
	workers.Wait()
}

// breath is how long a worker rests after each job while many people wait for an answer.
const breath = 20 * time.Millisecond

// giveWay leaves the processor to those who wait: a mail takes more of it than a form, and is as good a moment later. Eight
// workers still do up to 400 jobs a second, more than most mail servers take.
func (q *Queue) giveWay(ctx context.Context) {
	if !q.DB.Crowded() {
		return
	}
	select {
	case <-time.After(breath):
	case <-ctx.Done():
	}
}

// take waits for a free worker, and takes all that are free.
func take(ctx context.Context, free <-chan struct{}) (n int) {
	select {
	case <-free:
	case <-ctx.Done():
		return 0
	}
	for n = 1; ; n++ {
		select {
		case <-free:
		default:
			return n
		}
	}
}

func (q *Queue) wait(ctx context.Context) {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	select {
	case <-q.Wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (q *Queue) claim(ctx context.Context, most int) (claimed []store.Job) {
	err := q.DB.Update(ctx, store.Jobs, func(tx *store.Tx) (err error) {
		claimed = nil
		if q.Open != nil {
			if open, err := q.Open(tx); err != nil || !open {
				return err
			}
		}
		first := tx.Claim
		if q.Newest {
			first = tx.ClaimNewest
		}
		if claimed, err = first(q.Name, most, q.Lease); err != nil || len(claimed) >= most || q.Later == "" {
			return err
		}
		later, err := tx.ClaimNewest(q.Later, most-len(claimed), q.Lease)
		claimed = append(claimed, later...)
		return err
	})
	switch {
	case err == nil:
		q.failing = ""
		return claimed
	case ctx.Err() == nil && err.Error() != q.failing: // once for each kind of failure, as for duties
		q.failing = err.Error()
		q.Log.Error("claim jobs", "queue", q.Name, "error", err)
	}
	return nil
}

// do works on one job. One that panics is left to its lease: it must not end the node for all, again and again. Only the
// kind of the panic is logged, for its words may hold what somebody typed.
func (q *Queue) do(ctx context.Context, j *store.Job) {
	defer func() {
		if p := recover(); p != nil {
			q.Log.Error("panic in a job", "queue", q.Name, "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	begun := time.Now()
	again, finish := q.Do(ctx, j)
	for tries := 0; ; tries++ {
		err := q.DB.Update(context.WithoutCancel(ctx), store.Jobs, func(tx *store.Tx) error {
			if tries > 0 { // what was committed, and its answer lost, must not be counted twice
				if held, err := tx.Holds(*j); err != nil || !held {
					return err
				}
			}
			if finish != nil {
				if err := finish(tx); err != nil {
					return err
				}
			}
			if !again.IsZero() {
				return tx.Postpone(*j, again)
			}
			return tx.Finish(*j)
		})
		if err == nil {
			return
		}
		if tries == 0 {
			q.Log.Error("finish a job", "queue", q.Name, "error", err)
		}
		if undersigned.KindOf(err) != undersigned.Unavailable || time.Since(begun) > q.Lease || !pause(ctx) {
			return
		}
	}
}

// pause waits before a job that is done is noted as done once more: while the disk is full or the database away, what was
// sent must not come due again and be sent twice. It gives false where the node ends.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// giveBack makes jobs that nobody has begun due at once, as if they had never been claimed.
func (q *Queue) giveBack(ctx context.Context, jobs []store.Job) {
	if len(jobs) == 0 {
		return
	}
	err := q.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		for _, j := range jobs {
			j.Attempt--
			if err := tx.Postpone(j, tx.Now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		q.Log.Error("give jobs back", "queue", q.Name, "error", err)
	}
}
