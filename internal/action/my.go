package action

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
)

// Mine is what the owner of an address sees of what was signed with it.
type Mine struct {
	Email      string // normalised
	Expires    time.Time
	Signatures []MySignature
	Offers     []MyOffer
	Letters    []MyLetter // sent by e-mail, in this month and the three before
	News       []MySubscription
}

// MySignature is one of them.
type MySignature struct {
	ID      string // 32 hex digits
	Content *undersigned.Content
	Action  *undersigned.Action
	Name    string
	Class   undersigned.Class
	State   undersigned.SignatureState
	Day     undersigned.Day // of the form
	Sealed  bool            // to offline identities: name, class and day are not known here
	row     *store.SignatureRow
}

const myPurpose = "my"

// myToken makes the link to what the owner of an address has done. It holds the address as it was typed: who asks for news
// behind it is written to there, and a spelling that is good for comparing may be another's mailbox.
func (s *Service) myToken(email string) string {
	return s.Keys.SealLink(myPurpose, []byte(email), s.Now().Add(linkLife))
}

// MyLinkInput is the form that asks for one's own link, as it was sent.
type MyLinkInput struct {
	Email     string
	FormToken string
	Language  string
	Trap      string // a field that no reader sees
	Visitor   Visitor
}

// MyFormToken is what that form carries, as FormToken is for an action's.
func (s *Service) MyFormToken(now time.Time) string { return s.Keys.FormToken(myPurpose, 0, now) }

// RequestMyLink promises a mail with the link to what an address has signed. The answer is the same whether it has
// signed anything or not. Invalid where it is no address; TooMany with a [Wait] where much came from the visitor's address;
// Unavailable.
func (s *Service) RequestMyLink(ctx context.Context, in MyLinkInput) error {
	email, now := strings.TrimSpace(in.Email), s.Now()
	if !undersigned.ValidEmail(email) {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
			Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"}}}
	}
	if !s.Keys.CheckFormToken(in.FormToken, myPurpose, 0, now) {
		return errFormToken
	}
	if err := s.refuseNoMail(ctx, email); err != nil {
		return err
	}
	args := []byte(in.Language + "\n" + email)
	if d := s.buckets.takeTrapped(in.Visitor, myPurpose, in.Trap, now); d > 0 {
		return s.askToWait(ctx, myPurpose, mailMyLink, args, d, now)
	}
	return s.promiseMail(ctx, mailQueue, mailMyLink, args, now)
}

// MyLinkAfterWaiting takes a form that RequestMyLink has asked to wait. Invalid where the token is none of ours, TooMany
// where it is too early, Unavailable.
func (s *Service) MyLinkAfterWaiting(ctx context.Context, token string) error {
	now := s.Now()
	w, err := s.openWait(ctx, myPurpose, token, now)
	if err != nil {
		return err
	}
	return s.takeWaiting(token, w, now, func() error { return s.promiseMail(ctx, laterQueue, w.kind, w.args, now) })
}

// Mine opens the link. Gone where it has expired or is none of ours.
func (s *Service) Mine(ctx context.Context, token string) (*Mine, error) {
	email, expires, err := s.openMyToken(token)
	if err != nil {
		return nil, err
	}
	m := &Mine{Email: seal.NormalizeEmail(email), Expires: expires}
	if m.Letters, err = s.lettersOf(ctx, email); err != nil {
		return nil, doing("read what an address has written", err)
	}
	if m.News, err = s.subscriptions(ctx, email); err != nil {
		return nil, err
	}
	asked, err := s.emailHashes(ctx, email)
	if err != nil {
		return nil, doing("read what an address has signed", err)
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		for i := range asked {
			if asked[i].rows, err = tx.SignaturesByEmail(asked[i].hash[:]); err != nil {
				return err
			}
			if asked[i].offers, err = tx.SubmissionsByEmail(asked[i].hash[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, doing("read what an address has signed", err)
	}
	for _, a := range asked {
		for _, row := range a.rows {
			signature, err := s.openMine(ctx, a.content, a.action, row)
			if errors.Is(err, seal.ErrKeyDestroyed) {
				continue
			}
			if err != nil {
				return nil, doing("open what an address has signed", err)
			}
			m.Signatures = append(m.Signatures, signature)
		}
		offers, err := s.openMyOffers(ctx, a)
		if err != nil {
			return nil, err
		}
		m.Offers = append(m.Offers, offers...)
	}
	return m, nil
}

// askedAction is an action with an address's hash under it.
type askedAction struct {
	content *undersigned.Content
	action  *undersigned.Action
	hash    [32]byte
	rows    []*store.SignatureRow
	offers  []*store.SubmissionRow
}

// emailHashes hashes an address under each action's key for duplicates that lives. It happens before the rows are looked
// at: several nodes keep their keys in the database, and a view that waits for another view could wait for itself.
func (s *Service) emailHashes(ctx context.Context, email string) (asked []askedAction, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	for _, content := range slices.Concat(site.Contents, site.Drafts) {
		for i := range content.Actions {
			a := &content.Actions[i]
			if a.PID == "" {
				continue
			}
			duplicates, err := s.Keys.Duplicates(ctx, a.PID)
			if errors.Is(err, seal.ErrKeyDestroyed) {
				continue
			}
			if err != nil {
				return nil, err
			}
			asked = append(asked, askedAction{content: content, action: a, hash: duplicates.Email(email)})
		}
	}
	return asked, nil
}

func (s *Service) openMyToken(token string) (email string, expires time.Time, err error) {
	plaintext, expires, err := s.Keys.OpenLink(myPurpose, token, s.Now())
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrExpired) {
		return "", time.Time{}, errLinkDead
	}
	if err != nil {
		return "", time.Time{}, doing("open a link", err)
	}
	return string(plaintext), expires, nil
}

func (s *Service) openMine(ctx context.Context, c *undersigned.Content, a *undersigned.Action, row *store.SignatureRow) (MySignature, error) {
	o, err := s.openRow(ctx, row)
	if errors.Is(err, ErrSealed) {
		return MySignature{ID: hex.EncodeToString(row.ID[:]), Content: c, Action: a, State: row.State, Sealed: true, row: row}, nil
	}
	if err != nil {
		return MySignature{}, err
	}
	p := &o.signature.Person
	return MySignature{ID: hex.EncodeToString(row.ID[:]), Content: c, Action: a, Name: strings.TrimSpace(p.GivenName + " " + p.FamilyName),
		Class: o.signature.Class, State: row.State, Day: o.signature.Day, row: row}, nil
}

// openRow opens what the server can open; ErrSealed where that is not for it.
func (s *Service) openRow(ctx context.Context, row *store.SignatureRow) (*opening, error) {
	if sealed.IsSealed(row.Sealed) {
		return nil, ErrSealed
	}
	data, err := s.Keys.Data(ctx, row.PID)
	if err != nil {
		return nil, err
	}
	plaintext, err := data.Open(nil, row.Sealed, rowScope(row.ID, row.PID)...)
	if err != nil {
		return nil, err
	}
	return decode(plaintext, false)
}
