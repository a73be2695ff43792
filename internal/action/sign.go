package action

import (
	"context"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// SignInput is a sign form as it was sent.
type SignInput struct {
	Issue, Action string // slugs
	Form          undersigned.SignatureForm
	FormToken     string
	Language      string
	Visitor       Visitor
	Source        string // the tag of the link that led here, one of those that are known; empty where there was none
}

var (
	errClosed    = undersigned.Fail(undersigned.Gone, "error.closed")
	errFormToken = undersigned.Fail(undersigned.Invalid, "error.form_token")
)

// FormToken is what a form carries to show that we rendered it: the same for every visitor, another each UTC hour, good
// for 48 hours. It is no defence against other sites; that is the browser's Origin.
func (s *Service) FormToken(a *undersigned.Action, now time.Time) string {
	return s.Keys.FormToken(formName(a), a.Version, now)
}

// formName names an action's form for good. Where it asks questions of its own, other questions are another form.
func formName(a *undersigned.Action) string {
	if a.Kind != undersigned.Volunteer {
		return a.PID
	}
	return a.PID + " " + questionsDigest(a)
}

// SignPetition takes a form and promises a mail: nil means that the promise is on the disk. Nothing about the person is
// in any row, and who has signed before, who is new and who is blocked take the same way in the same time.
//
// Errors: Invalid with fields, Invalid where the form is too old or its text has changed since, NotFound, Gone where the
// action is not open, TooMany with a [Wait] where much came from the visitor's address, Unavailable where too many wait or
// the disk is full.
func (s *Service) SignPetition(ctx context.Context, in SignInput) error {
	now := s.Now()
	a, err := s.findOpen(ctx, in.Issue, in.Action, now)
	if err != nil {
		return err
	}
	signature, err := undersigned.NewSignature(a, in.Form, in.Language, undersigned.DayOf(now))
	if err != nil {
		return err
	}
	if !s.Keys.CheckFormToken(in.FormToken, a.PID, a.Version, now) {
		return errFormToken
	}
	if err := s.refuseNoMail(ctx, signature.Person.Email); err != nil {
		return err
	}
	// The id is drawn here, so that every try of the mail carries the same one: two links then make one signature.
	signature.ID = s.ids.Draw(signature.Day)
	args, err := (&opening{signature: *signature, source: in.Source}).encode(true)
	if err != nil {
		return doing("seal a signature", err)
	}
	if d := s.buckets.take(in.Visitor, a.PID, now); d > 0 {
		return s.askToWait(ctx, a.PID, mailConfirm, args, d, now)
	}
	return s.promiseMail(ctx, mailQueue, mailConfirm, args, now)
}

// SignAfterWaiting takes a form that SignPetition has asked to wait. The form comes back as it was typed, so that nothing is
// lost where it cannot be taken: Invalid where the token is none of ours for this action, Gone where the action has closed
// meanwhile, TooMany where it is too early, Unavailable.
func (s *Service) SignAfterWaiting(ctx context.Context, issue, slug, token string) (typed undersigned.SignatureForm, err error) {
	now := s.Now()
	a, closed := s.findOpen(ctx, issue, slug, now)
	if a == nil {
		return typed, closed
	}
	w, err := s.openWait(ctx, a.PID, token, now)
	if err != nil {
		return typed, err
	}
	o, err := decode(w.args, true)
	if err != nil {
		return typed, errWaitToken
	}
	p := &o.signature.Person
	typed = undersigned.SignatureForm{GivenName: p.GivenName, FamilyName: p.FamilyName, Email: p.Email, PostalCode: p.PostalCode,
		Country: p.Country, Comment: p.Comment, Deliver: o.signature.Class == undersigned.Delivered}
	if closed != nil {
		return typed, closed
	}
	return typed, s.takeWaiting(token, w, now, func() error { return s.promiseMail(ctx, laterQueue, w.kind, w.args, now) })
}

// findOpen finds a petition or a pledge that can be signed now; Gone, with the action, where it is closed.
func (s *Service) findOpen(ctx context.Context, issue, slug string, now time.Time) (*undersigned.Action, error) {
	content, a, err := s.find(ctx, issue, slug)
	switch {
	case err != nil:
		return nil, err
	case !a.Kind.Signable():
		return nil, errNoAction
	case a.PID == "":
		return a, errClosed
	}
	if d := a.Decide(content.Bill(a.Bill), now); !d.Open() {
		return a, notOpen(d)
	}
	return a, nil
}

// promiseMail seals what a mail needs and commits the job. The key of the day is on the disk before the job is.
func (s *Service) promiseMail(ctx context.Context, queue string, kind mailKind, args []byte, now time.Time) error {
	job, err := s.mailJob(ctx, queue, kind, args, now)
	if err != nil {
		return err
	}
	if err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return tx.Enqueue(job) }); err != nil {
		return err
	}
	s.wakeMail()
	return nil
}

// mailJob seals what a mail needs. Whoever commits the job wakes the worker.
func (s *Service) mailJob(ctx context.Context, queue string, kind mailKind, args []byte, now time.Time) (store.Job, error) {
	sealed, err := s.Keys.SealPending(ctx, []byte{byte(kind)}, args, now, "job", mailQueue)
	if err != nil {
		return store.Job{}, doing("seal a mail", err)
	}
	return store.NewJob(queue, sealed, now), nil
}
