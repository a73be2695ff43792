package web

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned"
)

// A moderator looks at what is held, removes it, undoes that; finds somebody by address; pauses an ask, sees its page say so,
// and resumes it.
func TestWalkOfAModeratorInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280, scripts: true},
		{lang: "es", width: 360, scripts: true, dark: true},
		{lang: "en", width: 360, quick: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.fill()
			r.enters(undersigned.RoleEditor, "bo@staff.example")
			r.press(".todo a")
			r.wantText("main", "spam.example", r.T("doubt.trap"))
			r.check()
			r.shot("moderate-ask")
			r.removesAndRestores()
			r.looksForOne()
			r.pausesAndResumes()
			if elsewhere := r.asked.Elsewhere(r.home); len(elsewhere) > 0 {
				t.Errorf("requests for elsewhere: %q", elsewhere)
			}
		})
	}
}

func (r *reader) removesAndRestores() {
	r.t.Helper()
	removed := func(key string) string { return r.catalogue.Locale(r.lang).N(key, 2) }
	r.press("table form .link")
	r.wantText("main", removed("desk.look.n"), "u3@spam.example", r.T("desk.look.noted"))
	r.check()
	r.shot("moderate-look")
	r.run(chromedp.Click(chromedp.CSS("#reason-bot")))
	r.press(`form[action$="/remove"] .button`)
	r.wantText(".notice", removed("desk.decided.remove.n"))
	r.check()
	r.shot("moderate-removed")
	r.press(`form[action$="/restore"] .button`)
	r.wantText(".notice", r.T("desk.done.restored"))
	r.wantText("table", r.T("desk.decision.void"), r.T("desk.decision.restore"), "bo@staff.example")
	r.check()
	r.shot("moderate")
	r.press(`table form[action$="/restore"] .link`)
	r.wantText(".notice", r.T("desk.done.nothing"))
}

func (r *reader) looksForOne() {
	r.t.Helper()
	r.fillIn(http.StatusOK, map[string]string{"email": "u1@gmail.com"})
	r.wantText("main", r.T("desk.found"), "Ana Álvarez", r.T("desk.signature.counted"))
	r.check()
	r.shot("moderate-found")
}

func (r *reader) pausesAndResumes() {
	r.t.Helper()
	page := r.path("/admin/moderate" + signed)
	r.open(page, http.StatusOK)
	r.press(`form[action$="/pause"] .button`)
	r.wantText(".notice", r.T("desk.done.paused"))
	r.check()
	r.tick()
	r.open(r.path(signed), http.StatusOK)
	r.wantText(".notice", r.T("closed.paused"))
	r.check()
	r.shot("moderate-paused")
	r.open(page, http.StatusOK)
	r.press(`form[action$="/resume"] .button`)
	r.wantText(".notice", r.T("desk.done.resumed"))
	r.tick()
	r.open(r.path(signed), http.StatusOK)
	r.wantText("form.sign", r.T("form.email"))
	r.open(r.path("/admin/moderate"), http.StatusOK)
	r.press(`form[action$="/pause"] .button`)
	r.wantText("main", r.T("desk.site.resume"))
	r.check()
	r.tick()
	r.open(r.path("/"), http.StatusOK)
	r.wantText(".notice", r.T("closed.site_paused"))
	r.check()
}
