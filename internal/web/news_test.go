package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/mail"
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

// hears signs and asks for news, and gives the mail of an update that is then sent to them.
func (s *testSite) hears(email string) *mail.Message {
	s.t.Helper()
	confirmed := s.post(s.sign("/shelter/equality", email), nil)
	wantStatus(s.t, s.post(s.boxIn(confirmed), url.Values{"consent": {s.between(confirmed, `name="consent" value="`, `"`)}}), http.StatusSeeOther)
	u, err := s.actions.BeginUpdate(s.t.Context(), undersigned.UserID{}, "shelter", map[string]undersigned.UpdateText{"en": {Subject: "It moves", Body: "Look."}})
	s.must(err)
	s.must(s.actions.ScheduleUpdate(s.t.Context(), undersigned.UserID{}, u.ID, time.Time{}))
	sender := s.actions.NewsSender(action.Post{Composer: s.composer, Sender: s, BaseURL: s.base, Path: LocalPath})
	_, err = sender.Step(s.t.Context(), s.t.Context())
	s.must(err)
	return <-s.mail
}

// A mail program that is asked to end the news posts by itself, without a cookie, a page before, or an Origin (RFC 8058).
func TestMailProgramEndsTheNewsByOnePostAndALookChangesNothing(t *testing.T) {
	s := newSite(t)
	m := s.hears("ana@example.org")
	stop, err := url.Parse(m.Unsubscribe)
	s.must(err)
	for range 3 {
		wantWords(t, s.get(stop.Path, "Sec-Fetch-Site", ""), s.catalogue.Locale("en").T("unsubscribe.news.title"))
	}
	if s.subscribers() != 1 {
		t.Fatal("a look has ended the news")
	}
	if page := s.get(stop.Path).Body.String(); strings.Contains(page, "ana@") || strings.Contains(page, "Equality") {
		t.Error("whoever the mail was passed on to learns whose it was, or what they signed")
	}
	for range 2 {
		w := s.do(http.MethodPost, stop.Path, "List-Unsubscribe=One-Click", "Sec-Fetch-Site", "")
		wantStatus(t, w, http.StatusOK)
		wantWords(t, w, s.catalogue.Locale("en").T("unsubscribe.news.done.title"))
	}
	if s.subscribers() != 0 {
		t.Error("they still hear")
	}
	// The other link ends everything, and can be taken back; the news stay ended.
	all := m.Text[strings.LastIndex(m.Text, "/unsubscribe/"):]
	wantWords(t, s.post(strings.Fields(all)[0], nil), s.catalogue.Locale("en").T("unsubscribe.done.title"))
	for _, secret := range []string{"ana@", strings.TrimPrefix(stop.Path, "/unsubscribe/")} {
		if strings.Contains(s.logged.String()+s.visited.String(), secret) {
			t.Errorf("%.20q is in the log", secret)
		}
	}
}

func TestBoxStandsOnEveryConfirmedPage(t *testing.T) {
	at := func(path string) chrome { return testViews(t).chrome("en", "https://"+testHost, path) }
	content, now := testContent(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	letter := newConfirmLetter(at("/confirm/letter/token"), &action.LetterPage{MyLetter: action.MyLetter{Content: content, Action: content.Action("letter")}, Confirmed: true, MyToken: "mine"}, now)
	offer := newConfirmOffer(at("/confirm/offer/token"), &action.OfferConfirmation{Content: content, Action: content.Action("promise"), Outcome: action.OfferMade, MyToken: "mine"}, now)
	held := newConfirm(at("/confirm/token"), &action.Confirmation{Content: content, Action: content.Action("equality"), Outcome: action.Held, MyToken: "mine"}, now)
	for name, box := range map[string]*newsBox{"letter": letter.News, "offer": offer.News, "held": held.News} {
		if box == nil || box.Action != "/my/mine/news/shelter" || !strings.Contains(box.Words, "Shelter") {
			t.Errorf("%s: %+v", name, box)
		}
	}
	unpressed := newConfirm(at("/confirm/token"), &action.Confirmation{Content: content, Action: content.Action("equality"), Outcome: action.Unpressed}, now)
	if unpressed.News != nil {
		t.Error("the box is there before the mailbox is proved")
	}
}
