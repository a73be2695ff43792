package action

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// Base is what somebody began to write from: the version on the site, 0 where there was none, and the save of the draft,
// 0 where there was none.
type Base struct{ Version, Save int }

// Edit is a form as it was sent.
type Edit struct {
	By     undersigned.UserID
	ID     undersigned.NounID
	New    bool // there must be nothing of that name yet
	Base   Base
	Fields pack.Fields // tidy
	// Correction went into it, and is forgotten with it; zero is none.
	Correction undersigned.CorrectionID
}

// Clash is the error of somebody who would overwrite what another one has written meanwhile. Nothing is saved, and nothing
// is lost: here is both.
type Clash struct {
	Base   Base               // what a form that has seen both begins from
	Merged pack.Fields        // mine, with what only they have changed
	Theirs pack.Fields        //
	Groups []string           // the fields that both have changed (see [undersigned.FieldGroup])
	By     undersigned.UserID // who wrote theirs
	At     time.Time
}

func (*Clash) Error() string { return "somebody else has changed the same text" }

var (
	// errChanged: what somebody decided on is not what is there by now.
	errChanged    = undersigned.Fail(undersigned.Invalid, "error.edit.changed")
	errDraftThere = undersigned.Fail(undersigned.Invalid, "error.edit.draft_there")
	errNoNoun     = undersigned.Fail(undersigned.NotFound, "error.not_found")
)

// Editing is what there is of a noun, for who wants to change it.
type Editing struct {
	Content  *undersigned.Content // nil where the issue is new, and its draft is all there is
	Noun     any                  // on the site; nil where it is not
	Draft    *undersigned.Draft   // nil where there is none
	Fields   pack.Fields          // of the draft, or of the site
	Base     Base
	Versions []undersigned.Version // the last one first
}

// OpenEditing finds a noun, its draft and its versions. NotFound where there was never anything of that name.
func OpenEditing(tx *store.Tx, id undersigned.NounID) (*Editing, error) {
	e := &Editing{}
	var err error
	if e.Content, err = tx.Content(id.Issue); err != nil {
		return nil, err
	}
	if e.Draft, err = tx.Draft(id); err != nil {
		return nil, err
	}
	if e.Versions, err = tx.Versions(id); err != nil {
		return nil, err
	}
	if e.Content != nil {
		e.Noun = e.Content.Noun(id)
	}
	if e.Noun == nil && e.Draft == nil && len(e.Versions) == 0 {
		return nil, errNoNoun
	}
	if len(e.Versions) > 0 {
		e.Base.Version = e.Versions[0].Number
	}
	if e.Fields = FieldsOf(e.Content, e.Noun); e.Draft != nil {
		e.Fields, e.Base = e.Draft.Fields, Base{e.Draft.Base, e.Draft.Save}
	}
	return e, nil
}

// FieldsOf gives a noun as its form has it; none of nothing.
func FieldsOf(c *undersigned.Content, noun any) pack.Fields {
	if noun == nil {
		return pack.Fields{}
	}
	if c == nil {
		c = &undersigned.Content{}
	}
	return pack.Form(c, noun)
}

// SaveDraft keeps what somebody has written, as far as it goes: whether it can be published is asked later. What another
// one has changed meanwhile in other fields is brought together with it. A [Clash] where both have changed the same.
func (s *Service) SaveDraft(ctx context.Context, in Edit) (base Base, err error) {
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		draft, err := saveDraft(tx, in)
		if err != nil {
			return err
		}
		base = Base{draft.Base, draft.Save}
		_, err = takeCorrection(tx, in)
		return err
	})
	return base, err
}

func saveDraft(tx *store.Tx, in Edit) (*undersigned.Draft, error) {
	if in.New {
		if d, err := tx.Draft(in.ID); err != nil || d != nil && d.Base == 0 && d.By == in.By && maps.Equal(d.Fields, in.Fields) {
			return d, err // pressed twice
		}
		if err := checkNew(tx, in.ID); err != nil {
			return nil, err
		}
	}
	now, err := OpenEditing(tx, in.ID)
	if in.New && undersigned.KindOf(err) == undersigned.NotFound {
		now, err = &Editing{}, nil
	}
	if err != nil {
		return nil, err
	}
	fields, save := in.Fields, int(tx.Now.UnixMicro())
	if now.Base != in.Base {
		if fields, err = merge(tx, in, now); err != nil {
			return nil, err
		}
	}
	if now.Draft != nil {
		save = max(save, now.Draft.Save+1)
	}
	d := &undersigned.Draft{NounID: in.ID, Save: save, Base: now.Base.Version, By: in.By, Fields: fields}
	return d, tx.AddDraft(d)
}

// checkNew refuses names that are taken, or no names.
func checkNew(tx *store.Tx, id undersigned.NounID) error {
	switch {
	case id.Kind == undersigned.BillNoun:
		if _, err := undersigned.ParseBillID(id.Slug); err != nil {
			return wrongField("slug", "want.bill_id")
		}
	case !undersigned.ValidSlug(id.Slug):
		return wrongField("slug", "want.slug")
	case id.Kind == undersigned.IssueNoun && undersigned.ReservedSlug(id.Slug):
		return wrongField("slug", "want.free_slug")
	}
	_, err := OpenEditing(tx, id)
	if undersigned.KindOf(err) == undersigned.NotFound {
		return nil
	}
	return cmp.Or(err, wrongField("slug", "error.edit.taken")) // on the site, or taken off it
}

// merge brings a form together with what was saved or published since it was opened.
func merge(tx *store.Tx, in Edit, now *Editing) (pack.Fields, error) {
	base, err := fieldsAt(tx, in.ID, now.Content, in.Base)
	if err != nil {
		return nil, err
	}
	merged, groups := undersigned.Merge(base, in.Fields, now.Fields)
	if len(groups) == 0 {
		return merged, nil
	}
	clash := &Clash{Base: now.Base, Merged: merged, Theirs: now.Fields, Groups: groups}
	if now.Draft != nil {
		clash.By, clash.At = now.Draft.By, now.Draft.At
	} else if len(now.Versions) > 0 {
		clash.By, clash.At = now.Versions[0].By, now.Versions[0].At
	}
	return nil, clash
}

// fieldsAt gives what somebody began from. What nobody knows any more counts as nothing: then each difference is a clash.
func fieldsAt(tx *store.Tx, id undersigned.NounID, c *undersigned.Content, base Base) (pack.Fields, error) {
	if base.Save > 0 {
		d, err := tx.DraftSave(id, base.Save)
		if err != nil || d == nil {
			return nil, err
		}
		return d.Fields, nil
	}
	noun, err := tx.VersionNoun(id, base.Version)
	return FieldsOf(c, noun), err
}

// DiscardDraft forgets a draft; what is on the site stays. Invalid where it is not the one that was looked at.
func (s *Service) DiscardDraft(ctx context.Context, by undersigned.UserID, id undersigned.NounID, base Base) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		d, err := tx.Draft(id)
		if err != nil {
			return err
		}
		if d == nil || d.Save != base.Save {
			return errChanged
		}
		if err := tx.AddAudit(edited(by, undersigned.AuditDraftDiscarded, id, "")); err != nil {
			return err
		}
		return tx.DeleteDraft(id)
	})
}

// BringBack makes a draft of a version: publishing it is a new edit. Invalid where a draft is there already.
func (s *Service) BringBack(ctx context.Context, by undersigned.UserID, id undersigned.NounID, version int) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		now, err := OpenEditing(tx, id)
		if err != nil {
			return err
		}
		noun, err := tx.VersionNoun(id, version)
		if err != nil {
			return err
		}
		if noun == nil {
			return errNoNoun
		}
		fields := FieldsOf(now.Content, noun)
		if now.Draft != nil {
			if now.Draft.By == by && maps.Equal(now.Draft.Fields, fields) { // pressed twice
				return nil
			}
			return errDraftThere
		}
		return tx.AddDraft(&undersigned.Draft{NounID: id, Save: int(tx.Now.UnixMicro()), Base: now.Base.Version, By: by, Fields: fields})
	})
}

func edited(by undersigned.UserID, verb undersigned.AuditVerb, id undersigned.NounID, detail string) undersigned.AuditEntry {
	return undersigned.AuditEntry{By: by, Verb: verb, Subject: nounName(id), Detail: detail}
}

// nounName is how a noun stands in the audit log.
func nounName(id undersigned.NounID) string {
	if id.Kind == undersigned.IssueNoun {
		return id.Issue
	}
	return fmt.Sprintf("%s/%s/%s", id.Issue, id.Kind, id.Slug)
}

// TakeTheirs gives mine with theirs in the groups that were chosen so.
func (c *Clash) TakeTheirs(mine pack.Fields, groups []string) pack.Fields {
	taken := maps.Clone(mine)
	maps.DeleteFunc(taken, func(name, _ string) bool { return slices.Contains(groups, undersigned.FieldGroup(name)) })
	for name, said := range c.Theirs {
		if slices.Contains(groups, undersigned.FieldGroup(name)) {
			taken[name] = said
		}
	}
	return taken
}
