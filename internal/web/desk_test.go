package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// colleague is one of the staff at a browser.
type colleague struct {
	*testSite
	user   *undersigned.User
	cookie string
}

// hire adds one of the staff, who is signed in.
func (s *testSite) hire(role undersigned.Role, email string) *colleague {
	s.t.Helper()
	u, err := s.actions.AddUser(s.t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: email, Role: string(role), Language: "en"}, true)
	s.must(err)
	c := &colleague{testSite: s, user: u}
	c.signIn()
	return c
}

func (c *colleague) signIn() {
	c.t.Helper()
	w := c.testSite.post("/admin/sign-in/"+c.actions.SignInToken(c.user.ID), nil)
	wantStatus(c.t, w, http.StatusSeeOther)
	c.take(w)
	if c.cookie == "" {
		c.t.Fatal("no cookie")
	}
}

// take keeps a cookie, as a browser does.
func (c *colleague) take(w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	for _, cookie := range w.Result().Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
		if cookie.MaxAge < 0 {
			c.cookie = ""
		}
	}
	return w
}

func (c *colleague) get(path string, header ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.take(c.testSite.get(path, append([]string{"Cookie", c.cookie}, header...)...))
}

func (c *colleague) post(path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.take(c.testSite.post(path, form, append([]string{"Cookie", c.cookie}, header...)...))
}

func (s *testSite) auditVerbs() (verbs []undersigned.AuditVerb) {
	s.t.Helper()
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) error {
		entries, err := tx.Audit(store.AuditFilter{}, 100)
		for _, e := range entries {
			verbs = append(verbs, e.Verb)
		}
		return err
	}))
	return verbs
}

// Every page and every deed of the desk, for every role: a line of the table of routes says who may, and this says that
// nobody else does.
func TestEveryRouteOfTheDeskIsForTheRolesThatMay(t *testing.T) {
	s := newSite(t)
	s.hire(undersigned.RoleOwner, "another@staff.example") // somebody stays an owner, whatever is tried
	staff := map[undersigned.Role]*colleague{}
	for _, role := range undersigned.Roles {
		staff[role] = s.hire(role, string(role)+"@staff.example")
	}
	for _, route := range s.deskRoutes() {
		method, pattern, _ := strings.Cut(route.pattern, " ")
		path := paramIn.ReplaceAllString(pattern, "ffffffffffffffffffffffffffffffff")
		ask := func(c *colleague) int {
			if method == http.MethodGet {
				return c.get(path).Code
			}
			return c.post(path, url.Values{}).Code
		}
		for _, role := range undersigned.Roles {
			c := staff[role]
			status := ask(c)
			if may := role.May(route.may); may == (status == http.StatusForbidden) {
				t.Errorf("%s as %s: %d", route.pattern, role, status)
			}
			if c.cookie == "" {
				c.signIn()
			}
		}
		if status := ask(&colleague{testSite: s, cookie: "__Host-undersigned=none"}); status != http.StatusSeeOther && status != http.StatusUnauthorized {
			t.Errorf("%s as nobody: %d", route.pattern, status)
		}
	}
}

// What each role may is written down once more, by hand: a permission that slips into a role shows here.
func TestRolesMayWhatTheyMay(t *testing.T) {
	for _, test := range []struct {
		may  undersigned.Permission
		whom []undersigned.Role
	}{
		{undersigned.MayEnter, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleEditor, undersigned.RoleCoordinator}},
		{undersigned.MaySee, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleEditor}},
		{undersigned.MayWrite, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleEditor}},
		{undersigned.MayModerate, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleEditor}},
		{undersigned.MayHandOver, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleEditor}},
		{undersigned.MayTell, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleEditor}},
		{undersigned.MayCoordinate, []undersigned.Role{undersigned.RoleOwner, undersigned.RoleCoordinator}},
		{undersigned.MayExport, []undersigned.Role{undersigned.RoleOwner}},
		{undersigned.MaySet, []undersigned.Role{undersigned.RoleOwner}},
		{undersigned.MayManage, []undersigned.Role{undersigned.RoleOwner}},
		{undersigned.MayAudit, []undersigned.Role{undersigned.RoleOwner}},
		{"nonsense", nil},
	} {
		for _, role := range append(slices.Clone(undersigned.Roles), "", "root") {
			if got, want := role.May(test.may), slices.Contains(test.whom, role); got != want {
				t.Errorf("%q may %s: %v", role, test.may, got)
			}
		}
	}
	removed := &undersigned.User{Role: undersigned.RoleOwner, Removed: true}
	if removed.May(undersigned.MayEnter) {
		t.Error("somebody who was removed may enter")
	}
}

func TestFirstOwnerComesByTheLinkFromTheTerminalOnce(t *testing.T) {
	s := newSite(t)
	path := "/admin/sign-in/" + s.actions.FirstOwnerToken()
	wantWords(t, s.get(path), "Become the first owner")
	wantStatus(t, s.post(path, url.Values{"email": {"a@b@c"}}), http.StatusUnprocessableEntity)
	w := s.post(path, url.Values{"email": {"ana@staff.example"}, "name": {"Ana"}})
	wantStatus(t, w, http.StatusSeeOther)
	c := (&w.Result().Cookies()[0])
	if cookie := *c; cookie.Name != "__Host-undersigned" || !cookie.Secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %+v", cookie)
	}
	wantStatus(t, s.get(path), http.StatusGone)
	wantStatus(t, s.post(path, url.Values{"email": {"eve@staff.example"}}), http.StatusGone)
	users, err := s.actions.Users(t.Context())
	s.must(err)
	if len(users) != 1 || users[0].Role != undersigned.RoleOwner || users[0].Email != "ana@staff.example" {
		t.Errorf("users: %+v", users)
	}
}

func TestLinkByMailSignsInOnceAndLookingAtItDoesNot(t *testing.T) {
	s := newSite(t)
	s.hire(undersigned.RoleEditor, "bo@staff.example")
	wantStatus(t, s.post("/admin/sign-in", url.Values{"email": {"bo@staff.example"}}), http.StatusSeeOther)
	link := s.link()
	wantStatus(t, s.get(link), http.StatusOK)
	wantStatus(t, s.get(link), http.StatusOK)
	w := s.post(link, nil)
	wantStatus(t, w, http.StatusSeeOther)
	wantStatus(t, s.post(link, nil), http.StatusGone)
	wantStatus(t, s.get(link), http.StatusGone)
	cookie := w.Result().Cookies()[0]
	wantWords(t, s.get("/admin", "Cookie", cookie.Name+"="+cookie.Value), "bo@staff.example")
	s.pass(2 * time.Hour)
	wantStatus(t, s.post("/admin/sign-in", url.Values{"email": {"bo@staff.example"}}), http.StatusSeeOther)
	late := s.link()
	s.pass(time.Hour)
	wantStatus(t, s.post(late, nil), http.StatusGone)
}

// Whether an address is one of the staff's shows nowhere but in its mailbox.
func TestSignInAnswersTheSameForEveryAddress(t *testing.T) {
	s := newSite(t)
	s.hire(undersigned.RoleEditor, "bo@staff.example")
	known, unknown := s.post("/admin/sign-in", url.Values{"email": {"bo@staff.example"}}), s.post("/admin/sign-in", url.Values{"email": {"eve@staff.example"}})
	if known.Code != unknown.Code || known.Body.String() != unknown.Body.String() || known.Header().Get("Location") != unknown.Header().Get("Location") {
		t.Errorf("%v and %v", known, unknown)
	}
	if m := <-s.mail; m.To != "bo@staff.example" {
		t.Error("a mail went elsewhere")
	}
	wantStatus(t, s.post("/admin/sign-in", url.Values{"email": {"bo@staff.example"}}), http.StatusSeeOther)
	if m := <-s.mail; m.To != "bo@staff.example" {
		t.Error("a stranger got a mail")
	}
}

func TestWhatIsSentWithoutASessionComesBackAndCanBeSentAgain(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	c.cookie = ""
	long := strings.Repeat("A long text. ", 20) + "\n</textarea>"
	w := c.post("/admin/me", url.Values{"name": {"Bo"}, "text": {long}})
	wantStatus(t, w, http.StatusUnauthorized)
	wantWords(t, w, `name="name" value="Bo"`, long, "Nothing is lost")
	c.signIn()
	wantStatus(t, c.post("/admin/me", url.Values{"name": {"Bo"}, "text": {long}}), http.StatusSeeOther)
	wantWords(t, c.get("/admin/me"), `value="Bo"`)
}

// A cookie that somebody copied is found out when both use it: by another browser at once, by the same kind of browser when
// the secret in it has changed.
func TestSessionThatTwoBrowsersUseEndsForBoth(t *testing.T) {
	t.Run("another kind", func(t *testing.T) {
		s := newSite(t)
		c := s.hire(undersigned.RoleEditor, "bo@staff.example")
		wantStatus(t, c.testSite.get("/admin", "Cookie", c.cookie, "User-Agent", "curl/8"), http.StatusSeeOther)
		wantStatus(t, c.get("/admin"), http.StatusSeeOther)
		if verbs := s.auditVerbs(); !slices.Contains(verbs, undersigned.AuditSessionStolen) {
			t.Errorf("the audit log has %v", verbs)
		}
	})
	t.Run("the same kind", func(t *testing.T) {
		s := newSite(t)
		c := s.hire(undersigned.RoleEditor, "bo@staff.example")
		thief := &colleague{testSite: s, cookie: c.cookie}
		s.pass(undersigned.SessionRenew)
		wantStatus(t, thief.get("/admin"), http.StatusOK) // gets the new secret
		s.pass(time.Second)
		wantStatus(t, thief.get("/admin"), http.StatusOK)
		wantStatus(t, c.get("/admin"), http.StatusOK) // in the minute in which a tab may still be late
		s.pass(undersigned.SessionGrace)
		wantStatus(t, c.get("/admin"), http.StatusSeeOther)
		wantStatus(t, thief.get("/admin"), http.StatusSeeOther)
	})
}

func TestBrowserThatNeverGotTheNewSecretGetsAnother(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	old := c.cookie
	s.pass(undersigned.SessionRenew)
	c.get("/admin") // the answer is lost
	c.cookie = old
	wantStatus(t, c.get("/admin"), http.StatusOK)
	s.pass(2 * undersigned.SessionGrace)
	wantStatus(t, c.get("/admin"), http.StatusOK)
	if c.cookie == old {
		t.Error("no new secret came")
	}
	s.pass(time.Minute)
	wantStatus(t, c.get("/admin"), http.StatusOK)
}

func TestSessionEndsAfterTwelveIdleHoursAndAfterSevenDays(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	for range 14 * 7 {
		s.pass(undersigned.SessionIdle / 7)
		if c.get("/admin").Code != http.StatusOK {
			t.Fatal("it ended while it was used")
		}
		if s.now().Sub(testBegin) > undersigned.SessionLife-2*time.Hour {
			break
		}
	}
	s.pass(2 * time.Hour)
	wantStatus(t, c.get("/admin"), http.StatusSeeOther)
	c.signIn()
	s.pass(undersigned.SessionIdle)
	wantStatus(t, c.get("/admin"), http.StatusSeeOther)
}

// Who signed in long ago shows again who they are before they remove anybody; the last owner stays.
func TestRemovingSomebodyAsksAgainAndKeepsAnOwner(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	other := s.hire(undersigned.RoleEditor, "bo@staff.example")
	path := "/admin/users/" + action.UserName(other.user.ID)
	s.pass(undersigned.SessionProof)
	w := c.post(path+"/remove", url.Values{})
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, "once more who you are")
	wantStatus(t, other.get("/admin"), http.StatusOK)
	c.signIn()
	wantStatus(t, c.post(path+"/remove", url.Values{}), http.StatusSeeOther)
	wantStatus(t, other.get("/admin"), http.StatusSeeOther)
	wantStatus(t, c.get(path), http.StatusNotFound)

	mine := "/admin/users/" + action.UserName(c.user.ID)
	wantWords(t, c.post(mine+"/remove", url.Values{}), "The site needs an owner")
	wantWords(t, c.post(mine, url.Values{"role": {"editor"}}), "The site needs an owner")
	wantStatus(t, c.get("/admin/users"), http.StatusOK)
}

func TestRoleIsTakenAwayWhileItsHolderWorks(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	other := s.hire(undersigned.RoleOwner, "bo@staff.example")
	wantStatus(t, other.get("/admin/audit"), http.StatusOK)
	wantStatus(t, c.post("/admin/users/"+action.UserName(other.user.ID), url.Values{"role": {"coordinator"}}), http.StatusSeeOther)
	wantStatus(t, other.get("/admin/audit"), http.StatusForbidden)
	wantStatus(t, other.post("/admin/users", url.Values{"email": {"eve@staff.example"}, "role": {"owner"}}), http.StatusForbidden)
}

func TestTabThatIsOlderThanTheRoleGivesNoneBack(t *testing.T) {
	s := newSite(t)
	ana, cy := s.hire(undersigned.RoleOwner, "ana@staff.example"), s.hire(undersigned.RoleOwner, "cy@staff.example")
	bo := s.hire(undersigned.RoleOwner, "bo@staff.example")
	path := "/admin/users/" + action.UserName(bo.user.ID)
	form := func(c *colleague, role string) url.Values {
		return url.Values{"version": {s.between(c.get(path), `name="version" value="`, `"`)}, "role": {role}}
	}
	older := form(cy, "owner")
	older.Set("name", "Bobbie")
	wantStatus(t, ana.post(path, form(ana, "coordinator")), http.StatusSeeOther)
	w := cy.post(path, older)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "Somebody else has changed this meanwhile", "bo@staff.example · Coordinator")
	wantStatus(t, bo.post("/admin/me", url.Values{"name": {"Bo"}}), http.StatusSeeOther)
	wantStatus(t, bo.get("/admin/audit"), http.StatusForbidden)
}

func TestStaffAreAddedByMailAndSeenInTheAuditLog(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	typed := url.Values{"email": {"bo@staff.example"}, "name": {"Bo"}, "role": {"editor"}, "language": {"es"}}
	wantStatus(t, c.post("/admin/users", typed), http.StatusSeeOther)
	wantWords(t, c.post("/admin/users", typed), "here already", `value="Bo"`)
	w := s.post(s.link(), nil)
	wantStatus(t, w, http.StatusSeeOther)
	wantWords(t, c.get("/admin/audit"), "Added to the staff", "Signed in", "Bo")
	wantWords(t, c.get("/admin/audit?verb=user_added&by="+action.UserName(c.user.ID)), "Added to the staff")
	wantWords(t, c.get("/admin/audit?verb=user_added"), `href="/admin/exports/audit?subject=&verb=user_added"`)
	w = c.post("/admin/exports/audit", url.Values{"verb": {"user_added"}, "reason": {"For the auditor."}})
	if text := w.Body.String(); w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(text, "ana@staff.example,user_added,") || strings.Contains(text, "signed_in") {
		t.Errorf("%v\n%s", w.Header(), text)
	}
}

func TestDeskIsForNobodyElseToKeepOrFrame(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	for _, path := range []string{"/admin", "/admin/users", "/admin/me", "/es/admin/audit"} {
		h := c.get(path).Header()
		if h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s: %v", path, h)
		}
	}
	wantStatus(t, c.post("/admin/me", url.Values{"name": {"Eve"}}, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), http.StatusForbidden)
	wantStatus(t, c.post("/admin/me/passkeys", url.Values{"token": {"x"}}), http.StatusUnprocessableEntity)
	if logged := s.logged.String() + s.visited.String(); strings.Contains(logged, "staff.example") || strings.Contains(logged, c.cookie[20:]) {
		t.Error("the log says who is here")
	}
}

func TestSignOutEndsTheSessionAndItsCookie(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	kept := c.cookie
	wantStatus(t, c.post("/admin/me/sign-out", nil), http.StatusSeeOther)
	if c.cookie != "" {
		t.Error("the cookie stays")
	}
	wantStatus(t, c.testSite.get("/admin", "Cookie", kept), http.StatusSeeOther)
	elsewhere := s.hire(undersigned.RoleEditor, "cy@staff.example")
	here := &colleague{testSite: s, user: elsewhere.user}
	here.signIn()
	other := s.between(here.get("/admin/me"), `name="id" value="`, `"`)
	wantStatus(t, here.post("/admin/me/sessions/end", url.Values{"id": {other}}), http.StatusSeeOther)
	wantStatus(t, elsewhere.get("/admin"), http.StatusSeeOther)
	wantStatus(t, here.get("/admin"), http.StatusOK)
}

func TestOthersSessionsAreEndedByTheirHolderAndByAnOwner(t *testing.T) {
	s := newSite(t)
	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	here := s.hire(undersigned.RoleEditor, "bo@staff.example")
	lost, lent := &colleague{testSite: s, user: here.user}, &colleague{testSite: s, user: here.user}
	lost.signIn()
	lent.signIn()
	s.pass(undersigned.SessionProof)
	everywhere := func(want int) {
		t.Helper()
		for _, c := range []*colleague{lost, lent} {
			wantStatus(t, c.get("/admin"), want)
		}
	}
	wantStatus(t, here.post("/admin/me/sessions/end", url.Values{"id": {"others"}}), http.StatusForbidden) // a thief could sign its owner out
	everywhere(http.StatusOK)
	here.signIn()
	wantWords(t, here.get("/admin/me"), "End all others")
	wantStatus(t, here.post("/admin/me/sessions/end", url.Values{"id": {"others"}}), http.StatusSeeOther)
	everywhere(http.StatusSeeOther)
	wantStatus(t, here.get("/admin"), http.StatusOK)
	if page := here.get("/admin/me").Body.String(); strings.Contains(page, "End all others") {
		t.Error("there are no others")
	}

	lost.signIn()
	path := "/admin/users/" + action.UserName(here.user.ID)
	wantWords(t, owner.get(path), "Sign them out everywhere")
	wantStatus(t, owner.post(path+"/sign-out", nil), http.StatusSeeOther)
	wantStatus(t, lost.get("/admin"), http.StatusSeeOther)
	wantStatus(t, here.get("/admin"), http.StatusSeeOther)
	wantStatus(t, owner.get("/admin"), http.StatusOK)
	ended := 0
	for _, verb := range s.auditVerbs() {
		if verb == undersigned.AuditSessionsEnded {
			ended++
		}
	}
	if ended != 2 {
		t.Errorf("the audit log tells of it %d times", ended)
	}
}

// What lets somebody in, destroys or takes out is done by whoever has shown lately who they are. What may be urgent and takes
// nothing away, signing out, is not.
func TestWhatDestroysExportsOrLetsInAsksAgain(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	s.pass(undersigned.SessionProof)
	asked := map[string]bool{}
	for _, route := range s.deskRoutes() {
		method, pattern, _ := strings.Cut(route.pattern, " ")
		grave := method == http.MethodPost && slices.Contains([]undersigned.Permission{undersigned.MayManage, undersigned.MayExport}, route.may)
		if !route.fresh {
			if grave && !strings.HasSuffix(pattern, "/sign-out") {
				t.Errorf("%s asks nobody again", route.pattern)
			}
			continue
		}
		path, send := paramIn.ReplaceAllString(pattern, "x"), c.get
		if method == http.MethodPost {
			send = func(path string, header ...string) *httptest.ResponseRecorder {
				return c.post(path, url.Values{"id": {"x"}}, header...)
			}
		}
		w := send(path)
		wantStatus(t, w, http.StatusForbidden)
		wantWords(t, w, "once more who you are")
		asked[pattern] = true
	}
	for _, pattern := range []string{"/admin/users", "/admin/users/{user}", "/admin/users/{user}/remove", "/admin/me/passkeys", "/admin/me/passkeys/ask",
		"/admin/me/passkeys/remove", "/admin/me/sessions/end", "/admin/exports/{what}", "/admin/moderate/{issue}/{action}/remove", "/admin/actions/{issue}/{action}/attend", "/admin/settings/notices"} {
		if !asked[pattern] {
			t.Errorf("%s asks nobody again", pattern)
		}
	}
}

func TestEveryPageOfTheDeskHasAWayOut(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	fill, pages := strings.NewReplacer("{issue}", "shelter", "{action}", "clean-water", "{user}", action.UserName(c.user.ID), "{kind}", "actions", "{lang}", "en"), 0
	for _, route := range s.deskRoutes() {
		method, pattern, _ := strings.Cut(route.pattern, " ")
		if method != http.MethodGet {
			continue
		}
		w := c.get(fill.Replace(pattern))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		if !strings.Contains(w.Body.String(), `action="/admin/me/sign-out"`) {
			t.Errorf("%s has none", route.pattern)
		}
	}
	if pages < 15 {
		t.Errorf("%d pages were looked at", pages)
	}
}

func TestWhoSignsInAgainLeavesNoSessionBehind(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	before := c.cookie
	w := c.post("/admin/sign-in/"+c.actions.SignInToken(c.user.ID), nil)
	wantStatus(t, w, http.StatusSeeOther)
	if c.cookie == before {
		t.Error("the cookie stays as it was")
	}
	wantStatus(t, c.testSite.get("/admin", "Cookie", before), http.StatusSeeOther)
	wantStatus(t, c.get("/admin"), http.StatusOK)
}

var testBegin = time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)
