package action

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// autoDelay is how long news wait that go out by themselves: what was read wrongly can be seen by then, and an organiser can
// change the words, send them at once, or stop them. What has ceased to be so by then is not told.
const autoDelay = 24 * time.Hour

// eraseWarning is how long before what its signers told us is erased those who asked for news are told.
const eraseWarning = 14 * 24 * time.Hour

// tellByItself adds an update that tells of something by itself, where somebody wants to hear of it.
func tellByItself(tx *store.Tx, u undersigned.Update) error {
	if any, err := tx.AnySubscriber(u.Issue); err != nil || !any {
		return err
	}
	u.State, u.Made = undersigned.UpdateScheduled, tx.Now
	if u.At.IsZero() {
		u.At = tx.Now.Add(autoDelay)
	}
	rand.Read(u.ID[:])
	_, err := tx.InsertUpdate(&u)
	return err
}

// tellOfBill tells of a bill that has moved, in each issue whose organiser allows it and that has an ask about it.
func tellOfBill(tx *store.Tx, site *store.Site, b *undersigned.Bill) error {
	for _, c := range site.Contents {
		about := slices.ContainsFunc(c.Actions, func(a undersigned.Action) bool { return a.Bill == b.BillID && a.State != undersigned.ActionDraft })
		if !c.Issue.News.Bill || !about {
			continue
		}
		u := undersigned.Update{Issue: c.Issue.Slug, Cause: undersigned.BillChanged, About: b.String(), Detail: string(b.Stage)}
		if err := tellByItself(tx, u); err != nil {
			return err
		}
	}
	return nil
}

// tellOfClosing tells of an ask that has closed. All that close within a day stand in one mail; where a bill closed it, this
// mail takes the place of the one about the bill.
func tellOfClosing(tx *store.Tx, c *undersigned.Content, a *undersigned.Action, reason undersigned.Reason) error {
	if !c.Issue.News.Closing {
		return nil
	}
	updates, err := tx.Updates()
	if err != nil {
		return err
	}
	var other *undersigned.Update
	for _, u := range updates {
		if u.Issue != a.Issue || u.State != undersigned.UpdateScheduled || len(u.Texts) > 0 {
			continue
		}
		switch {
		case u.Cause == undersigned.AskEnded:
			other = u
		case u.Cause == undersigned.BillChanged && u.About == a.Bill.String():
			u.State, u.Ended = undersigned.UpdateCancelled, tx.Now
			if _, err := tx.MoveUpdate(u, undersigned.UpdateScheduled); err != nil {
				return err
			}
		}
	}
	if other == nil {
		return tellByItself(tx, undersigned.Update{Issue: a.Issue, Cause: undersigned.AskEnded, About: a.Slug, Detail: string(reason)})
	}
	if slices.Contains(strings.Fields(other.About), a.Slug) {
		return nil
	}
	other.About, other.Detail = other.About+" "+a.Slug, other.Detail+" "+string(reason)
	return tx.SetUpdateAbout(other)
}

// stillTrue tells whether what an update tells by itself is so when it is about to go out, and takes out of it what is not.
func stillTrue(u *undersigned.Update, content *undersigned.Content, now time.Time) bool {
	if u.Cause == undersigned.EraseSoon {
		return undersigned.DayOf(now) <= undersigned.Day(u.Detail)
	}
	if len(u.Texts) > 0 { // somebody has made it theirs
		return true
	}
	switch u.Cause {
	case undersigned.BillChanged:
		id, err := undersigned.ParseBillID(u.About)
		bill := content.Bill(id)
		if err != nil || bill == nil {
			return false
		}
		stage, _ := bill.StageAt(now)
		return string(stage) == u.Detail
	case undersigned.AskEnded:
		var slugs, reasons []string
		for _, slug := range strings.Fields(u.About) {
			a := content.Action(slug)
			if a == nil {
				continue
			}
			if d := a.Decide(content.Bill(a.Bill), now); d.State == undersigned.ActionClosed {
				slugs, reasons = append(slugs, slug), append(reasons, string(d.Reason))
			}
		}
		u.About, u.Detail = strings.Join(slugs, " "), strings.Join(reasons, " ")
		return len(slugs) > 0
	}
	return true
}

// WarnOfErasing tells those who asked for news that what the signers of an ask told us will soon be erased. A regular duty; on
// several nodes at once it tells once.
func (s *Service) WarnOfErasing(ctx context.Context) error {
	soon := func(tx *store.Tx) (map[[2]string][]string, error) {
		rows, err := tx.Actions()
		if err != nil {
			return nil, err
		}
		asks := map[[2]string][]string{} // by issue and day
		for _, row := range rows {
			ends := row.ClosedAt.Add(row.KeepsFor())
			if row.ClosedAt.IsZero() || row.LogState == store.LogDestroyed || tx.Now.Before(ends.Add(-eraseWarning)) || tx.Now.After(ends) {
				continue
			}
			key := [2]string{row.Issue, string(undersigned.DayOf(ends))}
			asks[key] = append(asks[key], row.Slug)
		}
		return asks, nil
	}
	any := false
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		asks, err := soon(tx)
		any = len(asks) > 0
		return err
	})
	if err != nil || !any {
		return err
	}
	return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		asks, err := soon(tx)
		if err != nil {
			return err
		}
		told, err := tx.Updates()
		if err != nil {
			return err
		}
		for key, slugs := range asks {
			fresh := slices.DeleteFunc(slugs, func(slug string) bool {
				return slices.ContainsFunc(told, func(u *undersigned.Update) bool {
					return u.Cause == undersigned.EraseSoon && u.Issue == key[0] && u.Detail == key[1] && slices.Contains(strings.Fields(u.About), slug)
				})
			})
			if len(fresh) == 0 {
				continue
			}
			slices.Sort(fresh)
			u := undersigned.Update{Issue: key[0], Cause: undersigned.EraseSoon, About: strings.Join(fresh, " "), Detail: key[1], At: tx.Now}
			if err := tellByItself(tx, u); err != nil {
				return err
			}
		}
		return nil
	})
}
