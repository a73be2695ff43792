package action

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

var (
	anOwner       = &undersigned.User{ID: undersigned.UserID{1}, Role: undersigned.RoleOwner, Email: owner}
	rosa          = &undersigned.User{ID: undersigned.UserID{2}, Role: undersigned.RoleCoordinator, Email: "Rosa@Project.example"}
	anotherOfRole = &undersigned.User{ID: undersigned.UserID{3}, Role: undersigned.RoleCoordinator, Email: "max@project.example"}
)

// auditLines are what the audit log has, the latest first, beside what was imported.
func (s *testSite) auditLines() (entries []undersigned.AuditEntry) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) {
		entries, err = tx.Audit(store.AuditFilter{}, 100)
		return err
	}))
	entries = slices.DeleteFunc(entries, func(e undersigned.AuditEntry) bool { return e.Verb == undersigned.AuditImported })
	return entries
}

func TestCoordinatorSeesTheOffersOfTheirAsksAndOwnersAll(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.offers("ana@mail.example")
		s.clock.Move(24 * time.Hour)
		s.offers("bo@mail.example")
		for _, test := range []struct {
			by   *undersigned.User
			asks int
			want string
		}{{anOwner, 1, "bo@mail.example ana@mail.example"}, {rosa, 1, "bo@mail.example ana@mail.example"}, {anotherOfRole, 0, ""}} {
			asks, offers, err := s.Volunteers(t.Context(), test.by, OfferFilter{}, 10)
			must(t, err)
			var got []string
			for _, o := range offers {
				got = append(got, o.Submission.Person.Email)
			}
			if len(asks) != test.asks || strings.Join(got, " ") != test.want {
				t.Errorf("%s sees %d asks and %v", test.by.Email, len(asks), got)
			}
		}
		id := s.submissions()[0].ID
		_, _, err := s.OfferFor(t.Context(), anotherOfRole, id)
		wantKind(t, err, undersigned.NotFound, "error.not_found")
		wantKind(t, s.MoveOfferFor(t.Context(), anotherOfRole, id, undersigned.SubmissionActive), undersigned.NotFound, "error.not_found")
		wantKind(t, s.NoteOffer(t.Context(), anotherOfRole, id, "", "x"), undersigned.NotFound, "error.not_found")
	})
}

func TestOffersComeInPagesAndByState(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			s.offers(name + "@mail.example")
			if name != "b" { // two came on one day
				s.clock.Move(24 * time.Hour)
			}
		}
		_, offers, err := s.Volunteers(t.Context(), rosa, OfferFilter{}, 1)
		must(t, err)
		must(t, s.MoveOfferFor(t.Context(), rosa, offers[0].ID, undersigned.SubmissionActive))
		seen, filter := map[undersigned.SubmissionID]bool{}, OfferFilter{PID: s.action("help").PID, State: undersigned.SubmissionReceived}
		for {
			asks, offers, err := s.Volunteers(t.Context(), rosa, filter, 2)
			must(t, err)
			if asks[0].States[undersigned.SubmissionReceived] != 4 || asks[0].States[undersigned.SubmissionActive] != 1 {
				t.Errorf("counted %v", asks[0].States)
			}
			for _, o := range offers {
				if seen[o.ID] || o.State != undersigned.SubmissionReceived {
					t.Errorf("%x comes again, or is %s", o.ID, o.State)
				}
				seen[o.ID], filter.Before = true, o.Place()
			}
			if len(offers) < 2 {
				break
			}
		}
		if len(seen) != 4 {
			t.Errorf("%d offers in pages of two", len(seen))
		}
	})
}

func TestNotesAboutAnOfferAreSealedAndEndWithIt(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		my, _ := s.offers("ana@mail.example")
		id := s.submissions()[0].ID
		_, notes, err := s.OfferFor(t.Context(), rosa, id)
		must(t, err)
		const canary = "Canary of a note."
		must(t, s.NoteOffer(t.Context(), rosa, id, notes.Version, canary+"\r\nShe drives."))
		if row := s.submissions()[0]; bytes.Contains(row.Notes, []byte("Canary")) || row.Notes == nil {
			t.Errorf("the row has %q", row.Notes)
		}
		wantKind(t, s.NoteOffer(t.Context(), anOwner, id, notes.Version, "Another."), undersigned.Invalid, "error.form")
		if err := s.NoteOffer(t.Context(), anOwner, id, notes.Version, "Another."); !errors.Is(err, ErrNotesChanged) {
			t.Errorf("over the notes of somebody else: %v", err)
		}
		_, notes, err = s.OfferFor(t.Context(), anOwner, id)
		must(t, err)
		if notes.Text != canary+"\nShe drives." {
			t.Errorf("the notes are %q", notes.Text)
		}
		must(t, s.NoteOffer(t.Context(), anOwner, id, notes.Version, ""))
		must(t, s.NoteOffer(t.Context(), anOwner, id, "old", "")) // nothing to do
		wantKind(t, s.NoteOffer(t.Context(), rosa, id, notes.Version, strings.Repeat("x", undersigned.MaxNotes+1)), undersigned.Invalid, "error.form")
		wantKind(t, s.NoteOffer(t.Context(), rosa, id, notes.Version, "a\x00b"), undersigned.Invalid, "error.form")

		must(t, s.MoveOfferFor(t.Context(), rosa, id, undersigned.SubmissionInTouch))
		must(t, s.MoveOfferFor(t.Context(), rosa, id, undersigned.SubmissionInTouch))
		wantKind(t, s.MoveOfferFor(t.Context(), rosa, id, undersigned.SubmissionReceived), undersigned.Invalid, "error.offer.step")
		var did []string
		for _, e := range s.auditLines() {
			if e.Verb == undersigned.AuditImported {
				continue
			}
			did = append(did, string(e.Verb)+" "+e.Detail)
			if e.Subject != hex.EncodeToString(id[:]) || strings.Contains(e.Detail, "Canary") {
				t.Errorf("the log says %+v", e)
			}
		}
		slices.Sort(did) // all in one moment
		if got := strings.Join(did, ", "); got != "offer_moved in_touch, offer_noted , offer_noted " {
			t.Errorf("the log says %s", got)
		}

		m, err := s.Mine(t.Context(), my)
		must(t, err)
		must(t, s.WithdrawOffer(t.Context(), my, m.Offers[0].ID))
		d, notes, err := s.OfferFor(t.Context(), rosa, id)
		must(t, err)
		if row := s.submissions()[0]; row.Notes != nil || d.Submission != nil || notes.Text != "" {
			t.Errorf("of what was taken back there stays %+v", row)
		}
		wantKind(t, s.NoteOffer(t.Context(), rosa, id, notes.Version, "Still here."), undersigned.NotFound, "error.not_found")
	})
}
