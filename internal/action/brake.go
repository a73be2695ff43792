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
	// brakeOff is how long after staff took a brake off it stays off.
	brakeOff = 24 * time.Hour
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
		if should = braking(hours, tx.Now.Unix()/3600, on); !should {
			s.surges.Delete(a.PID)
			return nil
		}
		if should, err = mayBrake(tx, a.PID); err != nil || !should {
			return err
		}
		if should = on || s.lasts(a.PID, tx.Now); !should {
			return nil
		}
		counts, err := tx.CountHeld()
		held = counts[a.PID]
		return err
	})
	if err != nil || !should && !on || should && on && before.Waiting == held {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		if !should {
			return letGo(tx, a)
		}
		changed, err := tx.SetBrake(a.PID, held)
		if err != nil || !changed || on {
			return err
		}
		return tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskBraked, Issue: a.Issue, Subject: a.Slug})
	})
}

// lasts tells whether an action's surge has been seen for long enough; it begins to be seen now where it was not before.
func (s *Service) lasts(pid string, now time.Time) bool {
	since, _ := s.surges.LoadOrStore(pid, now)
	return now.Sub(since.(time.Time)) >= brakeAfter
}

// mayBrake tells whether staff have not taken the brake off lately.
func mayBrake(tx *store.Tx, pid string) (bool, error) {
	reviews, err := tx.Reviews()
	for _, r := range reviews {
		if r.PID == pid && r.Verb == "brake" && tx.Now.Sub(r.At) < brakeOff {
			return false, err
		}
	}
	return true, err
}

func letGo(tx *store.Tx, a *undersigned.Action) error {
	released, err := tx.ReleaseBrake(a.PID)
	if err != nil || !released {
		return err
	}
	return tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskUnbraked, Issue: a.Issue, Subject: a.Slug})
}

// TakeBrakeOff lets go an action's brake, which then stays off for a day. What is held stays held.
func (s *Service) TakeBrakeOff(ctx context.Context, a *undersigned.Action) error {
	return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		if err := tx.AddReview(store.Review{ID: store.NewReviewID(), PID: a.PID, Verb: "brake", Rule: "off"}); err != nil {
			return err
		}
		return letGo(tx, a)
	})
}
