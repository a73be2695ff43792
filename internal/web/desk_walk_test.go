package web

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/testenv"
)

// The first owner comes in by the link from the terminal, adds a passkey, leaves, and is let in by it; then adds somebody,
// after showing once more who they are.
func TestWalkOfTheFirstOwnerWithAPasskeyInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280, scripts: true, named: true},
		{lang: "es", width: 360, scripts: true, named: true, dark: true},
	} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			r := newReader(t, kind)
			r.run(testenv.Authenticator)
			r.open(r.path("/admin/sign-in/"+r.actions.FirstOwnerToken()), http.StatusOK)
			r.check()
			r.fillIn(http.StatusOK, map[string]string{"email": "ana@staff.example", "name": "Ana"})
			r.wantText(".guide .next", r.T("guide.passkey"))
			r.check()
			r.open(r.path("/admin/me"), http.StatusOK)
			r.check()
			r.run(chromedp.Click(chromedp.CSS("[data-new-passkey] button")))
			r.waitFor(".notice", r.T("desk.done.passkey"))
			r.check()
			r.shot("account")
			r.press("[data-leaves] .link")
			r.wantText("h1", r.T("desk.sign_in.title"))
			r.check()
			r.shot("sign-in")
			r.run(chromedp.Click(chromedp.CSS("[data-passkey] button")))
			r.waitFor("h1", r.T("desk.today"))
			r.shot("today")

			r.open(r.path("/admin/users"), http.StatusOK)
			r.check()
			r.shot("users")
			r.pass(undersigned.SessionProof + time.Minute)
			r.fillIn(http.StatusForbidden, map[string]string{"email": "bo@staff.example", "name": "Bo"})
			r.wantText("h1", r.T("desk.again.title"))
			r.check()
			r.shot("again")
			r.run(chromedp.Click(chromedp.CSS("[data-passkey] button")))
			r.waitFor(".notice", r.T("desk.done.added"))
			r.check()
			r.open(r.path("/admin/audit"), http.StatusOK)
			r.wantText("table", r.T("audit.passkey_added"), r.T("audit.user_added"), "Bo")
			r.check()
			r.shot("audit")
			if elsewhere := r.asked.Elsewhere(r.home); len(elsewhere) > 0 {
				t.Errorf("requests for elsewhere: %q", elsewhere)
			}
		})
	}
}

// Without scripts, links by mail do.
func TestWalkOfStaffByLinkWithoutScriptsInABrowser(t *testing.T) {
	r := newReader(t, browserKind{lang: "en", width: 360, named: true})
	r.hire(undersigned.RoleCoordinator, "cy@staff.example")
	r.open("/admin/users", http.StatusOK)
	r.wantText("h1", r.T("desk.sign_in.title"))
	r.check()
	r.fillIn(http.StatusOK, map[string]string{"email": "cy@staff.example"})
	r.wantText("h1", r.T("desk.check_mail.title"))
	r.check()
	r.open(r.link(), http.StatusOK)
	r.check()
	r.shot("welcome")
	r.press("main .button")
	r.wantText("h1", r.T("desk.today"))
	r.open("/admin/users", http.StatusForbidden)
	r.wantText("main", r.T("error.role"))
	r.check()
	r.open("/admin/me", http.StatusOK)
	r.wantText("main", r.T("desk.passkey.script"))
	r.check()
	r.press("[data-leaves] .link")
	r.wantText("h1", r.T("desk.sign_in.title"))
}

// waitFor waits until a script has led to a page that says something.
func (r *reader) waitFor(selector, words string) {
	r.t.Helper()
	said := fmt.Sprintf(`(function () { var e = document.querySelector(%q); return !!e && e.textContent.indexOf(%q) >= 0 })()`, selector, words)
	var err error
	for range 5 { // a page that is left takes the question along
		if _, err = chromedp.Run(r.tab, chromedp.Poll[bool](said, chromedp.WithPollingTimeout(15*time.Second))); err == nil {
			return
		}
	}
	r.t.Fatalf("%s: %s never says %q: %v\n%s", r.at(), selector, words, err, evaluate[string](r, "document.body.innerText"))
}

// shot keeps a picture of the page, where a folder for such is named.
func (r *reader) shot(name string) {
	r.t.Helper()
	if dir := os.Getenv("UNDERSIGNED_TEST_SHOTS"); dir != "" {
		r.run(testenv.Screenshot(fmt.Sprintf("%s/%s-%s-%d.png", dir, name, r.lang, r.width)))
	}
}
