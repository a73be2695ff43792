package action

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// CorrectionInput is the form of an organisation about its own entry, as it was sent.
type CorrectionInput struct {
	Organization string      // slug
	Fields       pack.Fields // what the entry shall be; an empty one takes off what it has
	Note, Sender string
	FormToken    string
	Language     string
	Visitor      Visitor
	Trap         string // a field that no reader sees
}

const correctionPurpose = "correction"

// correctionLink is what the link by which a sender confirms and its mail's job carry. What was written waits in a row, sealed
// under a key that is nowhere but here.
type correctionLink struct {
	ID       undersigned.CorrectionID
	Key      [32]byte
	Language string
	Name     string // of the organisation
	Email    string `json:",omitempty"` // in the job alone
}

// correctionScope names the form of an organisation: for its token, its bucket and what waits.
func correctionScope(slug string) string { return "correct " + slug }

// CorrectionToken is what a form carries to show that we rendered it.
func (s *Service) CorrectionToken(slug string) string {
	return s.Keys.FormToken(correctionScope(slug), 1, s.Now())
}

// findOrganization finds an entry of the directory, and the content that it stands in: of several issues' the one that was
// true last, which is the one that the directory shows.
func (s *Service) findOrganization(ctx context.Context, slug string) (*undersigned.Content, *undersigned.Organization, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, nil, err
	}
	var in *undersigned.Content
	var found *undersigned.Organization
	for _, c := range site.Contents {
		for i := range c.Organizations {
			if o := &c.Organizations[i]; o.Slug == slug && (found == nil || o.AsOf > found.AsOf) {
				in, found = c, o
			}
		}
	}
	if found == nil {
		return nil, nil, undersigned.Fail(undersigned.NotFound, "error.not_found")
	}
	return in, found, nil
}

// Correct takes what an organisation says of its entry, and promises a mail to who said it. Nobody is told of it before that
// mailbox is proved, and the entry stays as it is until one of the staff has read it.
//
// Errors: Invalid with fields, Invalid where the form is too old, NotFound, TooMany with a [Wait], Unavailable.
func (s *Service) Correct(ctx context.Context, in CorrectionInput) error {
	content, organization, err := s.findOrganization(ctx, in.Organization)
	if err != nil {
		return err
	}
	c, err := newCorrection(content, organization, in)
	if err != nil {
		return err
	}
	c.Day = undersigned.DayOf(s.Now())
	if !s.Keys.CheckFormToken(in.FormToken, correctionScope(in.Organization), 1, s.Now()) {
		return errFormToken
	}
	if err := s.refuseNoMail(ctx, c.Email); err != nil {
		return asSender(err)
	}
	if d := s.buckets.takeTrapped(in.Visitor, correctionScope(in.Organization), in.Trap, s.Now()); d > 0 {
		args, err := json.Marshal(c)
		if err != nil {
			return doing("seal a correction", err)
		}
		return s.askToWait(ctx, correctionScope(in.Organization), mailCorrection, args, d, s.Now())
	}
	return s.promiseCorrection(ctx, mailQueue, c, organization.Name)
}

// asSender tells a fault of the address beside the field that it stands in here.
func asSender(err error) error {
	var wrong *undersigned.Error
	if !errors.As(err, &wrong) || len(wrong.Fields) == 0 {
		return err
	}
	moved := *wrong
	moved.Fields = slices.Clone(wrong.Fields)
	for i := range moved.Fields {
		moved.Fields[i].Field = "sender"
	}
	return &moved
}

// newCorrection checks a form by the rules that the entry itself has, and keeps of it what shall be other than it is.
func newCorrection(content *undersigned.Content, o *undersigned.Organization, in CorrectionInput) (*undersigned.Correction, error) {
	now := pack.Form(content, o)
	changed := pack.Fields{}
	for name, said := range in.Fields {
		if _, bare := pack.LanguageOf(name); slices.Contains(undersigned.CorrectionFields, bare) && said != now[name] {
			changed[name] = said
		}
	}
	with := maps.Clone(now)
	maps.Copy(with, changed)
	wrong := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
	_, err := pack.ReadForm(content, undersigned.NounID{Issue: content.Issue.Slug, Kind: undersigned.OrganizationNoun, Slug: o.Slug}, with)
	if faults := (*undersigned.Error)(nil); errors.As(err, &faults) {
		for _, f := range faults.Fields {
			if _, ours := changed[f.Field]; ours { // what is wrong with the entry as it is, is not the sender's fault
				wrong.Fields = append(wrong.Fields, f)
			}
		}
	}
	c := &undersigned.Correction{Issue: content.Issue.Slug, Organization: o.Slug, Fields: changed, Note: in.Note, Email: in.Sender, Language: in.Language}
	if faults := (*undersigned.Error)(nil); errors.As(undersigned.CheckCorrection(c), &faults) {
		wrong.Fields = append(wrong.Fields, faults.Fields...)
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return c, nil
}

// CorrectAfterWaiting takes a form that Correct has asked to wait, as SignAfterWaiting does a signature.
func (s *Service) CorrectAfterWaiting(ctx context.Context, slug, token string) error {
	content, organization, err := s.findOrganization(ctx, slug)
	if err != nil {
		return err
	}
	w, err := s.openWait(ctx, correctionScope(slug), token, s.Now())
	if err != nil {
		return err
	}
	c := &undersigned.Correction{Issue: content.Issue.Slug, Organization: slug, Day: undersigned.DayOf(s.Now())}
	if err := json.Unmarshal(w.args, c); err != nil {
		return errWaitToken
	}
	return s.takeWaiting(token, w, s.Now(), func() error { return s.promiseCorrection(ctx, laterQueue, c, organization.Name) })
}

// promiseCorrection commits the sealed correction and the mail that asks to confirm it, both or neither.
func (s *Service) promiseCorrection(ctx context.Context, queue string, c *undersigned.Correction, name string) error {
	link := correctionLink{Language: c.Language, Name: name, Email: c.Email}
	rand.Read(link.ID[:])
	rand.Read(link.Key[:])
	plaintext, err := json.Marshal(c)
	if err != nil {
		return doing("seal a correction", err)
	}
	key := seal.KeyOf(link.Key)
	row := &store.CorrectionRow{ID: link.ID, Issue: c.Issue, Organization: c.Organization, Day: c.Day,
		Sealed: key.Seal(nil, plaintext, correctionRowScope(link.ID, "")...)}
	args, err := json.Marshal(link)
	if err != nil {
		return doing("seal a correction", err)
	}
	job, err := s.mailJob(ctx, queue, mailCorrection, args, s.Now())
	if err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.InsertCorrection(row); err != nil {
			return err
		}
		return tx.Enqueue(job)
	})
	if err == nil {
		s.wakeMail()
	}
	return err
}

// correctionRowScope ties sealed bytes to their row.
func correctionRowScope(id undersigned.CorrectionID, month string) []string {
	return []string{"correction", string(id[:]), month}
}

// openCorrectionMail reads the job of the mail that asks to confirm.
func (w *mailWorker) openCorrectionMail(ctx context.Context, l *letter) (*letter, error) {
	var link correctionLink
	if err := json.Unmarshal(l.args, &link); err != nil {
		return nil, errForm
	}
	l.language, l.to, l.scope = link.Language, link.Email, correctionPurpose
	link.Email = ""
	l.write = func(head mail.Letterhead, stop string) (*mail.Message, error) {
		plaintext, err := json.Marshal(link)
		if err != nil {
			return nil, err
		}
		token, err := w.Keys.SealToken(ctx, plaintext, w.Now(), correctionPurpose)
		if err != nil {
			return nil, err
		}
		return w.Composer.ConfirmCorrection(head, w.link(l.language, "/confirm/correction/"+token), link.Name, stop)
	}
	return l, nil
}
