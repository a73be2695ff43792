package action

import (
	"context"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// reopenTime is how long after an action closed the log is told: a bill that was read wrongly must not end a petition
// for ever.
const reopenTime = 72 * time.Hour

// CloseInLog notes which petitions and pledges are closed, and asks the log to close those that have been for 72 hours. A
// regular duty; on several nodes at once it does no harm, because the state moves forward once.
func (s *Service) CloseInLog(ctx context.Context) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		rows, err := tx.Actions()
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.LogState != store.LogOpened {
				continue
			}
			if err := closeRow(tx, row, over(site, row.PID, tx.Now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// over tells whether nobody can sign any more: the action is closed, or has been made a draft again after people signed.
// Without the second, what a draft's signers told us would be kept for ever.
func over(site *store.Site, pid string, now time.Time) bool {
	content, a := site.ByPID(pid)
	return a == nil || isOver(content, a, now)
}

func isOver(content *undersigned.Content, a *undersigned.Action, now time.Time) bool {
	d := a.Decide(content.Bill(a.Bill), now)
	return content.Issue.State == undersigned.IssueDraft || d.State == undersigned.ActionClosed || d.Reason == undersigned.ReasonDraft
}

// Ending is an ask of which something ends for good when the content of its issue becomes another one.
type Ending struct {
	Action *undersigned.Action
	Over   bool            // nobody can sign any more, or soon; after reopenTime that stays so
	Soon   bool            // not at once, but before that time has passed
	Sooner bool            // what its signers told us is erased sooner than before
	Days   int             // after it has closed, it is kept for so many days
	Signed int64           // whose it is
	Day    undersigned.Day // of the erasure; empty where it has not closed yet
}

// ErrEnds is the error of what ends something for good, before somebody has said that they know.
var ErrEnds = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.ends", Fields: []undersigned.FieldError{{Field: "ends", Key: "error.edit.tick"}}}

// EndsWith tells what would end for good if the content of an issue became another one.
func (s *Service) EndsWith(ctx context.Context, next *undersigned.Content) (ends []Ending, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		now, err := tx.Content(next.Issue.Slug)
		if err == nil {
			ends, err = endings(tx, now, next, tx.Now)
		}
		return err
	})
	return ends, err
}

// refuseEnds refuses what ends something for good, unless whoever does it has said that they know.
func refuseEnds(tx *store.Tx, before, after *undersigned.Content, known bool) error {
	if known {
		return nil
	}
	ends, err := endings(tx, before, after, tx.Now)
	if err == nil && len(ends) > 0 {
		err = ErrEnds
	}
	return err
}

// endings finds what ends for good where the content of an issue, nil for none, becomes another one. An ask that is not in that
// any more is closed: what people have signed is never taken away.
func endings(tx *store.Tx, before, after *undersigned.Content, at time.Time) (list []Ending, err error) {
	if before == nil {
		return nil, nil
	}
	rows, err := tx.Actions()
	if err != nil {
		return nil, err
	}
	for i := range before.Actions {
		was := &before.Actions[i]
		row, known := rows[[2]string{was.Issue, was.Slug}]
		if !known || row.LogState == store.LogDestroyed {
			continue
		}
		a := after.Action(was.Slug)
		ends := func(at time.Time) bool { return !isOver(before, was, at) && (a == nil || isOver(after, a, at)) }
		now, soon := ends(at), ends(at.Add(reopenTime))
		if a == nil {
			a = was
		}
		e := Ending{Action: a, Days: int(a.KeepsFor() / (24 * time.Hour)), Over: row.LogState == store.LogOpened && (now || soon), Soon: !now}
		sooner := e.Days < row.KeepDays
		if !e.Over && !sooner { // as nearly always; to count reads every signature
			continue
		}
		if e.Signed, err = tx.CountReadable(row.PID); err != nil {
			return nil, err
		}
		if e.Sooner = sooner && e.Signed > 0; !row.ClosedAt.IsZero() {
			e.Day = undersigned.DayOf(row.ClosedAt.Add(a.KeepsFor()))
		}
		if e.Over || e.Sooner {
			list = append(list, e)
		}
	}
	return list, nil
}

func closeRow(tx *store.Tx, row store.ActionRow, closed bool) error {
	switch {
	case closed && row.ClosedAt.IsZero():
		return tx.SetActionClosed(row.PID, tx.Now)
	case !closed && !row.ClosedAt.IsZero():
		return tx.SetActionClosed(row.PID, time.Time{})
	case !closed || tx.Now.Sub(row.ClosedAt) < reopenTime:
		return nil
	}
	if moved, err := tx.MoveActionLogState(row.PID, store.LogOpened, store.LogClosed); err != nil || !moved {
		return err
	}
	for _, kind := range []string{"tally", "close"} {
		if err := tx.WaitForLog(store.LogWait{PID: row.PID, Kind: kind}); err != nil {
			return err
		}
	}
	return nil
}

// keepMailHours is how long it is known what came of mails by hour.
const keepMailHours = 31 * 24 * time.Hour

// ForgetMailCounts erases the counts of past days' mails, and of the budget's past hours. A regular duty.
func (s *Service) ForgetMailCounts(ctx context.Context) error {
	today := string(undersigned.DayOf(s.Now()))
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		_, err := tx.ForgetMailBefore(today)
		_, err2 := tx.ForgetMailSlots(slotOf(tx.Now) - budgetLife)
		_, err3 := tx.ForgetMailHours(tx.Now.Add(-keepMailHours).Unix() / 3600)
		return errors.Join(err, err2, err3)
	})
}
