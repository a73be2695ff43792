package action

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// DKIMKey is a key that signs our mails.
type DKIMKey struct {
	Selector string // under which the DNS has the public half
	Day      undersigned.Day
	Private  *rsa.PrivateKey
}

// ErrNoDKIM: no key was made yet.
var ErrNoDKIM = errors.New("there is no key for mails yet: run undersigned keys dkim, and put what it prints into the DNS")

// dkimBits is what every mail server checks; longer keys do not fit into the DNS of many.
const dkimBits = 2048

// DKIM gives the keys that sign our mails, the newest last; mails are signed with that. ErrNoDKIM.
func (s *Service) DKIM(ctx context.Context) (keys []DKIMKey, err error) {
	var rows []store.DKIMRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.DKIMKeys(); return err }); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNoDKIM
	}
	box, err := s.Keys.DKIM(ctx)
	if err != nil {
		return nil, doing("find the key of mails", err)
	}
	for _, row := range rows {
		der, err := box.Open(nil, row.Sealed, dkimScope(row.Selector)...)
		if err != nil {
			return nil, doing("open the key of mails", err)
		}
		key, err := x509.ParsePKCS1PrivateKey(der)
		if err != nil {
			return nil, doing("read the key of mails", err)
		}
		keys = append(keys, DKIMKey{Selector: row.Selector, Day: row.Day, Private: key})
	}
	return keys, nil
}

// MakeDKIM makes a key under the next selector.
func (s *Service) MakeDKIM(ctx context.Context, by undersigned.UserID) (*DKIMKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, dkimBits)
	if err != nil {
		return nil, doing("make a key for mails", err)
	}
	box, err := s.Keys.DKIM(ctx)
	if err != nil {
		return nil, doing("find the key of mails", err)
	}
	der, made := x509.MarshalPKCS1PrivateKey(key), &DKIMKey{Day: undersigned.DayOf(s.Now()), Private: key}
	err = s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		rows, err := tx.DKIMKeys()
		if err != nil {
			return err
		}
		made.Selector = fmt.Sprintf("undersigned%d", len(rows)+1)
		if _, err = tx.InsertDKIM(store.DKIMRow{Selector: made.Selector, Day: made.Day, Sealed: box.Seal(nil, der, dkimScope(made.Selector)...)}); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditMailKeyMade, Subject: made.Selector})
	})
	return made, err
}

func dkimScope(selector string) []string { return []string{"dkim", selector} }
