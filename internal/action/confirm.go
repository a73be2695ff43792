package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// Outcome is what a confirmation link has come to.
type Outcome string

const (
	Unpressed Outcome = "unpressed"
	Counted   Outcome = "counted"   // just now
	Held      Outcome = "held"      // confirmed, and a person looks at it before it counts
	Removed   Outcome = "removed"   // by the organiser, after a look
	Already   Outcome = "already"   // before, by this link or another
	Withdrawn Outcome = "withdrawn" // signed and taken back: the form signs anew, the old link never does
	Forgotten Outcome = "forgotten" // counted before, and shredded since: its voice counts on, and not twice
	Full      Outcome = "full"      // two names have signed with this address
	Closed    Outcome = "closed"    // between form and click
	Paused    Outcome = "paused"    // just now: pressed again once it goes on, while the link lives, it counts
)

// Confirmation is what the page behind a confirmation link shows.
type Confirmation struct {
	Content   *undersigned.Content
	Action    *undersigned.Action
	Language  string
	GivenName string
	Outcome   Outcome
	MyToken   string // to see and withdraw what was signed; empty before that
	source    string // the tag that the form came by
	ID        string // of the signature, 32 hex digits; empty where there is none, or where another link made it
}

var errLinkDead = undersigned.Fail(undersigned.Gone, "error.link_dead")

const confirmPurpose = "confirm"

// OpenConfirmation reads a link and changes nothing: mail scanners follow links. Gone where the link has died, is cut
// short, or is none of ours.
func (s *Service) OpenConfirmation(ctx context.Context, token string) (*Confirmation, error) {
	signature, c, err := s.openToken(ctx, token)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Signature(signature.ID)
		if err == nil && row != nil {
			c.Outcome, c.ID = outcomeOf(row), hex.EncodeToString(row.ID[:])
		}
		return err
	})
	if err != nil {
		return nil, doing("open a confirmation", err)
	}
	if c.Outcome == Unpressed {
		c.Outcome = cmp.Or(s.shut(c), Unpressed)
	}
	s.addMyToken(c, signature)
	return c, nil
}

// Confirm makes the signature that a link holds: one row whose key is the link's id, in one transaction, so that pressing
// the button again changes nothing. The errors are those of OpenConfirmation, and Unavailable.
func (s *Service) Confirm(ctx context.Context, token string) (*Confirmation, error) {
	c, err := s.confirm(ctx, token)
	for tries := 1; errors.Is(err, errOtherMode) && tries < 3; tries++ {
		if _, _, err := s.DB.Poll(ctx); err != nil {
			return nil, doing("read the site again", err)
		}
		c, err = s.confirm(ctx, token)
	}
	return c, err
}

// errOtherMode is a row that was sealed as the issue was kept before an import changed it; this node had not heard of it.
var errOtherMode = errors.New("the issue's signatures are kept in another mode by now")

func (s *Service) confirm(ctx context.Context, token string) (*Confirmation, error) {
	signature, c, err := s.openToken(ctx, token)
	if err != nil {
		return nil, err
	}
	shut := s.shut(c)
	row, err := s.sealRow(ctx, signature, &c.Content.Issue)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, errLinkDead // the action's keys are gone, and with them all that was signed
	}
	if err != nil {
		return nil, doing("seal a signature", err)
	}
	x, err := s.examine(ctx, row, signature)
	if err != nil {
		return nil, doing("examine a signature", err)
	}
	x.source = c.source
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) (err error) {
		taking, err := tx.ActionTaking(row.PID)
		if err != nil || taking.Sealed != c.Content.Issue.Sealed() {
			return cmp.Or(err, errOtherMode)
		}
		if c.Outcome, err = insert(tx, x, shut == "" && taking.Open); err != nil || c.Outcome == Counted {
			c.ID = hex.EncodeToString(row.ID[:])
			return err
		}
		if c.Outcome == Closed {
			c.Outcome = cmp.Or(shut, Closed)
		}
		there, err := tx.Signature(row.ID)
		if c.ID = ""; there != nil {
			c.ID = hex.EncodeToString(row.ID[:])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.addMyToken(c, signature)
	return c, nil
}

// insert adds the row, or says why it is there already or cannot be.
func insert(tx *store.Tx, x *suspect, open bool) (Outcome, error) {
	row := x.row
	row.Slot = 1
	if open {
		if err := x.judge(tx); err != nil {
			return "", err
		}
		if outcome, err := x.insert(tx); err != nil || outcome != "" {
			return outcome, err
		}
	}
	if there, err := tx.Signature(row.ID); err != nil || there != nil {
		if err != nil {
			return "", err
		}
		return outcomeOf(there), nil
	}
	if outcome, err := sameName(tx, row); err != nil || outcome != "" {
		return outcome, err
	}
	if !open {
		return Closed, nil
	}
	row.Slot = 2 // families share mailboxes
	if outcome, err := x.insert(tx); err != nil || outcome != "" {
		return outcome, err
	}
	// Another node may have taken the slot since, and for the same name.
	if outcome, err := sameName(tx, row); err != nil || outcome != "" {
		return outcome, err
	}
	return Full, nil
}

// sameName says what became of the signature by which the same name and address are counted; empty where there is none.
func sameName(tx *store.Tx, row *store.SignatureRow) (Outcome, error) {
	same, err := tx.SignatureByEmailName(row.EmailHash, row.EmailNameHash)
	if err != nil || same == nil {
		return "", err
	}
	return outcomeOf(same), nil
}

func outcomeOf(row *store.SignatureRow) Outcome {
	switch {
	case row.State == undersigned.SignatureHeld && row.Sealed != nil:
		return Held
	case row.State == undersigned.SignatureInvalidated:
		return Removed
	case row.State.Living() && row.Sealed != nil:
		return Already
	case row.State == undersigned.SignatureShredded || row.State == undersigned.SignatureWaiting:
		return Forgotten
	}
	return Withdrawn
}

// openToken opens a link and finds what it is about.
func (s *Service) openToken(ctx context.Context, token string) (*undersigned.Signature, *Confirmation, error) {
	plaintext, err := s.Keys.OpenToken(ctx, token, s.Now(), confirmPurpose)
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, nil, errLinkDead
	}
	if err != nil {
		return nil, nil, doing("open a confirmation link", err)
	}
	o, err := decode(plaintext, true)
	if err != nil {
		return nil, nil, doing("open a confirmation link", err)
	}
	signature := &o.signature
	content, a, err := s.findPID(ctx, signature.PID)
	if err != nil {
		return nil, nil, err
	}
	return signature, &Confirmation{Content: content, Action: a, Language: signature.Language,
		GivenName: signature.Person.GivenName, Outcome: Unpressed, source: o.source}, nil
}

// shut says why nothing can be signed now; empty where it can.
func (s *Service) shut(c *Confirmation) Outcome {
	switch d := c.Action.Decide(c.Content.Bill(c.Action.Bill), s.Now()); {
	case d.Open():
		return ""
	case d.State == undersigned.ActionPaused:
		return Paused
	}
	return Closed
}

func (s *Service) addMyToken(c *Confirmation, signature *undersigned.Signature) {
	if c.Outcome == Counted || c.Outcome == Held || c.Outcome == Already {
		c.MyToken = s.myToken(signature.Person.Email)
	}
}

// sealRow draws the seed, computes the commitment and the hashes, and seals what the row keeps of a person.
func (s *Service) sealRow(ctx context.Context, signature *undersigned.Signature, issue *undersigned.Issue) (*store.SignatureRow, error) {
	duplicates, err := s.Keys.Duplicates(ctx, signature.PID)
	if err != nil {
		return nil, err
	}
	p := &signature.Person
	var seed translog.Seed
	rand.Read(seed[:])
	seat := translog.Seat(signature.Class == undersigned.Delivered, s.Districts(p.Country, p.PostalCode))
	commitment, err := commit(seed, signature, seat)
	if err != nil {
		return nil, err
	}
	kept, err := s.sealOpening(ctx, issue, &opening{signature: *signature, seed: string(seed[:]), seat: seat})
	if err != nil {
		return nil, err
	}
	email, emailName := duplicates.Email(p.Email), duplicates.EmailName(p.Email, p.GivenName, p.FamilyName)
	return &store.SignatureRow{
		ID: signature.ID, PID: signature.PID, Version: signature.Version, State: undersigned.SignatureWaiting,
		EmailHash: email[:], EmailNameHash: emailName[:], Commitment: commitment,
		Sealed: kept,
	}, nil
}

// sealOpening seals what a row keeps of a person: to the issue's offline identities or, where it names none, under the
// action's own key.
func (s *Service) sealOpening(ctx context.Context, issue *undersigned.Issue, o *opening) ([]byte, error) {
	if issue.Sealed() {
		recipients, err := sealed.ParseRecipients(issue.SealTo)
		if err != nil {
			return nil, fmt.Errorf("the issue's seal_to: %w", err)
		}
		record := sealed.Record{Signature: o.signature, Seed: translog.Seed([]byte(o.seed)), Seat: o.seat}
		return record.Seal(recipients)
	}
	data, err := s.Keys.Data(ctx, o.signature.PID)
	if err != nil {
		return nil, err
	}
	plaintext, err := o.encode(false)
	if err != nil {
		return nil, err
	}
	return data.Seal(nil, plaintext, rowScope(o.signature.ID, o.signature.PID)...), nil
}

// rowScope ties sealed bytes to their row, so that they open nowhere else.
func rowScope(id undersigned.SignatureID, pid string) []string {
	return []string{"signature", string(id[:]), pid}
}

// commit computes what the public log will say of the signature (TRUST.md 2.2).
func commit(seed translog.Seed, s *undersigned.Signature, seat string) ([]byte, error) {
	pid, err := translog.ParsePID(s.PID)
	if err != nil {
		return nil, err
	}
	hash, err := translog.Commit(seed, pid, int64(s.Version), sealed.Values(s, seat))
	return hash[:], err
}

// linkLife is how long a link to what one has signed is good for.
const linkLife = 24 * time.Hour
