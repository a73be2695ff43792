package job

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func enqueue(t *testing.T, db *store.DB, now time.Time, n int) {
	t.Helper()
	must(t, db.Update(t.Context(), store.Client, func(tx *store.Tx) error {
		for range n {
			if err := tx.Enqueue(store.NewJob("q", []byte("args"), now)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// left claims whatever is due.
func left(t *testing.T, db *store.DB) (jobs []store.Job) {
	t.Helper()
	must(t, db.Update(t.Context(), store.Jobs, func(tx *store.Tx) (err error) { jobs, err = tx.Claim("q", 1000, time.Minute); return err }))
	return jobs
}

func TestQueueBeginsNoMoreThanItHasWorkersAndLeavesTheRestToOthers(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		enqueue(t, db, clock.Now(), 10)
		begun, release := make(chan struct{}), make(chan struct{})
		q := &Queue{Name: "q", Workers: 3, Lease: time.Minute, DB: db, Log: slog.New(slog.DiscardHandler),
			Do: func(context.Context, *store.Job) (time.Time, func(*store.Tx) error) {
				begun <- struct{}{}
				<-release
				return time.Time{}, nil
			}}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { q.Run(ctx, time.Minute); close(done) }()
		for range 3 {
			<-begun
		}
		// Another node finds those that nobody has begun, as fresh as they came.
		others := left(t, db)
		if len(others) != 7 || others[0].Attempt != 1 {
			t.Errorf("%d jobs for another node", len(others))
		}
		stop()
		close(release)
		<-done
		must(t, db.View(t.Context(), func(tx *store.Tx) error {
			n, _, err := tx.QueueState("q")
			if n != 7 {
				t.Errorf("%d jobs are left: those that were begun were not finished", n)
			}
			return err
		}))
	})
}

// TestQueueOutlivesAClaimOfMoreThanItAskedFor: the tokens of too many workers once blocked it, and SIGTERM with it, for good.
func TestQueueOutlivesAClaimOfMoreThanItAskedFor(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		const workers, jobs = 3, 12
		enqueue(t, db, clock.Now(), jobs)
		var running atomic.Int64
		finished := make(chan int, jobs)
		q := &Queue{Name: "q", Workers: workers, Lease: time.Minute, DB: db, Log: slog.New(slog.DiscardHandler),
			Do: func(_ context.Context, j *store.Job) (time.Time, func(*store.Tx) error) {
				defer running.Add(-1)
				if n := running.Add(1); n > workers {
					t.Errorf("%d jobs at a time", n)
				}
				return time.Time{}, func(*store.Tx) error { finished <- j.Attempt; return nil }
			}}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			q.run(ctx, time.Minute, func(ctx context.Context, most int) []store.Job { return q.claim(ctx, most+5) })
			close(done)
		}()
		for range jobs {
			if attempt := <-finished; attempt != 1 {
				t.Errorf("a job is begun for the %d. time", attempt)
			}
		}
		stop()
		<-done
	})
}

func TestQueueThatIsToldToStopGivesBackWhatItHasNotBegun(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		enqueue(t, db, clock.Now(), 5)
		q := &Queue{Name: "q", Workers: 5, Lease: time.Minute, DB: db, Log: slog.New(slog.DiscardHandler)}
		q.giveBack(t.Context(), left(t, db))
		again := left(t, db)
		if len(again) != 5 || again[0].Attempt != 1 {
			t.Errorf("%d jobs came back: %+v", len(again), again)
		}
	})
}

func TestQueueCutsOffWhatOutlastsTheGrace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		enqueue(t, db, clock.Now(), 1)
		begun := make(chan struct{})
		q := &Queue{Name: "q", Workers: 1, Lease: time.Minute, DB: db, Log: slog.New(slog.DiscardHandler),
			Do: func(ctx context.Context, _ *store.Job) (time.Time, func(*store.Tx) error) {
				close(begun)
				<-ctx.Done()
				return clock.Now(), nil // it has to wait
			}}
		ctx, stop := context.WithCancel(t.Context())
		go func() { <-begun; stop() }()
		q.Run(ctx, time.Millisecond)
		if again := left(t, db); len(again) != 1 || again[0].Attempt != 2 {
			t.Errorf("left: %+v", again)
		}
	})
}

func TestQueueIsWokenAndFinishesInOneTransaction(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		wake := make(chan struct{}, 1)
		finished := make(chan string, 4)
		q := &Queue{Name: "q", Workers: 2, Lease: time.Minute, Wake: wake, DB: db, Log: slog.New(slog.DiscardHandler)}
		q.Do = func(_ context.Context, j *store.Job) (time.Time, func(*store.Tx) error) {
			args := string(j.Args)
			if args == "args" { // the first time: leave a note for the second
				j.Args = []byte("noted")
				return clock.Now(), nil
			}
			return time.Time{}, func(tx *store.Tx) error {
				select {
				case finished <- args:
				default:
				}
				return tx.DutyDone("finish", args)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { q.Run(ctx, time.Minute); close(done) }()
		enqueue(t, db, clock.Now(), 1)
		wake <- struct{}{}
		if args := <-finished; args != "noted" {
			t.Errorf("the second try has %q", args)
		}
		stop()
		<-done
		must(t, db.View(t.Context(), func(tx *store.Tx) error {
			n, _, err := tx.QueueState("q")
			at, note, err2 := tx.Duty("finish")
			if n != 0 || at.IsZero() || note != "noted" {
				t.Errorf("%d jobs, %v %q", n, at, note)
			}
			return errors.Join(err, err2)
		}))
	})
}

// TestJobThatPanicsIsLeftToItsLease: one mail that trips us up must neither end the node for all nor be lost, and what it
// says of a person must not reach the log.
func TestJobThatPanicsIsLeftToItsLease(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		log, tried := &lines{}, make(chan struct{}, 1)
		q := &Queue{Name: "q", Workers: 1, Lease: time.Minute, DB: db, Log: slog.New(slog.NewTextHandler(log, nil))}
		q.Do = func(context.Context, *store.Job) (time.Time, func(*store.Tx) error) {
			tried <- struct{}{}
			panic("ana@example.org")
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		enqueue(t, db, clock.Now(), 1)
		go func() { q.Run(ctx, time.Minute); close(done) }()
		<-tried
		stop()
		<-done
		clock.Move(q.Lease)
		if jobs := left(t, db); len(jobs) != 1 {
			t.Errorf("%d jobs are left", len(jobs))
		}
		if log.count("panic") == 0 || log.count("ana@") != 0 {
			t.Errorf("logged %q", log.text.String())
		}
	})
}

// lines counts what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

func TestJobThatIsDoneWhileTheDatabaseIsAwayIsNotDoneAgain(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		enqueue(t, db, clock.Now(), 1)
		var done, noted atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		q := &Queue{Name: "q", Workers: 1, Lease: time.Minute, DB: db, Log: slog.New(slog.DiscardHandler),
			Do: func(context.Context, *store.Job) (time.Time, func(*store.Tx) error) {
				done.Add(1)
				return time.Time{}, func(*store.Tx) error {
					if noted.Add(1) == 1 {
						return undersigned.Fail(undersigned.Unavailable, "error.disk_full")
					}
					stop()
					return nil
				}
			}}
		q.Run(ctx, time.Minute)
		if done.Load() != 1 || noted.Load() < 2 {
			t.Errorf("done %d times, noted %d times", done.Load(), noted.Load())
		}
		clock.Move(time.Hour)
		if jobs := left(t, db); len(jobs) != 0 {
			t.Error("the job comes due once more")
		}
	})
}

// TestJobWhoseCommitWentUnansweredIsNotCountedAgain: a server that fails over may have committed and never said so.
func TestJobWhoseCommitWentUnansweredIsNotCountedAgain(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		enqueue(t, db, clock.Now(), 1)
		log := &lines{}
		ctx, stop := context.WithCancel(t.Context())
		q := &Queue{Name: "q", Workers: 1, Lease: time.Minute, DB: db, Log: slog.New(slog.NewTextHandler(log, nil)),
			Do: func(ctx context.Context, j *store.Job) (time.Time, func(*store.Tx) error) {
				err := db.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.Finish(*j) }) // the commit, whose answer is lost
				return time.Time{}, func(*store.Tx) error {
					stop()
					if log.count("finish a job") > 0 {
						t.Error("counted again")
						return nil
					}
					return errors.Join(err, undersigned.Fail(undersigned.Unavailable, "error.stopping"))
				}
			}}
		q.Run(ctx, time.Minute)
		if log.count("finish a job") != 1 {
			t.Errorf("logged %q", log.text.String())
		}
	})
}

func TestQueueTellsOnceThatTheDatabaseIsGone(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	must(t, err)
	must(t, db.Close())
	log := &lines{}
	q := &Queue{Name: "q", DB: db, Log: slog.New(slog.NewTextHandler(log, nil))}
	for range 3 {
		q.claim(t.Context(), 1)
	}
	if n := log.count("claim jobs"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestDutiesAreDoneAtTheirPaceUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var fast, slow, ended atomic.Int32
		done := make(chan struct{})
		go func() {
			RunDuties(ctx, slog.New(slog.DiscardHandler),
				Duty{"fast", time.Second, func(context.Context) error { fast.Add(1); return nil }},
				Duty{"slow", time.Minute, func(ctx context.Context) error {
					if slow.Add(1) == 2 {
						<-ctx.Done()
						ended.Add(1)
					}
					return ctx.Err()
				}})
			close(done)
		}()
		synctest.Wait()
		if fast.Load() != 1 || slow.Load() != 1 {
			t.Errorf("at once: %d, %d", fast.Load(), slow.Load())
		}
		time.Sleep(61*time.Second + time.Millisecond) // of the bubble's clock
		synctest.Wait()
		if fast.Load() != 62 || slow.Load() != 2 {
			t.Errorf("after a minute: %d, %d", fast.Load(), slow.Load())
		}
		stop()
		<-done
		if ended.Load() != 1 {
			t.Error("RunDuties ended before its last duty")
		}
	})
}

func TestDutyThatFailsIsLoggedOnceForEachKindOfFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		log := &lines{}
		results := []error{errors.New("away"), errors.New("away"), errors.New("full"), nil, nil, errors.New("away"), nil}
		n := 0
		go RunDuties(ctx, slog.New(slog.NewTextHandler(log, nil)), Duty{"d", time.Second, func(context.Context) error {
			n++
			return results[(n-1)%len(results)]
		}})
		time.Sleep(6*time.Second + time.Millisecond)
		synctest.Wait()
		stop()
		synctest.Wait()
		if log.count("failed") != 3 || log.count("works again") != 2 {
			t.Errorf("logged: %s", log.text.String())
		}
	})
}
