package action

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// OfferAsk is an ask for volunteers, with how many offers it has.
type OfferAsk struct {
	Content *undersigned.Content
	Action  *undersigned.Action
	States  map[undersigned.SubmissionState]int64
}

// OfferFilter says which offers are wanted, and behind which place of the list.
type OfferFilter struct {
	PID    string // empty for every ask
	State  undersigned.SubmissionState
	Before store.SubmissionPlace
}

// Volunteers lists the offers that one of the staff may see, the latest first, at most so many, and all asks that these can
// belong to. An owner sees all of them, a coordinator those of the asks that name their address.
func (s *Service) Volunteers(ctx context.Context, by *undersigned.User, f OfferFilter, most int) (asks []OfferAsk, offers []*Desk, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, content := range slices.Concat(site.Contents, site.Drafts) {
		for i := range content.Actions {
			if a := &content.Actions[i]; a.Kind == undersigned.Volunteer && a.PID != "" && maySeeOffers(by, content, a) {
				asks = append(asks, OfferAsk{Content: content, Action: a})
			}
		}
	}
	var rows []*store.SubmissionRow
	of := map[string]*OfferAsk{}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		for i := range asks {
			pid := asks[i].Action.PID
			of[pid] = &asks[i]
			if asks[i].States, err = tx.CountSubmissionStates(pid); err != nil {
				return err
			}
			if f.PID != "" && f.PID != pid {
				continue
			}
			some, err := tx.SubmissionsBefore(pid, f.State, f.Before, most)
			if err != nil {
				return err
			}
			rows = append(rows, some...)
		}
		return nil
	})
	if err != nil {
		return nil, nil, doing("list offers", err)
	}
	slices.SortFunc(rows, func(a, b *store.SubmissionRow) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), slices.Compare(b.ID[:], a.ID[:]))
	})
	for _, row := range rows[:min(len(rows), most)] {
		d, err := s.openDeskRow(ctx, of[row.PID].Content, of[row.PID].Action, row)
		if err != nil && !errors.Is(err, errLinkDead) {
			return nil, nil, err
		}
		if err == nil {
			offers = append(offers, d)
		}
	}
	return asks, offers, nil
}

// OffersLeft counts the offers that one of the staff may see and that nobody has touched for a week.
func (s *Service) OffersLeft(ctx context.Context, by *undersigned.User) (n int64, err error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return 0, err
	}
	before := undersigned.DayOf(s.Now().AddDate(0, 0, 1-remindCoordinator.after))
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		for _, content := range slices.Concat(site.Contents, site.Drafts) {
			for i := range content.Actions {
				a := &content.Actions[i]
				if a.Kind != undersigned.Volunteer || a.PID == "" || !maySeeOffers(by, content, a) {
					continue
				}
				left, err := tx.CountSubmissionsLeft(a.PID, undersigned.SubmissionReceived, before)
				if err != nil {
					return err
				}
				n += left
			}
		}
		return nil
	})
	return n, err
}

// maySeeOffers tells whose an ask's offers are.
func maySeeOffers(by *undersigned.User, content *undersigned.Content, a *undersigned.Action) bool {
	to := content.CoordinatorOf(a).Email
	return by.Role == undersigned.RoleOwner || to != "" && seal.NormalizeEmail(to) == seal.NormalizeEmail(by.Email)
}

// Place is where an offer stands in the list.
func (d *Desk) Place() store.SubmissionPlace { return store.SubmissionPlace{Day: d.Day, ID: d.ID} }

// OfferFor opens an offer, and what was written down about it, for one of the staff. NotFound where there is none, or it is
// another coordinator's.
func (s *Service) OfferFor(ctx context.Context, by *undersigned.User, id undersigned.SubmissionID) (d *Desk, notes OfferNotes, err error) {
	var row *store.SubmissionRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Submission(id); return err }); err != nil {
		return nil, notes, doing("open an offer", err)
	}
	if row == nil {
		return nil, notes, errNoAction
	}
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, notes, err
	}
	content, a := site.ByPID(row.PID)
	if a == nil {
		content, a = (&store.Site{Contents: site.Drafts}).ByPID(row.PID)
	}
	if a == nil || !maySeeOffers(by, content, a) {
		return nil, notes, errNoAction
	}
	if d, err = s.openDeskRow(ctx, content, a, row); err != nil {
		return nil, notes, err
	}
	notes.Version = notesVersion(row.Notes)
	notes.Text, err = s.openNotes(ctx, row)
	return d, notes, err
}

// openNotes opens what was written down about an offer.
func (s *Service) openNotes(ctx context.Context, row *store.SubmissionRow) (string, error) {
	if row.Notes == nil {
		return "", nil
	}
	data, err := s.Keys.Data(ctx, row.PID)
	if err != nil {
		return "", doing("open the notes about an offer", err)
	}
	text, err := data.Open(nil, row.Notes, notesScope(row)...)
	if err != nil {
		return "", doing("open the notes about an offer", err)
	}
	return string(text), nil
}

// OfferNotes are what coordinators have written down about an offer, for each other alone.
type OfferNotes struct {
	Text    string
	Version string // changes with the text
}

// ErrNotesChanged: somebody else has written down something meanwhile.
var ErrNotesChanged = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
	Fields: []undersigned.FieldError{{Field: "notes", Key: "error.notes.changed"}}}

// NoteOffer writes notes about an offer, in place of those of a version. Invalid, with the field "notes"; that is
// [ErrNotesChanged] where there are others by now; the errors of OfferFor.
func (s *Service) NoteOffer(ctx context.Context, by *undersigned.User, id undersigned.SubmissionID, version, text string) error {
	text, err := undersigned.CleanNotes(text)
	if err != nil {
		return err
	}
	d, notes, err := s.OfferFor(ctx, by, id)
	if err != nil {
		return err
	}
	switch {
	case d.row.Sealed == nil:
		return errNoAction
	case notes.Text == text:
		return nil
	case notes.Version != version:
		return ErrNotesChanged
	}
	data, err := s.Keys.Data(ctx, d.row.PID)
	if err != nil {
		return doing("seal the notes about an offer", err)
	}
	sealed := data.Seal(nil, []byte(text), notesScope(d.row)...)
	return s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if done, err := tx.NoteSubmission(id, d.row.Notes, sealed); err != nil || !done {
			return cmp.Or(err, error(ErrNotesChanged))
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by.ID, Verb: undersigned.AuditOfferNoted, Subject: hex.EncodeToString(id[:])})
	})
}

func notesScope(row *store.SubmissionRow) []string {
	return append(submissionScope(row.ID, row.PID), "notes")
}

// NoNotes is the version of an offer about which nothing was written down.
var NoNotes = notesVersion(nil)

func notesVersion(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:8])
}

// MoveOfferFor sets the state of an offer, as [Service.MoveOffer] does, for one of the staff.
func (s *Service) MoveOfferFor(ctx context.Context, by *undersigned.User, id undersigned.SubmissionID, to undersigned.SubmissionState) error {
	d, _, err := s.OfferFor(ctx, by, id)
	if err != nil {
		return err
	}
	return s.moveOffer(ctx, d, to, &undersigned.AuditEntry{By: by.ID, Verb: undersigned.AuditOfferMoved, Subject: hex.EncodeToString(id[:]), Detail: string(to)})
}
