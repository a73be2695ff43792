package web

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// offered makes an offer, all the way to its coordinator, and gives its page in the desk.
func (s *testSite) offered(email string) (path string) {
	s.t.Helper()
	wantStatus(s.t, s.post("/shelter/translate", s.offer("/shelter/translate", email)), http.StatusSeeOther)
	wantStatus(s.t, s.do(http.MethodPost, s.link(), ""), http.StatusOK)
	s.letter()
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Submissions()
		path = "/admin/volunteers/" + hex.EncodeToString(rows[len(rows)-1].ID[:])
		return err
	}))
	return path
}

func TestCoordinatorAnswersTheOffersThatAreTheirsInTheDesk(t *testing.T) {
	s := newVolunteerSite(t)
	path := s.offered("ana@mail.example")
	rosa, other := s.hire(undersigned.RoleCoordinator, coordinator), s.hire(undersigned.RoleCoordinator, "max@project.example")
	wantWords(t, rosa.get("/admin/volunteers"), "Ana Álvarez", "Translate (1)", "Received (1)")
	wantWords(t, rosa.get("/admin/volunteers?state=done&ask=nonsense"), "No offers here")
	none := other.get("/admin/volunteers")
	wantWords(t, none, "No ask for volunteers names you")
	if strings.Contains(none.Body.String(), "Álvarez") {
		t.Error("somebody else's volunteer is named")
	}
	for _, get := range []string{path, "/admin/volunteers/" + strings.Repeat("0", 32), "/admin/volunteers/x"} {
		wantStatus(t, other.get(get), http.StatusNotFound)
	}
	wantStatus(t, other.post(path, url.Values{"state": {"active"}}), http.StatusNotFound)
	wantStatus(t, other.post(path+"/notes", url.Values{"notes": {"x"}}), http.StatusNotFound)

	wantWords(t, rosa.get(path), "I speak K'iche'.", "ana@mail.example", "We are in touch")
	wantStatus(t, rosa.post(path, url.Values{"state": {"in_touch"}}), http.StatusSeeOther)
	wantWords(t, rosa.get(path+"?done=moved"), "In touch", "The volunteer sees it")
	wantWords(t, rosa.post(path, url.Values{"state": {"received"}}), "main") // no such step
	wantStatus(t, rosa.post(path, url.Values{"state": {"received"}}), http.StatusUnprocessableEntity)

	version := s.between(rosa.get(path), `name="version" value="`, `"`)
	wantStatus(t, rosa.post(path+"/notes", url.Values{"version": {version}, "notes": {"Called on Monday."}}), http.StatusSeeOther)
	lost := rosa.post(path+"/notes", url.Values{"version": {version}, "notes": {"Drives a van."}})
	wantStatus(t, lost, http.StatusUnprocessableEntity)
	wantWords(t, lost, "Somebody else has written here", "Called on Monday.", "Drives a van.")
	version = s.between(lost, `name="version" value="`, `"`)
	wantStatus(t, rosa.post(path+"/notes", url.Values{"version": {version}, "notes": {"Called on Monday. Drives a van."}}), http.StatusSeeOther)
	wantWords(t, rosa.get(path), "Called on Monday. Drives a van.")
	long := rosa.post(path+"/notes", url.Values{"version": {version}, "notes": {strings.Repeat("x", undersigned.MaxNotes+1)}})
	wantStatus(t, long, http.StatusUnprocessableEntity)

	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantWords(t, owner.get("/admin/volunteers"), "Ana Álvarez")
	wantWords(t, owner.get("/admin/audit"), "volunteer’s offer")
	if logged := s.logged.String() + s.visited.String(); strings.Contains(logged, "Álvarez") || strings.Contains(logged, "van") {
		t.Error("the log tells of a volunteer")
	}
}

func TestOffersThatAreManyComeInPages(t *testing.T) {
	s := newVolunteerSite(t)
	rosa := s.hire(undersigned.RoleCoordinator, coordinator)
	s.must(s.db.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
		site, err := s.db.Site(t.Context())
		for i := range offersPage + 1 {
			row := &store.SubmissionRow{ID: undersigned.SubmissionID{byte(i)}, PID: site.Contents[0].Action("translate").PID,
				State: undersigned.SubmissionWithdrawn, Day: "2026-11-22", Moved: "2026-11-22"}
			if _, err := tx.InsertSubmission(row); err != nil {
				return err
			}
		}
		return err
	}))
	first := rosa.get("/admin/volunteers?state=withdrawn")
	older := s.between(first, `<p><a href="/admin/volunteers?`, `"`)
	second := rosa.get("/admin/volunteers?" + older)
	count := func(text string) int { return strings.Count(text, `href="/admin/volunteers/`) }
	if a, b := count(first.Body.String()), count(second.Body.String()); a != offersPage || b != 1 {
		t.Errorf("%d and %d offers", a, b)
	}
}
