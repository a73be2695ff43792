package action

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

const outreachPurpose = "outreach"

// outreachLife is how long a page with the ways to send a letter can be used: somebody prints it and goes to the post
// tomorrow.
const outreachLife = 48 * time.Hour

var (
	errOutreach = undersigned.Fail(undersigned.Invalid, "error.outreach")
	errCrowd    = undersigned.Fail(undersigned.TooMany, "error.crowd")
)

// OutreachToken begins an outreach: a page for one reader carries it, so that a button there that is pressed twice counts
// once, and only pages of ours count at all.
func (s *Service) OutreachToken(a *undersigned.Action) string {
	var id undersigned.OutreachID
	rand.Read(id[:])
	return s.Keys.SealLink(outreachPurpose, append(id[:], a.Issue+"/"+a.Slug...), s.Now().Add(outreachLife))
}

// openOutreach gives the id of the page of an action that a token is of. Invalid where it is another's, or too old.
func (s *Service) openOutreach(token string, a *undersigned.Action) (id undersigned.OutreachID, err error) {
	plaintext, _, err := s.Keys.OpenLink(outreachPurpose, token, s.Now())
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrExpired) {
		return id, errOutreach
	}
	if err != nil {
		return id, doing("open an outreach", err)
	}
	if n := copy(id[:], plaintext); n != len(id) || string(plaintext[n:]) != a.Issue+"/"+a.Slug {
		return id, errOutreach
	}
	return id, nil
}

// outreachID names what comes of a page: what its reader sends by hand or, with an address, the letter that goes by e-mail from
// it. Each address has its own, so that the link which comes to one leads to nothing of another's. What stands in the token is
// kept nowhere: whoever has our rows and our keys cannot test an address against an id.
func (s *Service) outreachID(page undersigned.OutreachID, email string) undersigned.OutreachID {
	hash := s.Keys.Hash(outreachPurpose, string(page[:]), email)
	return undersigned.OutreachID(hash[:16])
}

// OutreachInput is a button on the page of a letter or a call.
type OutreachInput struct {
	Issue, Action string // slugs
	Token         string
	Target        string // bioguide id, or the slug of an addressee
	Visitor       Visitor
}

// outreach finds what a button is about. NotFound where the action has no such target, or is of another kind; Gone where it
// is closed; Invalid where the page is too old; TooMany where much came from the visitor's address: the page stays, and the
// button can be pressed again.
func (s *Service) outreach(ctx context.Context, in OutreachInput, kind undersigned.ActionKind) (id undersigned.OutreachID, err error) {
	content, a, err := s.find(ctx, in.Issue, in.Action)
	if err != nil {
		return id, err
	}
	switch {
	case a.Kind != kind || a.Addressee(in.Target) == nil && !s.sits(in.Target, a.Chambers()):
		return id, errNoAction
	}
	if d := a.Decide(content.Bill(a.Bill), s.Now()); !d.Open() {
		return id, notOpen(d)
	}
	if id, err = s.openOutreach(in.Token, a); err == nil && s.buckets.take(in.Visitor, letterLane(a.Issue, a.Slug), s.Now()) > 0 {
		err = errCrowd
	}
	return id, err
}

// sits tells whether somebody sits in one of the chambers.
func (s *Service) sits(bioguide string, chambers []undersigned.Chamber) bool {
	l := s.Congress.Table().Legislator(bioguide, s.Now())
	return l != nil && slices.Contains(chambers, l.Term.Chamber)
}

// NoteSent keeps that a reader says to have sent a letter by hand: one delivery to the target by that way, however often
// the button is pressed. No person is in it. rewritten is how much of the words was their own, in percent.
func (s *Service) NoteSent(ctx context.Context, in OutreachInput, method undersigned.Method, rewritten int) error {
	id, err := s.outreach(ctx, in, undersigned.Letter)
	if err != nil {
		return err
	}
	if !method.ByHand() {
		return errNoAction
	}
	d := undersigned.Delivery{Outreach: undersigned.Outreach{ID: s.outreachID(id, ""), Issue: in.Issue, Action: in.Action, Rewritten: rewritten,
		Day: undersigned.DayOf(s.Now())}, Target: in.Target, Method: method, State: undersigned.DeliveryByHand}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		_, err := tx.InsertDelivery(d)
		return err
	})
}

// SentByHand gives what a page's outreach has come to so far.
func (s *Service) SentByHand(ctx context.Context, token string, a *undersigned.Action) (sent []undersigned.Delivery, err error) {
	id, err := s.openOutreach(token, a)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		sent, err = tx.Deliveries(s.outreachID(id, ""))
		return err
	})
	return sent, err
}

// NoteCall counts how a call ended, as a number and nothing else. What makes a second press count nothing is a random id
// that is kept until the day is over and stands nowhere else.
func (s *Service) NoteCall(ctx context.Context, in OutreachInput, outcome undersigned.CallOutcome) error {
	id, err := s.outreach(ctx, in, undersigned.Call)
	if err != nil {
		return err
	}
	if !slices.Contains(undersigned.CallOutcomes, outcome) {
		return errNoAction
	}
	day := string(undersigned.DayOf(s.Now()))
	pressed := sha256.Sum256(append(id[:], in.Target+" "+string(outcome)...))
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if first, err := tx.Press(day, pressed[:16]); err != nil || !first {
			return err
		}
		return tx.CountCall(in.Issue, in.Action, in.Target, day, outcome)
	})
}
