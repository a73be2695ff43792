package web

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// The guide for the first ten minutes stands on the desk's first page until an owner leaves it. How far they are is read from
// the site itself, so that it goes on wherever, whenever and by whomever the rest is done.

// guideFacts are what tells how far a new site is.
type guideFacts struct {
	passkey, passkeys bool // there is one; there can be one
	mail, named       bool
	issue, ask        *undersigned.NounID // the first that somebody has written here, or is writing; nil where there is none
	issueDraft        bool                // there is a draft of it
	askDraft          bool
	issueSeen         bool                // readers see it
	askSeen           *undersigned.Action // open to readers
	signed            bool
}

// guide adds it to the page.
func (l *watch) guide() error {
	settings, err := l.actions.Settings(l.ctx)
	if err != nil || settings.GuideLeft {
		return err
	}
	passkeys, err := l.actions.Passkeys(l.ctx, l.staff.User.ID)
	if err != nil {
		return err
	}
	health, err := l.machine()
	if err != nil {
		return err
	}
	f := guideFacts{passkey: len(passkeys) > 0, passkeys: l.actions.HasPasskeys(), mail: !health.MailTaken.IsZero(), named: settings.Name != ""}
	if err := l.written(&f); err != nil {
		return err
	}
	counts, err := l.db.Counts(l.ctx)
	if err != nil {
		return err
	}
	f.signed = f.askSeen != nil && counts[f.askSeen.PID].Counted > 0
	l.page.guide(f, l.devMailPath())
	return nil
}

// written finds the first issue and the first petition or pledge on which staff have worked: what came with the program, and
// nobody has touched, is none.
func (l *watch) written(f *guideFacts) error {
	var drafts []*undersigned.Draft
	touched := map[string]bool{}
	err := l.db.View(l.ctx, func(tx *store.Tx) (err error) {
		if drafts, err = tx.Drafts(""); err != nil {
			return err
		}
		for _, verb := range []undersigned.AuditVerb{undersigned.AuditPublished, undersigned.AuditImported} {
			entries, err := tx.Audit(store.AuditFilter{Verb: verb}, 100)
			if err != nil {
				return err
			}
			for _, e := range entries {
				issue, _, _ := strings.Cut(e.Subject, "/")
				if e.By != (undersigned.UserID{}) {
					touched[issue] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, issue := range slices.Sorted(maps.Keys(touched)) {
		content := l.site.Issue(issue) // nil where readers see nothing of it
		seen := content != nil && content.Issue.State == undersigned.IssueOpen
		if f.issue == nil || seen && !f.issueSeen {
			f.issue, f.issueSeen = &undersigned.NounID{Issue: issue, Kind: undersigned.IssueNoun, Slug: issue}, seen
		}
		if seen && f.askSeen == nil {
			f.look(content, l.now)
		}
	}
	f.begun(drafts)
	return nil
}

// look finds a petition or pledge of an issue that readers see.
func (f *guideFacts) look(content *undersigned.Content, now time.Time) {
	for i := range content.Actions {
		switch a := &content.Actions[i]; {
		case !a.Kind.Signable():
		case a.State == undersigned.ActionDraft:
			f.ask = &undersigned.NounID{Issue: a.Issue, Kind: undersigned.ActionNoun, Slug: a.Slug}
		case f.askSeen == nil && a.Decide(content.Bill(a.Bill), now).Open():
			f.askSeen = a
		}
	}
}

// begun finds what is being written: with a draft one goes on where it is looked over.
func (f *guideFacts) begun(drafts []*undersigned.Draft) {
	for _, d := range drafts {
		switch {
		case d.Kind == undersigned.IssueNoun && (f.issue == nil || !f.issueSeen && d.Issue == f.issue.Issue):
			f.issue, f.issueDraft = &d.NounID, true
		case d.Kind == undersigned.ActionNoun && f.issue != nil && d.Issue == f.issue.Issue:
			f.ask, f.askDraft = &d.NounID, true
		}
	}
}
