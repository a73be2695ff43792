package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned/internal/testenv"
	"github.com/undersigned/undersigned/translog"
)

// confirmed signs and presses the button, and gives the page that thanks.
func (s *testSite) confirmed(path, email string) *httptest.ResponseRecorder {
	s.t.Helper()
	w := s.do(http.MethodPost, s.sign(path, email), "")
	wantStatus(s.t, w, http.StatusOK)
	return w
}

func (s *testSite) policy() translog.Policy {
	s.t.Helper()
	policy, err := translog.ParsePolicy(s.get("/log/policy").Body.String())
	s.must(err)
	return policy
}

func TestReceiptIsADownloadThatProvesTheEntry(t *testing.T) {
	s := newSite(t)
	page := s.confirmed("/shelter/equality", "ana@mail.example")
	path := "/my/" + s.between(page, `action="/my/`, `/receipt"`) + "/receipt"
	ask := url.Values{"id": {s.between(page, `name="id" value="`, `"`)}}

	soon := s.post(path, ask) // within the second
	wantStatus(t, soon, http.StatusConflict)
	wantWords(t, soon, s.catalogue.Locale("en").T("receipt.soon"))

	s.tick()
	for _, full := range []bool{false, true} {
		if full {
			ask.Set("full", "1")
		}
		w := s.post(path, ask)
		wantStatus(t, w, http.StatusOK)
		h := w.Header()
		if h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="receipt-`) ||
			h.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("headers %v", h)
		}
		receipt, err := translog.ParseReceipt(w.Body.Bytes())
		s.must(err)
		if _, _, err := receipt.Verify(s.policy()); err != nil {
			t.Errorf("full %v: %v", full, err)
		}
		values := translog.Values{Who: translog.Who("Ana", "Álvarez"), Where: translog.Where("US", "02138"),
			Contact: "ana@mail.example", Seat: translog.Seat(true, nil)}
		if receipt.Opens(values) != full {
			t.Errorf("full %v: it opens the entry: %v", full, receipt.Opens(values))
		}
	}
	if strings.Contains(s.logged.String()+s.visited.String(), "ana@") {
		t.Error("the address is in a log")
	}
	select {
	case m := <-s.mail:
		t.Errorf("a mail was sent: %s", m.Subject)
	default:
	}
}

func TestReceiptNeedsTheLinkOfItsOwner(t *testing.T) {
	s := newSite(t)
	ana, ben := s.confirmed("/shelter/equality", "ana@mail.example"), s.confirmed("/shelter/equality", "ben@mail.example")
	s.tick()
	path := "/my/" + s.between(ana, `action="/my/`, `/receipt"`) + "/receipt"
	for name, ask := range map[string]url.Values{
		"another's":    {"id": {s.between(ben, `name="id" value="`, `"`)}},
		"nobody's":     {"id": {strings.Repeat("0", 32)}},
		"no id":        {},
		"a broken one": {"id": {"\x00\xff"}},
	} {
		if w := s.post(path, ask); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	id := url.Values{"id": {s.between(ana, `name="id" value="`, `"`)}}
	wantStatus(t, s.post("/my/nonsense/receipt", id), http.StatusGone)
	wantStatus(t, s.do(http.MethodGet, path, ""), http.StatusMethodNotAllowed)
	wantStatus(t, s.post(strings.TrimSuffix(path, "receipt")+"withdraw", id), http.StatusSeeOther)
	wantStatus(t, s.post(path, id), http.StatusNotFound) // what is destroyed has no receipt
}

func TestPageOfTheLogSaysWhatTheLogSays(t *testing.T) {
	s := newSite(t)
	s.confirmed("/shelter/equality", "ana@mail.example")
	s.tick()
	for lang, words := range map[string]string{"en": "How to check a number", "es": "Cómo comprobar un número"} {
		w := s.get(LocalPath(lang, "/log"))
		wantStatus(t, w, http.StatusOK)
		wantWords(t, w, words, s.policy().Log.String(), "undersigned verify https://"+testHost, s.catalogue.Locale(lang).T("log.what.1"))
		if strings.Contains(w.Body.String(), "Not yet") {
			t.Error("it shows a draft")
		}
	}
	var list struct {
		Petitions []struct{ PID, Page string }
	}
	s.must(json.Unmarshal(s.get("/log/petitions.json").Body.Bytes(), &list))
	if len(list.Petitions) == 0 {
		t.Fatal("no petition is listed")
	}
	for _, p := range list.Petitions {
		if _, err := translog.ParsePID(p.PID); err != nil {
			t.Error(err)
		}
		wantStatus(t, s.get(p.Page+"/count.json"), http.StatusOK)
	}
	wantWords(t, s.get("/shelter/equality"), `href="/log"`)
}

// Only what a tile path can be is one; all else is a 404, in no time and without a word about why.
func TestMalformedPathsOfTheLogAreNotFound(t *testing.T) {
	s := newSite(t)
	s.tick()
	for _, path := range []string{"/log/tile", "/log/tile/0", "/log/tile/0/0", "/log/tile/0/000", "/log/tile/0/000.p/0",
		"/log/tile/0/000.p/256", "/log/tile/0/000.p/01", "/log/tile/0/000.p/1/2", "/log/tile/0/000.p/-1", "/log/tile/-1/000",
		"/log/tile/00/000.p/1", "/log/tile/8/000.p/1", "/log/tile/7/000.p/1", "/log/tile/99999999999999999999/000", "/log/tile/0/0000",
		"/log/tile/0/x000/000.p/1", "/log/tile/0/x001/000", "/log/tile/0/001.p/1", "/log/tile/0/x999/x999/x999/x999/x999/x999/999",
		"/log/tile/0/" + strings.Repeat("x999/", 40) + "999", "/log/tile/entries/001", "/log/tile/entries/000", "/log/tile/Entries/000.p/1",
		"/log/tile/entries/000.p/255", "/log/tile/data/000", "/log/tile/0/000.p/%31%00", "/log/tile/0/000.p/١",
		"/log/tile/0/ 000.p/1", "/log/text/x/1", "/log/text/0000000000000000/1", "/log/text/0000000000000000/01",
		"/log/text/0000000000000000/-1", "/log/text/0000000000000000/99999999999999999999", "/log/checkpoint/1", "/log/vkeys"} {
		u := (&url.URL{Path: path}).EscapedPath()
		if strings.Contains(path, "%") {
			u = path
		}
		if w := s.get(u); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	wantStatus(t, s.get("/log/tile/0/000.p/1"), http.StatusOK)
	wantStatus(t, s.get("/log/tile/entries/000.p/1"), http.StatusOK)
}

// TestReaderChecksTheLogInTheBrowser presses the button of the page, on a right log and on wrong ones.
func TestReaderChecksTheLogInTheBrowser(t *testing.T) {
	tab := testenv.Chromium(t)
	s := newSite(t)
	for _, email := range []string{"ana@mail.example", "ben@mail.example", "eve@mail.example"} {
		page := s.confirmed("/shelter/equality", email)
		s.tick()
		if email == "eve@mail.example" {
			my := "/my/" + s.between(page, `action="/my/`, `/receipt"`)
			wantStatus(t, s.post(my+"/withdraw", url.Values{"id": {s.between(page, `name="id" value="`, `"`)}}), http.StatusSeeOther)
			s.tick()
		}
	}
	english := s.catalogue.Locale("en")
	_, size, _ := strings.Cut(s.get("/log/checkpoint").Body.String(), "\n")
	size, _, _ = strings.Cut(size, "\n")
	for _, test := range []struct {
		name, path  string
		wrong       func(body string) string
		lang, words string
	}{
		{name: "right", words: english.T("log.check.same")},
		{name: "right, in Spanish", lang: "es", words: s.catalogue.Locale("es").T("log.check.same")},
		{name: "another number on the page", path: "/log", wrong: replace(`data-count="2"`, `data-count="7"`),
			words: english.T("log.check.differs", "count", "2")},
		{name: "another signature", path: "/log/vkey", wrong: func(string) string { return s.otherKey() }, words: english.T("log.check.forged")},
		{name: "another size", path: "/log/checkpoint", wrong: replace("\n"+size+"\n", "\n2\n"), words: "The check failed"},
		{name: "another entry", path: "/log/tile/entries/000.p/" + size, wrong: replace("withdrawn", "erased---"), words: "The check failed"},
		{name: "a missing bundle", path: "/log/tile/entries/000.p/" + size, wrong: func(string) string { return "" }, words: "The check failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Del("Accept-Encoding")
				answer := httptest.NewRecorder()
				s.Handler().ServeHTTP(answer, r)
				body := answer.Body.String()
				if r.URL.Path == test.path {
					body = test.wrong(body)
					answer.Header().Del("Content-Length")
				}
				for name, values := range answer.Header() {
					w.Header()[name] = values
				}
				w.WriteHeader(answer.Code)
				w.Write([]byte(body))
			}))
			defer server.Close()
			text := checkLog(t, tab, server.URL+LocalPath(cmp.Or(test.lang, "en"), "/log"))
			if !strings.Contains(text, test.words) {
				t.Errorf("the page does not say %q but:\n%s", test.words, text)
			}
			if right := strings.HasPrefix(test.name, "right"); right == strings.Contains(text, "fault:") {
				t.Errorf("right %v:\n%s", right, text)
			}
		})
	}
}

func replace(old, new string) func(string) string {
	return func(body string) string { return strings.Replace(body, old, new, 1) }
}

// otherKey is a key of the log's name that has not signed it.
func (s *testSite) otherKey() string {
	_, vkey, err := translog.GenerateKey(strings.NewReader(strings.Repeat("x", 64)), testHost+"/log")
	s.must(err)
	return vkey + "\n"
}

// checkLog presses the button and gives what the page then says, with "fault:" before each fault.
func checkLog(t *testing.T, ctx context.Context, page string) string {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Navigate(page), chromedp.Click("[data-start]"),
		chromedp.WaitVisible("[data-result] .right, [data-result] .fault"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[].map.call(document.querySelectorAll('[data-result] p, [data-finding]'),
		function (p) { return (p.classList.contains('fault') ? 'fault: ' : '') + p.textContent }).join('\n')`))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
