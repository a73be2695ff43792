package action

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// OfferInput is the form of a volunteer as it was sent.
type OfferInput struct {
	Issue, Action string // slugs
	Form          undersigned.SubmissionForm
	FormToken     string
	Language      string
	Visitor       Visitor
	Trap          string // a field that no reader sees
}

// errNoOffers: nobody would read them.
var errNoOffers = undersigned.Fail(undersigned.Gone, "error.offer.not_taken")

// offerPurpose is that of the link by which a volunteer confirms.
const offerPurpose = "offer"

// offerLink is what that link and its mail's job carry. The offer itself is too long for a link: it waits in a row, sealed
// under a key that is nowhere but here.
type offerLink struct {
	ID       undersigned.SubmissionID
	Key      [32]byte
	PID      string
	Language string
	Email    string `json:",omitempty"` // in the job alone
}

// Volunteer takes an offer and promises a mail to whoever made it: nil means that both are on the disk. As with a
// signature, nobody can tell from the answer whether a mailbox has offered before, or is blocked.
//
// Errors: Invalid with fields, Invalid where the form is too old or asks something else by now, NotFound, Gone where the
// action is not open or takes no offers, TooMany with a [Wait], Unavailable.
func (s *Service) Volunteer(ctx context.Context, in OfferInput) error {
	now := s.Now()
	content, a, err := s.findOpportunity(ctx, in.Issue, in.Action, now)
	if err != nil {
		return err
	}
	submission, err := undersigned.NewSubmission(a, content.Issue.Languages, in.Form, in.Language, undersigned.DayOf(now))
	if err != nil {
		return err
	}
	if !s.Keys.CheckFormToken(in.FormToken, formName(a), a.Version, now) {
		return errFormToken
	}
	if err := s.refuseNoMail(ctx, submission.Person.Email); err != nil {
		return err
	}
	if d := s.buckets.takeTrapped(in.Visitor, a.PID, in.Trap, now); d > 0 {
		args, err := json.Marshal(submission)
		if err != nil {
			return doing("seal an offer", err)
		}
		return s.askToWait(ctx, a.PID, mailOffer, args, d, now)
	}
	return s.promiseOffer(ctx, mailQueue, submission, now)
}

// VolunteerAfterWaiting takes an offer that Volunteer has asked to wait, as SignAfterWaiting does a signature.
func (s *Service) VolunteerAfterWaiting(ctx context.Context, issue, slug, token string) (typed undersigned.SubmissionForm, err error) {
	now := s.Now()
	_, a, closed := s.findOpportunity(ctx, issue, slug, now)
	if a == nil {
		return typed, closed
	}
	w, err := s.openWait(ctx, a.PID, token, now)
	if err != nil {
		return typed, err
	}
	submission := &undersigned.Submission{PID: a.PID}
	if err := json.Unmarshal(w.args, submission); err != nil {
		return typed, errWaitToken
	}
	p := &submission.Person
	typed = undersigned.SubmissionForm{GivenName: p.GivenName, FamilyName: p.FamilyName, Email: p.Email, Comment: p.Comment,
		Answers: map[string]string{}}
	for _, answer := range submission.Answers {
		typed.Answers[answer.Slug] = answer.Words
	}
	if closed != nil {
		return typed, closed
	}
	return typed, s.takeWaiting(token, w, now, func() error { return s.promiseOffer(ctx, laterQueue, submission, now) })
}

// findOpportunity finds an action that takes offers now; Gone, with the action, where it takes none.
func (s *Service) findOpportunity(ctx context.Context, issue, slug string, now time.Time) (*undersigned.Content, *undersigned.Action, error) {
	content, a, err := s.find(ctx, issue, slug)
	switch {
	case err != nil:
		return nil, nil, err
	case a.Kind != undersigned.Volunteer:
		return nil, nil, errNoAction
	}
	switch d := a.Decide(content.Bill(a.Bill), now); {
	case !d.Open():
		return content, a, notOpen(d)
	case !content.TakesOffers(a):
		return content, a, errNoOffers
	}
	return content, a, nil
}

// promiseOffer commits the sealed offer and the mail that asks to confirm it, both or neither.
func (s *Service) promiseOffer(ctx context.Context, queue string, submission *undersigned.Submission, now time.Time) error {
	link := offerLink{PID: submission.PID, Language: submission.Language, Email: submission.Person.Email}
	rand.Read(link.ID[:])
	rand.Read(link.Key[:])
	plaintext, err := json.Marshal(submission)
	if err != nil {
		return doing("seal an offer", err)
	}
	key := seal.KeyOf(link.Key)
	sealed := key.Seal(nil, plaintext, waitingScope(link.ID)...)
	args, err := json.Marshal(link)
	if err != nil {
		return doing("seal an offer", err)
	}
	job, err := s.mailJob(ctx, queue, mailOffer, args, now)
	if err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.InsertWaitingSubmission(link.ID, submission.Day, sealed); err != nil {
			return err
		}
		return tx.Enqueue(job)
	})
	if err == nil {
		s.wakeMail()
	}
	return err
}

// waitingScope and submissionScope tie sealed bytes to their rows.
func waitingScope(id undersigned.SubmissionID) []string {
	return []string{"submission_wait", string(id[:])}
}

func submissionScope(id undersigned.SubmissionID, pid string) []string {
	return []string{"submission", string(id[:]), pid}
}

// questionsDigest tells one set of questions from another.
func questionsDigest(a *undersigned.Action) string {
	texts := map[string][]undersigned.QuestionText{}
	for lang, t := range a.Texts {
		texts[lang] = t.Opportunity.Questions
	}
	all, err := json.Marshal([]any{a.Opportunity.Questions, texts})
	if err != nil {
		panic(err) // strings and booleans: cannot fail
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:16])
}

// openOffer reads the job of the mail that asks a volunteer to confirm.
func (w *mailWorker) openOffer(ctx context.Context, l *letter) (*letter, error) {
	var link offerLink
	if err := json.Unmarshal(l.args, &link); err != nil {
		return nil, errForm
	}
	l.language, l.to, l.scope = link.Language, link.Email, link.PID
	link.Email = ""
	l.write = func(head mail.Letterhead, stop string) (*mail.Message, error) {
		plaintext, err := json.Marshal(link)
		if err != nil {
			return nil, err
		}
		token, err := w.Keys.SealToken(ctx, plaintext, w.Now(), offerPurpose)
		if err != nil {
			return nil, err
		}
		content, a, err := w.findPID(ctx, link.PID)
		if err != nil {
			return nil, err
		}
		text, _ := a.Text(l.language, content.Issue.Languages)
		return w.Composer.ConfirmOffer(head, w.link(l.language, "/confirm/offer/"+token), text.Title, stop)
	}
	return l, nil
}
