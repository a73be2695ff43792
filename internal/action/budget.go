package action

import (
	"context"
	"time"

	"github.com/undersigned/undersigned/internal/store"
)

// The budget is how many mails the relay takes in an hour, whatever node they come from. It is counted in twelfths of an hour,
// over the last twelve of them. The last quarter of it is for asks that have had less than their share: what asks that want
// mails at that time would get in equal parts, and three quarters at most, since another may want some in a minute. What has
// to wait comes up newest first.
const (
	slotLife   = 5 * time.Minute
	budgetLife = 12 // slots
)

func slotOf(t time.Time) int64 { return t.Unix() / int64(slotLife/time.Second) }

// spend takes one mail about scope out of the budget. With a time it has to wait until then: the more of the same scope wait
// already, the longer, so that they do not all come up again at once.
func (w *mailWorker) spend(ctx context.Context, scope string) (until time.Time, err error) {
	if w.MailPerHour == 0 {
		return time.Time{}, nil
	}
	hash := w.Keys.Hash("budget", scope)
	lane := hash[:8]
	err = w.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		slot := slotOf(tx.Now)
		u, err := tx.MailUse(lane, slot-budgetLife)
		if err != nil {
			return err
		}
		share := max(min(w.MailPerHour/u.Lanes, plenty(w.MailPerHour)), 1)
		if mayMail(u, w.MailPerHour, share) {
			return tx.SpendMail(slot, lane)
		}
		n, err := tx.DeferMail(slot, lane)
		if err != nil {
			return err
		}
		ahead := min((n-1)/max(share/budgetLife, 1), budgetLife-1)
		until = time.Unix((slot+1+int64(ahead))*int64(slotLife/time.Second), 0)
		return nil
	})
	return until, err
}

// plenty is how many mails of an hour are for all alike.
func plenty(perHour int) int { return perHour - perHour/4 }

func mayMail(u store.MailUse, perHour, share int) bool {
	return u.Total < perHour && (u.Own < share || u.Total < plenty(perHour))
}

// spendNews takes as many mails of news out of the budget as may go now, of so many that want to; with none of them, they have
// to wait until then. News use half of the budget at most, leave a quarter to others, and wait while any other mail does.
func (w *mailWorker) spendNews(ctx context.Context, want int) (n int, until time.Time, err error) {
	if w.MailPerHour == 0 {
		return want, time.Time{}, nil
	}
	hash := w.Keys.Hash("budget", newsLane)
	err = w.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		slot := slotOf(tx.Now)
		n, until = 0, time.Unix((slot+1)*int64(slotLife/time.Second), 0)
		if waits, err := tx.MailWaits(slot - 2); err != nil || waits {
			return err
		}
		u, err := tx.MailUse(hash[:8], slot-budgetLife)
		if err != nil {
			return err
		}
		if n = min(want, newsShare(u, w.MailPerHour)); n == 0 {
			return nil
		}
		return tx.SpendMails(slot, hash[:8], n)
	})
	return n, until, err
}

// newsShare is how many mails of news may go, after what went in the last hour.
func newsShare(u store.MailUse, perHour int) int {
	return max(min(perHour/2-u.Own, plenty(perHour)-u.Total), 0)
}

// mailOpen tells whether any mail may go now: while none may, none is begun.
func (s *Service) mailOpen(tx *store.Tx) (bool, error) {
	if s.MailPerHour == 0 {
		return true, nil
	}
	n, err := tx.MailSent(slotOf(tx.Now) - budgetLife)
	return n < s.MailPerHour, err
}

// MailSlow tells whether mails have to wait for the budget; where they did before, it goes on until a quarter of the budget is
// free.
func (s *Service) MailSlow(tx *store.Tx, before bool) (bool, error) {
	if s.MailPerHour == 0 {
		return false, nil
	}
	slot := slotOf(tx.Now)
	if waits, err := tx.MailWaits(slot - 2); waits || err != nil {
		return waits, err
	}
	sent, err := tx.MailSent(slot - budgetLife)
	return sent >= s.MailPerHour || before && sent >= plenty(s.MailPerHour), err
}

// WatchMail makes the pages say whether mails are slow. A regular duty; on several nodes at once it
// does no harm.
func (s *Service) WatchMail(ctx context.Context) error {
	var slow, before bool
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if before, err = tx.Braked(store.MailBrake); err != nil {
			return err
		}
		slow, err = s.MailSlow(tx, before)
		return err
	})
	if err != nil || slow == before {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		if slow {
			_, err := tx.SetBrake(store.MailBrake, 0)
			return err
		}
		_, err := tx.ReleaseBrake(store.MailBrake)
		return err
	})
}
