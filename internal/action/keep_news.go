package action

import (
	"context"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// resealStep is how many rows are sealed anew in one transaction, and resealAfter how long after the beginning of a month that
// begins: another node's clock may be behind, and seal under the old key for a moment.
const (
	resealStep  = 500
	resealAfter = 24 * time.Hour
)

// buriedLife is how long, in days, it is known that somebody left: a restored backup, or an update, may still name them.
const buriedLife = 90

// keptNews lists those who left the news, of whom nothing is known but that they did.
func (s *Service) keptNews(tx *store.Tx) ([]Kept, error) {
	before := undersigned.DayOf(tx.Now).Plus(-buriedLife)
	n, err := tx.CountBuriedSubscribersBefore(before)
	if err != nil {
		return nil, err
	}
	return []Kept{{What: "empty rows of those who ended their news", N: n, Ends: tx.Now, erase: func(ctx context.Context) error {
		return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.ForgetBuriedSubscribersBefore(before) })
	}}}, nil
}

// ResealNews seals everybody who asked for news under this month's key and, when nobody is left under an earlier one, destroys
// that: whoever has left since can then be read by nobody, here or in whatever copy of the rows the disk still has. A regular
// duty. A key is destroyed by a call that had nothing left to seal, so that a backup which is being made in that very moment
// has the key of its rows.
func (s *Service) ResealNews(ctx context.Context) error {
	now := s.Now().UTC()
	month := now.Add(-resealAfter).Format("2006-01")
	n, err := s.resealBefore(ctx, month)
	if err != nil || n > 0 {
		return err
	}
	keys, err := s.Keys.AllNews(ctx)
	if err != nil {
		return err
	}
	gone := false
	for _, key := range keys {
		if key.Month < month {
			err = errors.Join(err, s.Keys.DestroyNews(ctx, key.Month))
			gone = true
		}
	}
	if err != nil || !gone {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.DutyDone(keyDuty, "") })
}

// resealBefore seals anew what the keys of earlier months have sealed, and tells how many rows that were.
func (s *Service) resealBefore(ctx context.Context, month string) (n int, err error) {
	for after := (undersigned.SubscriberID{}); ; {
		var rows []*store.SubscriberRow
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.SubscribersSealedBefore(month, after, resealStep)
			return err
		})
		if err != nil || len(rows) == 0 {
			return n, err
		}
		after = rows[len(rows)-1].ID
		if rows, err = s.reseal(ctx, rows); err != nil {
			return n, doing("seal subscribers anew", err)
		}
		n += len(rows)
		err = s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
			for _, row := range rows {
				if err := tx.ResealSubscriber(row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
	}
}

func (s *Service) reseal(ctx context.Context, rows []*store.SubscriberRow) (fresh []*store.SubscriberRow, err error) {
	for _, row := range rows {
		subscriber, err := s.openSubscriber(ctx, row)
		if errors.Is(err, seal.ErrKeyDestroyed) { // noise for good
			continue
		}
		if err != nil {
			return nil, err
		}
		again, err := s.sealSubscriber(ctx, subscriber)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, again)
	}
	return fresh, nil
}
