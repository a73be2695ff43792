package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// offerEnds is the day from which on a purge erases an offer.
func offerEnds(row *store.SubmissionRow, settings *undersigned.Settings) time.Time {
	all, _, _ := settings.Retention(undersigned.SettingKeepOffers)
	done, _, _ := settings.Retention(undersigned.SettingKeepOffersOver)
	ends := row.Day.Begin(time.UTC).AddDate(0, 0, all)
	if over := row.Moved.Begin(time.UTC).AddDate(0, 0, done); !row.State.Open() && over.Before(ends) {
		return over
	}
	return ends
}

// keptOffers lists the offers by the day on which they are erased, those that wait for their mailbox, and the
// opportunities that are over.
func (s *Service) keptOffers(tx *store.Tx) ([]Kept, error) {
	waited := undersigned.DayOf(tx.Now.Add(-seal.PendingLife))
	waiting, err := tx.CountWaitingSubmissionsBefore(waited)
	if err != nil {
		return nil, err
	}
	list := []Kept{{What: "offers to volunteer that were not confirmed", N: waiting, Ends: tx.Now, erase: func(ctx context.Context) error {
		return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.ForgetWaitingSubmissionsBefore(waited) })
	}}}
	rows, err := tx.Submissions()
	if err != nil {
		return nil, err
	}
	settings, err := tx.Settings()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b *store.SubmissionRow) int { return offerEnds(a, settings).Compare(offerEnds(b, settings)) })
	left := map[string]bool{}
	for i, row := range rows {
		left[row.PID] = true
		if ends := offerEnds(row, settings); i == 0 || !ends.Equal(offerEnds(rows[i-1], settings)) {
			list = append(list, Kept{What: "offers to volunteer", Ends: ends, erase: s.eraseOffers})
		}
		list[len(list)-1].N++
	}
	opportunities, err := s.keptOpportunities(tx, left)
	return append(list, opportunities...), err
}

// eraseOffers deletes every offer that is past its time.
func (s *Service) eraseOffers(ctx context.Context) error {
	now := s.Now().UTC()
	return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		settings, err := tx.Settings()
		if err != nil {
			return err
		}
		all, _, _ := settings.Retention(undersigned.SettingKeepOffers)
		done, _, _ := settings.Retention(undersigned.SettingKeepOffersOver)
		return tx.EraseSubmissionsEnded(undersigned.DayOf(now.AddDate(0, 0, 1-all)), undersigned.DayOf(now.AddDate(0, 0, 1-done)))
	})
}

// keptOpportunities lists those that are over and have no offer left.
func (s *Service) keptOpportunities(tx *store.Tx, left map[string]bool) (list []Kept, err error) {
	rows, err := tx.Opportunities()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.ClosedAt.IsZero() || left[row.PID] {
			continue
		}
		list = append(list, Kept{What: fmt.Sprintf("both keys of %s/%s, closed on %s", row.Issue, row.Slug, undersigned.DayOf(row.ClosedAt)),
			N: 1, Ends: row.ClosedAt.AddDate(0, 0, undersigned.MaxKeepDays), erase: func(ctx context.Context) error { return s.eraseOpportunity(ctx, row.PID) }})
	}
	return list, nil
}

// eraseOpportunity forgets that offers were taken, and then destroys the keys. An offer confirmed in between keeps both: the
// next purge looks again. A crash after the commit leaves keys of nothing.
func (s *Service) eraseOpportunity(ctx context.Context, pid string) error {
	gone := false
	err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		all, _, err := tx.CountSubmissions(pid)
		if gone = err == nil && all == 0; !gone {
			return err
		}
		return tx.DeleteOpportunity(pid)
	})
	if err != nil || !gone {
		return err
	}
	return cmp.Or(s.Keys.DestroyAction(ctx, pid), s.follow(ctx))
}

// follow makes this node see a new revision at once.
func (s *Service) follow(ctx context.Context) error {
	_, _, err := s.DB.Poll(ctx)
	return err
}
