package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

// enters signs somebody in with a link, as their own browser would.
func (r *reader) enters(role undersigned.Role, email string) {
	r.t.Helper()
	c := r.hire(role, email)
	r.open(r.path("/admin/sign-in/"+r.actions.SignInToken(c.user.ID)), http.StatusOK)
	r.press("main .button")
	r.wantText("h1", r.T("desk.today"))
}

const signed = starter + "/equality-under-the-law"

// fill signs the starter's petition: some who count, and some who are held.
func (r *reader) fill() {
	r.t.Helper()
	r.must(r.actions.AddSource(r.t.Context(), undersigned.UserID{}, "may-letter", "The letter of May"))
	r.tick()
	for i := range 5 {
		r.pass(time.Hour)
		form := r.form(signed, fmt.Sprintf("u%d@gmail.com", i))
		if i >= 3 {
			form.Set("email", fmt.Sprintf("u%d@spam.example", i))
			form.Set(trapField, "https://spam.example")
		}
		wantStatus(r.t, r.testSite.post(signed+"?s=may-letter", form), http.StatusSeeOther)
		wantStatus(r.t, r.testSite.post(r.link(), nil), http.StatusOK)
	}
	r.tick()
}

// An editor sees what needs a person, the numbers of an ask, and how the site is.
func TestWalkOfWhoSeesHowThingsStandInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280, scripts: true},
		{lang: "es", width: 360, scripts: true, dark: true},
	} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			r := newReader(t, kind)
			r.fill()
			r.enters(undersigned.RoleOwner, "ana@staff.example")
			r.wantText(".todo", r.catalogue.Locale(r.lang).N("desk.todo.held", 2, "ask", r.title()), r.T("desk.todo.no_backup"))
			r.check()
			r.shot("see-today")
			r.open(r.path("/admin/actions"), http.StatusOK)
			r.check()
			r.shot("see-actions")
			r.press(`a[href="` + r.path("/admin/actions"+signed) + `"]`)
			r.wantText(".facts", r.T("desk.n.confirmed"))
			r.wantText("main", "may-letter", r.T("desk.fewer_than_ten"))
			r.check()
			r.shot("see-action")
			for _, page := range []string{"health", "sources"} {
				r.open(r.path("/admin/"+page), http.StatusOK)
				r.check()
				r.shot("see-" + page)
			}
			r.fillIn(http.StatusOK, map[string]string{"tag": "poster", "note": "Posters"})
			r.wantText(".notice", r.T("desk.done.source_added"))
			r.wantText(".things", "?s=poster")
			r.check()
			if elsewhere := r.asked.Elsewhere(r.home); len(elsewhere) > 0 {
				t.Errorf("requests for elsewhere: %q", elsewhere)
			}
		})
	}
}

// title is how the petition is called in the reader's language.
func (r *reader) title() string {
	r.t.Helper()
	site, err := r.db.Site(r.t.Context())
	r.must(err)
	content := site.Issue("immigration-detention")
	return r.views.chrome(r.lang, r.home, "/").askTitle(content, content.Action("equality-under-the-law"))
}
