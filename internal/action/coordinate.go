package action

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// deskReason says why a mail about an offer goes to somebody whose work it is.
type deskReason string

const (
	deskNew       deskReason = "new"
	deskWaits     deskReason = "waits"     // to the coordinator again
	deskOwner     deskReason = "owner"     // to the owner: the coordinator has left it alone
	deskWithdrawn deskReason = "withdrawn" // name and day are all that is left of it
)

// deskMail is what the job of such a mail holds. The offer itself is read from its row when the mail is sent.
type deskMail struct {
	Reason deskReason
	ID     undersigned.SubmissionID
	Name   string          `json:",omitempty"`
	Day    undersigned.Day `json:",omitempty"`
	To     string          `json:",omitempty"` // of those who are notified; empty is the coordinator
}

func (s *Service) deskJob(ctx context.Context, m deskMail) (store.Job, error) {
	args, err := json.Marshal(m)
	if err != nil {
		return store.Job{}, doing("seal a mail", err)
	}
	return s.mailJob(ctx, mailQueue, mailDesk, args, s.Now())
}

// errStale ends a mail that has nothing to say any more.
var errStale = undersigned.Fail(undersigned.NotFound, "error.not_found")

// openDesk reads the job of a mail about an offer, and the offer as it stands now.
func (w *mailWorker) openDesk(ctx context.Context, l *letter) (*letter, error) {
	var m deskMail
	if err := json.Unmarshal(l.args, &m); err != nil {
		return nil, errForm
	}
	var row *store.SubmissionRow
	err := w.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Submission(m.ID); return err })
	if err != nil {
		return nil, err
	}
	if row == nil || !m.current(row) {
		return nil, errStale
	}
	content, a, err := w.findPID(ctx, row.PID)
	if err != nil {
		return nil, err
	}
	l.desk, l.scope, l.language, l.to = true, "desk", content.Issue.Languages[0], content.CoordinatorOf(a).Email
	if m.Reason == deskOwner {
		l.to = m.To
	}
	if l.to == "" {
		return nil, errStale
	}
	text, _ := a.Text(l.language, content.Issue.Languages)
	about := mail.Offer{Reason: string(m.Reason), Title: text.Title, Name: m.Name, Day: row.Day}
	switch m.Reason {
	case deskNew, deskWaits:
		submission, err := w.openSubmission(ctx, row)
		if err != nil {
			return nil, err
		}
		about.Submission = submission
		if err := w.noteTold(ctx, l, submission, row.Day); err != nil {
			return nil, err
		}
	case deskWithdrawn:
		about.Day = m.Day
	}
	l.waits = true
	l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
		about.Link = w.link(l.language, "/offers/"+w.deskToken(row.ID, l.to))
		return w.Composer.Offer(head, about)
	}
	return l, nil
}

// noteTold makes a mail with an offer note that the coordinator has it, or may have. Where it was taken back while the mail was
// on its way, the coordinator is told of that.
func (w *mailWorker) noteTold(ctx context.Context, l *letter, offer *undersigned.Submission, came undersigned.Day) error {
	gone, err := w.deskJob(ctx, deskMail{Reason: deskWithdrawn, ID: offer.ID, Name: offer.Person.GivenName, Day: came})
	if err != nil {
		return err
	}
	note := func(tx *store.Tx, day undersigned.Day) error {
		row, err := tx.Submission(offer.ID)
		if err != nil || row == nil {
			return err
		}
		if row.Sealed == nil && row.Told == "" {
			err = tx.Enqueue(gone)
		}
		return cmp.Or(err, tx.SubmissionTold(offer.ID, day))
	}
	l.sent = func(tx *store.Tx) error { return note(tx, undersigned.DayOf(tx.Now)) }
	l.told = func(_ string, answer *mail.Error) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			if answer == nil || !answer.Uncertain {
				return nil
			}
			return note(tx, store.ToldPerhaps)
		}
	}
	return nil
}

// current tells whether a mail still says what is so.
func (m *deskMail) current(row *store.SubmissionRow) bool {
	switch m.Reason {
	case deskNew:
		return row.Sealed != nil
	case deskWithdrawn:
		return row.Sealed == nil
	}
	return row.State == undersigned.SubmissionReceived
}

const (
	deskPurpose = "desk"
	// deskLife is longer than any offer is kept: a coordinator finds its page by the first mail.
	deskLife = 400 * 24 * time.Hour
)

// deskToken makes the link to an offer's page for the owner of one address. It opens nothing any more once somebody else
// coordinates.
func (s *Service) deskToken(id undersigned.SubmissionID, email string) string {
	whose := s.deskHash(email)
	return s.Keys.SealLink(deskPurpose, append(id[:], whose[:]...), s.Now().Add(deskLife))
}

func (s *Service) deskHash(email string) [32]byte {
	return s.Keys.Hash(deskPurpose, seal.NormalizeEmail(email))
}

// Desk is an offer as its coordinator sees it.
type Desk struct {
	ID         undersigned.SubmissionID
	Content    *undersigned.Content
	Action     *undersigned.Action
	State      undersigned.SubmissionState
	Day, Moved undersigned.Day         // on which it came, and its state last changed
	Submission *undersigned.Submission // nil where it is withdrawn
	row        *store.SubmissionRow
}

// Desk opens the link of a mail about an offer. Gone where the link has died or is none of ours, where the offer is
// erased, and where its reader coordinates no longer.
func (s *Service) Desk(ctx context.Context, token string) (*Desk, error) {
	plaintext, _, err := s.Keys.OpenLink(deskPurpose, token, s.Now())
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrExpired) || err == nil && len(plaintext) != 16+32 {
		return nil, errLinkDead
	}
	if err != nil {
		return nil, doing("open a link", err)
	}
	var row *store.SubmissionRow
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		row, err = tx.Submission(undersigned.SubmissionID(plaintext[:16]))
		return err
	})
	if err != nil {
		return nil, doing("open an offer", err)
	}
	if row == nil {
		return nil, errLinkDead
	}
	content, a, err := s.findPID(ctx, row.PID)
	if err != nil {
		return nil, err
	}
	if theirs, err := s.coordinates(ctx, [32]byte(plaintext[16:]), content.CoordinatorOf(a).Email); err != nil || !theirs {
		return nil, cmp.Or(err, error(errLinkDead))
	}
	return s.openDeskRow(ctx, content, a, row)
}

// coordinates tells whether the hashed address is that of whom offers go to, or of somebody who is notified.
func (s *Service) coordinates(ctx context.Context, whose [32]byte, coordinator string) (bool, error) {
	if whose == s.deskHash(coordinator) {
		return true, nil
	}
	others, err := s.Notified(ctx)
	for _, address := range others {
		if whose == s.deskHash(address) {
			return true, nil
		}
	}
	return false, err
}

// openDeskRow opens an offer for somebody who may see it.
func (s *Service) openDeskRow(ctx context.Context, content *undersigned.Content, a *undersigned.Action, row *store.SubmissionRow) (*Desk, error) {
	d := &Desk{ID: row.ID, Content: content, Action: a, State: row.State, Day: row.Day, Moved: row.Moved, row: row}
	if row.Sealed == nil {
		return d, nil
	}
	var err error
	if d.Submission, err = s.openSubmission(ctx, row); errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, errLinkDead
	}
	if err != nil {
		return nil, doing("open an offer", err)
	}
	return d, nil
}

// errOfferStep is a step that the rules do not know: the page was old, or is not ours.
var errOfferStep = undersigned.Fail(undersigned.Invalid, "error.offer.step")

// MoveOffer sets the state of an offer. Setting the one that it has changes nothing. Invalid where the rules know no such
// step, or where the volunteer has another offer under way; the errors of Desk; Unavailable.
func (s *Service) MoveOffer(ctx context.Context, token string, to undersigned.SubmissionState) error {
	d, err := s.Desk(ctx, token)
	if err != nil {
		return err
	}
	return s.moveOffer(ctx, d, to, nil)
}

// moveOffer sets the state; audit is the line about one of the staff who does it, nil for the owner of a mailed link.
func (s *Service) moveOffer(ctx context.Context, d *Desk, to undersigned.SubmissionState, audit *undersigned.AuditEntry) error {
	if d.State == to {
		return nil
	}
	if !d.State.Leads(to) {
		return errOfferStep
	}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if to.Open() {
			same, err := tx.SubmissionsByEmail(d.row.EmailHash)
			if err != nil {
				return err
			}
			for _, other := range same {
				if other.ID != d.row.ID && other.State.Open() {
					return undersigned.Fail(undersigned.Invalid, "error.offer.other")
				}
			}
		}
		moved, err := tx.MoveSubmission(d.row.ID, d.State, to)
		if err == nil && !moved { // in another window, or taken back, a moment ago
			err = errOfferStep
		}
		if err == nil && audit != nil {
			err = tx.AddAudit(*audit)
		}
		return err
	})
}
