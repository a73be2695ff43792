package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// Between them the two browsers have each language, width, colour scheme, and scripts on and off.
func TestTourOfEveryPageInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "en", width: 1280, scripts: true}, {lang: "es", width: 360, dark: true}} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			r := newReader(t, kind)
			r.publicPages()
			r.unsubscribes()
			r.leaves()
		})
	}
}

func (r *reader) publicPages() {
	r.t.Helper()
	for _, page := range []struct {
		path   string
		status int
	}{
		{"/", http.StatusOK},
		{"/learn", http.StatusOK},
		{"/organizations", http.StatusOK},
		{"/organizations?region=US", http.StatusOK},
		{"/organizations/global-refuge", http.StatusOK},
		{"/search?q=detention+judge", http.StatusOK},
		{"/search?q=***", http.StatusOK},
		{"/facts/people-held", http.StatusOK},
		{"/facts/alternatives-enrolment", http.StatusOK},
		{"/privacy", http.StatusOK},
		{"/diary", http.StatusOK},
		{"/diary/2012", http.StatusOK},
		{"/search?q=1932", http.StatusOK},
		{"/offices", http.StatusOK},
		{"/offices/C001101", http.StatusOK},
		{"/offices/C999999", http.StatusNotFound},
		{"/log", http.StatusOK},
		{"/my", http.StatusOK},
		{"/my/check-mail", http.StatusOK},
		{"/legislators?zip=0213", http.StatusUnprocessableEntity},
		{"/legislators?zip=90001", http.StatusOK},
		{"/bills/119/hr/6397?zip=02119", http.StatusOK},
		{starter + "/sheet", http.StatusOK},
		{starter + "/help", http.StatusOK},
		{starter + "/our-pledge", http.StatusOK},
		{starter + "/aclu-pledge", http.StatusOK},
		{starter + "/keep-families-together", http.StatusOK},
		{starter + "/volunteer", http.StatusOK},
		{"/no-such-cause", http.StatusNotFound},
		{"/confirm/nonsense", http.StatusGone},
	} {
		r.open(r.path(page.path), page.status)
		r.check()
	}
}

func (r *reader) unsubscribes() {
	r.t.Helper()
	wantStatus(r.t, r.post(r.path("/my"), r.askFor("ana@mail.example")), http.StatusSeeOther)
	link, err := url.Parse((<-r.mail).Unsubscribe)
	r.must(err)
	r.open(link.Path, http.StatusOK)
	r.wantText("h1", r.T("unsubscribe.title"))
	r.check()
	r.press("main form .button")
	r.wantText("h1", r.T("unsubscribe.done.title"))
	r.check()
}

func TestDeadBillAndThePageThroughTimeInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "en", width: 360}, {lang: "es", width: 1280, scripts: true}} {
		t.Run(kind.lang, func(t *testing.T) {
			r := newReader(t, kind)
			died := r.T("closed.bill_died", "bill", "H.R. 1932", "congress", r.catalogue.Locale(r.lang).Ordinal(112))
			r.open(r.path(starter+"/oppose-hr-1932"), http.StatusOK)
			r.wantText(".notice", died)
			r.check()
			r.press(".bill a")
			r.wantText("main", "H.R. 1932")
			r.check()
			r.open(r.path(starter), http.StatusOK)
			r.press(`.days a[href*="on=2012"]`)
			r.wantText("section[aria-labelledby=open-title] h3", "H.R. 1932")
			if evaluate[int](r, `document.querySelectorAll("main form, main button, main .button").length`) != 0 {
				t.Error("there is something to send on a day that is over")
			}
			r.check()
			r.press(`.days a[href*="on=2013-01-03"]`)
			r.wantText("section[aria-labelledby=closed-title] .why", died)
			r.check()
			r.leaves()
		})
	}
}
