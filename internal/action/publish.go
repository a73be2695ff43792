package action

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// Proof is what is to be known of a draft before it is published.
type Proof struct {
	*Editing
	With   *undersigned.Content // the issue's content with the draft in its place; nil where Faults stand against that
	Fields pack.Fields          // of the draft, with what was changed on the site since it was begun
	Before pack.Fields          // on the site
	Faults error                // what is wrong with it: an [undersigned.Error] of kind Invalid, or a [Clash]
	Opens  []Opening            // the asks that open with it
	// Newer says that the text of a petition or pledge that people have signed becomes another one; Signed is how many did, as
	// the public count has it.
	Newer  bool
	Signed int64
	Ends   []Ending
}

// Opening is an ask that opens, and the list that is gone through before.
type Opening struct {
	Action *undersigned.Action
	Checks []undersigned.Check
	Later  bool // it opens with its issue: until then nothing has to be mended
}

// Publishing is the decision to put a draft on the site.
type Publishing struct {
	By   undersigned.UserID
	ID   undersigned.NounID
	Base Base // of the draft that was looked at
	// Despite opens an ask although its list has a warning, Newer takes the new version of a signed text, and Ends what ends
	// for good: whoever decides has to say that they know.
	Despite, Newer, Ends bool
}

var (
	errUnmet   = undersigned.Fail(undersigned.Invalid, "error.edit.unmet")
	errDespite = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.despite", Fields: []undersigned.FieldError{{Field: "despite", Key: "error.edit.tick"}}}
	errNewer   = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.newer", Fields: []undersigned.FieldError{{Field: "newer", Key: "error.edit.tick"}}}
)

// Proof looks at a draft as it would be published at a moment. NotFound where there is none.
func (s *Service) Proof(ctx context.Context, id undersigned.NounID, at time.Time) (p *Proof, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		p, err = s.proof(tx, id, at)
		return err
	})
	return p, err
}

func (s *Service) proof(tx *store.Tx, id undersigned.NounID, at time.Time) (*Proof, error) {
	now, err := OpenEditing(tx, id)
	if err != nil {
		return nil, err
	}
	if now.Draft == nil {
		return nil, errNoNoun
	}
	r := &Proof{Editing: now, Fields: now.Fields, Before: FieldsOf(now.Content, now.Noun)}
	last := 0
	if len(now.Versions) > 0 {
		last = now.Versions[0].Number
	}
	if last != now.Base.Version { // another text came to be published since the draft was begun
		in := Edit{ID: id, Base: Base{Version: now.Base.Version}, Fields: now.Fields}
		site := *now
		site.Draft, site.Fields, site.Base = nil, r.Before, Base{Version: last}
		if r.Fields, err = merge(tx, in, &site); err != nil {
			return r.refusedBy(err)
		}
	}
	if err := r.put(id); err != nil {
		return r.refusedBy(err)
	}
	if err := s.openings(tx, r, at); err != nil {
		return nil, err
	}
	if r.Ends, err = endings(tx, r.Content, r.With, at); err != nil {
		return nil, err
	}
	return r, r.wording(tx, id)
}

// refusedBy keeps what is wrong with the draft; anything else is an error.
func (r *Proof) refusedBy(err error) (*Proof, error) {
	if clash := (*Clash)(nil); !errors.As(err, &clash) && undersigned.KindOf(err) != undersigned.Invalid {
		return nil, err
	}
	r.Faults, r.With = err, nil
	return r, nil
}

// put makes the content with the draft in its place, and looks whether all of it fits together still.
func (r *Proof) put(id undersigned.NounID) error {
	content := &undersigned.Content{Issue: undersigned.Issue{Slug: id.Issue}}
	if r.Content != nil {
		content = r.Content.Clone()
	} else if id.Kind != undersigned.IssueNoun {
		return errNoNoun
	}
	noun, err := pack.ReadForm(content, id, r.Fields)
	if err != nil {
		return err
	}
	if issue, ok := noun.(*undersigned.Issue); ok && issue.Slug != id.Slug {
		return wrongField("slug", "error.edit.slug")
	}
	content.Put(id, noun)
	r.With = content
	return misfits(r.Content, content)
}

// misfits tells what does not fit together in the content after a change, and did before.
func misfits(before, after *undersigned.Content) error {
	faults := pack.Check(after)
	if len(faults) == 0 {
		return nil
	}
	old := map[string]bool{}
	if before != nil {
		for _, fault := range pack.Check(before) {
			old[fault.Error()] = true
		}
	}
	wrong := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.misfit"}
	for _, fault := range faults {
		if !old[fault.Error()] {
			wrong.Err = errors.Join(wrong.Err, fault)
			wrong.Fields = append(wrong.Fields, undersigned.FieldError{Field: fault.File, Key: fault.Key, Args: fault.Args})
		}
	}
	if wrong.Fields == nil {
		return nil
	}
	return wrong
}

// openings finds the asks that open with a draft: its own, or those of an issue that has been hidden.
func (s *Service) openings(tx *store.Tx, r *Proof, at time.Time) error {
	accepted, _, err := tx.Duty(mailAccepted)
	if err != nil {
		return err
	}
	ready := undersigned.Readiness{MailAccepted: accepted, Seats: !s.Congress.Table().Sample}
	tried, err := readTry(tx)
	if err != nil {
		return err
	}
	if tried != nil && tried.Failed() {
		ready.MailFailed = tried.At
	}
	wasOpen := func(slug string) bool {
		if r.Content == nil || r.Content.Issue.State == undersigned.IssueDraft {
			return false
		}
		a := r.Content.Action(slug)
		return a != nil && a.State == undersigned.ActionOpen
	}
	hidden := r.With.Issue.State == undersigned.IssueDraft
	for i := range r.With.Actions {
		a := &r.With.Actions[i]
		own := r.Draft != nil && r.Draft.Kind == undersigned.ActionNoun && r.Draft.Slug == a.Slug
		if a.State == undersigned.ActionOpen && !wasOpen(a.Slug) && (own || !hidden) {
			a.Link = linkOf(r.Content, a)
			r.Opens = append(r.Opens, Opening{a, r.With.Checklist(a, ready, at), hidden})
		}
	}
	return nil
}

// linkOf is what is known of an ask's link, where it leads to where it led.
func linkOf(before *undersigned.Content, a *undersigned.Action) undersigned.Link {
	if before != nil {
		for _, use := range before.Links() {
			if use.URL == a.URL {
				return *use.Known
			}
		}
	}
	return undersigned.Link{}
}

// wording looks whether people have signed another text than the draft's.
func (r *Proof) wording(tx *store.Tx, id undersigned.NounID) error {
	a := r.With.Action(id.Slug)
	if id.Kind != undersigned.ActionNoun || a == nil || a.State == undersigned.ActionDraft || a.PID == "" || !a.Kind.Signable() {
		return nil
	}
	rows, err := tx.Actions()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(r.With.Issue.Timezone)
	if err != nil {
		return err
	}
	row := rows[[2]string{id.Issue, id.Slug}]
	w, err := wordingOf(a, zone)
	if err != nil {
		return err
	}
	if r.Newer, err = w.isNew(tx, row); err != nil || !r.Newer {
		return err
	}
	r.Signed = row.Public.Counted
	r.Newer, err = tx.AnySignature(row.PID)
	return err
}

// Worst tells how the lists of all asks that open now stand.
func (r *Proof) Worst() undersigned.CheckState {
	var all []undersigned.Check
	for _, o := range r.Opens {
		if !o.Later {
			all = append(all, o.Checks...)
		}
	}
	return undersigned.Unmet(all)
}

// refuses tells why a draft cannot be published in the way that was decided.
func (r *Proof) refuses(p Publishing) error {
	worst := r.Worst()
	switch {
	case r.Draft.Save != p.Base.Save || r.Draft.Base != p.Base.Version:
		return errChanged
	case r.Faults != nil:
		return r.Faults
	case worst == undersigned.CheckUnmet:
		return errUnmet
	case worst == undersigned.CheckWarn && !p.Despite:
		return errDespite
	case r.Newer && !p.Newer:
		return errNewer
	case len(r.Ends) > 0 && !p.Ends:
		return ErrEnds
	}
	return nil
}

// Publish puts a draft on the site now. The error says what stands against it: Invalid, a [Clash], NotFound, Unavailable.
func (s *Service) Publish(ctx context.Context, p Publishing) (*Imported, error) {
	return s.publish(ctx, p, undersigned.ChangeEdit, store.Client)
}

func (s *Service) publish(ctx context.Context, p Publishing, how undersigned.Change, rank store.Rank) (*Imported, error) {
	return s.change(ctx, changing{by: store.By{User: p.By, How: how}, rank: rank, issue: p.ID.Issue,
		make: func(tx *store.Tx, _ *undersigned.Content) (*undersigned.Content, []undersigned.NounID, error) {
			r, err := s.proof(tx, p.ID, tx.Now)
			if err == nil {
				err = r.refuses(p)
			}
			if err == nil && how == undersigned.ChangeSchedule && p.By != (undersigned.UserID{}) { // nobody is the command line
				err = stillMay(tx, p.By, undersigned.MayWrite)
			}
			if err != nil {
				return nil, nil, err
			}
			return r.With, []undersigned.NounID{p.ID}, nil
		},
		also: func(tx *store.Tx) error {
			version, err := tx.LastVersion(p.ID)
			if err != nil {
				return err
			}
			return cmp.Or(tx.DeleteDraft(p.ID), tx.AddAudit(edited(p.By, undersigned.AuditPublished, p.ID, strconv.Itoa(version))))
		}})
}
