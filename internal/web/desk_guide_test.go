package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

// next is the step that the guide on the desk's first page is at; empty where there is none.
func (c *colleague) next() string {
	c.t.Helper()
	_, rest, _ := strings.Cut(c.get("/admin").Body.String(), `<li class="next"><strong>`)
	title, _, _ := strings.Cut(rest, "<")
	return title
}

func (c *colleague) wantNext(key string) {
	c.t.Helper()
	want := ""
	if key != "" {
		want = c.catalogue.Locale("en").T("guide." + key)
	}
	if got := c.next(); got != want {
		c.t.Fatalf("the guide is at %q, want %q", got, want)
	}
}

// Without scripts, and so without a passkey: the guide says of each step that it is done as soon as it is, and goes on where
// somebody has stopped.
func TestGuideFollowsWhatIsDoneAndCanBeLeftAndResumed(t *testing.T) {
	s := newSiteOf(t, testContent(), &url.URL{Scheme: "https", Host: "192.0.2.1"}) // where there are no passkeys
	ana := s.hire(undersigned.RoleOwner, "ana@staff.example")
	bo := s.hire(undersigned.RoleEditor, "bo@staff.example")
	ana.wantNext("mail")
	if bo.next() != "" {
		t.Error("the guide is shown to an editor")
	}
	w := ana.post("/admin/sign-in", url.Values{"email": {"ana@staff.example"}, "to": {"/admin"}})
	if to := w.Header().Get("Location"); to != "/admin?done=mailed" {
		t.Fatalf("after the mail: %s", to)
	}
	wantWords(t, ana.get("/admin?done=mailed"), "A mail is on its way to you.")
	s.link()
	s.settled()
	ana.wantNext("name")

	wantStatus(t, ana.post("/admin/settings/guide", url.Values{"guide": {"left"}}), http.StatusSeeOther)
	ana.wantNext("")
	wantWords(t, ana.get("/admin/settings"), "Show the guide again")
	wantStatus(t, ana.post("/admin/settings/guide", nil), http.StatusSeeOther)
	wantStatus(t, ana.post("/admin/settings/look", url.Values{"name": {"Buses"}}), http.StatusSeeOther)
	ana.wantNext("issue")

	bus := url.Values{"title": {"Bus to the clinic"}, "summary": {"It stops."}, "body": {"Keep it."}, "state": {"draft"}, "languages": {"en, es"},
		"timezone": {"America/New_York"}, "do": {"publish"}}
	wantStatus(t, bo.post("/admin/issues/new", bus), http.StatusSeeOther)
	wantWords(t, ana.get("/admin"), `href="/admin/issues/bus-to-the-clinic/issue/bus-to-the-clinic/publish"`)
	publish := func(path string) {
		t.Helper()
		page := bo.get(path + "/publish")
		wantStatus(t, bo.post(path+"/publish", url.Values{"do": {"publish"}, "despite": {"1"}, "version": {s.between(page, `name="version" value="`, `"`)},
			"save": {s.between(page, `name="save" value="`, `"`)}}), http.StatusSeeOther)
		s.tick()
	}
	const issue = "/admin/issues/bus-to-the-clinic/issue/bus-to-the-clinic"
	wantWords(t, bo.get(issue+"/publish"), "Nobody will see it yet: its state is “Hidden: nobody sees it”.")
	publish(issue)
	ana.wantNext("issue") // nobody sees it
	form := filled(t, bo.get(issue))
	wantStatus(t, bo.post(issue, typed(form, "publish", "state", "open")), http.StatusSeeOther)
	wantWords(t, bo.get(issue+"/publish"), "Readers will see it at https://192.0.2.1/bus-to-the-clinic")
	publish(issue)
	ana.wantNext("ask")

	keep := url.Values{"title": {"Keep the bus"}, "ask": {"Keep bus 12."}, "kind": {"petition"}, "state": {"open"}, "publish": {"live"}, "order": {"1"}, "do": {"publish"}}
	wantStatus(t, bo.post("/admin/issues/bus-to-the-clinic/new/action", keep), http.StatusSeeOther)
	wantWords(t, ana.get("/admin"), `href="/admin/issues/bus-to-the-clinic/action/keep-the-bus/publish"`)
	publish("/admin/issues/bus-to-the-clinic/action/keep-the-bus")
	ana.wantNext("sign")

	wantStatus(t, s.post(s.sign("/bus-to-the-clinic/keep-the-bus", "reader@mail.example"), nil), http.StatusOK)
	s.tick()
	ana.wantNext("")
	wantWords(t, ana.get("/admin"), "Your site works")
}
