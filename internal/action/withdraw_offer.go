package action

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// MyOffer is an offer as its volunteer sees it.
type MyOffer struct {
	ID      string // 32 hex digits
	Content *undersigned.Content
	Action  *undersigned.Action
	Name    string
	State   undersigned.SubmissionState
	Day     undersigned.Day
	Told    undersigned.Day // on which the coordinator's mail server took it; empty before
	row     *store.SubmissionRow
}

// openMyOffers opens the rows of one address under one action.
func (s *Service) openMyOffers(ctx context.Context, asked askedAction) (offers []MyOffer, err error) {
	for _, row := range asked.offers {
		submission, err := s.openSubmission(ctx, row)
		if errors.Is(err, seal.ErrKeyDestroyed) {
			continue
		}
		if err != nil {
			return nil, doing("open what an address has offered", err)
		}
		told := row.Told
		if told == store.ToldPerhaps {
			told = ""
		}
		offers = append(offers, MyOffer{ID: hex.EncodeToString(row.ID[:]), Content: asked.content, Action: asked.action,
			Name: submission.Person.GivenName, State: row.State, Day: row.Day, Told: told, row: row})
	}
	return offers, nil
}

// WithdrawOffer takes an offer back: what its row said of a person is destroyed, and the coordinator who has had it is
// told. Doing it again changes nothing. Gone where the link has died, NotFound where the address has no such offer.
func (s *Service) WithdrawOffer(ctx context.Context, token, id string) error {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return err
	}
	for _, offer := range m.Offers {
		if offer.ID != id {
			continue
		}
		job, err := s.deskJob(ctx, deskMail{Reason: deskWithdrawn, ID: offer.row.ID, Name: offer.Name, Day: offer.Day})
		if err != nil {
			return err
		}
		// The ledger first, as for a signature: a restore of an older backup must know of it.
		if err := s.Ledger.Append(undersigned.SignatureID(offer.row.ID), undersigned.SignatureWithdrawn); err != nil {
			return doing("note an erasure", err)
		}
		defer s.wakeMail()
		return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
			row, err := tx.Submission(offer.row.ID) // as it stands now: its mail may have gone since it was read
			if err != nil || row == nil {
				return err
			}
			if done, err := tx.WithdrawSubmission(row.ID); err != nil || !done || row.Told == "" {
				return err
			}
			return tx.Enqueue(job)
		})
	}
	return s.withdrawn(ctx, id)
}

// withdrawn tells whether an offer is a tombstone already, or NotFound.
func (s *Service) withdrawn(ctx context.Context, id string) error {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != len(undersigned.SubmissionID{}) {
		return errNoAction
	}
	return s.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Submission(undersigned.SubmissionID(raw))
		if err == nil && (row == nil || row.Sealed != nil) {
			err = errNoAction
		}
		return err
	})
}
