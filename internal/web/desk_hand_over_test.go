package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/undersigned/undersigned"
)

func TestHandOverAndAnswerAreNotedCorrectedAndTakenBack(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	const page, office = "/admin/hand-over/shelter/equality", "/offices/C001101"
	wantWords(t, c.get("/admin/hand-over"), "Equality under the law", "Handed to nobody yet")
	first := c.get(page)
	wantWords(t, first, "An owner can make it", "Katherine M. Clark")
	if strings.Contains(first.Body.String(), "/answered") {
		t.Error("an answer can be noted to nothing")
	}
	over := func(day, how, paper string) *httptest.ResponseRecorder {
		return c.post(page+"/handed-over", url.Values{"bioguide": {"C001101"}, "day": {day}, "how": {how}, "paper": {paper}})
	}
	for _, wrong := range []struct{ day, how, paper, says string }{
		{"2999-01-01", "", "", "That day has not come yet"}, {"22/7", "", "", "That is not a day"}, {"2026-11-20", "pigeon", "", "Choose how"},
		{"2026-11-20", "", "-1", "cannot be less than zero"}, {"2026-11-20", "", "a few", "cannot be less than zero"}, {"2026-11-20", "", "99999999999999999999", "cannot be less than zero"},
	} {
		w := over(wrong.day, wrong.how, wrong.paper)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, wrong.says, `<option value="C001101" selected>`)
	}
	wantWords(t, c.post(page+"/handed-over", url.Values{"day": {"2026-11-20"}}), "Choose an office")
	wantStatus(t, over("2026-11-20", "post", "7"), http.StatusSeeOther)
	wantStatus(t, over("2026-11-20", "in_person", "120"), http.StatusSeeOther) // the same day again corrects
	s.tick()
	wantWords(t, s.get(office), "To this office on November 20, 2026, in person.", "120 signatures on paper, counted by hand", "Answer: none for 2 days")
	wantWords(t, s.get("/diary"), "Katherine M. Clark")
	wantWords(t, c.get(page+"?form=handed_over&bioguide=C001101&day=2026-11-20"), `value="in_person" selected`, `value="120"`)

	answer := func(day, text string) *httptest.ResponseRecorder {
		return c.post(page+"/answered", url.Values{"bioguide": {"C001101"}, "day": {day}, "lang": {"en"}, "text": {text}})
	}
	wantWords(t, answer("2026-11-19", "No."), "Note the hand-over first", "No.")
	wantWords(t, answer("2026-11-21", " "), "The answer is empty")
	wantStatus(t, answer("2026-11-21", "Thank you.\r\n<script>"), http.StatusSeeOther)
	s.tick()
	wantWords(t, s.get(office), "Answer of November 21, 2026", "Thank you.\n<script>")
	wantWords(t, c.get(page+"?form=answered&bioguide=C001101&day=2026-11-21&done=answered"), "Thank you.\n<script></textarea>", "The office’s page shows the answer")
	wantWords(t, c.get("/admin/hand-over"), "Handed to 1 office", "0 owe an answer")

	back := func(what, day string) *httptest.ResponseRecorder {
		return c.post(page+"/take-back", url.Values{"bioguide": {"C001101"}, "day": {day}, "what": {what}})
	}
	wantWords(t, back("handover", "2026-11-20"), "Take the answer back first")
	for _, want := range []string{"taken_back", "nothing"} { // pressed twice
		if to := back("answer", "2026-11-21").Header().Get("Location"); to != page+"?done="+want {
			t.Errorf("it leads to %s", to)
		}
	}
	wantStatus(t, back("handover", "2026-11-20"), http.StatusSeeOther)
	s.tick()
	for _, path := range []string{office, "/diary"} {
		if text := s.get(path).Body.String(); strings.Contains(text, "November 20") || strings.Contains(text, "Thank you") {
			t.Errorf("%s still says so", path)
		}
	}
	wantStatus(t, c.post("/admin/hand-over/shelter/letter/handed-over", url.Values{}), http.StatusNotFound)
	wantStatus(t, c.get("/admin/hand-over/shelter/hidden"), http.StatusNotFound)
}

// file sends a form with one file.
func (c *colleague) file(path, field, name, text string) *httptest.ResponseRecorder {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, name)
	c.must(err)
	fmt.Fprint(part, text)
	c.must(form.Close())
	return c.do(http.MethodPost, path, body.String(), "Cookie", c.cookie, "Content-Type", form.FormDataContentType())
}

// What the server cannot read it gives away sealed, and takes back as numbers.
func TestSealedPetitionIsHandedOverFromElsewhereAndItsNumbersComeBack(t *testing.T) {
	content := testContent()
	for range 2 {
		holder, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		content.Issue.SealTo = append(content.Issue.SealTo, holder.Recipient().String())
	}
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantStatus(t, s.post(s.sign("/shelter/equality", "ana@mail.example"), nil), http.StatusOK)
	s.tick()
	const page = "/admin/hand-over/shelter/equality"
	wantWords(t, owner.get(page), "this server cannot read them", "/admin/exports/bundle?ask=equality&issue=shelter", "undersigned open BUNDLE")
	for _, what := range []string{"signatures", "packet"} {
		wantWords(t, owner.post("/admin/exports/"+what, why("issue=shelter&ask=equality")), "These signatures are sealed")
	}
	w := owner.post("/admin/exports/bundle", why("issue=shelter&ask=equality"))
	wantStatus(t, w, http.StatusOK)
	if text := w.Body.String(); !strings.Contains(text, "age-encryption.org/v1") || strings.Contains(text, "mail.example") {
		t.Error("it is no bundle, or can be read")
	}
	site, err := s.db.Site(t.Context())
	s.must(err)
	seats := func(origin, pid string, size int) string {
		return fmt.Sprintf(`{"format": "undersigned-seats/v1", "origin": %q, "petition": %q, "size": %d, "day": "2026-11-22", "congress": 119, "as_of": "",
			"seats": [{"seat": "MA-05", "at_least": 10}]}`, origin, pid, size)
	}
	pid := site.Issue("shelter").Action("equality").PID
	for says, file := range map[string]string{
		"holds no numbers":      "nonsense",
		"of another site":       seats("other.example/log", pid, 1),
		"that is not here":      seats(testHost+"/log", "0011223344556677", 1),
		"of more than is publi": seats(testHost+"/log", pid, 1000),
	} {
		w := owner.file(page+"/seats", "seats", "seats.json", file)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, says)
	}
	wantWords(t, owner.file(page+"/seats", "other", "seats.json", "x"), "Choose a file")
	wantWords(t, owner.post(page+"/seats", url.Values{"seats": {"x"}}), "Choose a file")
	// Whatever page it was brought to, the file says of which petition it is.
	promise := "/admin/hand-over/shelter/promise/seats"
	if to := owner.file(promise, "seats", "seats.json", seats(testHost+"/log", pid, 1)).Header().Get("Location"); to != page+"?done=seats_taken" {
		t.Errorf("it leads to %s", to)
	}
	s.tick()
	wantWords(t, s.get("/offices/C001101"), "At least 10 constituents have signed")
	wantWords(t, owner.get("/admin/audit"), "Took numbers by district from a file")
	wantStatus(t, newSite(t).hire(undersigned.RoleOwner, "ana@staff.example").file(page+"/seats", "seats", "seats.json", "x"), http.StatusNotFound)
}
