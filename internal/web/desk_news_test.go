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
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// deskNewsStates are the pages of the desk for news.
func deskNewsStates(t testing.TB, at func(path string, user *undersigned.User) deskChrome, site *store.Site) []pageState {
	t.Helper()
	composer, err := mail.NewComposer(locale.Load(), "hello@"+testHost, "Cause")
	if err != nil {
		t.Fatal(err)
	}
	post := action.Post{Composer: composer, BaseURL: &url.URL{Scheme: "https", Host: testHost}, Path: LocalPath}
	content := site.Contents[0]
	slug, first := content.Issue.Slug, content.Issue.Languages[0]
	update := func(state undersigned.UpdateState, cause undersigned.UpdateCause, texts map[string]undersigned.UpdateText) *undersigned.Update {
		u := &undersigned.Update{ID: undersigned.UpdateID{1}, Issue: slug, State: state, Cause: cause, Texts: texts, Made: sampleNow, At: sampleNow}
		if state != undersigned.UpdateDraft && state != undersigned.UpdateScheduled {
			u.Begun, u.Tally = sampleNow, undersigned.UpdateTally{Sent: 12345, Refused: 60, Bounced: 700, Complained: 2, Left: 17}
		}
		return u
	}
	one := func(u *undersigned.Update) *updateView {
		return newUpdateView(at(updatePath(u), sampleEditor).done("saved", "saved"), post, u, content)
	}
	words := map[string]undersigned.UpdateText{first: {Subject: "It moves", Body: "# Now\n\nThe bill is [here](/bills/119/hr/1).\n\n- Call\n- Come"}}
	byItself := update(undersigned.UpdateScheduled, undersigned.AskEnded, nil)
	byItself.About, byItself.Detail = content.Actions[0].Slug, string(undersigned.ReasonDate)
	stopped := update(undersigned.UpdatePaused, undersigned.ByHand, words)
	stopped.Stop = undersigned.StoppedByBounces
	wrong := one(update(undersigned.UpdateDraft, undersigned.ByHand, words))
	wrong.failed(url.Values{"subject_" + first: {"A\r\nb"}, "body_" + first: {"\xff"}, "version": {"1"}, "at": {"soon"}}, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
		Fields: []undersigned.FieldError{{Field: "subject_" + first, Key: "error.subject.lines"}, {Field: "body_" + first, Key: "error.characters"}, {Field: "at", Key: "error.update.at"}}})
	late := one(update(undersigned.UpdateSending, undersigned.ByHand, words))
	late.failed(url.Values{"subject_" + first: {"It moves on"}, "body_" + first: {strings.Repeat("Other words. ", 40)}}, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.update.state"})
	changed := one(update(undersigned.UpdateDraft, undersigned.ByHand, words))
	changed.clashes(&action.UpdateClash{Update: update(undersigned.UpdateDraft, undersigned.ByHand, words), Fields: []string{"subject_" + first, "body_" + first},
		Merged: map[string]undersigned.UpdateText{first: {Subject: "It moves on", Body: "The bill is there."}}})
	counts := map[string]map[undersigned.SubscriberState]int64{slug: {undersigned.SubscriberActive: 1234567, undersigned.SubscriberUnsubscribed: 12}}
	list := []*undersigned.Update{stopped, byItself, update(undersigned.UpdateSent, undersigned.ByHand, words)}
	fresh := &undersigned.Update{Issue: slug, State: undersigned.UpdateDraft}
	return []pageState{
		{"desk, news", "desk/news", newDeskNews(at("/admin/news", sampleEditor), site, counts, list)},
		{"desk, news, none", "desk/news", newDeskNews(at("/admin/news", sampleEditor), &store.Site{}, nil, nil)},
		{"desk, an update, new", "desk/update", newUpdateView(at("/admin/news/new", sampleEditor), post, fresh, content)},
		{"desk, an update, draft", "desk/update", one(update(undersigned.UpdateDraft, undersigned.ByHand, words))},
		{"desk, an update, by itself", "desk/update", one(byItself)},
		{"desk, an update, stopped", "desk/update", one(stopped)},
		{"desk, an update, sending", "desk/update", one(update(undersigned.UpdateSending, undersigned.ByHand, words))},
		{"desk, an update, sent", "desk/update", one(update(undersigned.UpdateSent, undersigned.ByHand, words))},
		{"desk, an update, wrong", "desk/update", wrong},
		{"desk, an update, waits", "desk/update", one(update(undersigned.UpdateScheduled, undersigned.ByHand, words))},
		{"desk, an update, too late", "desk/update", late},
		{"desk, an update, changed", "desk/update", changed},
	}
}

func TestEditorTellsTheNewsFromTheDesk(t *testing.T) {
	s := newSite(t)
	confirmed := s.post(s.sign("/shelter/equality", "ana@example.org"), nil)
	wantStatus(t, s.post(s.boxIn(confirmed), url.Values{"consent": {s.between(confirmed, `name="consent" value="`, `"`)}}), http.StatusSeeOther)
	bo := s.hire(undersigned.RoleEditor, "bo@staff.example")
	wantWords(t, bo.get("/admin/news"), "Shelter", "/admin/news/new?issue=shelter")

	form := url.Values{"issue": {"shelter"}, "subject_en": {"It\r\nmoves"}, "body_en": {"The **bill**\xff"}, "subject_es": {""}, "body_es": {""}}
	w := bo.post("/admin/news", form)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, s.catalogue.Locale("en").T("error.subject.lines"), s.catalogue.Locale("en").T("error.characters"), "moves")
	form.Set("subject_en", "It moves")
	for bad, said := range map[string]string{"[there](javascript:alert(1))": "javascript:alert(1)", "<div>Hello</div>": "Markdown in place of HTML"} {
		form.Set("body_en", bad)
		w = bo.post("/admin/news", form)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, said, bad)
	}
	form.Set("id", s.between(w, `name="id" value="`, `"`))
	form.Set("body_en", "The **bill** is <script>alert(1)</script> [here](/diary).\v•\tone\n•\ttwo\u00ad\x00")
	w = bo.post("/admin/news", form)
	wantStatus(t, w, http.StatusSeeOther)
	if again := bo.post("/admin/news", form); again.Code != http.StatusSeeOther || again.Header().Get("Location") != w.Header().Get("Location") {
		t.Errorf("pressed twice: %d %s", again.Code, again.Header())
	}
	path := strings.TrimSuffix(w.Header().Get("Location"), "?done=saved")
	w = bo.get(path)
	wantWords(t, w, "The <strong>bill</strong>", "<li>one</li>\n<li>two</li>", `href="https://cause.example/diary"`, s.catalogue.Locale("en").T("desk.news.instead", "language", "English"))
	if body := w.Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript`) {
		t.Error("the preview runs scripts")
	}

	version := s.between(w, `name="version" value="`, `"`)
	es := url.Values{"version": {version}, "subject_en": {"It moves"}, "body_en": {"The bill."}, "subject_es": {"Avanza"}, "body_es": {"La ley."}}
	wantStatus(t, bo.post(path, es), http.StatusSeeOther)
	// Somebody who opened it before: what only they have changed joins, and of the same both are shown.
	wantStatus(t, bo.post(path, url.Values{"version": {version}, "subject_en": {"It moves!"}, "body_en": {"The **bill** is <script>alert(1)</script> [here](/diary).\n- one\n- two"}}), http.StatusSeeOther)
	es.Set("body_es", "La ley de otro.")
	w = bo.post(path, es)
	wantStatus(t, w, http.StatusConflict)
	wantWords(t, w, s.catalogue.Locale("en").T("desk.news.clash"), "<ins> de otro</ins>", `value="It moves!"`, "La ley de otro.")
	es.Set("version", s.between(w, `name="version" value="`, `"`))
	es.Set("subject_en", "It moves")
	es.Set("take.body_es", "theirs")
	wantStatus(t, bo.post(path, es), http.StatusSeeOther)
	wantWords(t, bo.get(path), ">La ley.</textarea>", `value="It moves"`)
	wantWords(t, bo.post(path+"/move", url.Values{"to": {"scheduled"}, "version": {version}}), s.catalogue.Locale("en").T("error.update.changed"))

	wantStatus(t, bo.post(path+"/try", url.Values{"language": {"es"}}), http.StatusSeeOther)
	if m := <-s.mail; m.To != "bo@staff.example" || m.Subject != "Avanza" {
		t.Errorf("tried: to %s, %s", m.To, m.Subject)
	}
	w = bo.post(path+"/move", url.Values{"to": {"scheduled"}, "at": {"soon"}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, s.catalogue.Locale("en").T("error.update.at"), `value="soon"`)
	// Nothing goes out to everybody because a field was empty, or still had yesterday in it.
	for at, said := range map[string]string{"": "error.update.at", "2026-11-22T07:30": "error.update.past"} { // 12:30 UTC, now
		w = bo.post(path+"/move", url.Values{"to": {"scheduled"}, "at": {at}})
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, s.catalogue.Locale("en").T(said))
	}
	wantStatus(t, bo.post(path+"/move", url.Values{"to": {"scheduled"}, "at": {"2026-11-22T09:00"}}), http.StatusSeeOther) // 14:00 UTC
	wantWords(t, bo.get(path), `value="2026-11-22T09:00"`)
	sender := s.actions.NewsSender(action.Post{Composer: s.composer, Sender: s, BaseURL: s.base, Path: LocalPath})
	step := func() bool {
		t.Helper()
		worked, err := sender.Step(t.Context(), t.Context())
		s.must(err)
		return worked
	}
	if step() {
		t.Error("it goes out before its time")
	}
	s.pass(2 * time.Hour)
	for step() {
	}
	if m := <-s.mail; m.To != "ana@example.org" || m.Subject != "It moves" {
		t.Errorf("to %s: %s", m.To, m.Subject)
	}
	wantWords(t, bo.get(path), s.catalogue.Locale("en").T("desk.news.state.sent"))
	w = bo.post(path+"/move", url.Values{"to": {"cancelled"}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, s.catalogue.Locale("en").T("error.update.state"))
	for _, bad := range []string{"/admin/news/0123", "/admin/news/0123456789abcdef"} {
		wantStatus(t, bo.get(bad), http.StatusNotFound)
	}
	wantStatus(t, bo.get("/admin/news/new?issue=nothing"), http.StatusNotFound)
	told := map[undersigned.AuditVerb]int{}
	for _, verb := range s.auditVerbs() {
		told[verb]++
	}
	if told[undersigned.AuditUpdateMade] != 1 || told[undersigned.AuditUpdateWritten] != 3 || told[undersigned.AuditUpdateTried] != 1 || told[undersigned.AuditUpdateMoved] != 1 {
		t.Errorf("the audit log: %v", told)
	}
}

func TestUpdateIsNotSentWithoutALanguageUnlessSomebodySaysSo(t *testing.T) {
	s := newSite(t)
	bo := s.hire(undersigned.RoleEditor, "bo@staff.example")
	w := bo.post("/admin/news", url.Values{"issue": {"shelter"}, "subject_en": {"It moves"}, "body_en": {"The bill."}})
	path := strings.TrimSuffix(w.Header().Get("Location"), "?done=saved")
	w = bo.post(path+"/move", url.Values{"to": {"scheduled"}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, s.catalogue.Locale("en").T("error.update.missing"), `name="without"`)
	wantStatus(t, bo.post(path+"/move", url.Values{"to": {"scheduled"}, "when": {"now"}, "without": {"1"}}), http.StatusSeeOther)
}

// What somebody sent is what goes out: other words make a draft of it again. When it has begun to go out, words that come too late
// are given back.
func TestOtherWordsOfASentUpdateMakeADraftAgainOrAreGivenBack(t *testing.T) {
	s := newSite(t)
	bo, cy := s.hire(undersigned.RoleEditor, "bo@staff.example"), s.hire(undersigned.RoleEditor, "cy@staff.example")
	words := s.catalogue.Locale("en")
	w := bo.post("/admin/news", url.Values{"issue": {"shelter"}, "subject_en": {"It moves"}, "body_en": {"The bill."}})
	path := strings.TrimSuffix(w.Header().Get("Location"), "?done=saved")
	send := url.Values{"to": {"scheduled"}, "at": {"2026-11-23T09:00"}, "without": {"1"}}
	wantStatus(t, bo.post(path+"/move", send), http.StatusSeeOther)
	w = cy.get(path)
	wantWords(t, w, words.T("desk.news.unsends"))
	other := url.Values{"version": {s.between(w, `name="version" value="`, `"`)}, "subject_en": {"It moves"}, "body_en": {"Something else."}}
	w = cy.post(path, other)
	wantStatus(t, w, http.StatusSeeOther)
	w = cy.get(w.Header().Get("Location"))
	wantWords(t, w, words.T("desk.done.draft_again"), words.T("desk.news.state.draft"), words.T("desk.news.send.now"))
	wantStatus(t, bo.post(path+"/move", send), http.StatusSeeOther)

	id, _ := undersigned.ParseUpdateID(path[len("/admin/news/"):])
	s.must(s.db.Update(t.Context(), store.Client, func(tx *store.Tx) error {
		u, err := tx.Update(id)
		if err != nil {
			return err
		}
		u.State = undersigned.UpdateSending
		_, err = tx.MoveUpdate(u, undersigned.UpdateScheduled)
		return err
	}))
	late := url.Values{"version": other["version"], "subject_en": {"It moves on"}, "body_en": {"First\nsecond </textarea>"}, "subject_es": {"Avanza"}, "body_es": {"La ley."}}
	w = cy.post(path, late)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, words.T("error.update.state"), words.T("desk.refused.what"), `value="It moves on" readonly`, "First\nsecond </textarea>", `value="Avanza" readonly`)
}

func TestUpdateIsGivenUpByWhoeverIsSure(t *testing.T) {
	s := newSite(t)
	bo := s.hire(undersigned.RoleEditor, "bo@staff.example")
	w := bo.post("/admin/news", url.Values{"issue": {"shelter"}, "subject_en": {"It moves"}, "body_en": {"The bill."}})
	path := strings.TrimSuffix(w.Header().Get("Location"), "?done=saved")
	w = bo.post(path+"/move", url.Values{"to": {"cancelled"}}) // one press asks
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "cannot be sent later", `name="to" value="cancelled"`, `name="sure" value="1"`)
	wantWords(t, bo.get(path), s.catalogue.Locale("en").T("desk.news.state.draft"))
	wantStatus(t, bo.post(path+"/move", url.Values{"to": {"cancelled"}, "sure": {"1"}}), http.StatusSeeOther)
	wantWords(t, bo.get(path), s.catalogue.Locale("en").T("desk.news.state.cancelled"))
}

func TestTodayNamesTheUpdatesThatNeedSomebody(t *testing.T) {
	s := newSite(t)
	bo := s.hire(undersigned.RoleEditor, "bo@staff.example")
	stopped := &undersigned.Update{ID: undersigned.UpdateID{1}, Issue: "shelter", State: undersigned.UpdateSending, Texts: map[string]undersigned.UpdateText{"en": {Subject: "A", Body: "b"}}}
	waits := &undersigned.Update{ID: undersigned.UpdateID{2}, Issue: "shelter", State: undersigned.UpdateScheduled, Cause: undersigned.AskEnded, About: "equality", Detail: "date", At: s.now()}
	s.must(s.db.Update(t.Context(), store.Client, func(tx *store.Tx) error {
		for _, u := range []*undersigned.Update{stopped, waits} {
			if _, err := tx.InsertUpdate(u); err != nil {
				return err
			}
		}
		stopped.State, stopped.Stop = undersigned.UpdatePaused, undersigned.StoppedByBounces
		_, err := tx.MoveUpdate(stopped, undersigned.UpdateSending)
		return err
	}))
	words := s.catalogue.Locale("en")
	wantWords(t, bo.get("/admin"), words.T("desk.todo.update.bounces"), updatePath(stopped), updatePath(waits))
	s.CountMail("sent")
	r, metrics := httptest.NewRequest(http.MethodGet, "http://localhost/metrics", nil), httptest.NewRecorder()
	r.RemoteAddr = "127.0.0.1:999"
	s.Handler().ServeHTTP(metrics, r)
	wantWords(t, metrics, "undersigned_news_stopped 1", `undersigned_mails_total{outcome="sent"} 1`)
	wantWords(t, bo.get(updatePath(stopped)), words.T("desk.news.why.bounces"), words.T("desk.news.move.sending"))
	wantWords(t, bo.get(updatePath(waits)), words.T("desk.news.by_itself"), "Equality under the law")
}
