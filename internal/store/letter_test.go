package store_test

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestTurnsOfOneAddressAreAPauseApart(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		begin := clock.Now()
		turn := func(address string, want time.Duration) {
			t.Helper()
			update(t, db, func(tx *store.Tx) error {
				at, err := tx.TakeTurn([]byte(address), 10*time.Second)
				if got := at.Sub(begin); got != want {
					t.Errorf("%s may go after %v, want %v", address, got, want)
				}
				return err
			})
		}
		turn("a", 0)
		turn("a", 10*time.Second)
		turn("b", 0)
		clock.Move(15 * time.Second)
		turn("a", 20*time.Second)
		turn("b", 15*time.Second)
		view(t, db, func(tx *store.Tx) error {
			last, err := tx.LastTurn()
			if got := last.Sub(begin); got != 30*time.Second {
				t.Errorf("the next may go after %v", got)
			}
			return err
		})
	})
}

func TestRestartLeavesJobsThatWaitForTheirTurn(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		claim := func(want int) (jobs []store.Job) {
			t.Helper()
			update(t, db, func(tx *store.Tx) (err error) { jobs, err = tx.Claim("letter", 10, time.Minute); return err })
			if len(jobs) != want {
				t.Errorf("%d jobs are due, want %d", len(jobs), want)
			}
			return jobs
		}
		update(t, db, func(tx *store.Tx) error {
			for range 3 {
				if err := tx.Enqueue(store.NewJob("letter", []byte{0}, tx.Now)); err != nil {
					return err
				}
			}
			return nil
		})
		jobs := claim(3) // of which one is held, one tried again later, and one waits for its turn
		later := clock.Now().Add(time.Hour)
		jobs[2].NotBefore = later
		update(t, db, func(tx *store.Tx) error {
			if err := tx.Postpone(jobs[1], later); err != nil {
				return err
			}
			return tx.Postpone(jobs[2], later)
		})
		update(t, db, func(tx *store.Tx) error { return tx.Reclaim("letter") })
		claim(2)
		clock.Move(time.Hour)
		claim(3) // its turn has come, and the leases of the others are over
		update(t, db, func(tx *store.Tx) error { return tx.Reclaim("letter") })
		claim(3) // which a worker holds who had waited for it
	})
}

// What a reader notes to have sent by hand is no reason to keep the words of what went by mail.
func TestWordsOfALetterAreErasedOnceEachOfficeHasTheMail(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		id := undersigned.OutreachID{1}
		sealed := func(want bool) {
			t.Helper()
			update(t, db, func(tx *store.Tx) error {
				if err := tx.EraseSent(id); err != nil {
					return err
				}
				l, err := tx.Letter(id)
				if (l.Sealed != nil) != want {
					t.Errorf("the words are there: %v", !want)
				}
				return err
			})
		}
		update(t, db, func(tx *store.Tx) error {
			about := undersigned.Outreach{ID: id, Day: "2026-11-22"}
			for _, d := range []undersigned.Delivery{{Outreach: about, Target: "a", Method: undersigned.ByEmail, State: undersigned.DeliveryQueued},
				{Outreach: about, Target: "a", Method: undersigned.ByPhone, State: undersigned.DeliveryByHand}} {
				if _, err := tx.InsertDelivery(d); err != nil {
					return err
				}
			}
			return tx.KeepDraft(store.LetterRow{Outreach: id, Day: "2026-11-22", Sealed: []byte("words")})
		})
		sealed(true)
		update(t, db, func(tx *store.Tx) error {
			_, err := tx.MoveDelivery(id, "a", undersigned.DeliveryQueued, undersigned.DeliveryAccepted, "250")
			return err
		})
		sealed(false)
	})
}
