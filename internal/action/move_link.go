package action

import (
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// MoveLink puts the address that a link was found to lead to in the place of the one that content has, in every issue that
// has it. Invalid where that is not what is known of the link any more, or does not fit into the content; NotFound where
// nothing has it. Of several issues each is changed by itself.
func (s *Service) MoveLink(ctx context.Context, by undersigned.UserID, from, to string) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	any := false
	for _, c := range site.Contents {
		for _, use := range c.Links() {
			if use.URL != from {
				continue
			}
			any = true
			if err := s.moveLink(ctx, by, c.Issue.Slug, from, to); err != nil {
				return err
			}
			break
		}
	}
	if !any {
		return errNoNoun
	}
	return nil
}

func (s *Service) moveLink(ctx context.Context, by undersigned.UserID, issue, from, to string) error {
	var changed []undersigned.NounID
	var known undersigned.Link
	_, err := s.change(ctx, changing{by: store.By{User: by, How: undersigned.ChangeEdit}, rank: store.Client, issue: issue,
		make: func(tx *store.Tx, now *undersigned.Content) (next *undersigned.Content, _ []undersigned.NounID, err error) {
			if known, err = tx.Link(from); err != nil {
				return nil, nil, err
			}
			if now == nil || known.State != undersigned.LinkMoved || known.MovedTo != to {
				return nil, nil, errChanged
			}
			next = now.Clone()
			if changed = next.MoveLink(from, to); changed == nil {
				return nil, nil, errChanged
			}
			return next, changed, misfits(now, next)
		},
		also: func(tx *store.Tx) error {
			for _, id := range changed {
				if err := tx.AddAudit(edited(by, undersigned.AuditLinkMoved, id, to)); err != nil {
					return err
				}
			}
			if there, err := tx.Link(to); err != nil || !there.CheckedAt.IsZero() {
				return err
			}
			// The look that found where the old one leads has seen the new one work.
			return tx.PutLink(to, undersigned.Link{State: undersigned.LinkWorks, Finding: undersigned.FoundWorking, CheckedAt: known.CheckedAt, WorkedAt: known.WorkedAt})
		}})
	return err
}
