package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func update(t *testing.T, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.Client, fn); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func content() *undersigned.Content {
	return &undersigned.Content{
		Issue: undersigned.Issue{Slug: "cause", State: undersigned.IssueOpen, Languages: []string{"en"},
			Texts: map[string]undersigned.IssueText{"en": {Title: "A cause"}}},
		Actions: []undersigned.Action{
			{Issue: "cause", Slug: "second", Kind: undersigned.Elsewhere, Order: 2},
			{Issue: "cause", Slug: "first", Kind: undersigned.Petition, Order: 1},
		},
		Bills:         []undersigned.Bill{{BillID: undersigned.BillID{Congress: 112, Type: "hr", Number: 1932}}},
		Organizations: []undersigned.Organization{{Slug: "dwn", Name: "DWN"}},
		Resources:     []undersigned.Resource{{Slug: "film", Shelf: undersigned.Learn}},
	}
}

func TestContentComesBackInTheOrderOfThePage(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		update(t, db, func(tx *store.Tx) error {
			if err := tx.PutContent(content(), store.By{}); err != nil {
				return err
			}
			return tx.InsertAction(store.ActionRow{PID: "00000000000000aa", Issue: "cause", Slug: "first", Version: 3,
				Publish: undersigned.Live, Closes: "-", LogState: store.LogOpened})
		})
		site, err := db.Site(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := content()
		want.Actions[0], want.Actions[1] = want.Actions[1], want.Actions[0]
		want.Actions[0].PID, want.Actions[0].Version = "00000000000000aa", 3
		if got := site.Issue("cause"); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if _, a := site.ByPID("00000000000000aa"); a == nil || a.Slug != "first" {
			t.Errorf("by pid: %+v", a)
		}
	})
}

func TestSiteIsReadAnewOnlyWhenAPollSawANewRevision(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(content(), store.By{}) })
		before, _ := db.Site(t.Context())
		changed := content()
		changed.Issue.Texts["en"] = undersigned.IssueText{Title: "Changed"}
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(changed, store.By{}) })
		if again, _ := db.Site(t.Context()); again != before {
			t.Error("read anew without a poll")
		}
		if _, _, err := db.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, _ := db.Site(t.Context())
		if got := after.Issue("cause").Issue.Texts["en"].Title; got != "Changed" {
			t.Errorf("title is %q after the poll", got)
		}
	})
}

func TestDraftIssueIsNotOnTheSite(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		draft := content()
		draft.Issue.State = undersigned.IssueDraft
		update(t, db, func(tx *store.Tx) error { return tx.PutContent(draft, store.By{}) })
		if site, err := db.Site(t.Context()); err != nil || len(site.Contents) != 0 {
			t.Errorf("site %+v, %v", site, err)
		}
		view(t, db, func(tx *store.Tx) error {
			c, err := tx.Content("cause")
			if c == nil || c.Issue.Slug != "cause" {
				t.Errorf("content %+v", c)
			}
			return err
		})
	})
}

func signature(id byte, email string, slot int, name string) *store.SignatureRow {
	return &store.SignatureRow{ID: undersigned.SignatureID{id}, PID: "00000000000000aa", Version: 1, Slot: slot,
		EmailHash: []byte(email), EmailNameHash: []byte(email + name), Commitment: []byte{id}, Sealed: []byte("sealed"), LogIndex: -1}
}

func TestSignatureSlotsHoldTwoNamesAnAddress(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		for i, c := range []struct {
			row  *store.SignatureRow
			want bool
		}{
			{signature(1, "a", 1, "ana"), true},
			{signature(1, "b", 1, "bea"), false}, // the id is taken
			{signature(2, "a", 1, "bea"), false}, // the slot
			{signature(2, "a", 2, "ana"), false}, // the name
			{signature(2, "a", 2, "bea"), true},
			{signature(3, "b", 1, "ana"), true},
		} {
			update(t, db, func(tx *store.Tx) error {
				ok, err := tx.InsertSignature(c.row)
				if ok != c.want {
					t.Errorf("row %d: inserted %v, want %v", i, ok, c.want)
				}
				return err
			})
		}
		view(t, db, func(tx *store.Tx) error {
			rows, err := tx.SignaturesByEmail([]byte("a"))
			if len(rows) != 2 {
				t.Errorf("%d rows of the address", len(rows))
			}
			return err
		})
	})
}

// TestNameIsFoundInTheSecondSlotWhenTheFirstIsFree keeps a name from being counted twice once the other of its address has left.
func TestNameIsFoundInTheSecondSlotWhenTheFirstIsFree(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		insert := func(row *store.SignatureRow, want bool) {
			t.Helper()
			update(t, db, func(tx *store.Tx) error {
				ok, err := tx.InsertSignature(row)
				if ok != want {
					t.Errorf("inserted %v, want %v", ok, want)
				}
				return err
			})
		}
		insert(signature(1, "a", 1, "ana"), true)
		insert(signature(2, "a", 2, "bea"), true)
		update(t, db, func(tx *store.Tx) error {
			_, done, err := tx.Bury(undersigned.SignatureID{1}, undersigned.SignatureWaiting, undersigned.SignatureWithdrawn)
			if !done {
				t.Error("not buried")
			}
			return err
		})
		insert(signature(3, "a", 1, "bea"), false)
		view(t, db, func(tx *store.Tx) error {
			row, err := tx.SignatureByEmailName([]byte("a"), []byte("abea"))
			if row == nil || row.Slot != 2 {
				t.Errorf("found %+v", row)
			}
			return err
		})
		insert(signature(3, "a", 1, "ana"), true)
	})
}

func TestBuriedSignatureKeepsItsPlaceAndNothingElse(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		row := signature(1, "a", 1, "ana")
		update(t, db, func(tx *store.Tx) error {
			if _, err := tx.InsertSignature(row); err != nil {
				return err
			}
			if ok, err := tx.PlaceSignature(store.WaitingSignature{ID: row.ID, Opened: true}, 7, undersigned.SignatureCounted); !ok || err != nil {
				t.Errorf("placed %v, %v", ok, err)
			}
			if _, done, err := tx.Bury(row.ID, undersigned.SignatureWaiting, undersigned.SignatureWithdrawn); done || err != nil {
				t.Errorf("buried a waiting row that is counted: %v, %v", done, err)
			}
			index, done, err := tx.Bury(row.ID, undersigned.SignatureCounted, undersigned.SignatureWithdrawn)
			if index != 7 || !done {
				t.Errorf("buried %v at %d", done, index)
			}
			return err
		})
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.Signature(row.ID)
			want := &store.SignatureRow{ID: row.ID, PID: row.PID, Version: 1, State: undersigned.SignatureWithdrawn, Slot: 1, LogIndex: 7}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("tombstone %+v", got)
			}
			return err
		})
		// Its name is free again.
		update(t, db, func(tx *store.Tx) error {
			ok, err := tx.InsertSignature(signature(2, "a", 1, "ana"))
			if !ok {
				t.Error("the name of a tombstone is still taken")
			}
			return err
		})
	})
}

func TestClaimedJobComesDueAgainWhenItsWorkerDies(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		job := store.NewJob("mail", []byte("args"), clock.Now())
		update(t, db, func(tx *store.Tx) error { return tx.Enqueue(job) })
		claim := func() (jobs []store.Job) {
			update(t, db, func(tx *store.Tx) (err error) { jobs, err = tx.Claim("mail", 10, time.Minute); return err })
			return jobs
		}
		first := claim()
		if len(first) != 1 || !bytes.Equal(first[0].Args, job.Args) || first[0].Attempt != 1 {
			t.Fatalf("claimed %+v", first)
		}
		if again := claim(); len(again) != 0 {
			t.Fatalf("claimed twice: %+v", again)
		}
		clock.Move(61 * time.Second)
		second := claim()
		if len(second) != 1 || second[0].Attempt != 2 {
			t.Fatalf("after the lease: %+v", second)
		}
		// The first worker wakes up late: what it says of the job no longer counts.
		update(t, db, func(tx *store.Tx) error { return tx.Finish(first[0]) })
		update(t, db, func(tx *store.Tx) error { return tx.Postpone(second[0], clock.Now().Add(time.Hour)) })
		view(t, db, func(tx *store.Tx) error {
			n, at, err := tx.QueueState("mail")
			if n != 1 || !at.Equal(clock.Now().Add(time.Hour)) {
				t.Errorf("%d jobs, the first due %v", n, at)
			}
			return err
		})
	})
}

func TestMailCountIsKeptByDay(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		count := func(day string) (n int) {
			update(t, db, func(tx *store.Tx) (err error) { n, err = tx.CountMail(day, []byte("hash")); return err })
			return n
		}
		if a, b, c := count("2026-11-22"), count("2026-11-22"), count("2026-11-23"); a != 1 || b != 2 || c != 1 {
			t.Errorf("counted %d, %d, %d", a, b, c)
		}
		update(t, db, func(tx *store.Tx) error { _, err := tx.ForgetMailBefore("2026-11-23"); return err })
		if a, b := count("2026-11-22"), count("2026-11-23"); a != 1 || b != 2 {
			t.Errorf("after forgetting: %d, %d", a, b)
		}
	})
}

func TestFailedWriteTakesNoOtherWithIt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		bad := errors.New("bad")
		hold := make(chan struct{})
		var held sync.WaitGroup
		held.Go(func() {
			_ = db.Update(context.Background(), store.Client, func(*store.Tx) error { <-hold; return nil })
		})
		// What is handed over while the writer is held goes into one batch.
		results := make([]error, 20)
		var all sync.WaitGroup
		for i := range results {
			all.Go(func() {
				results[i] = db.Update(context.Background(), store.Client, func(tx *store.Tx) error {
					if err := tx.Enqueue(store.NewJob("q", []byte("args"), clock.Now())); err != nil {
						return err
					}
					switch i {
					case 3:
						return bad
					case 5:
						return tx.InsertAction(store.ActionRow{PID: "x", Issue: fmt.Sprint(i)})
					case 6:
						return tx.InsertAction(store.ActionRow{PID: "x", Issue: fmt.Sprint(i)}) // taken by 5, or takes it
					case 7:
						panic("ana@example.org")
					}
					return nil
				})
			})
		}
		close(hold)
		all.Wait()
		held.Wait()
		failed := 0
		for i, err := range results {
			if err != nil {
				failed++
			}
			if i != 3 && i != 5 && i != 6 && i != 7 && err != nil {
				t.Errorf("write %d failed with another: %v", i, err)
			}
		}
		if failed != 3 || !errors.Is(results[3], bad) || results[7] == nil || strings.Contains(results[7].Error(), "ana@") {
			t.Errorf("%d writes failed: %v", failed, results)
		}
		view(t, db, func(tx *store.Tx) error {
			n, _, err := tx.QueueState("q")
			if n != 17 {
				t.Errorf("%d rows, want 17", n)
			}
			return err
		})
	})
}

// TestWriteThatPassesOverAnErrorIsNotAcknowledged: PostgreSQL answers the commit of a transaction in which anything failed
// with a rollback and no error. Whoever shared it would be told that their rows are safe.
func TestWriteThatPassesOverAnErrorIsNotAcknowledged(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		row := store.ActionRow{PID: "x", Issue: "cause"}
		update(t, db, func(tx *store.Tx) error { return tx.InsertAction(row) })
		careless := db.Update(t.Context(), store.Client, func(tx *store.Tx) error {
			_ = tx.InsertAction(row)
			return nil
		})
		if careless == nil {
			t.Error("acknowledged")
		}
		update(t, db, func(tx *store.Tx) error { return tx.Enqueue(store.NewJob("q", []byte("args"), clock.Now())) })
		view(t, db, func(tx *store.Tx) error {
			n, _, err := tx.QueueState("q")
			if n != 1 {
				t.Errorf("%d rows, want 1", n)
			}
			return err
		})
	})
}

func TestWriterTellsTheRequestThatIsOneTooMany(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		hold, begun := make(chan struct{}), make(chan struct{})
		var all sync.WaitGroup
		var once sync.Once
		all.Go(func() {
			_ = db.Update(context.Background(), store.Client, func(*store.Tx) error {
				once.Do(func() { close(begun) })
				<-hold
				return nil
			})
		})
		<-begun
		if db.Crowded() {
			t.Error("one is a crowd")
		}
		const oneTooMany = 100
		refused := make(chan error)
		var crowded atomic.Bool
		for range 4096 + oneTooMany {
			all.Go(func() {
				if err := db.Update(context.Background(), store.Client, func(*store.Tx) error {
					if db.Crowded() {
						crowded.Store(true)
					}
					return nil
				}); err != nil {
					refused <- err
				}
			})
		}
		for range oneTooMany {
			if err := <-refused; undersigned.KindOf(err) != undersigned.Unavailable {
				t.Errorf("refused with %v", err)
			}
		}
		close(hold)
		all.Wait()
		select {
		case err := <-refused:
			t.Errorf("one that had its place was refused: %v", err)
		default:
		}
		if !crowded.Load() {
			t.Error("4,096 are no crowd")
		}
	})
}

func TestUpdateAfterCloseIsRefused(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, rank := range []store.Rank{store.Client, store.Jobs, store.Bulk} {
		err := db.Update(t.Context(), rank, func(*store.Tx) error { return nil })
		if undersigned.KindOf(err) != undersigned.Unavailable {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
}

// TestDatabaseIsForItsOwnerAlone: whoever made the data folder may have left it open to other users.
func TestDatabaseIsForItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range []string{"undersigned.db", "undersigned.db-wal", "undersigned.db-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %o", name, info.Mode().Perm())
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", dir+"/undersigned.db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("insert into goose_db_version (version_id, is_applied) values (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "newer undersigned") {
		t.Errorf("opened with %v", err)
	}
}

// TestServerThatSyncsNothingIsKnown: the one that is started for tests does not.
func TestServerThatSyncsNothingIsKnown(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		view(t, db, func(tx *store.Tx) error {
			unsynced, followers, err := tx.Unsafe()
			if unsynced != (db.Engine() == "postgres") || followers != 0 {
				t.Errorf("on %s: %v, and %d follow", db.Engine(), unsynced, followers)
			}
			return err
		})
	})
}
