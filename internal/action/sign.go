package action

import (
	"context"
	"crypto/rand"
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
}

var (
	errClosed    = undersigned.Fail(undersigned.Gone, "error.closed")
	errFormToken = undersigned.Fail(undersigned.Invalid, "error.form_token")
)

// FormToken is what a form carries to show that we rendered it: the same for every visitor, another each UTC hour, good
// for 48 hours. It is no defence against other sites; that is the browser's Origin.
func (s *Service) FormToken(a *undersigned.Action, now time.Time) string {
	return s.Keys.FormToken(a.PID, a.Version, now)
}

// SignPetition takes a form and promises a mail: nil means that the promise is on the disk. Nothing about the person is
// in any row, and who has signed before, who is new and who is blocked take the same way in the same time.
//
// Errors: Invalid with fields, Invalid where the form is too old or its text has changed since, NotFound, Gone where the
// action is not open, Unavailable where too many wait or the disk is full.
func (s *Service) SignPetition(ctx context.Context, in SignInput) error {
	content, a, err := s.find(ctx, in.Issue, in.Action)
	if err != nil {
		return err
	}
	now := s.Now()
	switch {
	case !a.Kind.Signable():
		return errNoAction
	case a.PID == "" || !a.Decide(content.Bill(a.Bill), now).Open():
		return errClosed
	}
	signature, err := undersigned.NewSignature(a, in.Form, in.Language, undersigned.DayOf(now))
	if err != nil {
		return err
	}
	if !s.Keys.CheckFormToken(in.FormToken, a.PID, a.Version, now) {
		return errFormToken
	}
	// The id is drawn here, so that every try of the mail carries the same one: two links then make one signature.
	rand.Read(signature.ID[:])
	args, err := (&opening{signature: *signature}).encode(true)
	if err != nil {
		return doing("seal a signature", err)
	}
	return s.promiseMail(ctx, mailConfirm, args, now)
}

// promiseMail seals what a mail needs and commits the job. The key of the day is on the disk before the job is.
func (s *Service) promiseMail(ctx context.Context, kind mailKind, args []byte, now time.Time) error {
	sealed, err := s.Keys.SealPending(ctx, []byte{byte(kind)}, args, now, "job", mailQueue)
	if err != nil {
		return doing("seal a mail", err)
	}
	job := store.NewJob(mailQueue, sealed, now)
	if err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return tx.Enqueue(job) }); err != nil {
		return err
	}
	s.wakeMail()
	return nil
}
