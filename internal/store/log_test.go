package store_test

import (
	"maps"
	"strconv"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestWaitingSignaturesAreCountedUpToABound(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		want := func(most int, want map[string]int) {
			t.Helper()
			view(t, db, func(tx *store.Tx) error {
				got, err := tx.CountWaiting(most)
				if !maps.Equal(got, want) {
					t.Errorf("up to %d: %v, want %v", most, got, want)
				}
				return err
			})
		}
		want(3, map[string]int{})
		for i, pid := range []string{"b", "a", "c", "a", "c", "c", "c", "d"} {
			update(t, db, func(tx *store.Tx) error {
				row := signature(byte(i), strconv.Itoa(i), 1, "ana")
				row.PID = pid
				_, err := tx.InsertSignature(row)
				if err == nil && pid == "d" {
					_, err = tx.PlaceSignature(store.WaitingSignature{ID: row.ID, Opened: true}, 0, undersigned.SignatureCounted)
				}
				return err
			})
		}
		want(3, map[string]int{"a": 2, "b": 1, "c": 3})
		want(10, map[string]int{"a": 2, "b": 1, "c": 4})
	})
}
