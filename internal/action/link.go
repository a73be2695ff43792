package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// WatchedLink is an outside link of the site, what is known of it, and where it stands.
type WatchedLink struct {
	URL string
	undersigned.Link
	Archived string   // the address of a copy, where content names one
	Places   []string // "immigration-detention/resource/lost-in-detention"
}

// WatchedLinks lists the outside links of all issues that are not drafts, the one that was not looked at for longest first.
func (s *Service) WatchedLinks(ctx context.Context) ([]WatchedLink, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	var list []WatchedLink
	at := map[string]int{}
	for _, c := range site.Contents {
		for _, use := range c.Links() {
			i, known := at[use.URL]
			if !known {
				i = len(list)
				at[use.URL], list = i, append(list, WatchedLink{URL: use.URL, Link: *use.Known, Archived: use.Archived})
			}
			list[i].Places = append(list[i].Places, c.Issue.Slug+"/"+use.Kind+"/"+use.Slug)
		}
	}
	slices.SortStableFunc(list, func(a, b WatchedLink) int { return a.CheckedAt.Compare(b.CheckedAt) })
	return list, nil
}

// lookAgain is how long a link is left alone after a look, and rounds how many rounds of looks there are meant to be in
// that time. A little less than a day, so that a link comes up about once on each.
const (
	lookAgain = 20 * time.Hour
	rounds    = 10
	leastLook = 4 // links in a round, where so many are due
)

// DueLinks gives the links to look at in one of the hourly rounds, and the others: a round looks at a few, so that no hour
// asks much of anybody.
func (s *Service) DueLinks(ctx context.Context) (due, others []WatchedLink, err error) {
	list, err := s.WatchedLinks(ctx)
	if err != nil {
		return nil, nil, err
	}
	most := max(leastLook, (len(list)+rounds-1)/rounds)
	for _, l := range list {
		if len(due) < most && s.Now().Sub(l.CheckedAt) >= lookAgain {
			due = append(due, l)
		} else {
			others = append(others, l)
		}
	}
	return due, others, nil
}

// Looks are one holder's at a time, for a host is asked one thing at a time whatever nodes and commands a site has.
const (
	lookDuty  = "links.look"
	lookLease = time.Hour // longer than any round; after a crash nobody looks for as long
)

// LookInTurn does a round of looks, from the choice of links to what is stored. False, and nothing is done, where another node
// or command is at one.
func (s *Service) LookInTurn(ctx context.Context, round func() error) (turn bool, err error) {
	holder := rand.Text()
	err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) (err error) {
		turn, err = tx.TakeDuty(lookDuty, holder, lookLease)
		return err
	})
	if err != nil || !turn {
		return false, err
	}
	failed := round()
	left := s.DB.Update(context.WithoutCancel(ctx), store.Jobs, func(tx *store.Tx) error { return tx.LeaveDuty(lookDuty, holder) })
	return true, cmp.Or(failed, left)
}

// SaveLooks stores what was found of links. The diary is told of one that is now called broken, and of one that is back;
// of an ask's own link it hears by the ask (see NoticeAsks).
func (s *Service) SaveLooks(ctx context.Context, looks []undersigned.Look) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	asks := map[string]bool{}
	for _, c := range site.Contents {
		for i := range c.Actions {
			asks[c.Actions[i].URL] = true
		}
	}
	err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		changed := false
		for _, look := range looks {
			look.OfAsk = asks[look.URL]
			before, err := tx.Link(look.URL)
			if err != nil {
				return err
			}
			after := before.After(look)
			if after == before {
				continue
			}
			if err := tx.PutLink(look.URL, after); err != nil {
				return err
			}
			changed = changed || after.State != before.State || undersigned.DayOf(after.CheckedAt) != undersigned.DayOf(before.CheckedAt)
			if after.Broken() != before.Broken() {
				if err := tellLink(tx, site, look, after.Broken()); err != nil {
					return err
				}
			}
		}
		if !changed {
			return nil
		}
		return tx.Renew()
	})
	if err != nil {
		return doing("save what was found of links", err)
	}
	_, _, err = s.DB.Poll(ctx)
	return err
}

// tellLink tells the diary of each issue that has the link.
func tellLink(tx *store.Tx, site *store.Site, look undersigned.Look, broken bool) error {
	event := undersigned.Event{At: tx.Now, Kind: undersigned.LinkBack, Subject: look.URL}
	if broken {
		event.Kind, event.Detail = undersigned.LinkDied, string(look.Finding)
	}
	for _, c := range site.Contents {
		if !slices.ContainsFunc(c.Links(), func(use undersigned.LinkUse) bool { return use.URL == look.URL && use.Kind != "action" }) {
			continue
		}
		event.Issue = c.Issue.Slug
		if err := tx.AddEvent(event); err != nil {
			return err
		}
	}
	return nil
}
