package action

import (
	"cmp"
	"context"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// TakeOff takes a noun off the site; its versions stay, and it can be brought back. A petition that people have signed, and
// an ask that people have made offers to, is closed instead. Invalid where something else on the site needs it, where it
// is another version than the one that was looked at, or where something ends for good that ends does not know of.
func (s *Service) TakeOff(ctx context.Context, by undersigned.UserID, id undersigned.NounID, version int, ends bool) error {
	_, err := s.change(ctx, changing{by: store.By{User: by, How: undersigned.ChangeRemove}, rank: store.Client, issue: id.Issue,
		make: func(tx *store.Tx, now *undersigned.Content) (*undersigned.Content, []undersigned.NounID, error) {
			if now == nil || now.Noun(id) == nil || id.Kind == undersigned.IssueNoun {
				return nil, nil, errNoNoun
			}
			if last, err := tx.LastVersion(id); err != nil || last != version {
				return nil, nil, orChanged(err)
			}
			next := now.Clone()
			next.Remove(id)
			return next, []undersigned.NounID{id}, cmp.Or(misfits(now, next), refuseEnds(tx, now, next, ends))
		},
		also: func(tx *store.Tx) error { return tx.AddAudit(edited(by, undersigned.AuditTakenOff, id, "")) }})
	return err
}

func orChanged(err error) error {
	if err == nil {
		err = errChanged
	}
	return err
}

// Arrange brings the nouns of a kind into an order. Those that are not named come after, as they were.
func (s *Service) Arrange(ctx context.Context, by undersigned.UserID, issue string, kind undersigned.NounKind, slugs []string) error {
	_, err := s.change(ctx, changing{by: store.By{User: by, How: undersigned.ChangeOrder}, rank: store.Client, issue: issue,
		make: func(_ *store.Tx, now *undersigned.Content) (*undersigned.Content, []undersigned.NounID, error) {
			if now == nil {
				return nil, nil, errNoNoun
			}
			next := now.Clone()
			ids := arranged(next, kind, slugs)
			return next, ids, nil
		},
		also: func(tx *store.Tx) error {
			return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditOrdered, Subject: issue + "/" + string(kind)})
		}})
	return err
}

// arranged gives the nouns of a kind their places, and names those that have another one now.
func arranged(c *undersigned.Content, kind undersigned.NounKind, slugs []string) []undersigned.NounID {
	ids := []undersigned.NounID{}
	orders := map[undersigned.NounID]*int{}
	var all []undersigned.NounID
	for id, noun := range c.Nouns() {
		if order := orderOf(noun); id.Kind == kind && order != nil {
			orders[id], all = order, append(all, id)
		}
	}
	place := func(id undersigned.NounID) int {
		if i := slices.Index(slugs, id.Slug); i >= 0 {
			return i
		}
		return len(slugs)
	}
	slices.SortStableFunc(all, func(a, b undersigned.NounID) int { return place(a) - place(b) })
	for i, id := range all {
		if *orders[id] != i+1 {
			*orders[id] = i + 1
			ids = append(ids, id)
		}
	}
	c.Sort()
	return ids
}

func orderOf(noun any) *int {
	switch noun := noun.(type) {
	case *undersigned.Action:
		return &noun.Order
	case *undersigned.Organization:
		return &noun.Order
	case *undersigned.Resource:
		return &noun.Order
	case *undersigned.Fact:
		return &noun.Order
	}
	return nil
}
