package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// TestBulkWorkHasItsTurnOnceASecondHoweverBusyTheWriterIs: each request ends only once another waits, for ten seconds at most.
func TestBulkWorkHasItsTurnOnceASecondHoweverBusyTheWriterIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, store.Options{Dir: t.TempDir()})
		var all sync.WaitGroup
		write := func(rank store.Rank, fn func()) {
			all.Go(func() {
				if err := db.Update(context.Background(), rank, func(*store.Tx) error { fn(); return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		begun := time.Now()
		var turns []time.Duration
		var request func()
		request = func() {
			if len(turns) < 3 && time.Since(begun) < 10*time.Second {
				write(store.Client, request)
				synctest.Wait()
			}
			time.Sleep(50 * time.Millisecond)
		}
		write(store.Client, request)
		time.Sleep(time.Millisecond)
		for range 3 {
			write(store.Bulk, func() { turns = append(turns, time.Since(begun)) })
		}
		all.Wait()
		if want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(turns, want) {
			t.Errorf("the turns came after %v, want %v", turns, want)
		}
	})
}

// TestWhatAFailedWriteWasToldOfAnActionIsAskedAnew by who shares its transaction: the answer, and on PostgreSQL what it holds, end
// with the failed one's savepoint.
func TestWhatAFailedWriteWasToldOfAnActionIsAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, store.Options{Dir: t.TempDir()})
		var all sync.WaitGroup
		told := make(chan error, 3)
		write := func(fn func(*store.Tx) error) {
			all.Go(func() { told <- db.Update(context.Background(), store.Client, fn) })
			synctest.Wait()
		}
		hold := make(chan struct{})
		write(func(*store.Tx) error { <-hold; return nil })
		bad := errors.New("bad")
		var before, after store.Taking
		write(func(tx *store.Tx) (err error) {
			if err := tx.InsertAction(store.ActionRow{PID: "x", LogState: store.LogOpened}); err != nil {
				return err
			}
			if before, err = tx.ActionTaking("x"); err != nil {
				return err
			}
			return bad
		})
		write(func(tx *store.Tx) (err error) { after, err = tx.ActionTaking("x"); return err })
		close(hold)
		all.Wait()
		if err := errors.Join(<-told, <-told, <-told); !errors.Is(err, bad) || !before.Open || after.Open {
			t.Errorf("%v; open before %v, and after its insertion was undone %v", err, before.Open, after.Open)
		}
	})
}
