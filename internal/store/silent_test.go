package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// TestRequestWhoseTurnDoesNotComeIsToldSoAndNotWritten: the database hangs, and nobody waits for ever.
func TestRequestWhoseTurnDoesNotComeIsToldSoAndNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, store.Options{Dir: t.TempDir()})
		hold, held := make(chan struct{}), make(chan error, 1)
		go func() {
			held <- db.Update(context.Background(), store.Client, func(*store.Tx) error { <-hold; return nil })
		}()
		synctest.Wait()
		begun, ran := time.Now(), false
		err := db.Update(t.Context(), store.Client, func(*store.Tx) error { ran = true; return nil })
		if waited := time.Since(begun); undersigned.KindOf(err) != undersigned.Unavailable || waited != 8*time.Second {
			t.Errorf("after %v: %v", waited, err)
		}
		close(hold)
		if err := <-held; err != nil {
			t.Errorf("the one that had begun: %v", err)
		}
		if err := db.Update(t.Context(), store.Client, func(*store.Tx) error { return nil }); err != nil || ran {
			t.Errorf("%v; written although its caller was told otherwise: %v", err, ran)
		}
	})
}

// TestNodeThatIsFrozenInTheMiddleOfATransactionDoesNotStopTheOthers: it holds a row that they write.
func TestNodeThatIsFrozenInTheMiddleOfATransactionDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	frozen, other := storetest.Open(t, store.Options{URL: url}), storetest.Open(t, store.Options{URL: url})
	grow := func(tx *store.Tx) error { _, err := tx.GrowLog(store.Term{}, 0, 0); return err }
	holds, thaw, thawed := make(chan struct{}, 9), make(chan struct{}), make(chan error, 1)
	go func() {
		thawed <- frozen.Update(context.Background(), store.Jobs, func(tx *store.Tx) error {
			err := grow(tx)
			holds <- struct{}{}
			<-thaw
			return err
		})
	}()
	<-holds
	err := other.Update(t.Context(), store.Jobs, grow)
	for tries := 0; err != nil && tries < 5; tries++ {
		err = other.Update(t.Context(), store.Jobs, grow)
	}
	if err != nil {
		t.Errorf("the other node: %v", err)
	}
	close(thaw)
	if err := <-thawed; err != nil && undersigned.KindOf(err) != undersigned.Unavailable {
		t.Errorf("the frozen one: %v", err)
	}
}
