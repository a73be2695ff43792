package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// behindProxy makes the site trust the proxy that tests come through, so that forms are limited by address.
func behindProxy(s *testSite) {
	s.proxies = newNetworks([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
}

func TestWhoeverIsAskedToWaitIsCountedWithoutScripts(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) {
			s := newSite(t)
			behindProxy(s)
			path := LocalPath(lang, "/shelter/equality")
			crowded := []string{"X-Forwarded-For", "192.0.2.7"}
			form := s.form(path, "somebody@mail.example")
			for i := range 20 {
				form.Set("email", fmt.Sprintf("somebody%d@mail.example", i))
				wantStatus(t, s.post(path, form, crowded...), http.StatusSeeOther)
				<-s.mail
			}
			w := s.post(path, s.form(path, "ana@mail.example"), crowded...)
			wantStatus(t, w, http.StatusTooManyRequests)
			wantWords(t, w, s.catalogue.Locale(lang).T("wait.title"), s.catalogue.Locale(lang).N("wait.seconds", 15))
			if got := w.Header().Get("Retry-After"); got != "15" {
				t.Errorf("Retry-After is %q", got)
			}
			if strings.Contains(w.Body.String(), "ana@mail") || strings.Contains(w.Body.String(), "192.0.2") {
				t.Error("the page shows what is sealed, or the address")
			}
			action, token := s.between(w, `<form method="post" action="`, `"`), s.between(w, `name="wait" value="`, `"`)
			waiting := url.Values{waitField: {token}}
			s.pass(5 * time.Second)
			early := s.post(action, waiting, crowded...)
			wantStatus(t, early, http.StatusTooManyRequests)
			wantWords(t, early, s.catalogue.Locale(lang).N("wait.seconds", 10))
			s.pass(10 * time.Second)
			for range 2 {
				w = s.post(action, waiting, crowded...)
				wantStatus(t, w, http.StatusSeeOther)
				if got := w.Header().Get("Location"); got != path+"/check-mail" {
					t.Errorf("sent to %s", got)
				}
			}
			wantStatus(t, s.do(http.MethodPost, s.link(), ""), http.StatusOK)
			s.tick()
			if n, _ := s.counted(path); n != 1 {
				t.Errorf("%d counted", n)
			}
			s.access.flush()
			if logs := s.visited.String() + s.logged.String(); !strings.Contains(logs, `"status":429`) || strings.Contains(logs, "192.0.2") {
				t.Errorf("the logs miss the 429 or have the address: %s", logs)
			}
		})
	}
}

func TestMyLinkIsAskedToWait(t *testing.T) {
	s := newSite(t)
	behindProxy(s)
	form, crowded := s.askFor("ana@mail.example"), []string{"X-Forwarded-For", "2001:db8::1"}
	for range 20 {
		wantStatus(t, s.post("/my", form, crowded...), http.StatusSeeOther)
	}
	w := s.post("/my", form, crowded...)
	wantStatus(t, w, http.StatusTooManyRequests)
	s.pass(15 * time.Second)
	wantStatus(t, s.post("/my", url.Values{waitField: {s.between(w, `name="wait" value="`, `"`)}}), http.StatusSeeOther)
	wantStatus(t, s.post("/my", url.Values{waitField: {"noise"}}), http.StatusUnprocessableEntity)
}

// Whoever goes to another language while a form waits takes the form along, and waits no longer for it.
func TestWaitingFormGoesAlongToAnotherLanguage(t *testing.T) {
	s := newSite(t)
	behindProxy(s)
	crowded := []string{"X-Forwarded-For", "192.0.2.7"}
	for path, form := range map[string]url.Values{"/shelter/equality": s.form("/shelter/equality", "ana@mail.example"), "/my": s.askFor("ana@mail.example")} {
		w := s.post(path, form, crowded...)
		for w.Code == http.StatusSeeOther {
			w = s.post(path, form, crowded...)
		}
		wantStatus(t, w, http.StatusTooManyRequests)
		id := s.between(w, `<button form="`, `"`)
		wantWords(t, w, `action="`+path+`" id="`+id+`"`)
		other, token := s.between(w, `<button form="`+id+`" formaction="`, `"`), s.between(w, `name="wait" value="`, `"`)
		s.pass(5 * time.Second)
		w = s.post(other, url.Values{waitField: {token}}, crowded...)
		wantStatus(t, w, http.StatusTooManyRequests)
		spanish := s.catalogue.Locale("es")
		wantWords(t, w, spanish.T("wait.title"), spanish.N("wait.seconds", 10), `action="/es`+path+`"`)
		if s.between(w, `name="wait" value="`, `"`) != token {
			t.Errorf("%s: another form waits now", path)
		}
		s.pass(10 * time.Second)
		w = s.post("/es"+path, url.Values{waitField: {token}}, crowded...)
		wantStatus(t, w, http.StatusSeeOther)
		if got := w.Header().Get("Location"); got != "/es"+path+"/check-mail" {
			t.Errorf("sent to %s", got)
		}
	}
}

func TestWalkOfAFormThatWaitsToAnotherLanguageInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "es", width: 360, scripts: true}, {lang: "es", width: 1280, dark: true, quick: true}} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.open(r.path("/my"), http.StatusOK)
			evaluate[string](r, `document.querySelector(".trap input").value = "a browser meant well"`)
			r.fillIn(http.StatusTooManyRequests, map[string]string{"email": "ana@mail.example"})
			r.wantText("h1", r.T("wait.title"))
			r.check()
			for _, lang := range []string{"en", "es"} {
				r.arrive(http.StatusTooManyRequests, chromedp.Click(chromedp.CSS(`.languages button[lang="`+lang+`"]`)))
				r.wantText("h1", r.catalogue.Locale(lang).T("wait.title"))
			}
			r.pass(15 * time.Second)
			r.press("main form .button")
			r.wantText("h1", r.T("my_check_mail.title"))
			r.leaves()
		})
	}
}

func TestBrokenWaitingFormIsToldAndTheFormIsThere(t *testing.T) {
	s := newSite(t)
	w := s.post("/es/shelter/equality", url.Values{waitField: {"noise"}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, s.catalogue.Locale("es").T("error.wait_token"), `name="given_name"`)
	wantStatus(t, s.post("/shelter/old", url.Values{waitField: {"noise"}}), http.StatusUnprocessableEntity)
	wantStatus(t, s.post("/shelter/letter", url.Values{waitField: {"noise"}}), http.StatusMethodNotAllowed)
}

func TestWaitingFormIsNotLostWhereItCannotBeSaved(t *testing.T) {
	s := newSite(t)
	behindProxy(s)
	crowded := []string{"X-Forwarded-For", "192.0.2.7"}
	var w = s.post("/shelter/equality", s.form("/shelter/equality", "ana@mail.example"), crowded...)
	for w.Code == http.StatusSeeOther {
		w = s.post("/shelter/equality", s.form("/shelter/equality", "ana@mail.example"), crowded...)
	}
	token := s.between(w, `name="wait" value="`, `"`)
	s.pass(15 * time.Second)
	s.must(s.db.Close())
	w = s.post("/shelter/equality", url.Values{waitField: {token}})
	wantStatus(t, w, http.StatusServiceUnavailable)
	if got := s.between(w, `name="wait" value="`, `"`); got != token {
		t.Error("the page lost the form")
	}
	wantWords(t, w, s.catalogue.Locale("en").T("error.stopping"))
}
