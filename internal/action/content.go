package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// changing is one change of an issue's content.
type changing struct {
	by    store.By
	rank  store.Rank
	issue string
	// make gives the content as it shall be, and the nouns in it that are other ones than before; nil is all of them. It is
	// given the content as it stands, nil where there is none, which it must not change. It may be asked twice.
	make func(tx *store.Tx, now *undersigned.Content) (*undersigned.Content, []undersigned.NounID, error)
	also func(tx *store.Tx) error // in the same transaction; nil is nothing
}

// errMeanwhile: somebody has changed what a change was made for. Doing it again finds it as it is now.
var errMeanwhile = undersigned.Fail(undersigned.Unavailable, "error.edit.meanwhile")

// explained tells what is wrong with a field: the desk beside it, the terminal in the words of err.
func explained(field, key string, err error, args ...any) error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: field, Key: key, Args: args}}, Err: err}
}

// change is the one way in which content comes to be other content: with a pack, or with an edit. Petitions keep their pid
// and their signatures, a new text is a new version in the public log, what people have joined is never taken away, and all
// of it happens or nothing.
func (s *Service) change(ctx context.Context, c changing) (*Imported, error) {
	var next *undersigned.Content
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		now, err := tx.Content(c.issue)
		if err != nil {
			return err
		}
		next, _, err = c.make(tx, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh, err := s.freshPIDs(ctx, next)
	if err != nil {
		return nil, doing("make the keys of the actions", err)
	}
	var done *Imported
	err = s.DB.Update(ctx, c.rank, func(tx *store.Tx) (err error) {
		done, err = c.do(tx, fresh)
		return err
	})
	if err != nil {
		return nil, err
	}
	return done, s.follow(ctx)
}

func (c *changing) do(tx *store.Tx, fresh map[string]string) (*Imported, error) {
	if err := tx.Renew(); err != nil { // first: other nodes wait for this row, and change content after us
		return nil, err
	}
	now, err := tx.Content(c.issue)
	if err != nil {
		return nil, err
	}
	next, changed, err := c.make(tx, now)
	if err != nil {
		return nil, err
	}
	done := &Imported{Issue: c.issue}
	if err := settle(tx, next, fresh, done); err != nil {
		return nil, err
	}
	if err := keep(tx, next, changed, c.by); err != nil {
		return nil, err
	}
	if c.also == nil {
		return done, nil
	}
	return done, c.also(tx)
}

// settle does for other content what has to be done beside it: rows, keys, the public log, the diary.
func settle(tx *store.Tx, c *undersigned.Content, fresh map[string]string, done *Imported) error {
	err := cmp.Or(refuseStrangers(tx, c), keepSigned(tx, c, done), settleMode(tx, &c.Issue), tellNames(tx, c))
	if err != nil || c.Issue.State == undersigned.IssueDraft {
		return err
	}
	return cmp.Or(openPetitions(tx, c, fresh, done), openOpportunities(tx, c, fresh))
}

// keep writes the nouns that are other ones than before.
func keep(tx *store.Tx, c *undersigned.Content, changed []undersigned.NounID, by store.By) error {
	if changed == nil {
		return tx.PutContent(c, by)
	}
	for _, id := range changed {
		noun := c.Noun(id)
		if noun == nil {
			if err := tx.RemoveNoun(id, by); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.PutNoun(id, noun, by); err != nil {
			return err
		}
	}
	return nil
}

// freshPIDs draws a pid and makes the keys for every petition that may need them. It happens before the transaction: a
// crash in between leaves keys that nobody uses.
func (s *Service) freshPIDs(ctx context.Context, c *undersigned.Content) (map[string]string, error) {
	var rows map[[2]string]store.ActionRow
	var opportunities map[[2]string]store.OpportunityRow
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if rows, err = tx.Actions(); err != nil {
			return err
		}
		opportunities, err = tx.Opportunities()
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh := map[string]string{}
	if c.Issue.State == undersigned.IssueDraft {
		return fresh, nil
	}
	for i := range c.Actions {
		a := &c.Actions[i]
		_, signed := rows[[2]string{c.Issue.Slug, a.Slug}]
		_, offered := opportunities[[2]string{c.Issue.Slug, a.Slug}]
		if signed || offered || !a.Kind.Signable() && !wantsOffers(c, a) || a.State == undersigned.ActionDraft {
			continue
		}
		var pid translog.PID
		rand.Read(pid[:])
		fresh[a.Slug] = pid.String()
		if err := s.Keys.MakeAction(ctx, pid.String()); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// keepSigned adds to the new content those actions of the old that people have signed, closed.
func keepSigned(tx *store.Tx, c *undersigned.Content, done *Imported) error {
	rows, err := tx.Actions()
	if err != nil {
		return err
	}
	offered, err := haveOffers(tx)
	if err != nil {
		return err
	}
	old, err := tx.Content(c.Issue.Slug)
	if err != nil || old == nil {
		return err
	}
	for _, a := range old.Actions {
		if _, signed := rows[[2]string{c.Issue.Slug, a.Slug}]; !signed && !offered[a.PID] {
			continue
		}
		if now := c.Action(a.Slug); now != nil {
			if now.Kind != a.Kind {
				return explained("kind", "error.edit.kind", fmt.Errorf("%s is a %s that people have joined: a %s needs another name", a.Slug, a.Kind, now.Kind))
			}
			continue
		}
		if a.State != undersigned.ActionClosed {
			a.State, a.Ended = undersigned.ActionClosed, undersigned.DayOf(tx.Now)
		}
		if a.Successor != "" && c.Action(a.Successor) == nil {
			a.Successor = ""
		}
		c.Actions = append(c.Actions, a)
		done.Kept = append(done.Kept, a.Slug)
		if a.Bill != (undersigned.BillID{}) && c.Bill(a.Bill) == nil {
			if bill := old.Bill(a.Bill); bill != nil {
				c.Bills = append(c.Bills, *bill)
			}
		}
	}
	return nil
}

// openPetitions gives every petition and pledge its row, and the log an entry for each new text.
func openPetitions(tx *store.Tx, c *undersigned.Content, fresh map[string]string, done *Imported) error {
	rows, err := tx.Actions()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(c.Issue.Timezone)
	if err != nil {
		return err
	}
	for i := range c.Actions {
		a := &c.Actions[i]
		if !a.Kind.Signable() || a.State == undersigned.ActionDraft {
			continue
		}
		row, known := rows[[2]string{c.Issue.Slug, a.Slug}]
		if !known && a.Decide(c.Bill(a.Bill), tx.Now).State == undersigned.ActionClosed {
			continue // it was over before the log began
		}
		if !known {
			if fresh[a.Slug] == "" { // it came to be opened since its keys were made
				return errMeanwhile
			}
			row = store.ActionRow{PID: fresh[a.Slug], Issue: c.Issue.Slug, Slug: a.Slug, LogState: store.LogOpened, Sealed: c.Issue.Sealed()}
		}
		if err := keepPromise(tx, &row, a); err != nil {
			return err
		}
		changed, err := openVersion(tx, row, a, zone)
		if err != nil {
			return fmt.Errorf("open %s: %w", a.Slug, err)
		}
		switch {
		case !known:
			done.Opened = append(done.Opened, a.Slug)
		case changed:
			done.Newer = append(done.Newer, a.Slug)
			err = tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskReworded, Issue: c.Issue.Slug, Subject: a.Slug})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keepPromise notes for how long what the signers of an action tell us is kept. Once somebody has signed it can only become
// less: the form has said so. Where it has closed it ends late enough for those who asked for news to be warned.
func keepPromise(tx *store.Tx, row *store.ActionRow, a *undersigned.Action) error {
	was := row.KeepDays
	row.KeepDays = cmp.Or(a.KeepDays, undersigned.MaxKeepDays)
	if row.Version == 0 || was == row.KeepDays {
		return nil
	}
	signed, err := tx.AnySignature(row.PID)
	if err != nil {
		return err
	}
	if signed && was < row.KeepDays {
		return explained("keep_days", "error.edit.keep_days", fmt.Errorf("people have signed %s, and were told that what they typed is erased %d days after it closes: "+
			"keep_days can only become less", a.Slug, was))
	}
	if warned := tx.Now.Add(eraseWarning); signed && !row.ClosedAt.IsZero() && row.ClosedAt.Add(row.KeepsFor()).Before(warned) {
		const day = 24 * time.Hour
		least := min(was, int((warned.Sub(row.ClosedAt)+day-1)/day))
		return explained("keep_days", "error.edit.keep_warned", fmt.Errorf("%s has closed, and whoever asked for news is told two weeks before what signers typed is erased: "+
			"keep_days can be %d, not less", a.Slug, least), "days", least)
	}
	return tx.SetActionKeepDays(row.PID, row.KeepDays)
}

// wantsOffers tells whether an action is for volunteers and has somebody to read their offers.
func wantsOffers(c *undersigned.Content, a *undersigned.Action) bool {
	return a.Kind == undersigned.Volunteer && c.CoordinatorOf(a).Email != ""
}

// haveOffers tells which opportunities have offers, by pid.
func haveOffers(tx *store.Tx) (map[string]bool, error) {
	rows, err := tx.Opportunities()
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, row := range rows {
		all, _, err := tx.CountSubmissions(row.PID)
		if err != nil {
			return nil, err
		}
		have[row.PID] = all > 0
	}
	return have, nil
}

// openOpportunities gives every ask for volunteers its row.
func openOpportunities(tx *store.Tx, c *undersigned.Content, fresh map[string]string) error {
	rows, err := tx.Opportunities()
	if err != nil {
		return err
	}
	for i := range c.Actions {
		a := &c.Actions[i]
		_, known := rows[[2]string{c.Issue.Slug, a.Slug}]
		pid := fresh[a.Slug]
		if known || pid == "" || !wantsOffers(c, a) || a.State == undersigned.ActionDraft {
			continue
		}
		if err := tx.InsertOpportunity(store.OpportunityRow{PID: pid, Issue: c.Issue.Slug, Slug: a.Slug}); err != nil {
			return err
		}
	}
	return nil
}

// wording is what people put their name under, and until when, as the public log knows it.
type wording struct{ text, closes string }

func wordingOf(a *undersigned.Action, zone *time.Location) (w wording, err error) {
	if !a.Closes.IsZero() {
		w.closes = a.Closes.Add(-time.Microsecond).In(zone).Format(time.DateOnly)
	}
	w.text, err = CanonicalText(a)
	return w, err
}

// isNew tells whether a row of the log has another wording, and can still have a new one.
func (w wording) isNew(tx *store.Tx, row store.ActionRow) (bool, error) {
	before, _, err := tx.ActionVersion(row.PID, row.Version)
	return err == nil && row.LogState == store.LogOpened && w != (wording{before, row.Closes}), err
}

// openVersion writes the next version of an action where its text or its closing day is another than before. What the
// log has closed stays as it was.
func openVersion(tx *store.Tx, row store.ActionRow, a *undersigned.Action, zone *time.Location) (changed bool, err error) {
	w, err := wordingOf(a, zone)
	if err != nil {
		return false, err
	}
	publish := cmp.Or(a.Publish, undersigned.Live)
	if row.Version == 0 {
		row.Version, row.Publish, row.Closes = 1, publish, w.closes
		err = tx.InsertAction(row)
	} else {
		if changed, err = w.isNew(tx, row); err != nil || row.LogState != store.LogOpened {
			return false, err
		}
		if changed {
			row.Version++
		}
		// Not where the log was told to close it since its row was read: no text may come after that.
		if open, err := tx.SetActionVersion(row.PID, row.Version, publish, w.closes); err != nil || !open || !changed {
			return false, err
		}
	}
	if err != nil {
		return false, err
	}
	if err := tx.InsertActionVersion(row.PID, row.Version, w.text); err != nil {
		return false, err
	}
	return true, tx.WaitForLog(store.LogWait{PID: row.PID, Kind: "open", Version: row.Version, Detail: w.closes})
}

// CanonicalText is the text of a petition or pledge whose hash the public log holds (TRUST.md 2.2): what people put their
// name under, in all its languages.
func CanonicalText(a *undersigned.Action) (string, error) {
	var texts []translog.Text
	for language, t := range a.Texts {
		texts = append(texts, translog.Text{Language: language, Title: oneLine(t.Title), Ask: oneLine(t.Ask), Body: seal.NFC(t.Body)})
	}
	text, err := translog.CanonicalText(texts)
	return string(text), err
}

func oneLine(s string) string { return seal.NFC(strings.Join(strings.Fields(s), " ")) }

// refuseStrangers refuses an organisation under a name of the directory that another issue gives to another one, and a fact
// under one that another issue's has: each has one page.
func refuseStrangers(tx *store.Tx, c *undersigned.Content) error {
	slugs, err := tx.Issues()
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		if slug == c.Issue.Slug {
			continue
		}
		other, err := tx.Content(slug)
		if err != nil {
			return err
		}
		if err := refuseFacts(tx, c, other); err != nil {
			return err
		}
		for i := range other.Organizations {
			theirs := &other.Organizations[i]
			for j := range c.Organizations {
				if ours := &c.Organizations[j]; ours.Slug == theirs.Slug && !ours.Same(theirs) {
					return explained("slug", "error.edit.stranger", fmt.Errorf("organizations/%s.md: want another name for the file: in the issue %s that is %s, with another address",
						ours.Slug, slug, theirs.Name))
				}
			}
		}
	}
	return nil
}

// refuseFacts lets pass what stands already, of before there was this rule: both issues could not be edited any more.
func refuseFacts(tx *store.Tx, c, other *undersigned.Content) error {
	for i := range other.Facts {
		slug := other.Facts[i].Slug
		if c.Fact(slug) == nil {
			continue
		}
		before, err := tx.Content(c.Issue.Slug)
		if err != nil {
			return err
		}
		if before != nil && before.Fact(slug) != nil {
			continue
		}
		return explained("slug", "error.edit.fact_taken", fmt.Errorf("facts/%s.md: want another name for the file: the issue %s has a fact of that name", slug, other.Issue.Slug))
	}
	return nil
}

// tellNames tells the diary of organisations that are called otherwise than before.
func tellNames(tx *store.Tx, c *undersigned.Content) error {
	old, err := tx.Content(c.Issue.Slug)
	if err != nil || old == nil {
		return err
	}
	before := map[string]string{}
	for _, o := range old.Organizations {
		before[o.Slug] = o.Name
	}
	for _, o := range c.Organizations {
		if name := before[o.Slug]; name != "" && name != o.Name {
			event := undersigned.Event{At: tx.Now, Kind: undersigned.NameChanged, Issue: c.Issue.Slug, Subject: o.Name, Detail: name}
			if err := tx.AddEvent(event); err != nil {
				return err
			}
		}
	}
	return nil
}
