package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

var (
	inputTag  = regexp.MustCompile(`<input id="([^"]*)" name="([^"]*)" type="(?:text|date)" value="([^"]*)"|<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	areaTag   = regexp.MustCompile(`(?s)<textarea id="[^"]*" name="([^"]*)"[^>]*>\n(.*?)</textarea>`)
	selectTag = regexp.MustCompile(`(?s)<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>`)
	chosenTag = regexp.MustCompile(`<option value="([^"]*)" selected`)
	tickedTag = regexp.MustCompile(`<input type="checkbox" id="[^"]*" name="([^"]*)" value="([^"]*)" checked`)
)

// filled reads the form of a page as a browser would send it back.
func filled(t testing.TB, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	_, page, found := strings.Cut(w.Body.String(), `<form class="edit"`)
	if !found {
		t.Fatalf("no form: %d\n%s", w.Code, w.Body)
	}
	form := url.Values{}
	for _, m := range inputTag.FindAllStringSubmatch(page, -1) {
		form.Set(unescape(m[2]+m[4]), unescape(m[3]+m[5]))
	}
	for _, m := range areaTag.FindAllStringSubmatch(page, -1) {
		form.Set(unescape(m[1]), strings.ReplaceAll(unescape(m[2]), "\n", "\r\n"))
	}
	for _, m := range selectTag.FindAllStringSubmatch(page, -1) {
		if chosen := chosenTag.FindStringSubmatch(m[2]); chosen != nil {
			form.Set(unescape(m[1]), unescape(chosen[1]))
		} else if first := regexp.MustCompile(`<option value="([^"]*)"`).FindStringSubmatch(m[2]); first != nil {
			form.Set(unescape(m[1]), unescape(first[1]))
		}
	}
	for _, m := range tickedTag.FindAllStringSubmatch(page, -1) {
		form.Add(unescape(m[1]), unescape(m[2]))
	}
	return form
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&").Replace(s)
}

// typed is a form with other things typed, and a button pressed.
func typed(form url.Values, do string, values ...string) url.Values {
	form.Set("do", do)
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return form
}

func (s *testSite) noun(id undersigned.NounID) (noun any) {
	s.t.Helper()
	s.must(s.db.View(s.t.Context(), func(tx *store.Tx) error {
		c, err := tx.Content(id.Issue)
		if c != nil {
			noun = c.Noun(id)
		}
		return err
	}))
	return noun
}

const equality = "/admin/issues/shelter/action/equality"

func TestTextThatChangedIsANewVersionThatReadersSee(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	wantStatus(t, s.post(s.sign("/shelter/equality", "ana@example.org"), nil), http.StatusOK)
	s.tick()
	wantWords(t, s.get("/shelter/equality"), "This text in the public log")
	wantStatus(t, c.post(equality, typed(filled(t, c.get(equality)), "publish", "ask", "No detention without a judge and a lawyer.")), http.StatusSeeOther)
	w := c.get(equality + "/publish")
	wantWords(t, w, "This will be a new version", "One person has signed the text as it is now.")
	decide := url.Values{"do": {"publish"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}}
	w = c.post(equality+"/publish", decide)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "People have signed another text.", "Please check this box")
	decide.Set("newer", "1")
	wantStatus(t, c.post(equality+"/publish", decide), http.StatusSeeOther)
	s.tick()
	page := s.get("/shelter/equality")
	wantWords(t, page, "This is version 2 of the text.", "/shelter/equality/versions")
	a := s.noun(undersigned.NounID{Issue: "shelter", Kind: undersigned.ActionNoun, Slug: "equality"}).(*undersigned.Action)
	versions := s.get("/shelter/equality/versions")
	wantWords(t, versions, "Version 2", "Version 1", "<ins> and a lawyer</ins>", "Who signs now signs this.", "/log/text/"+a.PID+"/1", "/log/text/"+a.PID+"/2")
	wantWords(t, s.get("/log/text/"+a.PID+"/2"), "a judge and a lawyer.")
	wantWords(t, s.get("/es/shelter/equality/versions"), "Versión 2")
	wantWords(t, s.get("/diary"), "/shelter/equality/versions")
	wantStatus(t, s.get("/shelter/letter/versions"), http.StatusNotFound)
}

// Every part of the starter issue comes back from its form as it went in: what the browser sends is what the page showed.
func TestFormOfEveryPartComesBackAsItWas(t *testing.T) {
	content := starterContent(t)
	content.Issue.News = undersigned.NewsSettings{Bill: true, Closing: true}
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	seen := 0
	for id := range content.Nouns() {
		w := c.get(nounPath(id))
		wantStatus(t, w, http.StatusOK)
		form := filled(t, w)
		fields := pack.Fields{}
		for name, said := range form {
			fields[name] = strings.Join(said, ", ")
		}
		fields = fields.Tidy(func(name string) bool { return specOf(id.Kind, name) != nil })
		want := pack.Form(content, content.Noun(id))
		for name, said := range want {
			if fields[name] != strings.TrimSpace(said) {
				t.Errorf("%v: %s came back as %q, was %q", id, name, fields[name], said)
			}
			delete(fields, name)
		}
		for name, said := range fields {
			t.Errorf("%v: %s came back as %q, was nothing", id, name, said)
		}
		seen++
	}
	if seen < 20 {
		t.Errorf("%d parts", seen)
	}
}

func TestEveryFieldHasItsLabelInEveryLanguage(t *testing.T) {
	v := testViews(t)
	for _, lang := range v.cat.Languages() {
		c := v.chrome(lang, "https://cause.example", "/admin")
		for kind, groups := range forms {
			for _, group := range groups {
				for _, f := range group.fields {
					names := []string{f.name}
					for _, item := range f.items {
						names = append(names, f.name+"[1]."+item.name)
					}
					for _, name := range names {
						if spec := specOf(kind, name); f.look != lookHidden && spec != nil && c.fieldWords(kind, spec, name, "") == "" {
							t.Errorf("%s: %s %s has no label", lang, kind, name)
						}
					}
				}
			}
		}
	}
}

func TestDraftIsWrittenPreviewedAndPublishedWithoutJavaScript(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	form := filled(t, c.get(equality))
	w := c.post(equality, typed(form, "preview", "body", "Because of **all** of it.\r\n\r\n<script>alert(1)</script>"))
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "<strong>all</strong>", "Because of **all** of it.")
	if strings.Contains(w.Body.String(), "<script>alert") {
		t.Error("a script came through")
	}
	form = filled(t, w)
	if got := form.Get("body"); got != "Because of **all** of it.\r\n\r\n<script>alert(1)</script>" {
		t.Errorf("the form has %q", got)
	}
	page := c.post(equality, typed(form, "page es"))
	wantStatus(t, page, http.StatusOK)
	wantWords(t, page, `lang="es"`, "Una vista previa que solo ve usted", "Porque <em>importa</em>")
	if s.noun(undersigned.NounID{Issue: "shelter", Kind: undersigned.ActionNoun, Slug: "equality"}).(*undersigned.Action).Texts["en"].Body != "Because *it matters*." {
		t.Error("looking at it has changed it")
	}
	w = c.post(equality, typed(form, "save", "body", "Because of **all** of it."))
	wantStatus(t, w, http.StatusSeeOther)
	saved := c.get(w.Header().Get("Location"))
	wantWords(t, saved, "Saved.", "Draft, saved by bo@staff.example", "Because of **all** of it.", "data-kept-done")
	wantWords(t, c.get("/admin/issues/shelter"), "draft")

	form = filled(t, saved)
	w = c.post(equality, typed(form, "publish"))
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != equality+"/publish?done=saved" {
		t.Fatalf("%d %s", w.Code, to)
	}
	w = c.get(equality + "/publish")
	wantWords(t, w, "What changes", "<ins>of</ins>", "<del>matters</del>")
	w = c.post(equality+"/publish", url.Values{"do": {"publish"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}})
	wantStatus(t, w, http.StatusSeeOther)
	wantWords(t, c.get(w.Header().Get("Location")), "It is published.")
	s.tick()
	wantWords(t, s.get("/shelter/equality"), "Because of <strong>all</strong> of it.")
	if !slices.Contains(s.auditVerbs(), undersigned.AuditPublished) {
		t.Error("the audit log says nothing")
	}
}

func TestWhatIsWrongIsToldBesideItsFieldAndKept(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	form := filled(t, c.get(equality))
	huge := strings.Repeat("Words without end. ", 60_000)
	w := c.post(equality, typed(form, "save", "body", huge, "closes", "31 February", "es:body", "[x](javascript:alert(1))", "title", ""))
	wantStatus(t, w, http.StatusSeeOther)
	w = c.get(equality)
	wantWords(t, w, "Please give a text of at most 100,000 characters.", "Please give a day written YYYY-MM-DD.", "links that begin with https://", `value="31 February"`, "[x](javascript:alert(1))")
	if !strings.Contains(w.Body.String(), huge[:100_000]) {
		t.Error("the long text is lost")
	}
	if strings.Contains(w.Body.String(), "Please fill this in") {
		t.Error("asks for what is merely missing in a draft")
	}
	wantWords(t, c.get(equality+"?check=1"), "Please fill this in.")
	w = c.get(equality + "/publish")
	wantWords(t, w, "It cannot be published as it stands", "Please fill this in.", equality+"?check=1#f-title")
	w = c.post(equality+"/publish", url.Values{"do": {"publish"}, "version": {s.between(w, `name="version" value="`, `"`)}, "save": {s.between(w, `name="save" value="`, `"`)}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
}

func TestSecondOfTwoBrowsersIsShownBothTexts(t *testing.T) {
	s := newSite(t)
	ana, bo := s.hire(undersigned.RoleOwner, "ana@staff.example"), s.hire(undersigned.RoleEditor, "bo@staff.example")
	anas, bos := filled(t, ana.get(equality)), filled(t, bo.get(equality))
	wantStatus(t, ana.post(equality, typed(anas, "save", "ask", "No detention without a fair judge.")), http.StatusSeeOther)
	w := bo.post(equality, typed(bos, "save", "ask", "No detention without any judge.", "es:ask", "Ninguna detención sin juez."))
	wantStatus(t, w, http.StatusConflict)
	wantWords(t, w, "Somebody else has changed the same", "ana@staff.example", "<del>a fair</del>", "<ins>any</ins>", "Ninguna detención sin juez.")
	form := filled(t, w)
	if form.Get("ask") != "No detention without any judge." {
		t.Errorf("the form has %q", form.Get("ask"))
	}
	wantStatus(t, bo.post(equality, typed(form, "save", "take.ask", "theirs")), http.StatusSeeOther)
	form = filled(t, bo.get(equality))
	if form.Get("ask") != "No detention without a fair judge." || form.Get("es:ask") != "Ninguna detención sin juez." {
		t.Errorf("the draft has %q and %q", form.Get("ask"), form.Get("es:ask"))
	}
}

func TestEntriesOfAListAreAddedMovedAndTakenOut(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	path := "/admin/issues/shelter/new/action"
	form := filled(t, c.get(path+"?kind=volunteer"))
	form = filled(t, c.post(path, typed(form, "add questions", "title", "Drive")))
	form = filled(t, c.post(path, typed(form, "add questions", "questions[1].question", "Have you a car?", "questions[1].kind", "yes_no")))
	w := c.post(path, typed(form, "up questions 2", "questions[2].question", "When?", "questions[2].kind", "text", "es:questions[2].question", "¿Cuándo?"))
	wantStatus(t, w, http.StatusOK)
	form = filled(t, w)
	if form.Get("questions[1].question") != "When?" || form.Get("es:questions[1].question") != "¿Cuándo?" || form.Get("questions[1].slug") != "when" ||
		form.Get("questions[2].question") != "Have you a car?" || form.Get("title") != "Drive" {
		t.Errorf("%v", form)
	}
	form = filled(t, c.post(path, typed(form, "drop questions 2")))
	if form.Get("questions[2].question") != "" || form.Get("questions[1].question") != "When?" {
		t.Errorf("%v", form)
	}
}
