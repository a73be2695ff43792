package action

import (
	"context"
	"errors"
	"time"

	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// Every mail of ours carries a link with which its reader can have the last one. Who has asked for that is kept as a
// keyed hash: we can tell that an address is among them, and cannot list them.
const (
	stopPurpose  = "unsubscribe"
	neverPurpose = "never"
	stopLife     = 5 * 365 * 24 * time.Hour
)

func (s *Service) stopToken(email string) string {
	return s.Keys.SealLink(stopPurpose, []byte(seal.NormalizeEmail(email)), s.Now().Add(stopLife))
}

// MayMail opens the link of a mail and tells whether its address is still written to. It changes nothing. Gone where the
// link is none of ours.
func (s *Service) MayMail(ctx context.Context, token string) (may bool, err error) {
	hash, err := s.openStop(token)
	if err != nil {
		return false, err
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		may, err = tx.MayMail(hash[:])
		return err
	})
	return may, err
}

// StopMail ends all mail to the address of a link, and with again begins it anew. What waits for its turn is not sent
// any more. Gone where the link is none of ours; Unavailable.
func (s *Service) StopMail(ctx context.Context, token string, again bool) error {
	hash, err := s.openStop(token)
	if err != nil {
		return err
	}
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if again {
			return tx.MailAgain(hash[:])
		}
		return tx.NeverMail(hash[:])
	})
}

func (s *Service) openStop(token string) (hash [32]byte, err error) {
	email, _, err := s.Keys.OpenLink(stopPurpose, token, s.Now())
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrExpired) {
		return hash, errLinkDead
	}
	if err != nil {
		return hash, doing("open a link", err)
	}
	return s.Keys.Hash(neverPurpose, string(email)), nil
}
