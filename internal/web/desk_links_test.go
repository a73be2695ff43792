package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// deskLinkStates are the list of links with one in each state, with nothing to do, and empty.
func deskLinkStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content) []pageState {
	var links []action.WatchedLink
	seen := map[string]bool{}
	for _, use := range content.Links() {
		if !seen[use.URL] {
			seen[use.URL] = true
			links = append(links, action.WatchedLink{URL: use.URL, Link: *use.Known, Archived: use.Archived})
		}
	}
	for i := range links {
		if links[i].State == undersigned.LinkMoved {
			links[i].MovedTo, links[i].Finding = links[i].URL+"/new", undersigned.FoundMoved
		}
		if links[i].State == undersigned.LinkUnclear {
			links[i].Finding = undersigned.FoundWall
		}
	}
	site := &store.Site{Contents: []*undersigned.Content{content}}
	works := []action.WatchedLink{{URL: "https://www.aclu.org/pledge", Link: undersigned.Link{State: undersigned.LinkWorks, CheckedAt: sampleNow}}}
	return []pageState{
		{"desk, links", "desk/links", newDeskLinks(at("/admin/links", sampleEditor).done("saved", "saved"), site, links)},
		{"desk, links, fine", "desk/links", newDeskLinks(at("/admin/links", sampleOwner), site, works)},
		{"desk, links, none", "desk/links", newDeskLinks(at("/admin/links", sampleOwner), &store.Site{}, nil)},
	}
}

func (s *testSite) looked(looks ...undersigned.Look) {
	s.t.Helper()
	for i := range looks {
		looks[i].At = s.now()
	}
	s.must(s.actions.SaveLooks(s.t.Context(), looks))
	s.tick()
}

// An editor is told of a link that has moved, looks at the list, and takes the new address.
func TestWalkOfALinkThatHasMovedInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 360, scripts: true, named: true},
		{lang: "es", width: 1280, dark: true, named: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			const before, after = "https://miracoalition.org/", "https://miracoalition.org/en/"
			u, err := r.actions.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "bo@staff.example", Role: "editor", Language: kind.lang}, true)
			r.must(err)
			r.looked(undersigned.Look{URL: before, Finding: undersigned.FoundMoved, To: after},
				undersigned.Look{URL: "https://www.globalrefuge.org/", Finding: undersigned.FoundNothing})
			r.open(r.path("/admin/sign-in/"+r.actions.SignInToken(u.ID)), http.StatusOK)
			r.press("main form .button")
			r.press(`.todo a[href$="/admin/links"]`)
			r.wantText("h1", r.T("desk.links"))
			r.check()
			r.shot("links")
			r.press(`form[action$="/admin/links"] .button`)
			r.wantText(".notice", r.T("desk.done.saved"))
			r.wantText("details", after)
			r.check()
			r.tick()
			r.open(r.path("/organizations/mira"), http.StatusOK)
			r.wantText("main", "miracoalition.org")
			if href := evaluate[string](r, `document.querySelector("main .ways a, main a[rel]").href`); href != after {
				t.Errorf("the page leads to %s", href)
			}
		})
	}
}

func TestLinksAreListedByWhatIsToBeDoneAndMovedOnesTaken(t *testing.T) {
	s := newSiteOf(t, sampleContent(), &url.URL{Scheme: "https", Host: testHost})
	editor, coordinator := s.hire(undersigned.RoleEditor, "bo@staff.example"), s.hire(undersigned.RoleCoordinator, "rosa@staff.example")
	if strings.Contains(editor.get("/admin").Body.String(), "/admin/links\">1 ") {
		t.Error("there is something to do before anybody has looked")
	}
	const from, to = "https://www.miracoalition.org/x", "https://www.miracoalition.org/y"
	s.looked(undersigned.Look{URL: from, Finding: undersigned.FoundMoved, To: to}, undersigned.Look{URL: "https://example.org/", Finding: undersigned.FoundNothing})
	wantWords(t, editor.get("/admin"), "1 link is broken or has moved.")
	page := editor.get("/admin/links")
	wantWords(t, page, "Moved (1)", "Failing (1)", "Not looked at yet", "The site says that there is no such page.", `value="`+to+`"`, `href="/admin/issues/detention/organization/mira"`)
	wantStatus(t, editor.get("/admin/issues/detention/organization/mira"), http.StatusOK)
	wantStatus(t, coordinator.get("/admin/links"), http.StatusForbidden)
	wantStatus(t, coordinator.post("/admin/links", url.Values{"from": {from}, "to": {to}}), http.StatusForbidden)
	wantStatus(t, editor.post("/admin/links", url.Values{"from": {from}, "to": {"https://evil.example/"}}), http.StatusUnprocessableEntity)
	done := editor.post("/admin/links", url.Values{"from": {from}, "to": {to}})
	wantStatus(t, done, http.StatusSeeOther)
	wantWords(t, editor.get(done.Header().Get("Location")), "Saved.", to, "Working (1)")
	s.tick()
	wantWords(t, s.get("/organizations/mira"), `href="`+to+`"`)
	wantStatus(t, editor.post("/admin/links", url.Values{"from": {from}, "to": {to}}), http.StatusNotFound)
}
