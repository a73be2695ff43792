package action

import (
	"context"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// reminder is a mail about an offer that nobody has touched for some days.
type reminder struct {
	reason deskReason
	after  int // days
	nth    int // how many there are with it
}

var (
	remindCoordinator = reminder{deskWaits, 7, 1}
	remindOwner       = reminder{deskOwner, 14, 2}
)

// RemindOfOffers reminds coordinators of offers that they have left alone for 7 days, and tells the owner of those that
// were for 14. A regular duty; on several nodes at once it does no harm.
func (s *Service) RemindOfOffers(ctx context.Context) error {
	if err := s.noteOpportunities(ctx); err != nil {
		return err
	}
	if err := s.remind(ctx, remindCoordinator); err != nil || s.Owner == "" {
		return err
	}
	return s.remind(ctx, remindOwner)
}

func (s *Service) remind(ctx context.Context, r reminder) error {
	before := undersigned.DayOf(s.Now().AddDate(0, 0, 1-r.after))
	var left []*store.SubmissionRow
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		left, err = tx.SubmissionsLeft(undersigned.SubmissionReceived, before, r.nth)
		return err
	})
	if err != nil {
		return err
	}
	for _, row := range left {
		job, err := s.deskJob(ctx, deskMail{Reason: r.reason, ID: row.ID})
		if err != nil {
			return err
		}
		// One transaction: after a crash either both stand, or the next run finds the offer as it was.
		err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
			if counted, err := tx.CountReminder(row); err != nil || !counted {
				return err
			}
			return tx.Enqueue(job)
		})
		if err != nil {
			return err
		}
	}
	if len(left) > 0 {
		s.wakeMail()
	}
	return nil
}

// noteOpportunities notes which asks for volunteers are over, for their keys end some time after that.
func (s *Service) noteOpportunities(ctx context.Context) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		rows, err := tx.Opportunities()
		if err != nil {
			return err
		}
		for _, row := range rows {
			closed := over(site, row.PID, tx.Now)
			if closed == !row.ClosedAt.IsZero() {
				continue
			}
			at := time.Time{}
			if closed {
				at = tx.Now
			}
			if err := tx.SetOpportunityClosed(row.PID, at); err != nil {
				return err
			}
		}
		return nil
	})
}
