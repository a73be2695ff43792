package action

import (
	"context"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// keptLetters lists what is kept about letters and ends: words whose key has died, who wrote them, buttons of past days.
// The deliveries stay; no person is in them.
func (s *Service) keptLetters(tx *store.Tx) ([]Kept, error) {
	sealedBefore, today := undersigned.DayOf(tx.Now.Add(-seal.PendingLife)), string(undersigned.DayOf(tx.Now))
	unreadable, err := tx.CountDeadLetters(sealedBefore)
	if err != nil {
		return nil, err
	}
	findableSince := firstFindable(tx.Now)
	unfindable, err := tx.CountLettersBefore(findableSince)
	if err != nil {
		return nil, err
	}
	erase := func(do func(*store.Tx) error) func(context.Context) error {
		return func(ctx context.Context) error { return s.DB.Update(ctx, store.Bulk, do) }
	}
	return []Kept{
		{What: "letters that were not confirmed or not sent in time", N: unreadable, Ends: tx.Now,
			erase: erase(func(tx *store.Tx) error { return tx.EraseDeadLetters(sealedBefore) })},
		{What: "who wrote letters, as keyed hashes", N: unfindable, Ends: tx.Now,
			erase: erase(func(tx *store.Tx) error { return tx.ForgetLettersBefore(findableSince) })},
		{What: "buttons of past days", Ends: tx.Now,
			erase: erase(func(tx *store.Tx) error { _, err := tx.ForgetPressedBefore(today); return err })},
	}, nil
}

// firstFindable is the first day of the earliest month whose key of letters lives.
func firstFindable(now time.Time) undersigned.Day {
	t := now.UTC().Add(-seal.LettersLife)
	return undersigned.DayOf(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
}
