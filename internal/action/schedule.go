package action

import (
	"context"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// maxAhead is how far ahead a draft can be scheduled.
const maxAhead = 366 * 24 * time.Hour

// Schedule has a draft published by itself at a moment; the zero time takes that back. It is looked at as it would be
// then, and refused for what Publish refuses.
func (s *Service) Schedule(ctx context.Context, p Publishing, at time.Time) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if !at.IsZero() && (!at.After(tx.Now) || at.Sub(tx.Now) > maxAhead) {
			return wrongField("at", "error.edit.moment")
		}
		r, err := s.proof(tx, p.ID, at)
		if err != nil {
			return err
		}
		verb, detail := undersigned.AuditScheduled, at.UTC().Format(time.RFC3339)
		if at.IsZero() {
			if verb, detail = undersigned.AuditUnscheduled, ""; r.Draft.Save != p.Base.Save {
				return errChanged
			}
		} else if err := r.refuses(p); err != nil {
			return err
		}
		if err := tx.AddAudit(edited(p.By, verb, p.ID, detail)); err != nil {
			return err
		}
		return tx.ScheduleDraft(p.ID, at, p.By)
	})
}

// PublishDue publishes the drafts whose time has come. One that cannot be published any more, because something changed
// since it was scheduled or whoever did that may not write any more, stays a draft; the audit log says so, and the desk. A
// regular duty: on several nodes at once each draft is published by one of them.
func (s *Service) PublishDue(ctx context.Context) error {
	var due []*undersigned.Draft
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { due, err = tx.DueDrafts(); return err }); err != nil {
		return err
	}
	var all error
	for _, d := range due {
		p := Publishing{By: d.PublishBy, ID: d.NounID, Base: Base{d.Base, d.Save}, Despite: true, Newer: true, Ends: true}
		_, err := s.publish(ctx, p, undersigned.ChangeSchedule, store.Jobs)
		switch clash := (*Clash)(nil); {
		case err == nil, undersigned.KindOf(err) == undersigned.NotFound, errors.Is(err, errChanged): // by another node, or no more
		case undersigned.KindOf(err) == undersigned.Invalid, undersigned.KindOf(err) == undersigned.Forbidden, errors.As(err, &clash):
			all = errors.Join(all, s.missed(ctx, d))
		default:
			all = errors.Join(all, err)
		}
	}
	return all
}

// missed notes that a draft could not be published at its time.
func (s *Service) missed(ctx context.Context, d *undersigned.Draft) error {
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		now, err := tx.Draft(d.NounID)
		if err != nil || now == nil || now.Save != d.Save || !now.PublishAt.Equal(d.PublishAt) {
			return err
		}
		if err := tx.AddAudit(edited(d.PublishBy, undersigned.AuditScheduleMissed, d.NounID, "")); err != nil {
			return err
		}
		return tx.MissDraft(d.NounID)
	})
}
