package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
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
