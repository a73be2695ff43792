package action

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// OfferOutcome is what the link of an offer has come to.
type OfferOutcome string

const (
	OfferUnpressed OfferOutcome = "unpressed"
	OfferMade      OfferOutcome = "made"      // just now
	OfferThere     OfferOutcome = "there"     // before, by this link
	OfferOther     OfferOutcome = "other"     // the mailbox has another one under way, which stays as it is
	OfferWithdrawn OfferOutcome = "withdrawn" // taken back: the old link never offers again
	OfferClosed    OfferOutcome = "closed"    // the action closed, or takes no offers any more
	OfferPaused    OfferOutcome = "paused"    // just now
)

// OfferConfirmation is what the page behind the link of an offer shows.
type OfferConfirmation struct {
	Content    *undersigned.Content
	Action     *undersigned.Action
	Language   string
	Outcome    OfferOutcome
	State      undersigned.SubmissionState // of what is there
	Submission *undersigned.Submission     // what would be sent; nil once it was
	MyToken    string                      // to see it and take it back; empty before it was made
}

// OpenOffer reads a link and changes nothing. Gone where the link has died, is cut short, or is none of ours.
func (s *Service) OpenOffer(ctx context.Context, token string) (*OfferConfirmation, error) {
	link, c, err := s.openOfferLink(ctx, token)
	if err != nil {
		return nil, err
	}
	var waiting []byte
	var row *store.SubmissionRow
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if row, err = tx.Submission(link.ID); err == nil && row == nil {
			waiting, err = tx.WaitingSubmission(link.ID)
		}
		return err
	})
	if err != nil {
		return nil, doing("open an offer", err)
	}
	if row != nil {
		return c, s.thereAlready(ctx, c, row)
	}
	if c.Submission, err = openWaiting(link, waiting); err != nil {
		return nil, err
	}
	d := c.Action.Decide(c.Content.Bill(c.Action.Bill), s.Now())
	switch c.Outcome = OfferUnpressed; {
	case c.Content.TakesOffers(c.Action) && d.State == undersigned.ActionPaused:
		c.Outcome, c.Submission = OfferPaused, nil
	case !c.Content.TakesOffers(c.Action) || !d.Open():
		c.Outcome, c.Submission = OfferClosed, nil
	}
	return c, nil
}

// ConfirmOffer makes the offer that a link stands for: one row whose key is the link's id, and the mail to the
// coordinator, in one transaction. Pressing again changes nothing. The errors are those of OpenOffer, and Unavailable.
func (s *Service) ConfirmOffer(ctx context.Context, token string) (*OfferConfirmation, error) {
	c, err := s.OpenOffer(ctx, token)
	if err != nil || c.Outcome != OfferUnpressed {
		return c, err
	}
	row, err := s.sealSubmission(ctx, c.Submission)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, errLinkDead
	}
	if err != nil {
		return nil, doing("seal an offer", err)
	}
	job, err := s.deskJob(ctx, deskMail{Reason: deskNew, ID: row.ID})
	if err != nil {
		return nil, err
	}
	var there *store.SubmissionRow
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		there = nil
		made, err := tx.InsertSubmission(row)
		if err != nil {
			return err
		}
		if made {
			return errors.Join(tx.ForgetWaitingSubmission(row.ID), tx.Enqueue(job))
		}
		there, err = openOffer(tx, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	email := c.Submission.Person.Email
	c.Submission = nil
	switch {
	case there == nil:
		c.Outcome, c.State = OfferMade, row.State
		s.wakeMail()
	case there.ID == row.ID:
		return c, s.thereAlready(ctx, c, there)
	default:
		c.Outcome, c.State = OfferOther, there.State
	}
	c.MyToken = s.myToken(email)
	return c, nil
}

// openOffer finds what stands in the way of a row: itself, or another offer of the mailbox that is under way.
func openOffer(tx *store.Tx, row *store.SubmissionRow) (*store.SubmissionRow, error) {
	if there, err := tx.Submission(row.ID); err != nil || there != nil {
		return there, err
	}
	same, err := tx.SubmissionsByEmail(row.EmailHash)
	if err != nil {
		return nil, err
	}
	for _, other := range same {
		if other.State.Open() {
			return other, nil
		}
	}
	return nil, errors.New("an offer was refused, and nothing stands in its way")
}

// thereAlready says what has become of an offer.
func (s *Service) thereAlready(ctx context.Context, c *OfferConfirmation, row *store.SubmissionRow) error {
	c.Outcome, c.State = OfferThere, row.State
	if row.State == undersigned.SubmissionWithdrawn {
		c.Outcome = OfferWithdrawn
		return nil
	}
	submission, err := s.openSubmission(ctx, row)
	if err != nil {
		return doing("open an offer", err)
	}
	c.MyToken = s.myToken(submission.Person.Email)
	return nil
}

func (s *Service) openOfferLink(ctx context.Context, token string) (*offerLink, *OfferConfirmation, error) {
	plaintext, err := s.Keys.OpenToken(ctx, token, s.Now(), offerPurpose)
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, nil, errLinkDead
	}
	if err != nil {
		return nil, nil, doing("open the link of an offer", err)
	}
	link := &offerLink{}
	if err := json.Unmarshal(plaintext, link); err != nil {
		return nil, nil, doing("open the link of an offer", err)
	}
	content, a, err := s.findPID(ctx, link.PID)
	if err != nil {
		return nil, nil, err
	}
	return link, &OfferConfirmation{Content: content, Action: a, Language: link.Language}, nil
}

// openWaiting opens what waits for a link. Nothing there: it has waited too long, or was restored away.
func openWaiting(link *offerLink, sealed []byte) (*undersigned.Submission, error) {
	if sealed == nil {
		return nil, errLinkDead
	}
	key := seal.KeyOf(link.Key)
	plaintext, err := key.Open(nil, sealed, waitingScope(link.ID)...)
	if err != nil {
		return nil, errLinkDead
	}
	submission := &undersigned.Submission{ID: link.ID, PID: link.PID}
	if err := json.Unmarshal(plaintext, submission); err != nil {
		return nil, doing("open an offer that waits", err)
	}
	return submission, nil
}

func (s *Service) sealSubmission(ctx context.Context, submission *undersigned.Submission) (*store.SubmissionRow, error) {
	data, err := s.Keys.Data(ctx, submission.PID)
	if err != nil {
		return nil, err
	}
	duplicates, err := s.Keys.Duplicates(ctx, submission.PID)
	if err != nil {
		return nil, err
	}
	plaintext, err := json.Marshal(submission)
	if err != nil {
		return nil, err
	}
	email, today := duplicates.Email(submission.Person.Email), undersigned.DayOf(s.Now())
	return &store.SubmissionRow{ID: submission.ID, PID: submission.PID, State: undersigned.SubmissionReceived, Day: today, Moved: today,
		EmailHash: email[:], Sealed: data.Seal(nil, plaintext, submissionScope(submission.ID, submission.PID)...)}, nil
}

// openSubmission opens a row that is not withdrawn. [seal.ErrKeyDestroyed] where the action's keys are gone.
func (s *Service) openSubmission(ctx context.Context, row *store.SubmissionRow) (*undersigned.Submission, error) {
	data, err := s.Keys.Data(ctx, row.PID)
	if err != nil {
		return nil, err
	}
	plaintext, err := data.Open(nil, row.Sealed, submissionScope(row.ID, row.PID)...)
	if err != nil {
		return nil, err
	}
	submission := &undersigned.Submission{ID: row.ID, PID: row.PID}
	return submission, json.Unmarshal(plaintext, submission)
}
