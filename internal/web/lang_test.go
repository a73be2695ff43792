package web

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// foreign is a language that the site does not speak; its texts begin with a sign that nothing else has.
const (
	foreign = "ht"
	sign    = "§"
)

// foreignContent is the sample, all that is written in a language in that one alone.
func foreignContent() *undersigned.Content {
	content := sampleContent()
	inForeign(reflect.ValueOf(content).Elem())
	content.Issue.Languages = []string{foreign}
	for i := range content.Organizations { // what is said once for all languages
		begin(reflect.ValueOf(&content.Organizations[i].Region).Elem())
	}
	for i := range content.Resources {
		r := &content.Resources[i]
		begin(reflect.ValueOf(&r.Publisher).Elem())
		for j := range r.Links {
			begin(reflect.ValueOf(&r.Links[j].Label).Elem())
		}
	}
	for i := range content.Facts {
		begin(reflect.ValueOf(&content.Facts[i].Source).Elem())
		begin(reflect.ValueOf(&content.Facts[i].Licence).Elem())
	}
	return content
}

// inForeign puts the English texts below a value into the other language.
func inForeign(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			inForeign(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			inForeign(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			if name := v.Type().Field(i).Name; !v.Type().Field(i).IsExported() {
				continue
			} else if name != "Texts" {
				inForeign(f)
				continue
			}
			text := reflect.New(f.Type().Elem()).Elem()
			if english := f.MapIndex(reflect.ValueOf("en")); english.IsValid() {
				text.Set(english)
			}
			begin(text)
			texts := reflect.MakeMap(f.Type())
			texts.SetMapIndex(reflect.ValueOf(foreign), text)
			f.Set(texts)
		}
	}
}

// begin puts the sign before every text that a reader reads. What has a name for programs is left as it is.
func begin(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.String() != "" {
			v.SetString(sign + v.String())
		}
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			fresh.Index(i).Set(v.Index(i))
			begin(fresh.Index(i))
		}
		v.Set(fresh)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "ID" && name != "Slug" {
				begin(v.Field(i))
			}
		}
	}
}

// Every word of content that falls back is marked with its language, and none of ours is.
func TestWhatFallsBackIsMarkedOnEveryPage(t *testing.T) {
	v := testViews(t)
	for _, state := range pageStatesOf(t, v, "pt", foreignContent()) {
		if strings.HasPrefix(state.template, "desk/") { // seen by those who wrote the words
			continue
		}
		var b bytes.Buffer
		if err := v.render(&b, state.template, state.view); err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		// One sentence of ours begins with a name.
		_, goesOn, _ := strings.Cut(v.chrome("pt", "https://example.org", "/").T("privacy.modes.default", "title", sign), sign)
		wantMarked(doc, "", func(fault string) {
			if !strings.HasSuffix(fault, goesOn) {
				t.Errorf("%s (%s): %s", state.name, state.template, fault)
			}
		})
	}
}

// What is said once for all languages may be called otherwise in each; where it is not, it is marked.
func TestLabelsPublishersRegionsAndSourcesAreTranslated(t *testing.T) {
	content, err := pack.Read(os.DirFS("../../packs/immigration-detention"))
	if err != nil {
		t.Fatal(err)
	}
	v, site := testViews(t), &store.Site{Contents: []*undersigned.Content{content}}
	draw := func(lang, template string, view func(chrome) any) string {
		var b bytes.Buffer
		if err := v.render(&b, template, view(v.chrome(lang, "https://example.org", "/"))); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	help := func(c chrome) any { return newHelp(c, content, sampleNow) }
	fact := func(c chrome) any { return newFactPage(c, content, content.Fact("people-held"), sampleNow) }
	directory := func(c chrome) any { return newDirectory(c, directory(site), filter{region: "New England"}, false) }
	for _, test := range []struct {
		lang, template string
		view           func(chrome) any
		want           []string
	}{
		{"es", "help", help, []string{">Lista de ayuda legal gratuita de EOIR</a>", `<a href="https://www.immigrationadvocates.org/" rel="external noopener" lang="en" dir="ltr">National`, "Oficina Ejecutiva de Revisión"}},
		{"pt", "help", help, []string{`lang="en" dir="ltr">EOIR list of free legal help</a>`}},
		{"es", "fact", fact, []string{"<dd>Dominio público", "<span>Servicio de Inmigración"}},
		{"es", "issue", func(c chrome) any { return newIssue(c, content, nil, sampleNow) }, []string{"Fuente: <span>Servicio de Inmigración y Control de Aduanas de EE. UU. (ICE), estadísticas de detención</span>;"}},
		{"pt", "issue", func(c chrome) any { return newIssue(c, content, nil, sampleNow) }, []string{`Fonte: <span lang="en" dir="ltr">U.S. Immigration`}},
		{"pt", "fact", fact, []string{`<dd lang="en" dir="ltr">Public domain`}},
		{"es", "organizations", directory, []string{`<option value="New England" selected>Nueva Inglaterra</option>`, " · Nueva Inglaterra · "}},
		{"pt", "organizations", directory, []string{`<option value="New England" lang="en" dir="ltr" selected>New England</option>`}},
		{"es", "search", func(c chrome) any { return searched(c, site, "nueva inglaterra") }, []string{"<mark>Nueva</mark> <mark>Inglaterra</mark>"}},
		{"es", "search", func(c chrome) any { return searched(c, site, "dominio publico") }, []string{"<mark>Dominio</mark> <mark>público</mark>"}},
	} {
		page := draw(test.lang, test.template, test.view)
		for _, want := range test.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s %s lacks %s", test.lang, test.template, want)
			}
		}
	}
}

func wantMarked(n *html.Node, lang string, fault func(string)) {
	switch {
	case n.Type == html.TextNode && lang != foreign && begins(n.Data):
		fault("not marked: " + n.Parent.Data + ": " + strings.TrimSpace(n.Data))
	case n.Type == html.ElementNode:
		// A title, a text to copy and a choice hold words alone, and no marks.
		if slices.Contains([]string{"title", "textarea", "option", "script", "style"}, n.Data) {
			return
		}
		for _, a := range n.Attr {
			if a.Key != "lang" {
				continue
			}
			if lang = a.Val; lang == foreign && textOf(n) != "" && !strings.Contains(textOf(n), sign) {
				fault("marked, and ours: " + n.Data + ": " + textOf(n))
			}
		}
	}
	for child := range n.ChildNodes() {
		wantMarked(child, lang, fault)
	}
}

// begins tells whether words in the other language stand by themselves, and not in a sentence of ours that names something.
func begins(text string) bool {
	before, _, found := strings.Cut(text, sign)
	return found && !strings.ContainsFunc(before, unicode.IsLetter)
}

func textOf(n *html.Node) (text string) {
	if n.Type == html.TextNode {
		return n.Data
	}
	for child := range n.ChildNodes() {
		text += textOf(child)
	}
	return text
}
