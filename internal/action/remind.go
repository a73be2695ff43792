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
	if err := s.remind(ctx, remindCoordinator, ""); err != nil {
		return err
	}
	notified, err := s.Notified(ctx)
	if err != nil || len(notified) == 0 {
		return err
	}
	return s.remind(ctx, remindOwner, notified...)
}

// remind promises the mails of one reminder to each address; the empty one is the coordinator's.
func (s *Service) remind(ctx context.Context, r reminder, to ...string) error {
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
		var jobs []store.Job
		for _, address := range to {
			job, err := s.deskJob(ctx, deskMail{Reason: r.reason, ID: row.ID, To: address})
			if err != nil {
				return err
			}
			jobs = append(jobs, job)
		}
		// One transaction: after a crash either both stand, or the next run finds the offer as it was.
		err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
			if counted, err := tx.CountReminder(row); err != nil || !counted {
				return err
			}
			for _, job := range jobs {
				if err := tx.Enqueue(job); err != nil {
					return err
				}
			}
			return nil
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
