package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned"
)

// types puts words into fields by their names, as typing does.
func (r *reader) types(values map[string]string) {
	r.t.Helper()
	for name, value := range values {
		quoted, err := json.Marshal([]string{name, value})
		r.must(err)
		if !evaluate[bool](r, `(function (said) { var f = document.getElementsByName(said[0])[0]; if (!f) return false; f.value = said[1];
			f.dispatchEvent(new Event("input", {bubbles: true})); return true })(`+string(quoted)+`)`) {
			r.t.Fatalf("%s has no field %s", r.at(), name)
		}
	}
}

// decides presses one of the buttons of a form, by what it does.
func (r *reader) decides(do string, status int) {
	r.t.Helper()
	r.arrive(status, chromedp.Click(chromedp.CSS(`button[name="do"][value="`+do+`"]`)))
}

func (r *reader) value(name string) string {
	r.t.Helper()
	return evaluate[string](r, `document.getElementsByName("`+name+`")[0].value`)
}

// An editor writes a petition in two languages, meets another one, goes through the list, opens it; somebody signs; its text
// changes, and readers see which version they read.
func TestWalkOfWhoWritesAPetitionInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280, scripts: true},
		{lang: "es", width: 360, scripts: true, dark: true},
		{lang: "en", width: 360, quick: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.enters(undersigned.RoleEditor, "bo@staff.example")
			r.draftsPetition()
			r.losesTheSession()
			r.meetsAnother()
			r.opensPetition()
			r.changesWhatWasSigned()
			r.bringsTooMuch()
			if elsewhere := r.asked.Elsewhere(r.home); len(elsewhere) > 0 {
				t.Errorf("requests for elsewhere: %q", elsewhere)
			}
		})
	}
}

const freshDesk = "/admin/issues" + starter + "/action/close-the-camp"

func (r *reader) draftsPetition() {
	r.t.Helper()
	r.open(r.path("/admin/issues"+starter), http.StatusOK)
	r.press(`a[href*="/new/action?kind=petition"]`)
	r.wantText("h1", r.T("write.new.petition"))
	beside := evaluate[bool](r, `document.getElementById("f-title").getBoundingClientRect().top == document.getElementById("f-es-title").getBoundingClientRect().top`)
	if beside != (r.width == 1280) {
		r.t.Errorf("at %d pixels the languages stand side by side: %v", r.width, beside)
	}
	word := "We ask for “one” thing:\v•\tclose the camp\v•\tlet them go home\u00ad"
	r.types(map[string]string{"title": "Close the camp", "ask": "Close the camp in Harlingen.", "body": word, "slug": "close-the-camp"})
	r.decides("preview", http.StatusOK)
	r.wantText(".seen li", "close the camp", "let them go home")
	r.wantKept(false)
	r.check()
	r.shot("write-preview")
	r.types(map[string]string{"es:title": "Cierren el campo", "es:ask": "Cierren el campo de Harlingen.", "es:body": "Pedimos **una** cosa.", "closes": "2027-03-01"})
	r.decides("save", http.StatusOK)
	r.wantText(".notice", r.T("desk.done.saved"))
	if r.scripts { // what is saved is not kept for the next that is new
		if kept := evaluate[string](r, "JSON.stringify(localStorage)"); strings.Contains(kept, "Harlingen") {
			r.t.Errorf("the browser keeps %.200s", kept)
		}
	}
	r.wantText("h1", map[string]string{"en": "Close the camp", "es": "Cierren el campo"}[r.lang])
	r.open(r.path(freshDesk+"/page/es"), http.StatusOK)
	r.wantText("h1", "Cierren el campo")
	r.wantText("main strong", "una")
	r.check()
	r.open("/immigration-detention/close-the-camp", http.StatusNotFound)
	r.open(r.path(freshDesk), http.StatusOK)
}

// losesTheSession in the middle of a long text: nothing that was typed is lost.
func (r *reader) losesTheSession() {
	r.t.Helper()
	long := strings.Repeat("Nobody should be locked up for asking. ", 100)
	if r.scripts { // the page is left before anything is sent
		r.types(map[string]string{"body": long})
		r.open(r.path("/admin/issues"), http.StatusOK)
		r.open(r.path(freshDesk), http.StatusOK)
		r.wantKept(true)
		r.check()
		r.run(chromedp.Click(chromedp.CSS("[data-bring]")))
		if r.value("body") != long {
			r.t.Errorf("the browser brings back %.80q", r.value("body"))
		}
	}
	r.types(map[string]string{"body": long})
	_, err := chromedp.Call(r.tab, network.ClearBrowserCookies, cdp.Empty{})
	r.must(err)
	r.decides("save", http.StatusUnauthorized)
	r.wantText("h1", r.T("desk.held.title"))
	r.check()
	r.shot("write-held")
	// Signed in, in another tab.
	u := r.staffOf("bo@staff.example")
	w := r.testSite.post("/admin/sign-in/"+r.actions.SignInToken(u.ID), nil, "User-Agent", evaluate[string](r, "navigator.userAgent"))
	cookie := w.Result().Cookies()[0]
	_, err = chromedp.Call(r.tab, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: r.home})
	r.must(err)
	r.press("#held .button")
	r.wantText(".notice", r.T("desk.done.saved"))
	if got := strings.TrimSpace(r.value("body")); got != strings.TrimSpace(long) {
		r.t.Errorf("after a session was lost the text is %.80q", got)
	}
	if r.value("es:title") != "Cierren el campo" {
		r.t.Error("the other language is lost")
	}
}

func (r *reader) staffOf(email string) *undersigned.User {
	r.t.Helper()
	users, err := r.actions.Users(r.t.Context())
	r.must(err)
	for _, u := range users {
		if u.Email == email {
			return u
		}
	}
	r.t.Fatalf("nobody has the address %s", email)
	return nil
}

func (r *reader) meetsAnother() {
	r.t.Helper()
	ana := r.hire(undersigned.RoleOwner, "ana@staff.example")
	wantStatus(r.t, ana.post(freshDesk, typed(filled(r.t, ana.get(freshDesk)), "save", "ask", "Close the camp in Harlingen this year.", "goal", "5000")), http.StatusSeeOther)
	r.types(map[string]string{"ask": "Close the camp in Harlingen by May.", "es:ask": "Cierren el campo antes de mayo."})
	r.decides("save", http.StatusConflict)
	r.wantText(".clash", "ana@staff.example", "this year", "by May", r.T("write.clash.theirs"))
	if r.value("goal") != "5000" || r.value("es:ask") != "Cierren el campo antes de mayo." {
		r.t.Errorf("what only one of them changed is lost: %s, %s", r.value("goal"), r.value("es:ask"))
	}
	r.wantKept(false)
	r.check()
	r.shot("write-clash")
	r.run(chromedp.Click(chromedp.CSS(`input[name="take.ask"][value="theirs"]`)))
	r.decides("save", http.StatusOK)
	if r.value("ask") != "Close the camp in Harlingen this year." {
		r.t.Errorf("theirs was chosen, and there is %q", r.value("ask"))
	}
	r.wantKept(false)
	if !r.scripts {
		return
	}
	// What the browser brings back began before what another one has saved since.
	r.types(map[string]string{"ask": "Close the camp."})
	wantStatus(r.t, ana.post(freshDesk, typed(filled(r.t, ana.get(freshDesk)), "save", "ask", "Close the camp in Harlingen now.")), http.StatusSeeOther)
	r.open(r.path(freshDesk), http.StatusOK)
	r.wantKept(true)
	r.run(chromedp.Click(chromedp.CSS("[data-bring]")))
	r.decides("save", http.StatusConflict)
	r.wantText(".clash", "Harlingen now", "Close the camp")
	r.types(map[string]string{"ask": "Close the camp in Harlingen this year."})
	r.decides("save", http.StatusOK)
}

// wantKept wants that the browser offers to bring something back, or does not.
func (r *reader) wantKept(want bool) {
	r.t.Helper()
	if got := evaluate[bool](r, `!document.querySelector(".kept").hidden`); got != want {
		r.t.Errorf("%s: the browser offers to bring something back: %v", r.at(), got)
	}
}

func (r *reader) opensPetition() {
	r.t.Helper()
	r.types(map[string]string{"state": "open"})
	r.decides("publish", http.StatusOK)
	r.wantText(".checks .unmet", r.T("check.mail.unmet"))
	if evaluate[bool](r, `!!document.querySelector('button[value="publish"]')`) {
		r.t.Error("it can be opened although no mail ever went out")
	}
	r.check()
	r.shot("write-checklist")
	r.press(".checks form .link")
	if m := <-r.mail; m.To != "bo@staff.example" {
		r.t.Errorf("the mail that tries the way is to %s", m.To)
	}
	r.open(r.path(freshDesk+"/publish"), http.StatusOK)
	r.wantText(".checks", r.T("check.mail.met"), r.T("check.languages.met"))
	r.decides("publish", http.StatusOK)
	r.wantText(".notice", r.T("desk.done.published"))
	r.check()
	r.tick()
	r.open(r.path("/immigration-detention/close-the-camp"), http.StatusOK)
	r.wantText("h1", map[string]string{"en": "Close the camp", "es": "Cierren el campo"}[r.lang])
	r.check()
}

func (r *reader) changesWhatWasSigned() {
	r.t.Helper()
	const public = "/immigration-detention/close-the-camp"
	wantStatus(r.t, r.testSite.post(public, r.form(public, "cy@mail.example")), http.StatusSeeOther)
	wantStatus(r.t, r.testSite.post(r.link(), nil), http.StatusOK)
	r.tick()
	r.open(r.path(freshDesk), http.StatusOK)
	r.types(map[string]string{"ask": "Close the camp in Harlingen this month."})
	r.decides("publish", http.StatusOK)
	r.wantText("main", r.T("write.newer.title"), r.catalogue.Locale(r.lang).N("write.newer", 1))
	r.decides("publish", http.StatusUnprocessableEntity)
	r.wantText(".tick-error", r.T("error.edit.tick"))
	r.check()
	r.shot("write-newer")
	r.run(chromedp.Click(chromedp.CSS("#newer")))
	r.decides("publish", http.StatusOK)
	r.tick()
	r.open(r.path(public), http.StatusOK)
	r.press(`main a[href$="/versions"]`)
	r.wantText("#version-2 + p", r.T("wording.log"))
	r.wantText("ins", "month")
	r.wantText("del", "year")
	r.check()
	r.shot("write-versions")
	r.press(`a[href*="/log/text/"][href$="/1"]`)
	r.wantText("body", "this year")
	r.open(r.path(freshDesk+"/versions"), http.StatusOK)
	r.check()
	r.press(`.versions li:last-child form .link`)
	if r.value("ask") != "Close the camp in Harlingen this year." {
		r.t.Errorf("the first version brought back asks %q", r.value("ask"))
	}
}

// bringsTooMuch uploads 30 MB: the page says so, however much of them was still on its way.
func (r *reader) bringsTooMuch() {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), "page.zip")
	r.must(os.WriteFile(file, make([]byte, 30<<20), 0o600))
	r.open(r.path("/admin/issues"), http.StatusOK)
	r.run(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}))
	r.arrive(http.StatusRequestEntityTooLarge, chromedp.Click(chromedp.CSS(`form[enctype="multipart/form-data"] .button`)))
	r.wantText("h1", r.T("problem.413.title"))
	r.check()
}

// An organisation corrects its entry: the form, its mailbox, a person, the page.
func TestWalkOfACorrectionInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "es", width: 360, dark: true}, {lang: "en", width: 1280, scripts: true}} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.enters(undersigned.RoleEditor, "bo@staff.example")
			const entry = "/organizations/global-refuge"
			r.open(r.path(entry), http.StatusOK)
			r.press(`a[href$="/correct"]`)
			r.check()
			r.shot("correct")
			r.types(map[string]string{"phone": "call us", "sender": "ana@globalrefuge.org", "note": "We have moved."})
			r.arrive(http.StatusUnprocessableEntity, chromedp.Click(chromedp.CSS("main form .button")))
			if r.value("phone") != "call us" || r.value("sender") != "ana@globalrefuge.org" || r.value("note") != "We have moved." {
				t.Error("what was typed is lost")
			}
			r.check()
			r.types(map[string]string{"phone": "410-555-0100"})
			r.press("main form .button")
			r.wantText("h1", r.T("correct.mail.title"))
			r.check()
			link, err := url.Parse(r.link())
			r.must(err)
			r.open("/admin/corrections", http.StatusOK)
			r.wantText("main", r.catalogue.Locale("en").T("write.corrections.none"))
			r.open(link.Path, http.StatusOK)
			r.wantText("main", "410-555-0100", "We have moved.")
			r.check()
			r.shot("correct-confirm")
			r.press("main form .button")
			r.wantText("h1", r.T("correct.done.title"))
			r.check()

			r.open(r.path("/admin"), http.StatusOK)
			r.press(`.todo a[href$="/admin/corrections"]`)
			r.check()
			r.press(".things a")
			r.wantText("main", "ana@globalrefuge.org", r.T("write.correction.own"), "We have moved.")
			r.check()
			r.shot("correction")
			r.decides("accept", http.StatusOK)
			r.wantText(".notice", r.T("desk.done.accepted"))
			r.check()
			r.open(r.path(entry), http.StatusOK)
			if said := evaluate[string](r, "document.body.innerText"); strings.Contains(said, "410-555-0100") {
				t.Error("nobody has published it, and it is on the page")
			}
			r.open(r.path("/admin/issues"+starter+"/organization/global-refuge/publish"), http.StatusOK)
			r.wantText("ins", "0100")
			r.check()
			r.decides("publish", http.StatusOK)
			r.tick()
			r.open(r.path(entry), http.StatusOK)
			r.wantText("main", "410-555-0100")
		})
	}
}
