package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// planned gives a second process whose plans are made while the engine believes that a table has as few rows as it has now.
func planned(t *testing.T, db *store.DB, clock *storetest.Clock, table string) *store.DB {
	t.Helper()
	storetest.Each(t, db, "analyze "+table, func(*sql.Rows) error { return nil })
	return storetest.Open(t, storetest.OptionsOf(t, db, clock.Now))
}

// TestClaimTakesNoMoreThanItIsAskedForOnceTheQueueWasEmpty: PostgreSQL ran a sub-select with its limit again for every row of a
// table that it took to have one, and each run found the next jobs.
func TestClaimTakesNoMoreThanItIsAskedForOnceTheQueueWasEmpty(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		enqueue := func(n int) {
			update(t, db, func(tx *store.Tx) error {
				for range n {
					if err := tx.Enqueue(store.NewJob("mail", []byte("args"), clock.Now())); err != nil {
						return err
					}
				}
				return nil
			})
		}
		enqueue(1)
		other := planned(t, db, clock, "job")
		enqueue(20)
		claim := func(how func(*store.Tx, string, int, time.Duration) ([]store.Job, error), most, want int) {
			t.Helper()
			update(t, other, func(tx *store.Tx) error {
				jobs, err := how(tx, "mail", most, time.Minute)
				if len(jobs) != want {
					t.Errorf("%d jobs are claimed where %d are asked for, want %d", len(jobs), most, want)
				}
				return err
			})
		}
		claim((*store.Tx).Claim, 4, 4)
		claim((*store.Tx).ClaimNewest, 4, 4)
		claim((*store.Tx).Claim, 0, 0)
		claim((*store.Tx).ClaimNewest, -1, 0)
		claim((*store.Tx).Claim, 100, 13)
	})
}

func TestOneUpdateIsClaimedAtATime(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		insert := func(id byte) {
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.InsertUpdate(&undersigned.Update{ID: undersigned.UpdateID{id}, Issue: "cause", State: undersigned.UpdateScheduled,
					Cause: undersigned.ByHand, At: clock.Now().Add(time.Duration(id) * time.Second)})
				return err
			})
		}
		insert(1)
		other := planned(t, db, clock, "news")
		insert(2)
		insert(3)
		clock.Move(time.Minute)
		for want := byte(1); want <= 4; want++ {
			update(t, other, func(tx *store.Tx) error {
				u, err := tx.ClaimUpdate(time.Hour)
				switch {
				case want == 4 && u != nil:
					t.Errorf("claimed %v where none is due", u.ID)
				case want < 4 && (u == nil || u.ID != undersigned.UpdateID{want}):
					t.Errorf("claimed %+v, want update %d", u, want)
				}
				return err
			})
		}
	})
}
