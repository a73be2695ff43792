package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"golang.org/x/net/html"
)

// eachPage draws every page in every state and language.
func eachPage(t *testing.T, check func(t *testing.T, lang string, state pageState, page string)) {
	v := testViews(t)
	for _, lang := range v.cat.Languages() {
		for _, state := range pageStates(t, v, lang) {
			t.Run(lang+" "+state.name, func(t *testing.T) {
				var b bytes.Buffer
				if err := v.render(&b, state.template, state.view); err != nil {
					t.Fatal(err)
				}
				check(t, lang, state, b.String())
			})
		}
	}
}

func TestEveryPageIsWellFormedInEveryState(t *testing.T) {
	eachPage(t, func(t *testing.T, _ string, _ pageState, page string) {
		for _, problem := range malformed(page) {
			t.Error(problem)
		}
	})
}

// malformed names what is open and never closed, closed and never open, twice there, or pointed at and not there.
func malformed(page string) (problems []string) {
	void := []string{"meta", "link", "input", "br", "hr", "img"}
	var open []string
	ids, wanted := map[string]bool{}, map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			for id := range wanted {
				if !ids[id] {
					problems = append(problems, "nothing has the id "+id)
				}
			}
			return append(problems, open...)
		case html.StartTagToken:
			if !slices.Contains(void, token.Data) {
				open = append(open, token.Data)
			}
			problems = append(problems, forbidden(token, ids, wanted)...)
		case html.SelfClosingTagToken:
			problems = append(problems, forbidden(token, ids, wanted)...)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				return append(problems, "</"+token.Data+"> closes "+strings.Join(open, " > "))
			}
			open = open[:len(open)-1]
		}
	}
}

// forbidden checks one tag: the policy lets no inline style or script through, and an id stands for one element.
func forbidden(token html.Token, ids, wanted map[string]bool) (problems []string) {
	for _, a := range token.Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			problems = append(problems, "<"+token.Data+"> has "+a.Key)
		case a.Key == "id":
			if ids[a.Val] {
				problems = append(problems, "the id "+a.Val+" stands twice")
			}
			ids[a.Val] = true
		case a.Key == "for" || a.Key == "aria-labelledby":
			wanted[a.Val] = true
		case a.Key == "aria-describedby":
			for _, id := range strings.Fields(a.Val) {
				wanted[id] = true
			}
		case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
			wanted[a.Val[1:]] = true
		}
	}
	return problems
}

var (
	heading     = regexp.MustCompile(`<h([1-6])`)
	placeholder = regexp.MustCompile(`\{[a-z_0-9]+\}`)
	bodyOf      = regexp.MustCompile(`(?s)<body>.*`)
	forScripts  = regexp.MustCompile(`\sdata-[a-z]+="[^"]*"`) // a script fills these in
)

func TestHeadingsBeginAtOneAndLeaveNoneOut(t *testing.T) {
	eachPage(t, func(t *testing.T, _ string, _ pageState, page string) {
		levels, ones := []byte{}, 0
		for _, m := range heading.FindAllStringSubmatch(page, -1) {
			levels = append(levels, m[1][0])
			if m[1] == "1" {
				ones++
			}
		}
		if ones != 1 {
			t.Errorf("%d headings of the first level", ones)
		}
		// What is wrong with a form stands above the page's own heading, so that it is read first.
		for i := 1; i < len(levels); i++ {
			if levels[i] > levels[i-1]+1 {
				t.Errorf("the headings go %s", levels)
			}
		}
	})
}

func TestNoWordIsMissing(t *testing.T) {
	eachPage(t, func(t *testing.T, lang string, _ pageState, page string) {
		body := forScripts.ReplaceAllString(bodyOf.FindString(page), "")
		if found := placeholder.FindString(body); found != "" {
			t.Errorf("%s has no value", found)
		}
		if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "<no value>") {
			t.Error("the template refused a value")
		}
		if !strings.Contains(page, `<html lang="`+lang+`"`) {
			t.Error("the page does not say its language")
		}
		if regexp.MustCompile(`<title>\s*·`).MatchString(page) {
			t.Error("the page has no title")
		}
	})
}

func TestWhatFallsBackSaysItsLanguage(t *testing.T) {
	v := testViews(t)
	content := sampleContent()
	a := content.Action("promise")
	var b bytes.Buffer
	page := newAction(v.chrome("es", "https://example.org", actionPath(a)), content, a, store.Count{}, "token", sampleNow)
	if err := v.render(&b, "action", page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<h1 lang="en" dir="ltr">Promise</h1>`, `<p class="lead" lang="en" dir="ltr">`, `<div class="prose" lang="en" dir="ltr">`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestEveryTemplateHasAState(t *testing.T) {
	v := testViews(t)
	drawn := map[string]bool{}
	for _, state := range pageStates(t, v, "en") {
		drawn[state.template] = true
	}
	for _, name := range slices.Sorted(maps.Keys(v.pages)) {
		if !drawn[name] {
			t.Errorf("no state draws %s.html", name)
		}
	}
}

func TestWhatWasTypedIsKeptAndEscaped(t *testing.T) {
	v := testViews(t)
	for _, state := range pageStates(t, v, "en") {
		if state.name != "form, wrong everywhere" {
			continue
		}
		var b bytes.Buffer
		if err := v.render(&b, state.template, state.view); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, want := range []string{
			`value="www.example.com &#34;&gt;&lt;script&gt;"`, `value="a@b@c"`, `<option value="FR" selected>`,
			`&lt;/textarea&gt;&lt;b&gt;</textarea>`, `aria-describedby="deliver-hint" checked>`,
			`<a href="#email">`, `id="email-error"`, `aria-describedby="email-hint email-error" aria-invalid="true"`,
			`<title>Error: `, `role="alert"`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		if strings.Count(page, " selected>") != 1 {
			t.Error("not one country is selected")
		}
		return
	}
	t.Fatal("there is no such state")
}

func TestACommentIsGivenBackWhereTheAskHasClosed(t *testing.T) {
	v := testViews(t)
	for _, state := range pageStates(t, v, "en") {
		if state.name != "form, closed meanwhile" {
			continue
		}
		var b bytes.Buffer
		if err := v.render(&b, state.template, state.view); err != nil {
			t.Fatal(err)
		}
		if page := b.String(); !strings.Contains(page, `readonly>&lt;/textarea&gt;&lt;b&gt;</textarea>`) || strings.Contains(page, `id="sign"`) {
			t.Error("the page has a form, or lost what was typed")
		}
		return
	}
	t.Fatal("there is no such state")
}

// The starter petition, style included, in one request: the 14 KB that a server may send before the first answer of the
// other side. gzip is what the oldest phones ask for.
func TestThePetitionPageFitsItsFirstWindow(t *testing.T) {
	const most = 14 << 10
	v := testViews(t)
	content, err := pack.Read(os.DirFS("../../packs/immigration-detention"))
	if err != nil {
		t.Fatal(err)
	}
	a := content.Action("equality-under-the-law")
	for _, lang := range v.cat.Languages() {
		page := newAction(v.chrome(lang, "https://example.org", actionPath(a)), content, a, store.Count{Counted: 1234567, AsOf: sampleNow}, strings.Repeat("x", 64), sampleNow)
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if err := v.render(w, "action", page); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", lang, b.Len())
		if b.Len() > most {
			t.Errorf("%s: %d bytes, %d at most", lang, b.Len(), most)
		}
	}
}

func TestThePolicyAllowsTheStyleSheetOnThePage(t *testing.T) {
	v := testViews(t)
	var b bytes.Buffer
	if err := v.render(&b, "privacy", newPrivacy(v.chrome("en", "https://example.org", "/privacy"), &store.Site{}, seizedView{})); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(b.String(), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; v.design.Load().styleSource != want || len(style) < 1000 {
		t.Errorf("the policy names %s, the page needs %s", v.design.Load().styleSource, want)
	}
}

// What Chrome 60 and Safari 10 do not know is left out by them, and the page falls apart.
func TestTheStyleSheetIsForThePhonesOf2017(t *testing.T) {
	style, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	tooNew := regexp.MustCompile(`(?i)var\(|--[a-z]|\bgrid|\bgap:|:is\(|:where\(|:has\(|clamp\(|aspect-ratio|\binset(-[a-z]+)?:|-inline|-block-|focus-visible|\bmin\(|\bmax\(|@import|url\(`)
	if found := tooNew.FindString(cssComment.ReplaceAllString(string(style), "")); found != "" {
		t.Errorf("the style sheet uses %s", found)
	}
}

func TestEndsOfWhatIsSealedAreThoseOfTheFirst(t *testing.T) {
	c := testViews(t).chrome("en", "https://example.org", "/privacy")
	v := sampleSeized(c)
	if got := v.Rows[1].Ends; got != "At most 90 days after each closes, the first by "+c.Date(sampleNow.AddDate(0, 4, 12)) {
		t.Errorf("signatures: %q", got)
	}
	if got := v.Rows[2].Ends; got != "after four days, the oldest by "+c.Date(sampleNow.AddDate(0, 0, 3)) {
		t.Errorf("forms: %q", got)
	}
}
