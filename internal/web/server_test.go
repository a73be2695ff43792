package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func TestEveryPathHasOneAnswer(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		method, path string
		status       int
		location     string
	}{
		{"GET", "/", 200, ""},
		{"HEAD", "/", 200, ""},
		{"GET", "/es", 200, ""},
		{"GET", "/shelter", 200, ""},
		{"GET", "/es/shelter", 200, ""},
		{"GET", "/shelter/help", 200, ""},
		{"GET", "/shelter/equality", 200, ""},
		{"GET", "/shelter/old", 200, ""},
		{"GET", "/shelter/letter", 200, ""},
		{"GET", "/shelter/equality/check-mail", 200, ""},
		{"GET", "/shelter/promise/count.json", 200, ""},
		{"GET", "/organizations", 200, ""},
		{"GET", "/learn", 200, ""},
		{"GET", "/privacy", 200, ""},
		{"GET", "/my", 200, ""},
		{"GET", "/my/check-mail", 200, ""},
		{"GET", "/bills/112/hr/1932", 200, ""},
		{"GET", "/es/bills/119/hr/6397", 200, ""},
		{"GET", "/robots.txt", 200, ""},
		{"GET", "/healthz", 200, ""},
		{"GET", "/readyz", 200, ""},
		{"GET", "/shelter?utm_source=mail", 200, ""},

		{"GET", "/en", 301, "/"},
		{"GET", "/en/shelter?a=b", 301, "/shelter?a=b"},
		{"GET", "/shelter/", 301, "/shelter"},
		{"GET", "/es/", 301, "/es"},
		{"GET", "/es/shelter/equality/", 301, "/es/shelter/equality"},
		{"GET", "//shelter", 301, "/shelter"},
		{"GET", "/shelter/../learn", 301, "/learn"},
		{"GET", "/en//evil.example", 301, "/evil.example"},
		{"GET", "/en/%5Cevil.example", 301, "/%5Cevil.example"},
		{"GET", "/%2F%2Fevil.example/", 301, "/evil.example"},

		{"GET", "/nothing", 404, ""},
		{"GET", "/fr/shelter", 404, ""},
		{"GET", "/ES/shelter", 404, ""},
		{"GET", "/shelter/nothing", 404, ""},
		{"GET", "/shelter/hidden", 404, ""},
		{"GET", "/shelter/equality/nothing", 404, ""},
		{"GET", "/shelter/letter/count.json", 404, ""},
		{"GET", "/shelter/letter/check-mail", 404, ""},
		{"GET", "/bills/11/7hr/2222", 404, ""},
		{"GET", "/bills/0112/hr/1932", 404, ""},
		{"GET", "/bills/112/hr/9", 404, ""},
		{"GET", "/static/0000/app.js", 404, ""},
		{"GET", "/dev/mail", 404, ""},
		{"GET", "/metrics", 404, ""},
		{"GET", "/confirm", 404, ""},
		{"GET", "/favicon.ico", 404, ""},
		{"POST", "/nothing/at/all/here", 404, ""},

		{"POST", "/", 405, ""},
		{"POST", "/es/learn", 405, ""},
		{"POST", "/shelter", 405, ""},
		{"POST", "/shelter/", 405, ""},
		{"DELETE", "/shelter/equality", 405, ""},
		{"OPTIONS", "/shelter/equality", 405, ""},
		{"GET", "/my/token/withdraw", 405, ""},
		{"PUT", "/healthz", 405, ""},
	} {
		w := s.do(test.method, test.path, "")
		if w.Code != test.status || w.Header().Get("Location") != test.location {
			t.Errorf("%s %s: %d %q, want %d %q", test.method, test.path, w.Code, w.Header().Get("Location"), test.status, test.location)
		}
		if test.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("HEAD %s has a body", test.path)
		}
	}
}

func TestMethodThatIsNotAllowedIsToldWhichAre(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/learn": "GET, HEAD", "/shelter/equality": "GET, HEAD, POST", "/my/x/erase": "POST", "/shelter/letter": "GET, HEAD, POST",
	} {
		if got := s.do("PATCH", path, "").Header().Get("Allow"); got != want {
			t.Errorf("%s allows %q, want %q", path, got, want)
		}
	}
}

func TestTraceGivesNothingBack(t *testing.T) {
	s := newSite(t)
	w := s.do(http.MethodTrace, "/shelter", "", "X-Secret", "canary")
	wantStatus(t, w, http.StatusMethodNotAllowed)
	if strings.Contains(w.Body.String(), "canary") {
		t.Error("a request is given back")
	}
}

func TestEveryTextSaysItsTypeAndEncoding(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/": htmlType, "/nothing": htmlType, "/my/x": htmlType, "/search?q=bond": htmlType,
		"/diary.atom": "application/atom+xml; charset=utf-8", "/robots.txt": plainType, "/healthz": plainType, "/log/spec": plainType,
		s.views.assets["icon.svg"].Path: "image/svg+xml; charset=utf-8", "/shelter/qr.svg": "image/svg+xml; charset=utf-8",
		s.views.assets["app.js"].Path: "text/javascript; charset=utf-8", "/shelter/qr.png": "image/png",
		"/shelter/promise/count.json": jsonType, "/log/petitions.json": jsonType,
	} {
		if got := s.get(path).Header().Get("Content-Type"); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestPageIsInTheLanguageOfItsPathAndNoOther(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/shelter": `<html lang="en"`, "/es/shelter": `<html lang="es"`, "/nothing": `<html lang="en"`, "/es/nothing": `<html lang="es"`,
		"/es/my/x": `<html lang="es"`,
	} {
		wantWords(t, s.get(path, "Accept-Language", "fr, es;q=0.5"), want)
	}
	wantWords(t, s.get("/es/shelter/equality"), `href="/shelter/equality"`)
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/", "/shelter/equality", "/nothing", "/confirm/x", "/healthz", "/en/learn", "/shelter/equality/count.json"} {
		h := s.get(path).Header()
		for name, want := range map[string]string{
			"Referrer-Policy":            "same-origin",
			"X-Content-Type-Options":     "nosniff",
			"Strict-Transport-Security":  "max-age=31536000",
			"Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		for _, want := range []string{"default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "style-src 'sha256-"} {
			if !strings.Contains(h.Get("Content-Security-Policy"), want) {
				t.Errorf("%s: the policy lacks %s", path, want)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy is weakened", path)
		}
		for _, never := range []string{"Set-Cookie", "Access-Control-Allow-Origin", "Server"} {
			if h[never] != nil {
				t.Errorf("%s sends %s", path, never)
			}
		}
	}
	if got := s.get("/shelter").Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a public page: %q", got)
	}
	if got := s.get("/nothing").Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a page that is not there: %q", got)
	}
}

func TestSiteWithoutTLSPromisesNone(t *testing.T) {
	s := newSite(t)
	s.base = &url.URL{Scheme: "http", Host: "localhost:8080"}
	for _, h := range s.commonHeaders("x") {
		if h.name == "Strict-Transport-Security" {
			t.Error("a site on http promises https")
		}
	}
}

func TestStaticFilesMayBeKeptForEver(t *testing.T) {
	s := newSite(t)
	for name, a := range s.views.assets {
		w := s.get(a.Path)
		wantStatus(t, w, http.StatusOK)
		if w.Body.String() != string(a.Body) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := newSite(t)
	const ours, theirs = "https://" + testHost, "https://evil.example"
	for _, test := range []struct {
		name                  string
		site, origin, referer string
		refused               bool
	}{
		{"a browser of today", "same-origin", ours, ours + "/shelter/equality", false},
		{"typed or bookmarked", "none", "", "", false},
		{"a link in a mail program's own browser", "none", "null", "", false},
		{"another site", "cross-site", theirs, theirs + "/", true},
		{"another site, without its name", "cross-site", "null", "", true},
		{"a site beside ours", "same-site", "https://other." + testHost, "", true},
		{"an old phone", "", "", ours + "/shelter/equality", false},
		{"an old phone that sends its origin", "", ours, ours + "/shelter/equality", false},
		{"an old phone whose origin is null", "", "null", ours + "/shelter/equality", false},
		{"another site on an old phone", "", theirs, theirs + "/", true},
		{"another site on an old phone, by Referer alone", "", "", theirs + "/", true},
		{"another site on an old phone, origin null", "", "null", theirs + "/", true},
		{"another site on an old phone, nothing said but null", "", "null", "", true},
		{"our name in another's path", "", "", theirs + "/" + testHost, true},
		{"our name as a user", "", "", "https://" + testHost + "@evil.example/", true},
		{"no browser", "", "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := []string{"Sec-Fetch-Site", test.site, "Origin", test.origin, "Referer", test.referer}
			want := http.StatusSeeOther
			if test.refused {
				want = http.StatusForbidden
			}
			w := s.post("/shelter/equality", s.form("/shelter/equality", "ana@mail.example"), header...)
			wantStatus(t, w, want)
			if want = http.StatusGone; test.refused {
				want = http.StatusForbidden
				wantWords(t, w, s.catalogue.Locale("en").T("problem.403.title"))
			}
			wantStatus(t, s.do(http.MethodPost, "/confirm/x", "", header...), want)
		})
	}
	wantWords(t, s.do(http.MethodPost, "/es/confirm/x", "", "Sec-Fetch-Site", "cross-site"), `<html lang="es"`)
}

func TestBodiesThatAreNoFormAreRefused(t *testing.T) {
	s := newSite(t)
	good := s.form("/shelter/equality", "ana@mail.example").Encode()
	for name, test := range map[string]struct {
		body, kind string
		want       int
	}{
		"no type":         {good, "", 422},
		"JSON":            {`{"email":"a@b.example"}`, "application/json", 422},
		"multipart":       {"--b\r\n\r\n", "multipart/form-data; boundary=b", 422},
		"a broken escape": {"email=%zz", "application/x-www-form-urlencoded", 422},
		"semicolons":      {"a=1;b=2", "application/x-www-form-urlencoded", 422},
		"nothing":         {"", "application/x-www-form-urlencoded", 422},
		"too much":        {"comment=" + strings.Repeat("a", maxBody), "application/x-www-form-urlencoded", 413},
		"10 MB":           {strings.Repeat("a", 10<<20), "application/x-www-form-urlencoded", 413},
	} {
		for _, path := range []string{"/shelter/equality", "/my"} {
			if w := s.do(http.MethodPost, path, test.body, "Content-Type", test.kind); w.Code != test.want {
				t.Errorf("%s to %s: %d", name, path, w.Code)
			}
		}
	}
}

func TestBodyWithoutALengthIsLimitedToo(t *testing.T) {
	s := newSite(t)
	r := httptest.NewRequest(http.MethodPost, "https://"+testHost+"/my", io.MultiReader(strings.NewReader("email="), endless{}))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	wantStatus(t, w, http.StatusRequestEntityTooLarge)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "aaaaaaaaaaaaaaaa"), nil }

func TestWhatIsHostileIsNeverOurFault(t *testing.T) {
	s := newSite(t)
	link := s.sign("/shelter/equality", "ana@mail.example")
	odd := []string{"%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%2e%2e", "'%20or%201=1--", "%E2%80%AE", strings.Repeat("a", 8000), "%7B%7B.%7D%7D", "a%0d%0aSet-Cookie:%20a=b", "*", "~", "-"}
	for _, pattern := range []string{"/%s", "/shelter/%s", "/shelter/equality/%s", "/%s/equality/count.json", "/confirm/%s", "/my/%s", "/unsubscribe/%s",
		"/my/%s/withdraw", "/bills/%s/hr/1", "/bills/112/%s/1", "/bills/112/hr/%s", "/static/%s/app.js", "/static/x/%s", "/es/%s", "/dev/%s",
		"/shelter?q=%s", link + "%s"} {
		for _, word := range odd {
			path := fmt.Sprintf(strings.ReplaceAll(pattern, "%s", "%[1]s"), word)
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW"} {
				body := ""
				if method == "POST" {
					body = "id=" + word + "&id=&email=" + word + "&given_name=" + word + "&form_token=" + word + "&keep_voice=" + word
				}
				w := s.do(method, path, body)
				if w.Code >= 500 || w.Code < 200 {
					t.Errorf("%s %.100q: %d", method, path, w.Code)
				}
				if w.Header()["Set-Cookie"] != nil {
					t.Errorf("%s %.100q set a header", method, path)
				}
			}
		}
	}
	if n := s.ready.len(); n > 20 {
		t.Errorf("%d pages are kept after nothing but nonsense", n)
	}
}

func TestErrorsOfEachKindHaveTheirStatus(t *testing.T) {
	s := newSite(t)
	for kind, want := range statuses {
		w := httptest.NewRecorder()
		s.chain(s.handle(func(*visit, *http.Request) error {
			return fmt.Errorf("wrapped: %w", &undersigned.Error{Kind: kind, Err: errors.New("why")})
		})).ServeHTTP(w, httptest.NewRequest("GET", "/es/x", nil))
		wantStatus(t, w, want)
		wantWords(t, w, s.catalogue.Locale("es").T(fmt.Sprintf("problem.%d.title", want)))
		if waits := w.Header().Get("Retry-After") != ""; waits != (want == 503 || want == 429) {
			t.Errorf("%d has Retry-After %q", want, w.Header().Get("Retry-After"))
		}
	}
}

func TestPanicIsAPageWithAnIDThatIsLoggedAndNothingTyped(t *testing.T) {
	s := newSite(t)
	w := httptest.NewRecorder()
	s.chain(s.handle(func(*visit, *http.Request) error { panic("ana@mail.example") })).ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	wantStatus(t, w, http.StatusInternalServerError)
	s.access.flush()
	id := s.between(w, "<code>", "</code>")
	if !strings.Contains(s.logged.String(), id) || !strings.Contains(s.visited.String(), id) {
		t.Error("the id is not in the logs")
	}
	if strings.Contains(s.logged.String(), "ana@mail.example") {
		t.Error("the log holds what the panic held")
	}
}

func TestErrorThatCannotBeDrawnIsPlainText(t *testing.T) {
	s := newSite(t)
	delete(s.views.pages, "error")
	w := s.get("/confirm/x")
	wantStatus(t, w, http.StatusGone)
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Error(w.Header())
	}
}

func TestLogsHoldNothingAboutThePerson(t *testing.T) {
	s := newSite(t)
	link := s.sign("/shelter/equality", "ana@mail.example")
	secret := []string{"User-Agent", "canary-agent", "Referer", "https://" + testHost + "/canary-referer", "X-Forwarded-For", "198.51.100.7"}
	for _, path := range []string{link, "/shelter?zip=02138", "/nothing-canary", "/my/canary-token"} {
		s.get(path, secret...)
		s.do(http.MethodPost, path, "email=ana@mail.example", secret...)
	}
	s.access.flush()
	for _, log := range []string{s.visited.String(), s.logged.String()} {
		for _, word := range []string{"ana", "Álvarez", "canary", "02138", "198.51.100.7", "192.0.2.1", link[9:40]} {
			if strings.Contains(log, word) {
				t.Errorf("a log holds %q:\n%s", word, log)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(s.visited.String()), "\n")
	for _, line := range lines {
		var said map[string]any
		s.must(json.Unmarshal([]byte(line), &said))
		if keys := slices.Sorted(maps.Keys(said)); !slices.Equal(keys, []string{"id", "ms", "route", "status", "time"}) {
			t.Errorf("the access log says %v", keys)
		}
	}
	if len(lines) < 8 {
		t.Errorf("the access log has only %d lines", len(lines))
	}
}

func TestPagesAreServedAndFormsComeBackWhileNothingCanBeSaved(t *testing.T) {
	s := newSite(t)
	form := s.form("/shelter/equality", "ana@mail.example")
	s.must(s.db.Close())
	s.pass(2 * time.Hour)
	s.ready.seen(99, 99)
	wantStatus(t, s.get("/shelter/equality"), http.StatusOK)
	w := s.post("/shelter/equality", form)
	wantStatus(t, w, http.StatusServiceUnavailable)
	wantWords(t, w, "For my brother.", `value="Ana"`)
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantStatus(t, s.get("/readyz"), http.StatusServiceUnavailable)
	wantStatus(t, s.get("/healthz"), http.StatusOK)
}

func TestMetricsAreForThisMachineOnly(t *testing.T) {
	s := newSite(t)
	s.get("/shelter")
	host := "localhost:8080"
	ask := func(peer string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://"+host+"/metrics", nil)
		r.RemoteAddr = peer
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w
	}
	for _, peer := range []string{"127.0.0.1:999", "[::1]:999", "[::ffff:127.0.0.1]:999"} {
		w := ask(peer)
		wantStatus(t, w, http.StatusOK)
		wantWords(t, w, `undersigned_http_requests_total{route="GET /{issue}",status="200"} 1`)
	}
	wantStatus(t, ask("192.0.2.1:999"), http.StatusNotFound)
	wantStatus(t, ask("@"), http.StatusNotFound)
	wantStatus(t, ask("127.0.0.1:999", "X-Forwarded-For", "192.0.2.1"), http.StatusNotFound)
	// A proxy on this machine that says nothing of its own passes the public name; so does a page elsewhere that has
	// its own name point to this machine.
	for _, host = range []string{testHost, "rebound.example:8080", "127.0.0.1.example"} {
		wantStatus(t, ask("127.0.0.1:999"), http.StatusNotFound)
	}
	for _, host = range []string{"127.0.0.1", "[::1]:8080", "localhost"} {
		wantStatus(t, ask("127.0.0.1:999"), http.StatusOK)
	}
}
