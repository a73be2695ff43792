package action

import (
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// errPaused is what a form gets that comes while its ask is paused.
var errPaused = undersigned.Fail(undersigned.Gone, "error.paused")

// notOpen says why an ask that is not open takes nothing.
func notOpen(d undersigned.Decision) error {
	if d.State == undersigned.ActionPaused {
		return errPaused
	}
	return errClosed
}

// siteName is how the whole site stands in the audit log.
const siteName = "site"

// Pause stops an ask at once, of whatever kind: its page says so, and its form and the links in its mails take nothing until
// it is resumed. False where it was paused before. Invalid where it is not open anyway.
func (s *Service) Pause(ctx context.Context, by undersigned.UserID, a *undersigned.Action) (bool, error) {
	content, now, err := s.find(ctx, a.Issue, a.Slug)
	if err != nil {
		return false, err
	}
	if d := now.Decide(content.Bill(now.Bill), s.Now()); d.State == undersigned.ActionClosed || d.Reason == undersigned.ReasonDraft {
		return false, undersigned.Fail(undersigned.Invalid, "error.pause.over")
	}
	return s.pausing(ctx, func(tx *store.Tx) (bool, error) {
		done, err := tx.Pause(a.Issue, a.Slug, by)
		return done, noted(tx, done, err, undersigned.AuditEntry{By: by, Verb: undersigned.AuditPaused, Subject: askName(a)})
	})
}

// Resume ends a pause of an ask; false where there was none.
func (s *Service) Resume(ctx context.Context, by undersigned.UserID, a *undersigned.Action) (bool, error) {
	return s.pausing(ctx, func(tx *store.Tx) (bool, error) {
		done, err := tx.Resume(a.Issue, a.Slug)
		return done, noted(tx, done, err, undersigned.AuditEntry{By: by, Verb: undersigned.AuditResumed, Subject: askName(a)})
	})
}

// PauseSite stops every ask; false where they were stopped before.
func (s *Service) PauseSite(ctx context.Context, by undersigned.UserID) (bool, error) {
	return s.pausing(ctx, func(tx *store.Tx) (bool, error) {
		done, err := tx.Pause("", "", by)
		if err == nil && done {
			err = tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.SitePaused})
		}
		return done, noted(tx, done, err, undersigned.AuditEntry{By: by, Verb: undersigned.AuditPaused, Subject: siteName})
	})
}

// ResumeSite lets every ask go on that is not paused by itself; false where the site was not paused.
func (s *Service) ResumeSite(ctx context.Context, by undersigned.UserID) (bool, error) {
	return s.pausing(ctx, func(tx *store.Tx) (bool, error) {
		done, err := tx.Resume("", "")
		if err == nil && done {
			err = tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.SiteResumed})
		}
		return done, noted(tx, done, err, undersigned.AuditEntry{By: by, Verb: undersigned.AuditResumed, Subject: siteName})
	})
}

// pausing does it, makes this node see it at once, and tells the diary of the asks that stand otherwise now. A crash before
// the last leaves it to the regular duty.
func (s *Service) pausing(ctx context.Context, do func(*store.Tx) (bool, error)) (done bool, err error) {
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) (err error) { done, err = do(tx); return err })
	if err != nil || !done {
		return false, err
	}
	if err := s.follow(ctx); err != nil {
		return true, err
	}
	return true, s.NoticeAsks(ctx)
}

// noted adds a line to the audit log where something was done.
func noted(tx *store.Tx, done bool, err error, e undersigned.AuditEntry) error {
	if err != nil || !done {
		return err
	}
	return tx.AddAudit(e)
}

// askName is how an ask stands in the audit log.
func askName(a *undersigned.Action) string { return a.Issue + "/" + a.Slug }
