package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

const moderated1 = "/admin/moderate/shelter/equality"

// signHeld signs with a field that no reader sees filled in.
func (s *testSite) signHeld(email string) {
	s.t.Helper()
	form := s.form("/shelter/equality", email)
	form.Set(trapField, "x")
	wantStatus(s.t, s.post("/shelter/equality", form), http.StatusSeeOther)
	wantStatus(s.t, s.post(s.link(), nil), http.StatusOK)
}

// newModerator is a site with an editor, three signatures that count and two that are held.
func newModerator(t *testing.T) *colleague {
	t.Helper()
	s := newSite(t)
	for i := range 3 {
		wantStatus(t, s.post(s.sign("/shelter/equality", fmt.Sprintf("u%d@gmail.com", i)), nil), http.StatusOK)
	}
	for i := range 2 {
		s.signHeld(fmt.Sprintf("bot%d@spam.example", i))
	}
	s.tick()
	return s.hire(undersigned.RoleEditor, "bo@staff.example")
}

func TestHeldSignaturesAreSeenRemovedAndBroughtBack(t *testing.T) {
	c := newModerator(t)
	wantWords(t, c.get("/admin"), "2 signatures wait for a look: Equality under the law")
	wantWords(t, c.get("/admin/moderate"), "2 held:")
	page := c.get(moderated1)
	wantWords(t, page, "spam.example", "A field that no reader sees was filled in")
	if strings.Contains(page.Body.String(), "bot0@") {
		t.Error("names are shown before anybody asked for them")
	}
	rule := url.Values{"among": {"held"}, "why": {"trap"}, "domain": {"spam.example"}}
	look := c.post(moderated1+"/look", rule)
	wantStatus(t, look, http.StatusOK)
	wantWords(t, look, "2 signatures", "bot0@spam.example", "For my brother.", "Let them count", "No person")
	if !slices.Contains(c.auditVerbs(), undersigned.AuditSignaturesRead) {
		t.Error("it is not noted that names were seen")
	}
	w := c.post(moderated1+"/remove", rule)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "Choose a reason", "2 signatures")
	rule.Set("reason", "bot")
	wantWords(t, c.post(moderated1+"/remove", rule), "2 signatures are removed.")
	wantWords(t, c.post(moderated1+"/remove", rule), "Nothing was left to do")
	wantWords(t, c.get(moderated1), "Nothing is held.", "Removed: 2", "bo@staff.example")
	wantWords(t, c.get("/admin/actions/shelter/equality"), "What staff removed, by reason", "No person")
	decision := url.Values{"decision": {c.between(c.get(moderated1), `name="decision" value="`, `"`)}}
	back := c.post("/admin/moderate/restore", decision)
	wantStatus(t, back, http.StatusSeeOther)
	wantWords(t, c.get(back.Header().Get("Location")), "They are back")
	again := c.post("/admin/moderate/restore", decision)
	wantWords(t, c.get(again.Header().Get("Location")), "Nothing was left to do")
	delete(rule, "reason")
	wantWords(t, c.post(moderated1+"/release", rule), "2 signatures count")
	c.tick()
	wantWords(t, c.testSite.get("/shelter/equality"), "5 people")
	wantWords(t, c.post(moderated1+"/release", rule), "Nothing was left to do")
}

// What waited when an ask was hidden can count for three days yet: it is seen, and looked at.
func TestHeldSignaturesOfWhatIsHiddenAreSeenAndCanStillCount(t *testing.T) {
	for name, hide := range map[string]func(*undersigned.Content){
		"the ask":   func(c *undersigned.Content) { c.Actions[0].State = undersigned.ActionDraft },
		"its issue": func(c *undersigned.Content) { c.Issue.State = undersigned.IssueDraft },
	} {
		t.Run(name, func(t *testing.T) {
			c := newModerator(t)
			content := testContent()
			hide(content)
			_, err := c.actions.Import(t.Context(), undersigned.UserID{}, content, true)
			c.must(err)
			c.tick()
			wantStatus(t, c.testSite.get("/shelter/equality"), http.StatusNotFound)
			wantWords(t, c.get("/admin"), "2 signatures wait for a look: Equality under the law", `href="`+moderated1+`"`)
			wantWords(t, c.get("/admin/moderate"), "2 held:")
			page := c.get(moderated1)
			wantStatus(t, page, http.StatusOK)
			wantWords(t, page, "Hidden: nobody sees it", "is never counted", "spam.example", "there is nothing to pause")
			if strings.Contains(page.Body.String(), `href="/admin/actions/shelter/equality"`) {
				t.Error("it leads to numbers that are not shown")
			}
			rule := url.Values{"among": {"held"}, "domain": {"spam.example"}}
			wantWords(t, c.post(moderated1+"/look", rule), "bot0@spam.example", "Let them count")
			wantWords(t, c.post(moderated1+"/release", rule), "2 signatures count")
			wantWords(t, c.get(moderated1), "Nothing is held.")
		})
	}
}

// What destroys asks again who is there; what shows or pauses does not.
func TestRemovingSignaturesAsksAgainWhoIsThere(t *testing.T) {
	c := newModerator(t)
	c.pass(undersigned.SessionProof)
	rule := url.Values{"among": {"held"}, "reason": {"bot"}}
	wantStatus(t, c.post(moderated1+"/look", rule), http.StatusOK)
	w := c.post(moderated1+"/remove", rule)
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, "once more who you are")
	wantStatus(t, c.post("/admin/moderate/restore", url.Values{"decision": {"0011223344556677"}}), http.StatusForbidden)
	wantStatus(t, c.post("/admin/moderate/pause", nil), http.StatusSeeOther)
}

func TestCountedSignaturesAreFoundByDomainNameAndAddress(t *testing.T) {
	c := newModerator(t)
	look := func(form url.Values, words ...string) {
		t.Helper()
		wantWords(t, c.post(moderated1+"/look", form), words...)
	}
	look(url.Values{"among": {"counted"}, "domain": {"@GMAIL.com"}}, "3 signatures", "u0@gmail.com")
	look(url.Values{"among": {"counted"}, "name": {"alvarez ana"}}, "3 signatures")
	look(url.Values{"among": {"counted"}, "name": {"nobody"}}, "0 signatures")
	look(url.Values{"among": {"held"}, "name": {"ana"}}, "2 signatures")
	found := c.post("/admin/moderate/find", url.Values{"email": {"U1+x@gmail.com"}})
	wantWords(t, found, "Equality under the law", "Ana Álvarez", "Counted")
	id := c.between(found, `name="id" value="`, `"`)
	look(url.Values{"among": {"counted"}, "id": {id}}, "1 signature", "u1@gmail.com")
	wantWords(t, c.post(moderated1+"/remove", url.Values{"among": {"counted"}, "id": {id}, "reason": {"dup"}}), "1 signature is removed.")
	c.tick()
	wantWords(t, c.testSite.get("/shelter/equality"), "2 people")
	wantWords(t, c.post("/admin/moderate/find", url.Values{"email": {"u1@gmail.com"}}), "Removed")
	wantWords(t, c.post("/admin/moderate/find", url.Values{"email": {"nobody@gmail.com"}}), "Nothing that still says something")
	wantStatus(t, c.post("/admin/moderate/find", url.Values{"email": {"a@b@c"}}), http.StatusUnprocessableEntity)
	if logged := c.logged.String() + c.visited.String(); strings.Contains(logged, "gmail.com") {
		t.Error("the log says whom somebody looked for")
	}
	c.must(c.db.View(t.Context(), func(tx *store.Tx) error {
		entries, err := tx.Audit(store.AuditFilter{Verb: undersigned.AuditSignaturesSearched}, 100)
		if text := fmt.Sprint(entries); len(entries) != 6 || strings.Contains(text, "gmail") || strings.Contains(text, "ana") {
			t.Errorf("the audit log has %v", entries)
		}
		return err
	}))
}

func TestBadRulesAreToldBesideTheirFields(t *testing.T) {
	c := newModerator(t)
	for _, test := range []struct {
		form  url.Values
		words string
	}{
		{url.Values{"among": {"counted"}}, "Say which ones"},
		{url.Values{"among": {"held"}, "why": {"nonsense"}}, "There is no such reason"},
		{url.Values{"among": {"held"}, "domain": {"no domain"}}, "This is no mail domain"},
		{url.Values{"among": {"held"}, "id": {"zz"}}, "Say which ones"},
		{url.Values{"among": {"held"}, "name": {strings.Repeat("x", 500)}}, "Fewer words"},
		{url.Values{"among": {"held"}, "name": {"?!"}}, "a name with letters"},
	} {
		w := c.post(moderated1+"/look", test.form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), test.words) {
			t.Errorf("%v: %d", test.form, w.Code)
		}
	}
	for _, form := range []url.Values{{"among": {"held"}, "id": {strings.Repeat("0", 32)}}, {"among": {"held"}, "domain": {"none.example"}}, {"among": {"\x00"}, "name": {"\x00\xffana"}, "token": {"\x00"}}} {
		if w := c.post(moderated1+"/look", form); w.Code != http.StatusOK {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	for path, status := range map[string]int{"/shelter/none/look": http.StatusNotFound, "/none/equality/pause": http.StatusNotFound, "/shelter/letter/look": http.StatusNotFound,
		"/shelter/letter/brake-on": http.StatusNotFound, "/shelter/old/pause": http.StatusUnprocessableEntity, "/shelter/hidden/pause": http.StatusUnprocessableEntity} {
		if w := c.post("/admin/moderate"+path, url.Values{"among": {"held"}}); w.Code != status {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	wantStatus(t, c.post("/admin/moderate/restore", url.Values{"decision": {"zz"}}), http.StatusNotFound)
	wantStatus(t, c.post(moderated1+"/domain", url.Values{"domain": {"x.example"}, "verdict": {"love"}}), http.StatusUnprocessableEntity)
	wantWords(t, c.post(moderated1+"/domain", url.Values{"domain": {"gmail.com"}, "verdict": {"doubt"}}), "Everybody can have a mailbox")
}

func TestSwitchesAreSetOnceHoweverOftenTheyArePressed(t *testing.T) {
	c := newModerator(t)
	press := func(path, want string) {
		t.Helper()
		w := c.post(path, nil)
		wantStatus(t, w, http.StatusSeeOther)
		wantWords(t, c.get(w.Header().Get("Location")), want)
	}
	c.pass(time.Second)
	press(moderated1+"/pause", "Paused.")
	press(moderated1+"/pause", "Nothing was left to do")
	c.tick()
	wantWords(t, c.get("/admin"), "Paused since")
	wantWords(t, c.testSite.get("/shelter/equality"), "The organizer has paused it")
	press(moderated1+"/resume", "It goes on.")
	press(moderated1+"/resume", "Nothing was left to do")
	press("/admin/moderate/pause", "Everything has been paused since")
	press("/admin/moderate/pause", "Nothing was left to do")
	wantWords(t, c.get("/admin"), "The whole site has been paused since")
	press("/admin/moderate/resume", "It goes on.")
	c.pass(time.Second)
	press(moderated1+"/brake-on", "It is on by your decision")
	press(moderated1+"/brake-on", "Nothing was left to do")
	c.tick()
	wantWords(t, c.get("/admin"), "The brake is on")
	c.pass(time.Second)
	press(moderated1+"/brake-off", "It is off by your decision")
	press("/admin/moderate/shelter/letter/pause", "Paused.")
	press("/admin/moderate/shelter/letter/resume", "It goes on.")
	wantWords(t, c.post(moderated1+"/domain", url.Values{"domain": {"club.example"}, "verdict": {"trust"}}), "The domain is trusted", "0 signatures")
	wantWords(t, c.post(moderated1+"/domain", url.Values{"domain": {"club.example"}, "verdict": {"trust"}}), "Nothing was left to do")
}

// A coordinator sees neither numbers nor names, and nothing on the first page that is others' work.
func TestCoordinatorSeesNothingOfSignatures(t *testing.T) {
	c := newModerator(t).testSite.hire(undersigned.RoleCoordinator, "cy@staff.example")
	if page := c.get("/admin").Body.String(); strings.Contains(page, "wait for a look") || strings.Contains(page, "/admin/moderate") || strings.Contains(page, "backup") {
		t.Error("the first page tells a coordinator of others' work")
	}
	for _, path := range []string{"/admin/actions", "/admin/actions/shelter/equality", "/admin/health", "/admin/sources", "/admin/moderate", moderated1} {
		wantStatus(t, c.get(path), http.StatusForbidden)
	}
}
