package sequencer

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

// nodes are two of one site, with a petition and its text in the log.
func nodes(t *testing.T) (l *testLog, other *Sequencer) {
	clock := storetest.NewClock()
	l = newTestLog(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	l.open(live, undersigned.Live)
	l.tick()
	return l, l.second()
}

// cutOff ends the connection by which a node holds the sequencer, as the server does to one that has been silent for too long.
func (l *testLog) cutOff() {
	l.t.Helper()
	n := 0
	storetest.Each(l.t, l.db, `select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and granted
		and classid = 30062 and objid = 1684370036 and database = (select oid from pg_database where datname = current_database())`,
		func(*sql.Rows) error { n++; return nil })
	if n != 1 {
		l.t.Fatalf("%d nodes held the sequencer", n)
	}
}

func TestNodeThatWasFrozenWritesNothingToTheLogThatAnotherHasTakenOver(t *testing.T) {
	for _, at := range []string{"placed", "signed", "witnessed"} {
		t.Run(at, func(t *testing.T) {
			l, other := nodes(t)
			l.sign(live, 600) // of which two transactions are made
			frozen := false
			var ahead int64
			l.Step = func(step string) error {
				if step != at || frozen {
					return nil
				}
				frozen = true
				l.cutOff()
				l.sign(live, 1)
				must(t, other.Tick(t.Context()))
				_, ahead = l.sizes()
				l.sign(live, 1)
				return nil
			}
			must(t, l.Tick(t.Context())) // thaws, and has nothing to say
			if size, published := l.sizes(); !frozen || size != ahead || published != ahead {
				t.Errorf("another had come to %d entries; there are %d, and %d are published", ahead, size, published)
			}
			l.recount()
			must(t, other.Tick(t.Context()))
			if got := l.recount().Counts(live).Counted; got != 602 {
				t.Errorf("%d are counted", got)
			}
		})
	}
}

func TestTermOfOldChangesNothing(t *testing.T) {
	l, other := nodes(t)
	old := l.db.SequencerTerm()
	l.cutOff()
	must(t, other.Tick(t.Context()))
	size, _ := l.sizes()
	l.update(func(tx *store.Tx) error {
		if ok, err := tx.GrowLog(old, size, size+1); ok || err != nil {
			t.Errorf("the log grew: %v, %v", ok, err)
		}
		if ok, err := tx.Publish(old, store.Checkpoint{Size: size, Note: "of old"}); ok || err != nil {
			t.Errorf("a checkpoint was published: %v, %v", ok, err)
		}
		return nil
	})
	l.recount()
}

// TestSignatureThatIsConfirmedWhileTheLogClosesHasItsPlaceBeforeTheClose: whoever closes waits for those who confirm, and
// who comes after is told that it is closed.
func TestSignatureThatIsConfirmedWhileTheLogClosesHasItsPlaceBeforeTheClose(t *testing.T) {
	l, other := nodes(t)
	closed := make(chan error, 1)
	l.db.ReleaseSequencer()
	closing := func() {
		err := other.DB.Update(t.Context(), store.Jobs, func(tx *store.Tx) error {
			if _, err := tx.MoveActionLogState(live, store.LogOpened, store.LogClosed); err != nil {
				return err
			}
			return tx.WaitForLog(store.LogWait{PID: live, Kind: "close"})
		})
		closed <- errors.Join(err, other.Tick(t.Context()))
	}
	row := unsigned(live)
	l.update(func(tx *store.Tx) error {
		if taking, err := tx.ActionTaking(live); err != nil || !taking.Open {
			t.Errorf("it takes none: %v, %v", taking, err)
		}
		go closing()
		for waits := 0; waits == 0 && len(closed) == 0; {
			storetest.Each(t, l.db, "select count(*) from pg_locks where not granted", func(r *sql.Rows) error { return r.Scan(&waits) })
		}
		_, err := tx.InsertSignature(row)
		return err
	})
	must(t, <-closed)
	l.update(func(tx *store.Tx) error {
		if taking, err := tx.ActionTaking(live); err != nil || taking.Open {
			t.Errorf("it takes more: %v, %v", taking, err)
		}
		return nil
	})
	other.DB.ReleaseSequencer()
	log := l.tick()
	if kinds := log.Kinds(); !slices.Equal(kinds, []string{"open", "sign", "close"}) || log.Counts(live) != (translog.Counts{Counted: 1}) {
		t.Errorf("the log is %q", kinds)
	}
}

// TestNodeSignsNothingOfADatabaseThatIsOlderThanWhatItHasSeenPublished is a failover to a copy without the last commits: each
// node that has seen them, whether it published them or not, refuses to give their places to others.
func TestNodeSignsNothingOfADatabaseThatIsOlderThanWhatItHasSeenPublished(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		older := newTestLog(t, storetest.Open(t, store.Options{Dir: t.TempDir(), Now: l.clock.Now}), l.clock)
		older.open(live, undersigned.Live)
		older.open(batched, undersigned.Batched)
		l.tick()
		older.tick()
		l.sign(live, 5)
		l.tick()
		before := l.DB
		older.db.ReleaseSequencer()
		l.DB = older.db
		for _, more := range []int{1, 4, 1} { // the copy has fewer entries; as many; more
			if more > 1 {
				older.sequencer(older.db).Tick(t.Context()) // started again: it remembers nothing
			}
			older.sign(live, more)
			size, published := older.sizes()
			err := l.Tick(t.Context())
			if err == nil || !strings.Contains(err.Error(), "older copy of the database") || !l.Halted() {
				t.Errorf("with %d entries: %v, halted %v", size, err, l.Halted())
			}
			if s, p := older.sizes(); s != size || p != published {
				t.Errorf("the log grew from %d, %d to %d, %d", size, published, s, p)
			}
			var trouble string
			must(t, older.db.View(t.Context(), func(tx *store.Tx) (err error) { _, trouble, err = tx.Duty(WitnessDuty); return err }))
			if !strings.Contains(trouble, "older copy") {
				t.Errorf("doctor is told %q", trouble)
			}
			older.db.ReleaseSequencer()
			l.clock.Move(askAgain)
		}
		l.DB = before
		l.db.ReleaseSequencer()
		l.sign(live, 1)
		l.tick()
		if size, published := l.sizes(); size != 8 || published != 8 || l.Halted() {
			t.Errorf("with the newer one back: %d entries, %d published, halted %v", size, published, l.Halted())
		}
	})
}

func TestNodeRemembersWhatAnotherPublished(t *testing.T) {
	l, other := nodes(t)
	l.sign(live, 5)
	must(t, other.Tick(t.Context()))
	l.tick()
	must(t, other.Tick(t.Context()))
	if other.seen.N != 6 || other.seen != l.seen {
		t.Errorf("seen by the other: %+v, by the publisher: %+v", other.seen, l.seen)
	}
	l.db.ReleaseSequencer()
	l.sign(live, 1)
	must(t, other.Tick(t.Context()))
	if size, published := l.sizes(); size != 7 || published != 7 {
		t.Errorf("the other did not go on: %d, %d", size, published)
	}
	l.recount()
}
