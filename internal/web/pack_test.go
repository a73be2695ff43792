package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/packs"
)

// upload sends a file as a browser does.
func (c *colleague) upload(name string, data []byte, replace bool, ends ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("pack", name)
	c.must(err)
	_, err = file.Write(data)
	c.must(err)
	if replace {
		c.must(w.WriteField("replace", "1"))
	}
	for _, known := range ends {
		c.must(w.WriteField("ends", known))
	}
	c.must(w.Close())
	return c.take(c.do(http.MethodPost, "/admin/issues", body.String(), "Cookie", c.cookie, "Content-Type", w.FormDataContentType()))
}

// A partner takes a page, and has it in a site of their own: as a draft, with nothing of who made it.
func TestPartnerTakesAPageAndImportsIt(t *testing.T) {
	content := starterContent(t)
	content.Issue.Coordinator, content.Issue.Contact = "rosa@example.org", "desk@example.org"
	ours := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	wantWords(t, ours.get(starter), `href="/immigration-detention/pack.zip"`)
	zip := ours.get(starter + "/pack.zip")
	wantStatus(t, zip, http.StatusOK)
	if kind := zip.Header().Get("Content-Type"); kind != "application/zip" {
		t.Errorf("it is %q", kind)
	}
	theirs := newSite(t)
	c := theirs.hire(undersigned.RoleEditor, "bo@staff.example")
	w := c.upload("page.zip", zip.Body.Bytes(), false)
	wantStatus(t, w, http.StatusSeeOther)
	wantWords(t, c.get(w.Header().Get("Location")), "The pack was taken.", "Equality under the law for all people", "Hidden: nobody sees it")
	theirs.tick()
	wantStatus(t, theirs.get(starter), http.StatusNotFound)
	issue := theirs.noun(undersigned.NounID{Issue: content.Issue.Slug, Kind: undersigned.IssueNoun, Slug: content.Issue.Slug}).(*undersigned.Issue)
	if issue.State != undersigned.IssueDraft || issue.Coordinator != "" || issue.Contact != "" {
		t.Errorf("%+v", issue)
	}
	wantStatus(t, theirs.get(starter+"/pack.zip"), http.StatusNotFound)

	// Over one that is there only when that is meant, and then nothing opens by itself.
	w = c.upload("page.zip", zip.Body.Bytes(), false)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "This issue is here already.")
	c2 := ours.hire(undersigned.RoleEditor, "bo@staff.example")
	more := starterContent(t)
	more.Actions = append(more.Actions, undersigned.Action{Issue: more.Issue.Slug, Slug: "fresh", Kind: undersigned.Petition, State: undersigned.ActionOpen,
		Texts: map[string]undersigned.ActionText{"en": {Title: "Fresh", Ask: "Fresh"}}})
	var again bytes.Buffer
	ours.must(pack.WriteZip(&again, more))
	wantStatus(t, c2.upload("page.zip", again.Bytes(), true), http.StatusSeeOther)
	ask := func(slug string) undersigned.ActionState {
		return ours.noun(undersigned.NounID{Issue: more.Issue.Slug, Kind: undersigned.ActionNoun, Slug: slug}).(*undersigned.Action).State
	}
	if ask("fresh") != undersigned.ActionDraft || ask("equality-under-the-law") != undersigned.ActionOpen {
		t.Errorf("%s, %s", ask("fresh"), ask("equality-under-the-law"))
	}
}

// A pack that ends what people have signed says so first, and is taken from nobody but whoever knows it and has shown lately who
// they are. The tick is for what was listed: another file needs another one.
func TestPackThatEndsAPetitionIsTakenFromWhoeverKnowsThatItDoes(t *testing.T) {
	const petition = "equality-under-the-law"
	s := newSiteOf(t, starterContent(t), &url.URL{Scheme: "https", Host: testHost})
	s.confirmed(starter+"/"+petition, "ana@mail.example")
	without := func(slugs ...string) []byte {
		content := starterContent(t)
		for _, slug := range slugs {
			content.Action(slug).State = undersigned.ActionDraft
		}
		var zip bytes.Buffer
		s.must(pack.WriteZip(&zip, content))
		return zip.Bytes()
	}
	state := func() undersigned.ActionState {
		return s.noun(undersigned.NounID{Issue: "immigration-detention", Kind: undersigned.ActionNoun, Slug: petition}).(*undersigned.Action).State
	}
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	s.pass(undersigned.SessionProof)
	wantStatus(t, c.upload("same.zip", without(), true), http.StatusSeeOther) // which ends nothing
	for _, known := range [][]string{nil, {petition}} {
		w := c.upload("page.zip", without(petition), true, known...)
		wantStatus(t, w, http.StatusForbidden)
		wantWords(t, w, "once more who you are", `href="/admin/issues"`)
	}
	c.signIn()
	w := c.upload("page.zip", without(petition), true)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "This ends something for good", "What one person typed is erased 90 days after it has closed", "Choose the file once more", `name="replace" value="1" checked`)
	known := s.between(w, `name="ends" value="`, `"`)
	wantStatus(t, c.upload("other.zip", without(petition, "our-pledge"), true, known), http.StatusUnprocessableEntity)
	if state() != undersigned.ActionOpen {
		t.Errorf("it is %s", state())
	}
	wantStatus(t, c.upload("page.zip", without(petition), true, known), http.StatusSeeOther)
	if state() != undersigned.ActionDraft {
		t.Errorf("it is %s", state())
	}
}

func TestPackAtFaultIsRefusedWithItsPlaces(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	content, err := pack.Read(packs.Starter)
	s.must(err)
	var good bytes.Buffer
	s.must(pack.WriteZip(&good, content))
	for name, data := range map[string][]byte{
		"Please choose a zip file":      nil,
		"a zip file with the folder":    []byte("<html>"),
		"a zip file with the folder of": good.Bytes()[:good.Len()/2],
	} {
		w := c.upload("x.zip", data, false)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, name)
	}
	wantStatus(t, c.post("/admin/issues", url.Values{"pack": {"x"}}), http.StatusUnprocessableEntity)
	if w := c.upload("x.zip", bytes.Repeat([]byte("x"), maxDeskBody), false); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", w.Code)
	}
	if strings.Contains(s.logged.String(), "request failed") {
		t.Error(s.logged.String())
	}
}

func TestDraftIsPublishedAtItsMoment(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	wantStatus(t, c.post(equality, typed(filled(t, c.get(equality)), "publish", "goal", "250")), http.StatusSeeOther)
	w := c.get(equality + "/publish")
	decide := url.Values{"do": {"schedule"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}}
	for at, said := range map[string]string{"yesterday": "A day and a time, like", "2020-01-01 09:00": "Choose a moment that is still to come"} {
		decide.Set("at", at)
		w = c.post(equality+"/publish", decide)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, said, `value="`+at+`"`)
	}
	decide.Set("at", " 2026-11-22 09:00 ") // of the issue's zone, as one types it
	wantStatus(t, c.post(equality+"/publish", decide), http.StatusSeeOther)
	wantWords(t, c.get(equality+"/publish"), "Will be published on November 22, 2026 at 9:00 AM EST", "Do not publish it by itself")
	wantWords(t, c.get("/admin/issues/shelter"), "will be published on")
	s.must(s.actions.PublishDue(t.Context()))
	s.pass(2 * time.Hour)
	s.must(s.actions.PublishDue(t.Context()))
	s.tick()
	wantWords(t, s.get("/shelter/equality"), "250")
	wantWords(t, c.get(equality+"/versions"), "was published at its time")

	// A version is looked at, and brought back.
	wantWords(t, c.get(equality+"/versions/2"), "Goal, in signatures", "<del>100</del>", "<ins>250</ins>")
	wantStatus(t, c.post(equality+"/versions/1", nil), http.StatusSeeOther)
	wantWords(t, c.get(equality), `name="goal" type="text" value="100"`, "Draft, saved by")
	wantStatus(t, c.post(equality+"/versions/1", nil), http.StatusSeeOther) // pressed twice
	w = c.post(equality+"/versions/2", nil)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "There is a draft already.")
	w = c.get(equality + "/publish")
	discard := url.Values{"do": {"discard"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}}
	w = c.post(equality+"/publish", discard) // one press asks
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "gone for good", `name="save" value="`+discard.Get("save"), `name="sure" value="1"`)
	wantStatus(t, c.get(equality+"/publish"), http.StatusOK)
	discard.Set("sure", "1")
	wantStatus(t, c.post(equality+"/publish", discard), http.StatusSeeOther)
	wantStatus(t, c.get(equality+"/publish"), http.StatusNotFound)

	wantStatus(t, c.post("/admin/issues/shelter/order", url.Values{"up": {"action promise"}}), http.StatusSeeOther)
	wantStatus(t, c.post("/admin/issues/shelter/order", url.Values{"up": {"action nothing"}}), http.StatusSeeOther)
}
