package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// counted reads count.json.
func (s *testSite) counted(path string) (count, treeSize int) {
	s.t.Helper()
	w := s.get(path + "/count.json")
	wantStatus(s.t, w, http.StatusOK)
	var c struct {
		Count    int       `json:"count"`
		AsOf     time.Time `json:"as_of"`
		TreeSize int       `json:"tree_size"`
	}
	s.must(json.Unmarshal(w.Body.Bytes(), &c))
	if c.AsOf.After(s.now()) || c.AsOf.IsZero() {
		s.t.Errorf("as_of is %v at %v", c.AsOf, s.now())
	}
	return c.Count, c.TreeSize
}

func TestSignConfirmSeeTheCountMoveAndWithdraw(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) {
			s := newSite(t)
			path := LocalPath(lang, "/shelter/equality")
			w := s.post(path, s.form(path, "ana@mail.example"))
			wantStatus(t, w, http.StatusSeeOther)
			if got := w.Header().Get("Location"); got != path+"/check-mail" {
				t.Fatalf("sent to %s", got)
			}
			wantStatus(t, s.get(path+"/check-mail"), http.StatusOK)

			link := s.link()
			if !strings.HasPrefix(link, LocalPath(lang, "/confirm/")) {
				t.Fatalf("the link is %s", link)
			}
			for range 2 { // looking changes nothing
				wantStatus(t, s.get(link), http.StatusOK)
			}
			s.tick()
			if n, _ := s.counted(path); n != 0 {
				t.Fatalf("%d counted before the button was pressed", n)
			}
			confirmed := s.do(http.MethodPost, link, "")
			wantStatus(t, confirmed, http.StatusOK)
			wantStatus(t, s.do(http.MethodPost, link, ""), http.StatusOK) // pressed twice
			s.tick()
			if n, size := s.counted(path); n != 1 || size == 0 {
				t.Fatalf("%d counted in a log of %d", n, size)
			}
			wantWords(t, s.get(path), s.catalogue.Locale(lang).N("count.signed", 1))

			mine := s.between(confirmed, `href="`+LocalPath(lang, "/my/"), `"`)
			mine = LocalPath(lang, "/my/"+mine)
			w = s.get(mine)
			wantWords(t, w, "ana@mail.example", "Ana Álvarez")
			gone := s.post(mine+"/withdraw", url.Values{"id": {s.between(w, `name="id" value="`, `"`)}})
			wantStatus(t, gone, http.StatusSeeOther)
			if strings.Contains(s.get(mine).Body.String(), "Álvarez") {
				t.Error("the name is still shown after a withdrawal")
			}
			s.tick()
			if n, _ := s.counted(path); n != 0 {
				t.Errorf("%d counted after the withdrawal", n)
			}
			wantStatus(t, s.do(http.MethodPost, link, ""), http.StatusOK) // the old link never signs again
			s.tick()
			if n, _ := s.counted(path); n != 0 {
				t.Errorf("%d counted by the link of a withdrawn signature", n)
			}
		})
	}
}

func TestEraseKeepsTheVoiceOfWhoAsksForIt(t *testing.T) {
	for _, test := range []struct {
		form url.Values
		want int
	}{
		{url.Values{}, 0},
		{url.Values{"keep_voice": {"1"}}, 1},
	} {
		s := newSite(t)
		confirmed := s.do(http.MethodPost, s.sign("/shelter/promise", "ana@mail.example"), "")
		s.tick()
		mine := "/my/" + s.between(confirmed, `href="/my/`, `"`)
		test.form.Set("id", s.between(s.get(mine), `name="id" value="`, `"`))
		wantStatus(t, s.post(mine+"/erase", test.form), http.StatusSeeOther)
		s.tick()
		if n, _ := s.counted("/shelter/promise"); n != test.want {
			t.Errorf("%v: %d counted, want %d", test.form, n, test.want)
		}
	}
}

func TestFormWithMistakesComesBackFilledIn(t *testing.T) {
	for name, test := range map[string]struct {
		change url.Values
		want   string
	}{
		"no name":            {url.Values{"given_name": {""}}, "error.name.empty"},
		"a link in the name": {url.Values{"given_name": {"www.evil.example"}}, "error.name.link"},
		"two at signs":       {url.Values{"email": {"ana@home@mail.example"}}, "error.email.two_at"},
		"no address":         {url.Values{"email": {"ana"}}, "error.email.form"},
		"no ZIP":             {url.Values{"postal_code": {""}}, "error.zip.empty"},
		"a zero byte":        {url.Values{"family_name": {"Ana\x00"}}, "error.characters"},
		"broken UTF-8":       {url.Values{"family_name": {"\xff\xfe"}}, "error.characters"},
		"no such country":    {url.Values{"country": {"Elsewhere"}}, "error.country"},
		"a form from before": {url.Values{formTokenField: {"AAAA"}}, "error.form_token"},
		"an empty token":     {url.Values{formTokenField: {""}}, "error.form_token"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			for _, lang := range []string{"en", "es"} {
				path := LocalPath(lang, "/shelter/equality")
				form := s.form(path, "ana@mail.example")
				for field, values := range test.change {
					form[field] = values
				}
				w := s.post(path, form)
				wantStatus(t, w, http.StatusUnprocessableEntity)
				wantWords(t, w, s.catalogue.Locale(lang).T(test.want), "For my brother.", `name="deliver" type="checkbox" value="1"`, " checked>")
				if test.change["given_name"] == nil {
					wantWords(t, w, `value="Ana"`)
				}
				if w.Header().Get("Cache-Control") != "no-store" {
					t.Error("a page with what somebody typed may be kept")
				}
				if fresh := s.between(w, `name="form_token" value="`, `"`); fresh != s.form(path, "")[formTokenField][0] {
					t.Error("the form comes back with another token than a new page has")
				}
			}
			wantNotKept(t, s, "For my brother.")
		})
	}
}

// wantNotKept fails where a word stands in a page that is kept for everyone.
func wantNotKept(t *testing.T, s *testSite, word string) {
	t.Helper()
	for key, slot := range s.ready.slots {
		if p := slot.page.Load(); p != nil && strings.Contains(string(p.identity.body), word) {
			t.Errorf("what somebody typed is kept in %v", key)
		}
	}
}

func TestFormSentAgainAfterItsTokenRanOutIsAccepted(t *testing.T) {
	s := newSite(t)
	form := s.form("/shelter/equality", "ana@mail.example")
	s.pass(49 * time.Hour)
	w := s.post("/shelter/equality", form)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	form.Set(formTokenField, s.between(w, `name="form_token" value="`, `"`))
	wantStatus(t, s.post("/shelter/equality", form), http.StatusSeeOther)
}

func TestOfAFieldThatComesTwiceTheFirstCounts(t *testing.T) {
	s := newSite(t)
	form := s.form("/shelter/equality", "first@mail.example")
	form["email"] = append(form["email"], "second@mail.example")
	wantStatus(t, s.post("/shelter/equality", form), http.StatusSeeOther)
	if m := <-s.mail; m.To != "first@mail.example" {
		t.Errorf("the mail went to %s", m.To)
	}
}

func TestClosedActionSaysSoAndTakesNoForm(t *testing.T) {
	s := newSite(t)
	form := s.form("/shelter/equality", "ana@mail.example")
	w := s.post("/shelter/old", form)
	wantStatus(t, w, http.StatusGone)
	wantWords(t, w, "Stop H.R. 1932")
	if strings.Contains(w.Body.String(), `name="email"`) {
		t.Error("a closed petition shows its form")
	}
	wantStatus(t, s.post("/shelter/hidden", form), http.StatusNotFound)
	wantStatus(t, s.post("/shelter/nothing", form), http.StatusNotFound)
	w = s.post("/shelter/letter", form)
	wantStatus(t, w, http.StatusMethodNotAllowed)
}

func TestActionClosesByTheClockAloneOnAPageThatIsKept(t *testing.T) {
	s := newSite(t)
	wantWords(t, s.get("/shelter/dated"), `name="email"`)
	s.pass(21 * time.Minute) // 12:51, within the same hour
	if w := s.get("/shelter/dated"); strings.Contains(w.Body.String(), `name="email"`) {
		t.Error("a petition that closed a minute ago still shows its form")
	}
}

func TestFormTokenOfAKeptPageChangesWithTheHour(t *testing.T) {
	s := newSite(t)
	before := s.form("/shelter/equality", "")[formTokenField][0]
	s.pass(31 * time.Minute)
	if s.form("/shelter/equality", "")[formTokenField][0] == before {
		t.Error("the page of 12:30 is still served at 13:01")
	}
}

func TestConfirmedTooLateIsNotCounted(t *testing.T) {
	s := newSite(t)
	link := s.sign("/shelter/dated", "ana@mail.example")
	s.pass(time.Hour)
	w := s.do(http.MethodPost, link, "")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, s.catalogue.Locale("en").T("confirm.closed.title"))
	s.tick()
	if n, _ := s.counted("/shelter/dated"); n != 0 {
		t.Errorf("%d counted", n)
	}
}

func TestDeadLinkIsGoneInTheReadersLanguage(t *testing.T) {
	s := newSite(t)
	link := s.sign("/es/shelter/equality", "ana@mail.example")
	for name, path := range map[string]string{
		"cut short": link[:len(link)-5],
		"changed":   link[:len(link)-1] + "~",
		"nonsense":  "/es/confirm/x",
		"long":      "/es/confirm/" + strings.Repeat("A", 5000),
		"my":        "/es/my/" + strings.TrimPrefix(link, "/es/confirm/"),
		"stop":      "/es/unsubscribe/" + strings.TrimPrefix(link, "/es/confirm/"),
	} {
		w := s.get(path)
		if w.Code != http.StatusGone {
			t.Errorf("%s: %d", name, w.Code)
		}
		wantWords(t, w, s.catalogue.Locale("es").T("error.link_dead"))
		wantPersonal(t, w)
	}
	s.pass(97 * time.Hour)
	wantStatus(t, s.get(link), http.StatusGone)
	wantStatus(t, s.do(http.MethodPost, link, ""), http.StatusGone)
}

func wantPersonal(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Robots-Tag") != "noindex" {
		t.Errorf("a personal page with %v", w.Header())
	}
}

func TestPersonalPagesAreKeptByNobody(t *testing.T) {
	s := newSite(t)
	link := s.sign("/shelter/equality", "ana@mail.example")
	wantPersonal(t, s.get(link))
	confirmed := s.do(http.MethodPost, link, "")
	wantPersonal(t, confirmed)
	mine := "/my/" + s.between(confirmed, `href="/my/`, `"`)
	wantPersonal(t, s.get(mine))
	if s.get(mine).Result().Header["Set-Cookie"] != nil {
		t.Error("a cookie")
	}
	wantNotKept(t, s, "ana@mail.example")
}

func TestMyLinkComesByMailAndSaysTheSameToEveryone(t *testing.T) {
	s := newSite(t)
	s.do(http.MethodPost, s.sign("/shelter/equality", "ana@mail.example"), "")
	w := s.post("/my", s.askFor("ana"))
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, `value="ana"`, s.catalogue.Locale("en").T("error.email.form"))
	for _, email := range []string{"ana@mail.example", "stranger@mail.example"} {
		w := s.post("/my", s.askFor(email))
		wantStatus(t, w, http.StatusSeeOther)
		wantStatus(t, s.get(w.Header().Get("Location")), http.StatusOK)
		wantStatus(t, s.get(s.link()), http.StatusOK)
	}
}

func TestMailStopsByOneClickAndBeginsAgainByTheButton(t *testing.T) {
	s := newSite(t)
	wantStatus(t, s.post("/my", s.askFor("ana@mail.example")), http.StatusSeeOther)
	m := <-s.mail
	u, err := url.Parse(m.Unsubscribe)
	s.must(err)
	title, done := s.catalogue.Locale("en").T("unsubscribe.title"), s.catalogue.Locale("en").T("unsubscribe.done.title")
	wantWords(t, s.get(u.Path), title)
	oneClick := "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
	w := s.do(http.MethodPost, u.Path, oneClick, "Sec-Fetch-Site", "", "Content-Type", "multipart/form-data; boundary=b")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, done)
	wantWords(t, s.get(u.Path), done)
	w = s.post(u.Path, url.Values{"again": {"1"}})
	wantWords(t, w, title)
}
