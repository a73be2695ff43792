package action

import (
	"context"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// A brake goes on when an hour has ten times as many signatures as usual, not counting those that are held already, and most
// of them are from little-known domains. While it is on, signatures from little-known domains are held; all others count as
// ever. A crowd by itself is no sign of fraud, and neither is an address that it shares.
const (
	brakeTimes = 10
	brakeUsual = 10 // an hour, at least: ten times nothing is nothing
	brakePast  = 7 * 24
	// brakeAfter is how long it has to be so: a domain that owns many mailboxes is caught by itself within that.
	brakeAfter = 2 * time.Minute
)

// surge tells whether an hour is such a one.
func surge(h store.Hour, usual int) bool {
	passed := h.Confirmed - h.Held
	return passed >= brakeTimes*usual && 2*h.Strange > passed
}

// usualHour is the mean of the last week, or of as much of it as there is and of a day at least, before the last two hours.
func usualHour(hours map[int64]store.Hour, now int64) int {
	sum, first := 0, now
	for at, h := range hours {
		if at >= now-1 {
			continue
		}
		sum += h.Confirmed - h.Held
		first = min(first, at)
	}
	span := int(min(max(now-1-first, 24), brakePast))
	return max(sum/span, brakeUsual)
}

// braking decides from an action's hours whether its brake should be on: it lets go after a whole hour without a surge.
func braking(hours map[int64]store.Hour, now int64, on bool) bool {
	usual := usualHour(hours, now)
	return surge(hours[now], usual) || on && surge(hours[now-1], usual)
}

// WatchBrakes puts brakes on and takes them off, counts what waits behind them, and tells the diary. A regular duty; on
// several nodes at once it does no harm.
func (s *Service) WatchBrakes(ctx context.Context) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	for _, c := range site.Contents {
		for i := range c.Actions {
			if a := &c.Actions[i]; a.PID != "" {
				if err := s.watchBrake(ctx, a); err != nil {
					return fmt.Errorf("watch the brakes: %w", err)
				}
			}
		}
	}
	return nil
}

func (s *Service) watchBrake(ctx context.Context, a *undersigned.Action) error {
	var should bool
	var held int64
	var before store.Brake
	on := false
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		brakes, err := tx.Brakes()
		if err != nil {
			return err
		}
		before, on = brakes[a.PID]
		hours, err := tx.ActionHours(a.PID, tx.Now.Add(-brakePast*time.Hour))
		if err != nil {
			return err
		}
		surges := braking(hours, tx.Now.Unix()/3600, on)
		if !surges {
			s.surges.Delete(a.PID)
		}
		switch by, err := staffBrake(tx, a.PID); {
		case err != nil:
			return err
		case by != "":
			should = by == brakeOn
		default:
			should = surges && (on || s.lasts(a.PID, tx.Now))
		}
		if should {
			held, err = tx.CountHeldUpTo(a.PID, Many)
		}
		return err
	})
	if err != nil || !should && !on || should && on && before.Waiting == held {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		if !should {
			return letGo(tx, a)
		}
		return pull(tx, a, held, on)
	})
}

// pull puts a brake on, or notes how many wait.
func pull(tx *store.Tx, a *undersigned.Action, held int64, on bool) error {
	changed, err := tx.SetBrake(a.PID, held)
	if err != nil || !changed || on {
		return err
	}
	return tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskBraked, Issue: a.Issue, Subject: a.Slug})
}

// lasts tells whether an action's surge has been seen for long enough; it begins to be seen now where it was not before.
func (s *Service) lasts(pid string, now time.Time) bool {
	since, _ := s.surges.LoadOrStore(pid, now)
	return now.Sub(since.(time.Time)) >= brakeAfter
}

// What staff have decided about a brake holds for a day.
const (
	brakeOn  = "on"
	brakeOff = "off"
	brakeDay = 24 * time.Hour
)

// staffBrake tells what staff have decided about an action's brake in the last day: on, off, or nothing.
func staffBrake(tx *store.Tx, pid string) (string, error) {
	reviews, err := tx.ReviewsOf(pid, "brake", 1)
	if err != nil || len(reviews) == 0 || tx.Now.Sub(reviews[0].At) >= brakeDay {
		return "", err
	}
	return reviews[0].Rule, nil
}

func letGo(tx *store.Tx, a *undersigned.Action) error {
	released, err := tx.ReleaseBrake(a.PID)
	if err != nil || !released {
		return err
	}
	return tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskUnbraked, Issue: a.Issue, Subject: a.Slug})
}

// SetBrake puts an action's brake on or off for a day, whatever comes in. What is held stays held. False where staff have
// decided the same already.
func (s *Service) SetBrake(ctx context.Context, by undersigned.UserID, a *undersigned.Action, on bool) (done bool, err error) {
	rule := brakeOff
	if on {
		rule = brakeOn
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		before, err := staffBrake(tx, a.PID)
		if done = err == nil && before != rule; !done {
			return err
		}
		if err := tx.NoteReview(store.Review{ID: store.NewReviewID(), PID: a.PID, By: by, Verb: "brake", Rule: rule}); err != nil {
			return err
		}
		if err := tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditBrakeSet, Subject: askName(a), Detail: rule}); err != nil {
			return err
		}
		if !on {
			return letGo(tx, a)
		}
		held, err := tx.CountHeldUpTo(a.PID, Many)
		if err != nil {
			return err
		}
		braked, err := tx.Braked(a.PID)
		if err != nil {
			return err
		}
		return pull(tx, a, held, braked)
	})
	if err != nil || !done {
		return false, err
	}
	return true, s.follow(ctx)
}
