package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// Whoever presses a button twice sees the second answer: it is that of the first.
func TestButtonsOfWritingThatArePressedTwice(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	twice := func(path string, form url.Values) string {
		t.Helper()
		first, second := c.post(path, form), c.post(path, form)
		wantStatus(t, first, http.StatusSeeOther)
		wantStatus(t, second, http.StatusSeeOther)
		to := first.Header().Get("Location")
		if again := second.Header().Get("Location"); again != to {
			t.Errorf("first to %s, then to %s", to, again)
		}
		wantStatus(t, c.get(to), http.StatusOK)
		return to
	}
	decide := func(do string) url.Values {
		w := c.get(equality + "/publish")
		return url.Values{"do": {do}, "sure": {"1"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}}
	}
	const fresh = "/admin/issues/shelter/new/organization"
	twice(fresh, typed(filled(t, c.get(fresh)), "save", "name", "Harbor"))
	wantWords(t, c.post(fresh, typed(filled(t, c.get(fresh)), "save", "name", "Harbor", "region", "US")), "There is something of this name already", `value="US"`)
	twice("/admin/issues/shelter/organization/harbor/publish", url.Values{"do": {"discard"}, "sure": {"1"}, "version": {"0"},
		"save": {s.between(c.get("/admin/issues/shelter/organization/harbor"), `name="save" value="`, `"`)}})
	twice(equality, typed(filled(t, c.get(equality)), "save", "goal", "250"))
	twice(equality+"/publish", decide("publish"))
	twice(equality+"/versions/1", nil)
	twice(equality+"/publish", decide("discard"))
	if n := len(s.auditVerbs()); strings.Count(strings.Join(verbsOf(s), " "), string(undersigned.AuditPublished)) != 1 {
		t.Errorf("%d lines: %v", n, s.auditVerbs())
	}

	// Of another one's decision the second is told.
	wantStatus(t, c.post(equality, typed(filled(t, c.get(equality)), "save", "goal", "300")), http.StatusSeeOther)
	publish := decide("publish")
	ana := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantStatus(t, ana.post(equality+"/publish", publish), http.StatusSeeOther)
	wantStatus(t, c.post(equality+"/publish", publish), http.StatusNotFound)
}

func verbsOf(s *testSite) (list []string) {
	for _, verb := range s.auditVerbs() {
		list = append(list, string(verb))
	}
	return list
}

func TestTextOfSomebodyWhoseRoleWasTakenAwayIsGivenBack(t *testing.T) {
	s := newSite(t)
	ana, bo := s.hire(undersigned.RoleOwner, "ana@staff.example"), s.hire(undersigned.RoleEditor, "bo@staff.example")
	form := filled(t, bo.get(equality))
	wantStatus(t, ana.post("/admin/users/"+action.UserName(bo.user.ID), url.Values{"role": {"coordinator"}}), http.StatusSeeOther)
	long := strings.Repeat("A long text. ", 500) + "</textarea><script>"
	w := bo.post(equality, typed(form, "save", "body", long))
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, "Your role here does not include this", long, "Copy it before you leave")
	if strings.Contains(w.Body.String(), "</textarea><script>") {
		t.Error("it is not escaped")
	}
	if got := s.noun(undersigned.NounID{Issue: "shelter", Kind: undersigned.ActionNoun, Slug: "equality"}).(*undersigned.Action).Texts["en"].Body; got != "Because *it matters*." {
		t.Errorf("it was saved: %.50s", got)
	}
}

// The Enter key presses the first button of a form. Where several stand there it is none of them.
func TestEnterKeyDecidesNothing(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	wantStatus(t, c.post(equality, typed(filled(t, c.get(equality)), "save", "goal", "250")), http.StatusSeeOther)
	w := c.get(equality + "/publish")
	form := url.Values{"version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}, "at": {"2026-11-23T09:00"}}
	_, page, _ := strings.Cut(w.Body.String(), `action="`+equality+`/publish"`)
	form.Set("do", firstButton.FindStringSubmatch(page)[2])
	w = c.post(equality+"/publish", form)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "press the button that you mean", `value="2026-11-23T09:00"`)

	const judge = "/admin/moderate/shelter/equality"
	_, page, _ = strings.Cut(c.get(judge).Body.String(), `action="`+judge+`/domain"`)
	button := firstButton.FindStringSubmatch(page)
	w = c.post(judge+"/domain", url.Values{"domain": {"spam.example"}, button[1]: {button[2]}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "press the button that you mean", `value="spam.example"`)
	for _, verb := range s.auditVerbs() {
		if verb == undersigned.AuditPublished || verb == undersigned.AuditDomainJudged {
			t.Errorf("it did something: %s", verb)
		}
	}
}

var firstButton = regexp.MustCompile(`<button[^>]* type="submit" name="([^"]*)" value="([^"]*)"`)

// What ends for good is said, wants a tick, and is taken from nobody but whoever has shown lately who they are.
func TestPetitionIsEndedByWhoeverKnowsThatItDoes(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	s.confirmed("/shelter/equality", "ana@mail.example")
	s.pass(undersigned.SessionProof)
	wantStatus(t, c.post(equality, typed(filled(t, c.get(equality)), "save", "state", "draft")), http.StatusSeeOther)
	w := c.get(equality + "/publish")
	wantWords(t, w, "This ends something for good", "it never opens again", "What one person typed is erased 90 days after it has closed")
	form := url.Values{"do": {"publish"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}}
	w = c.post(equality+"/publish", form)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "Please check this box")
	form.Set("ends", "1")
	w = c.post(equality+"/publish", form)
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, "once more who you are", `name="ends" value="1"`)
	c.signIn()
	wantStatus(t, c.post(equality+"/publish", form), http.StatusSeeOther)
	if a := s.noun(undersigned.NounID{Issue: "shelter", Kind: undersigned.ActionNoun, Slug: "equality"}).(*undersigned.Action); a.State != undersigned.ActionDraft {
		t.Errorf("it is %s", a.State)
	}
}

// To take off what people have signed is to end it, and is asked as that. What nobody has joined is taken off by one press.
func TestWhatPeopleSignedIsTakenOffByWhoeverKnowsThatItEnds(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	s.confirmed("/shelter/equality", "ana@mail.example")
	s.pass(undersigned.SessionProof)
	const letter = "/admin/issues/shelter/action/letter"
	version := func(w *httptest.ResponseRecorder) url.Values {
		return url.Values{"version": {s.between(w, `name="version" value="`, `"`)}}
	}
	wantStatus(t, c.post(letter+"/take-off", version(c.get(letter+"/versions"))), http.StatusSeeOther)
	w := c.get(equality + "/versions")
	wantWords(t, w, "This ends something for good", "it never opens again", "What one person typed is erased 90 days after it has closed")
	form := version(w)
	w = c.post(equality+"/take-off", form)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "Please check this box")
	form.Set("ends", s.between(w, `name="ends" value="`, `"`))
	w = c.post(equality+"/take-off", form)
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, "once more who you are", `name="ends" value="equality-over-90"`)
	c.signIn()
	for range 2 { // pressed twice
		wantStatus(t, c.post(equality+"/take-off", form), http.StatusSeeOther)
	}
	if a := s.noun(undersigned.NounID{Issue: "shelter", Kind: undersigned.ActionNoun, Slug: "equality"}).(*undersigned.Action); a.State != undersigned.ActionClosed {
		t.Errorf("it is %s", a.State)
	}
}
