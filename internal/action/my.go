package action

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// Mine is what the owner of an address sees of what was signed with it.
type Mine struct {
	Email      string // normalised
	Expires    time.Time
	Signatures []MySignature
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
	row     *store.SignatureRow
}

const myPurpose = "my"

func (s *Service) myToken(email string) string {
	return s.Keys.SealLink(myPurpose, []byte(email), s.Now().Add(linkLife))
}

// RequestMyLink promises a mail with the link to what an address has signed. The answer is the same whether it has
// signed anything or not. Invalid where it is no address; Unavailable.
func (s *Service) RequestMyLink(ctx context.Context, email, language string) error {
	email = strings.TrimSpace(email)
	if !undersigned.ValidEmail(email) {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
			Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"}}}
	}
	return s.promiseMail(ctx, mailMyLink, []byte(language+"\n"+email), s.Now())
}

// Mine opens the link. Gone where it has expired or is none of ours.
func (s *Service) Mine(ctx context.Context, token string) (*Mine, error) {
	email, expires, err := s.openMyToken(token)
	if err != nil {
		return nil, err
	}
	m := &Mine{Email: email, Expires: expires}
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		for _, content := range site.Contents {
			for i := range content.Actions {
				found, err := s.signedBy(ctx, tx, content, &content.Actions[i], email)
				if err != nil {
					return err
				}
				m.Signatures = append(m.Signatures, found...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, doing("read what an address has signed", err)
	}
	return m, nil
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

// signedBy finds what an address has signed under one action, through the action's key for duplicates while that lives.
func (s *Service) signedBy(ctx context.Context, tx *store.Tx, c *undersigned.Content, a *undersigned.Action, email string) ([]MySignature, error) {
	if a.PID == "" {
		return nil, nil
	}
	duplicates, err := s.Keys.Duplicates(ctx, a.PID)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	hash := duplicates.Email(email)
	rows, err := tx.SignaturesByEmail(hash[:])
	if err != nil {
		return nil, err
	}
	var found []MySignature
	for _, row := range rows {
		o, err := s.openRow(ctx, row)
		if err != nil {
			return nil, err
		}
		p := &o.signature.Person
		found = append(found, MySignature{ID: hex.EncodeToString(row.ID[:]), Content: c, Action: a,
			Name: strings.TrimSpace(p.GivenName + " " + p.FamilyName), Class: o.signature.Class, State: row.State,
			Day: o.signature.Day, row: row})
	}
	return found, nil
}

func (s *Service) openRow(ctx context.Context, row *store.SignatureRow) (*opening, error) {
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
