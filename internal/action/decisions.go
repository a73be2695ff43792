package action

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Decision is what one of the staff has decided about signatures.
type Decision struct {
	store.Review
	Number string              // what Restore takes
	Action *undersigned.Action // nil where the ask is gone
	Undo   bool                // what was removed can be brought back
}

// Decisions lists the latest decisions about an ask, or with nil about all.
func (s *Service) Decisions(ctx context.Context, a *undersigned.Action, most int) (list []Decision, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		var reviews []store.Review
		if a != nil {
			reviews, err = tx.ReviewsOf(a.PID, "", most)
		} else {
			reviews, err = tx.LatestReviews(most)
		}
		for _, r := range reviews {
			_, about := site.ByPID(r.PID)
			list = append(list, Decision{Review: r, Number: hex.EncodeToString(r.ID), Action: about,
				Undo: r.Verb == "void" && tx.Now.Sub(r.At) < keepRemoved})
		}
		return err
	})
	if err != nil {
		return nil, doing("list the decisions", err)
	}
	return list, nil
}

// BrakeState tells whether the brake of an ask is on, and until when staff have decided so; the zero time is that they have not.
func (s *Service) BrakeState(ctx context.Context, a *undersigned.Action) (on bool, until time.Time, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if on, err = tx.Braked(a.PID); err != nil {
			return err
		}
		by, err := tx.ReviewsOf(a.PID, "brake", 1)
		if err == nil && len(by) > 0 && tx.Now.Sub(by[0].At) < brakeDay {
			until = by[0].At.Add(brakeDay)
		}
		return err
	})
	return on, until, err
}
