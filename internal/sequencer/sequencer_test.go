package sequencer

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

func TestSignerIsTheLogsKeyAndNoOther(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	signer, vkey, err := Signer(private, "cause.example/log")
	must(t, err)
	key, err := translog.ParseLogKey(vkey)
	must(t, err)
	signature, err := signer.Sign([]byte("text\n"))
	must(t, err)
	if !key.Verify([]byte("text\n"), signature) || !ed25519.Verify(public, []byte("text\n"), signature) || key.Name() != "cause.example/log" {
		t.Error("the signer and its public key differ")
	}
	if _, _, err := Signer(private, "a name"); err == nil {
		t.Error("an origin with a space is taken")
	}
}

// TestCrashBetweenAnyTwoStepsLosesNothing ends the tick at each step, as a crash would, and lets a fresh sequencer go on.
func TestCrashBetweenAnyTwoStepsLosesNothing(t *testing.T) {
	for _, step := range []string{"placed", "signed", "published"} {
		t.Run(step, func(t *testing.T) {
			run(t, func(t *testing.T, l *testLog) {
				crash := errors.New("crash")
				for i := range 3 {
					l.sign(live, 50)
					crashed := l.sequencer(l.db)
					crashed.Step = func(at string) error {
						if at == step {
							return crash
						}
						return nil
					}
					if err := crashed.Tick(t.Context()); !errors.Is(err, crash) {
						t.Fatalf("%v", err)
					}
					l.recount()
					if i == 1 { // more comes before anybody goes on
						l.sign(live, 50)
					}
					must(t, l.sequencer(l.db).Tick(t.Context()))
					if size, published := l.sizes(); size != published {
						t.Errorf("%d of %d entries are published", published, size)
					}
					l.recount()
				}
				if got := l.recount().Counts(live).Counted; got != 200 {
					t.Errorf("%d are counted", got)
				}
			})
		})
	}
}

// TestTwoSequencersNeverFork lets two of them place and publish at once, as where a lock was lost.
func TestTwoSequencersNeverFork(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		other := l.sequencer(l.db)
		if l.db.Engine() == "postgres" {
			other = l.second()
		}
		for range 5 {
			l.sign(live, 200)
			var both sync.WaitGroup
			for _, s := range []*Sequencer{l.Sequencer, other} {
				both.Go(func() {
					for more := true; more; {
						var err error
						if _, more, err = s.place(t.Context()); err != nil && !errors.Is(err, errLost) {
							t.Error(err)
						}
					}
					if err := s.publish(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			l.recount()
		}
		if got := l.tick().Counts(live).Counted; got != 1000 {
			t.Errorf("%d are counted", got)
		}
	})
}

func TestOneNodeSequencesAtATime(t *testing.T) {
	clock := storetest.NewClock()
	l := newTestLog(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	other := l.second()
	l.open(live, undersigned.Live)
	l.tick()
	l.sign(live, 1)
	must(t, other.Tick(t.Context()))
	if size, _ := l.sizes(); size != 1 {
		t.Error("two nodes sequence")
	}
	l.db.ReleaseSequencer()
	must(t, other.Tick(t.Context()))
	if size, published := l.sizes(); size != 2 || published != 2 {
		t.Errorf("nobody went on: %d, %d", size, published)
	}
	l.sign(live, 1)
	l.tick()
	if size, _ := l.sizes(); size != 2 {
		t.Error("the first took it back")
	}
	l.recount()
}

func TestTransactionPlacesAtMostFiveHundred(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.tick()
		l.sign(live, 2000)
		var sizes []int64
		l.Step = func(step string) error {
			if step == "placed" {
				size, _ := l.sizes()
				sizes = append(sizes, size-2)
			}
			return nil
		}
		must(t, l.Tick(t.Context()))
		if !slices.Equal(sizes, []int64{500, 1000, 1500, 2000}) {
			t.Errorf("placed up to %v", sizes)
		}
		if got := l.recount().Counts(live).Counted; got != 2000 {
			t.Errorf("%d are counted", got)
		}
	})
}

// TestTickPublishesThoughMoreComesAllTheTime: signing goes on faster than we place. On one engine, for it writes thousands.
func TestTickPublishesThoughMoreComesAllTheTime(t *testing.T) {
	clock := storetest.NewClock()
	l := newTestLog(t, storetest.Open(t, store.Options{Dir: t.TempDir(), Now: clock.Now}), clock)
	l.open(live, undersigned.Live)
	l.sign(live, 600)
	l.Step = func(step string) error {
		if step == "placed" {
			l.sign(live, 501)
		}
		return nil
	}
	l.tick()
	if _, published := l.sizes(); published < 5000 {
		t.Errorf("%d entries are published", published)
	}
}

func TestTickWithNothingToDoWritesNothing(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.sign(live, 3)
		l.sign(batched, 3)
		l.tick()
		before := dump(t, l.db)
		l.clock.Move(time.Minute)
		l.tick()
		if dump(t, l.db) != before {
			t.Error("an idle tick changed rows")
		}
	})
}

func dump(t *testing.T, db *store.DB) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"site", "action", "action_hour", "signature", "log_wait", "log_entry", "log_tile", "log_checkpoint"} {
		for _, column := range storetest.Strings(t, db, table) {
			fmt.Fprintf(&all, "%x\n", column)
		}
	}
	return all.String()
}

func TestEveryKindOfEntryIsOneThatTheLogAllows(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.sign(live, 20)
		log := l.tick()
		var rows []*store.SignatureRow
		for _, row := range log.Signatures {
			if row.PID == live {
				rows = append(rows, row)
			}
		}
		// Staff void in bulk, and take some of it back.
		for i, reason := range []string{"dup", "bot", "domain", "bounce", "legal", "error"} {
			row := rows[i]
			l.update(func(tx *store.Tx) error {
				_, _, err := tx.Bury(row.ID, undersigned.SignatureCounted, undersigned.SignatureInvalidated)
				return err
			})
			l.wait(live, "void", row.LogIndex, reason)
		}
		l.wait(live, "restore", rows[2].LogIndex, "")
		l.wait(live, "restore", rows[4].LogIndex, "")
		l.wait(live, "void", rows[4].LogIndex, "legal")
		// Signers withdraw, erase, shred.
		for i, c := range []struct {
			state        undersigned.SignatureState
			kind, reason string
		}{{undersigned.SignatureWithdrawn, "void", "withdrawn"}, {undersigned.SignatureErased, "void", "erased"}, {undersigned.SignatureShredded, "shred", ""}} {
			row := rows[10+i]
			l.update(func(tx *store.Tx) error {
				if c.state == undersigned.SignatureShredded {
					_, _, err := tx.Shred(row.ID, undersigned.SignatureCounted)
					return err
				}
				_, _, err := tx.Bury(row.ID, undersigned.SignatureCounted, c.state)
				return err
			})
			l.wait(live, c.kind, row.LogIndex, c.reason)
		}
		// One is shredded before it has a place.
		early := l.sign(live, 1)[0]
		l.update(func(tx *store.Tx) error { _, err := tx.Forget(early.ID); return err })
		l.recount()
		want := translog.Counts{Counted: 20 - 5 - 2 + 1, Withdrawn: 1, Erased: 1, Fraud: 5, Shredded: 2}
		if got := l.tick().Counts(live); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
		l.update(func(tx *store.Tx) error {
			_, err := tx.MoveActionLogState(live, store.LogOpened, store.LogClosed)
			return err
		})
		l.sign(live, 3)
		for _, kind := range []string{"tally", "close", "destroy", "tally"} {
			l.wait(live, kind, 0, "")
		}
		kinds := l.tick().Kinds()
		if end := kinds[len(kinds)-7:]; !slices.Equal(end, []string{"sign", "sign", "sign", "tally", "close", "destroy", "tally"}) {
			t.Errorf("the log ends with %q", end)
		}
		l.sign(live, 1) // too late, whoever let it in
		l.tick()
	})
}

// TestTextsComeFirstHoweverMuchWaits: a sign before its text would make the log INVALID for ever.
func TestTextsComeFirstHoweverMuchWaits(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		const voids = 3 * maxPlaced
		l.sign(live, voids)
		log := l.tick()
		l.update(func(tx *store.Tx) error {
			for _, row := range log.Signatures {
				if _, _, err := tx.Bury(row.ID, undersigned.SignatureCounted, undersigned.SignatureWithdrawn); err != nil {
					return err
				}
				if err := tx.WaitForLog(store.LogWait{PID: live, Kind: "void", Index: row.LogIndex, Detail: "withdrawn"}); err != nil {
					return err
				}
			}
			return nil
		})
		const late = "00000000000000cc"
		l.open(late, undersigned.Live)
		l.sign(late, 5)
		got := l.tick()
		if got.Counts(live).Withdrawn != voids || got.Counts(late).Counted != 5 {
			t.Errorf("counted %+v and %+v", got.Counts(live), got.Counts(late))
		}
	})
}

// TestVersionsComeInOrderThoughNodesClocksDiffer: the second was written by a node whose clock is behind.
func TestVersionsComeInOrderThoughNodesClocksDiffer(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.tick()
		l.update(func(tx *store.Tx) error { return text(tx, live, 2) })
		l.clock.Move(-time.Hour)
		l.update(func(tx *store.Tx) error { return text(tx, live, 3) })
		l.tick()
	})
}

// TestShreddingWhileItIsPlacedIsNotLost is what two nodes can do to one row.
// TestSignatureNeverStandsBeforeItsText: on PostgreSQL each statement sees what was committed before it, so a tick that
// hangs between reading the texts and the signatures meets signatures of a text that it does not know. "Sign of a version
// that is not open" would make the log INVALID for ever.
func TestSignatureNeverStandsBeforeItsText(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.tick()
		early := l.sign(live, 1)[0]
		early.ID[0]++
		early.Version = 2
		hash := sha256.Sum256(early.ID[:])
		early.EmailHash, early.EmailNameHash, early.Commitment = hash[:], hash[:], hash[:]
		l.update(func(tx *store.Tx) error { _, err := tx.InsertSignature(early); return err })
		if kinds := l.tick().Kinds(); !slices.Equal(kinds[2:], []string{"sign"}) {
			t.Errorf("placed %q", kinds)
		}
		l.update(func(tx *store.Tx) error {
			if _, err := tx.SetActionVersion(live, 2, undersigned.Live, ""); err != nil {
				return err
			}
			return text(tx, live, 2)
		})
		if kinds := l.tick().Kinds(); !slices.Equal(kinds[3:], []string{"open", "sign"}) {
			t.Errorf("placed %q", kinds)
		}
	})
}

func TestShreddingWhileItIsPlacedIsNotLost(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.tick()
		row := l.sign(live, 1)[0]
		l.update(func(tx *store.Tx) error {
			read, err := tx.WaitingSignatures(live, 1)
			if err != nil {
				return err
			}
			if _, err := tx.Forget(row.ID); err != nil { // by another node, between reading and placing
				return err
			}
			if ok, err := tx.PlaceSignature(read[0], 2, undersigned.SignatureCounted); ok || err != nil {
				t.Errorf("placed %v, %v", ok, err)
			}
			return nil
		})
		if got := l.tick().Counts(live); got != (translog.Counts{Counted: 1, Shredded: 1}) {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestNodeThatLosesTheLogForgetsHowLongABatchHasWaited(t *testing.T) {
	clock := storetest.NewClock()
	l := newTestLog(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	other := l.second()
	l.open(batched, undersigned.Batched)
	l.sign(batched, 1)
	l.tick()
	l.db.ReleaseSequencer()
	must(t, other.Tick(t.Context()))
	clock.Move(time.Hour)
	must(t, other.Tick(t.Context())) // places it
	must(t, l.Tick(t.Context()))     // not ours any more
	other.DB.ReleaseSequencer()
	l.sign(batched, 1)
	if got := l.tick().Counts(batched).Counted; got != 1 {
		t.Errorf("%d are counted: the second did not wait for its hour", got)
	}
}

// TestEntriesKeepTheirOrderThoughNodesClocksDiffer: a restore that overtook its void would make the log INVALID for ever.
func TestEntriesKeepTheirOrderThoughNodesClocksDiffer(t *testing.T) {
	run(t, func(t *testing.T, l *testLog) {
		l.sign(live, 1)
		row := l.tick().Signatures[0]
		l.update(func(tx *store.Tx) error {
			_, _, err := tx.Bury(row.ID, undersigned.SignatureCounted, undersigned.SignatureInvalidated)
			return err
		})
		for range 5 {
			l.wait(live, "void", row.LogIndex, "bot")
			l.clock.Move(-time.Second)
			l.wait(live, "restore", row.LogIndex, "")
		}
		l.wait(live, "void", row.LogIndex, "dup")
		if got := l.tick().Counts(live); got != (translog.Counts{Fraud: 1}) {
			t.Errorf("counted %+v", got)
		}
	})
}
