package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// Somebody signs, asks to hear what comes of it, hears, and leaves; with scripts and without.
func TestWalkFromTheBoxToTheNewsAndOutAgainInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "en", width: 360}, {lang: "es", width: 1280, scripts: true, dark: true}, {lang: "pt", width: 360, quick: true}} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			r := newReader(t, kind)
			link := r.sign(r.path(starter+"/equality-under-the-law"), "ana@mail.example")
			r.open(link, http.StatusOK)
			r.press("main form .button")
			r.wantText("main", r.T("news.box"))
			r.check()
			r.shot("news-box")
			r.press(`form[action*="/news/"] .button`)
			r.wantText("h1", r.T("news.on.title"))
			r.check()
			r.shot("news-on")
			r.press(`main p a[href*="/my/"]`)
			r.wantText("main", r.T("my.news"))
			r.check()
			r.shot("news-my")

			texts := map[string]undersigned.UpdateText{"en": {Subject: "It moves", Body: "The bill is [here](/diary)."}, "es": {Subject: "Avanza", Body: "La ley está [aquí](/diary)."}}
			u, err := r.actions.BeginUpdate(t.Context(), undersigned.UserID{}, "immigration-detention", texts)
			r.must(err)
			r.must(r.actions.ScheduleUpdate(t.Context(), undersigned.UserID{}, u.ID, time.Time{}))
			sender := r.actions.NewsSender(action.Post{Composer: r.composer, Sender: r.testSite, BaseURL: r.base, Path: LocalPath})
			_, err = sender.Step(t.Context(), t.Context())
			r.must(err)
			m := <-r.mail
			stop, err := url.Parse(m.Unsubscribe)
			r.must(err)
			if !strings.HasPrefix(stop.Path, r.path("/unsubscribe/")) {
				t.Errorf("the way out is %s", stop.Path)
			}
			r.open(stop.Path, http.StatusOK)
			r.wantText("h1", r.T("unsubscribe.news.title"))
			r.check()
			r.shot("news-stop")
			r.press("main form .button")
			r.wantText("h1", r.T("unsubscribe.news.done.title"))
			r.check()
			r.shot("news-stopped")
			if n := r.subscribersOf("immigration-detention"); n != 0 {
				t.Errorf("%d still hear", n)
			}
			r.leaves()
		})
	}
}

// An editor writes an update, sees how it reads, and lets it go, by keyboard and without scripts too.
func TestWalkOfAnUpdateAtTheDeskInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "en", width: 1280, scripts: true, named: true}, {lang: "es", width: 360, named: true, dark: true}} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			r := newReader(t, kind)
			bo := r.hire(undersigned.RoleEditor, "bo@staff.example")
			r.open(r.path("/admin/sign-in/"+r.actions.SignInToken(bo.user.ID)), http.StatusOK)
			r.press("main .button")
			r.open(r.path("/admin/news"), http.StatusOK)
			r.check()
			r.shot("desk-news")
			r.press(".things .button")
			r.check()
			r.shot("desk-update-new")
			r.fillIn(http.StatusOK, map[string]string{"subject_en": "It moves", "body_en": "The bill has moved. **Call** today."})
			r.wantText(".notice", r.T("desk.done.saved"))
			r.wantText(".preview", "The bill has moved. Call today.", r.T("desk.news.instead", "language", languageName(r.views.chrome(r.lang, "", "/"), "en")))
			r.check()
			r.shot("desk-update")
			r.press(`form[action$="/try"] .button`)
			if m := <-r.mail; m.To != "bo@staff.example" {
				t.Errorf("tried on %s", m.To)
			}
			r.run(chromedp.Click(chromedp.CSS("#without")))
			r.press(`form[action$="/move"] button[name="when"]`)
			r.wantText(".lead", r.T("desk.news.state.scheduled"))
			r.check()
			r.shot("desk-update-scheduled")
			r.open(r.path("/admin/news"), http.StatusOK)
			r.wantText("table", "It moves")
			r.check()
		})
	}
}
