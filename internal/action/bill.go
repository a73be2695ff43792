package action

import (
	"cmp"
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// WantedBills are the bills that content names, its successors among them.
func (s *Service) WantedBills(ctx context.Context) ([]undersigned.BillID, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	var wanted []undersigned.BillID
	seen := map[undersigned.BillID]bool{{}: true}
	want := func(id undersigned.BillID) {
		if !seen[id] {
			seen[id] = true
			wanted = append(wanted, id)
		}
	}
	for _, c := range site.Contents {
		for i := range c.Actions {
			want(c.Actions[i].Bill)
		}
		for i := range c.Bills {
			want(c.Bills[i].BillID)
			for _, successor := range c.Bills[i].Successors {
				want(successor.Bill)
			}
		}
	}
	return wanted, nil
}

// SaveBills stores what the updater has newly learnt of bills, and tells the diary of those that have moved.
func (s *Service) SaveBills(ctx context.Context, bills []*undersigned.Bill) error {
	if len(bills) == 0 {
		return nil
	}
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		for _, b := range bills {
			before, err := tx.Bill(b.BillID)
			if err != nil {
				return err
			}
			if err := tx.PutBill(b); err != nil {
				return err
			}
			if before == nil || before.Stage == b.Stage {
				continue
			}
			event := undersigned.Event{At: tx.Now, Kind: undersigned.BillMoved, Subject: b.String(), Detail: string(b.Stage)}
			if err := cmp.Or(tx.AddEvent(event), tellOfBill(tx, site, b)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return doing("save the bills", err)
	}
	_, _, err = s.DB.Poll(ctx)
	return err
}

// NoticeAsks looks how every ask stands and tells the diary of those that have opened, paused or closed since the last
// look. It decides nothing: pages ask Decide themselves. A regular duty.
func (s *Service) NoticeAsks(ctx context.Context) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	changed, err := s.changedAsks(ctx, site)
	if err != nil || !changed {
		return err
	}
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		asks, err := tx.Asks()
		if err != nil {
			return err
		}
		for _, c := range site.Contents {
			for i := range c.Actions {
				if err := noticeAsk(tx, c, &c.Actions[i], asks); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// changedAsks tells whether any ask stands otherwise than when it was last looked at, without writing.
func (s *Service) changedAsks(ctx context.Context, site *store.Site) (changed bool, err error) {
	now := s.Now()
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		asks, err := tx.Asks()
		if err != nil {
			return err
		}
		for _, c := range site.Contents {
			for i := range c.Actions {
				a := &c.Actions[i]
				d := a.Decide(c.Bill(a.Bill), now)
				changed = changed || d.Reason != undersigned.ReasonSite && asks[[2]string{c.Issue.Slug, a.Slug}] != store.Ask{State: d.State, Reason: d.Reason}
			}
		}
		return nil
	})
	return changed, err
}

func noticeAsk(tx *store.Tx, c *undersigned.Content, a *undersigned.Action, asks map[[2]string]store.Ask) error {
	d := a.Decide(c.Bill(a.Bill), tx.Now)
	if d.Reason == undersigned.ReasonSite {
		return nil // told once, for all asks
	}
	before, known := asks[[2]string{c.Issue.Slug, a.Slug}]
	if known && before.State == d.State && before.Reason == d.Reason {
		return nil
	}
	moved, err := tx.MoveAsk(c.Issue.Slug, a.Slug, store.Ask{State: d.State, Reason: d.Reason})
	if err != nil || !moved {
		return err
	}
	event := undersigned.Event{At: tx.Now, Issue: c.Issue.Slug, Subject: a.Slug, Detail: string(d.Reason)}
	switch d.State {
	case undersigned.ActionOpen:
		event.Kind = undersigned.AskOpened
	case undersigned.ActionPaused:
		event.Kind = undersigned.AskPaused
	case undersigned.ActionClosed:
		event.Kind = undersigned.AskClosed
		if !d.Since.IsZero() { // what ended in another year is told there
			event.At = d.Since
		}
		if known && (before.State == undersigned.ActionOpen || before.State == undersigned.ActionPaused) {
			if err := tellOfClosing(tx, c, a, d.Reason); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	return tx.AddEvent(event)
}
