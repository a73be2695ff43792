package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest asks the whole site for anything, in any language, with any form: paths, queries, places, days, filters, tokens
// and fields are read here. Nothing is a fault of ours, and no answer splits its head.
func FuzzRequest(f *testing.F) {
	s := newSite(f)
	go func() {
		for range s.mail { // whatever it asks for
		}
	}()
	for _, seed := range []struct {
		post             bool
		target, body, by string
	}{
		{false, "/es/shelter/letter?zip=02138-1234&district=MA-05", "", "es;q=0.9"},
		{false, "/shelter?on=2026-02-29", "", "br;q=0"},
		{false, "/organizations?kind=x&state=MA&lang=es", "", "*"},
		{false, "/search?q=%22roof%22+-%00", "", ""},
		{false, "/bills/112/hr/1932/../../%2e%2e//", "", ""},
		{false, "/log/tile/0/x000/000.p/1", "", "gzip"},
		{true, "/shelter/equality", s.form("/shelter/equality", "ana@mail.example").Encode(), ""},
		{true, "/my", "email=ana%40mail.example&website=x", ""},
		{true, "/shelter/letter", "subject=a%0d%0ab&text=%ff&zip=02138", ""},
		{true, "/admin/sign-in", "email=ana%40mail.example&to=%2Fadmin%2Fx%0D%0Ay", ""},
		{true, "/my/AAAA/withdraw", "id=0&wait=AAAA", ""},
	} {
		f.Add(seed.post, seed.target, seed.body, seed.by)
	}
	f.Fuzz(func(t *testing.T, post bool, target, body, header string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") {
			return // net/http refuses it
		}
		method := http.MethodGet
		if post {
			method = http.MethodPost
		}
		r := httptest.NewRequest(method, "https://"+testHost+"/", strings.NewReader(body))
		r.URL, r.RequestURI, r.RemoteAddr = u, target, "127.0.0.1:1234"
		r.Header = http.Header{"Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"},
			"Accept-Language": {header}, "Accept-Encoding": {header}, "If-None-Match": {header}}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %q with %q: %d", method, target, body, w.Code)
		}
		for name, values := range w.Header() {
			if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
				t.Errorf("%s %q: the header %s is split", method, target, name)
			}
		}
	})
}
