package action

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// ConfirmedCorrection is what the page behind the link of a correction shows.
type ConfirmedCorrection struct {
	*undersigned.Correction
	Name string // of the organisation
	Done bool   // the button was pressed, now or before
}

// OpenCorrection reads a link and changes nothing. Gone where the link has died, is cut short, or is none of ours, and where
// somebody has decided on the correction already.
func (s *Service) OpenCorrection(ctx context.Context, token string) (*ConfirmedCorrection, error) {
	link, row, err := s.openCorrectionLink(ctx, token)
	if err != nil {
		return nil, err
	}
	found := &ConfirmedCorrection{Name: link.Name, Done: row.Month != ""}
	if found.Done {
		found.Correction = &undersigned.Correction{Organization: row.Organization}
		return found, nil
	}
	key := seal.KeyOf(link.Key)
	plaintext, err := key.Open(nil, row.Sealed, correctionRowScope(row.ID, "")...)
	if err != nil {
		return nil, errLinkDead
	}
	found.Correction, err = readCorrection(row, plaintext)
	return found, err
}

// ConfirmCorrection hands a correction on to the staff: its mailbox is proved. Pressing again changes nothing.
func (s *Service) ConfirmCorrection(ctx context.Context, token string) (*ConfirmedCorrection, error) {
	found, err := s.OpenCorrection(ctx, token)
	if err != nil || found.Done {
		return found, err
	}
	month := s.Now().UTC().Format("2006-01")
	if _, err := s.Keys.Letters(ctx, s.Now()); err != nil { // makes the key of the month
		return nil, doing("seal a correction", err)
	}
	key, err := s.Keys.Corrections(ctx, month)
	if err != nil {
		return nil, doing("seal a correction", err)
	}
	plaintext, err := json.Marshal(found.Correction)
	if err != nil {
		return nil, doing("seal a correction", err)
	}
	sealed := key.Seal(nil, plaintext, correctionRowScope(found.ID, month)...)
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		_, err := tx.ConfirmCorrection(found.ID, month, sealed)
		return err
	})
	found.Done = true
	return found, err
}

func (s *Service) openCorrectionLink(ctx context.Context, token string) (link correctionLink, row *store.CorrectionRow, err error) {
	plaintext, err := s.Keys.OpenToken(ctx, token, s.Now(), correctionPurpose)
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrKeyDestroyed) {
		return link, nil, errLinkDead
	}
	if err != nil {
		return link, nil, doing("open the link of a correction", err)
	}
	if err := json.Unmarshal(plaintext, &link); err != nil {
		return link, nil, doing("open the link of a correction", err)
	}
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Correction(link.ID); return err })
	if err == nil && row == nil {
		err = errLinkDead
	}
	return link, row, err
}

func readCorrection(row *store.CorrectionRow, plaintext []byte) (*undersigned.Correction, error) {
	c := &undersigned.Correction{ID: row.ID, Issue: row.Issue, Organization: row.Organization, Day: row.Day}
	if err := json.Unmarshal(plaintext, c); err != nil {
		return nil, doing("open a correction", err)
	}
	return c, nil
}

// openCorrection opens one that waits for a person; nil where its key has died.
func (s *Service) openCorrection(ctx context.Context, row *store.CorrectionRow) (*undersigned.Correction, error) {
	key, err := s.Keys.Corrections(ctx, row.Month)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, nil
	}
	if err != nil {
		return nil, doing("open a correction", err)
	}
	plaintext, err := key.Open(nil, row.Sealed, correctionRowScope(row.ID, row.Month)...)
	if err != nil {
		return nil, doing("open a correction", err)
	}
	return readCorrection(row, plaintext)
}

// Corrections lists those that wait for a person, the oldest first.
func (s *Service) Corrections(ctx context.Context) (list []*undersigned.Correction, err error) {
	var rows []*store.CorrectionRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.Corrections(); return err }); err != nil {
		return nil, err
	}
	for _, row := range rows {
		c, err := s.openCorrection(ctx, row)
		if err != nil {
			return nil, err
		}
		if c != nil {
			list = append(list, c)
		}
	}
	return list, nil
}

// Correction gives one that waits for a person. NotFound.
func (s *Service) Correction(ctx context.Context, id undersigned.CorrectionID) (*undersigned.Correction, error) {
	var row *store.CorrectionRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Correction(id); return err }); err != nil {
		return nil, err
	}
	if row == nil || row.Month == "" {
		return nil, errNoNoun
	}
	c, err := s.openCorrection(ctx, row)
	if err == nil && c == nil {
		err = errNoNoun
	}
	return c, err
}

// AcceptCorrection makes what a correction says the draft of its entry, or part of the draft that is there, and forgets the
// rest. Somebody still has to look the draft over and publish it. A [Clash] where the draft says something else than both the
// entry and the correction: saving a form that has seen both accepts it then. NotFound.
func (s *Service) AcceptCorrection(ctx context.Context, by undersigned.UserID, id undersigned.CorrectionID) (undersigned.NounID, error) {
	c, err := s.Correction(ctx, id)
	if err != nil {
		return undersigned.NounID{}, err
	}
	in := Edit{By: by, ID: c.Noun(), Correction: id}
	return in.ID, s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if taken, err := takeCorrection(tx, in); err != nil || !taken {
			return cmp.Or(err, error(errNoNoun))
		}
		if len(c.Fields) == 0 {
			return nil
		}
		now, err := OpenEditing(tx, in.ID)
		if err != nil {
			return err
		}
		in.Base.Version = now.Base.Version
		entry := now.Fields
		if now.Draft != nil { // the correction is not about that
			if entry, err = fieldsAt(tx, in.ID, now.Content, in.Base); err != nil {
				return err
			}
		}
		in.Fields = pack.Fields{}
		maps.Copy(in.Fields, entry)
		maps.Copy(in.Fields, pack.Fields(c.Fields))
		_, err = saveDraft(tx, in)
		return err
	})
}

// takeCorrection forgets a correction that goes into the draft of its entry; false where none of that entry waits.
func takeCorrection(tx *store.Tx, in Edit) (taken bool, err error) {
	if in.Correction == (undersigned.CorrectionID{}) {
		return false, nil
	}
	row, err := tx.Correction(in.Correction)
	if err != nil || row == nil || row.Month == "" || entryOf(row) != in.ID {
		return false, err
	}
	if taken, err = tx.DeleteCorrection(in.Correction); err != nil || !taken {
		return false, err
	}
	return true, tx.AddAudit(edited(in.By, undersigned.AuditCorrectionAccepted, in.ID, ""))
}

// entryOf names the entry that a correction is about.
func entryOf(row *store.CorrectionRow) undersigned.NounID {
	return (&undersigned.Correction{Issue: row.Issue, Organization: row.Organization}).Noun()
}

// DeclineCorrection forgets a correction; the entry stays as it is. NotFound.
func (s *Service) DeclineCorrection(ctx context.Context, by undersigned.UserID, id undersigned.CorrectionID) error {
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		row, err := tx.Correction(id)
		if err != nil {
			return err
		}
		if row == nil || row.Month == "" {
			return errNoNoun
		}
		if _, err := tx.DeleteCorrection(id); err != nil {
			return err
		}
		return tx.AddAudit(edited(by, undersigned.AuditCorrectionDeclined, entryOf(row), ""))
	})
}

// keptCorrections lists those that nobody has confirmed in time, and those whose key has died.
func (s *Service) keptCorrections(tx *store.Tx) ([]Kept, error) {
	day := undersigned.DayOf(tx.Now.Add(-seal.PendingLife))
	month := tx.Now.UTC().Add(-seal.LettersLife).Format("2006-01")
	n, err := tx.CountCorrectionsEnded(day, month)
	if err != nil {
		return nil, err
	}
	return []Kept{{What: "corrections of entries that were not confirmed or not decided on", N: n, Ends: tx.Now, erase: func(ctx context.Context) error {
		return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error { return tx.ForgetCorrectionsEnded(day, month) })
	}}}, nil
}

// CorrectionName is how a correction stands in an address of the desk.
func CorrectionName(id undersigned.CorrectionID) string { return hex.EncodeToString(id[:]) }
