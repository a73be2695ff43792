package action

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// MyLetter is a letter of the owner of an address, and what became of it.
type MyLetter struct {
	ID         string // 32 hex digits
	Content    *undersigned.Content
	Action     *undersigned.Action
	Deliveries []undersigned.Delivery
	Message    undersigned.Message // empty once each office has it, and once its key was destroyed
	Open       bool                // the ask is
	draft      *draft
}

// MayGoAgain tells whether the writer may have the letter sent to a target once more: its words are still here, and the ask
// and its addressee too.
func (l *MyLetter) MayGoAgain(d *undersigned.Delivery) bool {
	t := l.Action.Addressee(d.Target)
	return d.MayGoAgain() && l.Message.Text != "" && l.Open && t != nil && t.Email != ""
}

// lettersOf finds the letters of an address through each month's key that lives.
func (s *Service) lettersOf(ctx context.Context, email string) (letters []MyLetter, err error) {
	keys, err := s.Keys.AllLetters(ctx)
	if err != nil {
		return nil, err
	}
	var rows []*store.LetterRow
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		for _, key := range keys {
			writer := key.Email(email)
			ids, err := tx.LettersBy(writer[:])
			if err != nil {
				return err
			}
			for _, id := range ids {
				row, err := tx.Letter(id)
				if err != nil {
					return err
				}
				deliveries, err := tx.Deliveries(id)
				if err != nil {
					return err
				}
				rows, letters = append(rows, row), append(letters, MyLetter{ID: hex.EncodeToString(id[:]), Deliveries: deliveries})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	known := letters[:0]
	for i, l := range letters {
		if len(l.Deliveries) == 0 {
			continue
		}
		if l.Content, l.Action, err = s.find(ctx, l.Deliveries[0].Issue, l.Deliveries[0].Action); err != nil {
			continue
		}
		l.Open = l.Action.Decide(l.Content.Bill(l.Action.Bill), s.Now()).Open()
		if row := rows[i]; row != nil && row.Sealed != nil {
			d, err := s.openDraft(ctx, row)
			if err != nil && !errors.Is(err, seal.ErrKeyDestroyed) {
				return nil, err
			}
			if err == nil {
				l.Message, l.draft = d.Message, d
			}
		}
		known = append(known, l)
	}
	return known, nil
}

// WriteAgain sends a letter to a target once more, where nobody knows whether it arrived or no try has succeeded, because its
// writer wants it: token is that of their own page. Pressed twice it is one decision; a third letter is never sent. Gone
// where the link has died, or the words of the letter; NotFound where the address has no such letter.
func (s *Service) WriteAgain(ctx context.Context, token, letter, target string) error {
	email, _, err := s.openMyToken(token)
	if err != nil {
		return err
	}
	letters, err := s.lettersOf(ctx, email)
	if err != nil {
		return doing("read what an address has written", err)
	}
	for _, l := range letters {
		for _, d := range l.Deliveries {
			switch {
			case l.ID != letter || d.Target != target || d.Method != undersigned.ByEmail:
			case d.Again != "":
				return nil
			case l.MayGoAgain(&d):
				return s.queueAgain(ctx, &l, d)
			default:
				return errLetterStays
			}
		}
	}
	return errNoAction
}

var errLetterStays = undersigned.Fail(undersigned.Gone, "error.letter.stays")

func (s *Service) queueAgain(ctx context.Context, l *MyLetter, d undersigned.Delivery) error {
	now := s.Now()
	// Sealed anew, under today's key, as when it was confirmed.
	sealed, err := s.sealDraft(ctx, d.ID, l.draft)
	if err != nil {
		return doing("seal a letter", err)
	}
	day := undersigned.DayOf(now)
	job := store.NewJob(letterQueue, deliveryArgs(d.ID, d.Target), now)
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if queued, err := tx.QueueAgain(d, day); err != nil || !queued {
			return err
		}
		if err := tx.SealLetter(store.LetterRow{Outreach: d.ID, Day: day, Sealed: sealed}); err != nil {
			return err
		}
		return tx.Enqueue(job)
	})
	if err == nil {
		s.wakeLetters()
	}
	return err
}
