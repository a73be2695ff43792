package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// subscribers counts those who hear of the cause.
func (s *testSite) subscribers() int64 { return s.subscribersOf("shelter") }

func (s *testSite) subscribersOf(issue string) (n int64) {
	s.t.Helper()
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) error {
		all, err := tx.CountSubscribers()
		n = all[issue][undersigned.SubscriberActive]
		return err
	}))
	return n
}

// boxIn gives where the box of a page posts its button.
func (s *testSite) boxIn(page *httptest.ResponseRecorder) string {
	s.t.Helper()
	_, rest, _ := strings.Cut(s.between(page, `id="news-box"`, `</section>`), `action="`)
	path, _, _ := strings.Cut(rest, `"`)
	return path
}

func TestBoxOnTheConfirmedPageSubscribesInTheWordsThatStoodThere(t *testing.T) {
	s := newSite(t)
	for _, lang := range []string{"en", "es"} {
		words, before := s.catalogue.Locale(lang), s.subscribers()
		link := s.sign(LocalPath(lang, "/shelter/equality"), lang+"@example.org")
		if strings.Contains(s.get(link).Body.String(), words.T("news.box")) {
			t.Error("the box is there before the mailbox is proved")
		}
		confirmed := s.post(link, nil)
		title, _ := testContent().Issue.Text(lang)
		agreed := words.T("news.consent", "title", title.Title)
		wantWords(t, confirmed, words.T("news.box"), agreed)
		path := s.boxIn(confirmed)
		consent := s.between(confirmed, `name="consent" value="`, `"`)

		for range 2 {
			wantWords(t, s.get(path), words.T("news.title"))
		}
		wantStatus(t, s.post(path, url.Values{"consent": {strings.Repeat("0", len(consent))}}), http.StatusOK)
		if s.subscribers() != before {
			t.Fatal("somebody is subscribed who has agreed to nothing")
		}
		for range 2 {
			wantStatus(t, s.post(path, url.Values{"consent": {consent}}), http.StatusSeeOther)
		}
		wantWords(t, s.get(path), words.T("news.on.title"), agreed)
		if n := s.subscribers(); n != before+1 {
			t.Fatalf("%d more subscribers, want one", n-before)
		}
		mine := strings.Split(path, "/news/")[0]
		wantWords(t, s.get(mine), words.T("my.news"), words.T("my.news.on", "day", words.Date(s.now())))

		wantStatus(t, s.post(path, url.Values{"stop": {"1"}}), http.StatusSeeOther)
		wantWords(t, s.get(path+"?left=1"), words.T("news.left.title"), agreed)
		wantWords(t, s.get(mine), words.T("my.news.off"))
		if s.subscribers() != before {
			t.Fatal("they are still subscribed")
		}
		wantStatus(t, s.post(path, url.Values{"consent": {consent}}), http.StatusSeeOther)
	}
	for _, path := range []string{"/my/x/news/shelter", "/my/x/news/nothing"} {
		wantStatus(t, s.post(path, url.Values{"stop": {"1"}}), http.StatusGone)
	}
	if strings.Contains(s.logged.String()+s.visited.String(), "example.org") {
		t.Error("an address is in the log")
	}
}

func TestNewsOfAnIssueThatIsNotThereAreNotFound(t *testing.T) {
	s := newSite(t)
	confirmed := s.post(s.sign("/shelter/equality", "ana@example.org"), nil)
	path := strings.TrimSuffix(s.boxIn(confirmed), "shelter")
	wantStatus(t, s.get(path+"nothing"), http.StatusNotFound)
	wantStatus(t, s.post(path+"nothing", url.Values{"consent": {"x"}}), http.StatusNotFound)
}
