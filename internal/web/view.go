package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
)

//go:embed templates/*.html templates/desk/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// views draws every page. It may be used by many goroutines at once; nothing of it changes once made but the design.
type views struct {
	pages  map[string]func() *template.Template // by the template's file name without .html
	cat    *locale.Catalogue
	assets map[string]asset // by file name
	faces  *previewFaces
	design atomic.Pointer[design]

	style, deskStyle string // the style sheets, as they are written
}

// asset is a file that pages load from us, for ever the same at its URL.
type asset struct {
	Path string // /static/{hash}/{file}
	Body []byte
}

// shared are the templates that every page may use; each other file is a page of its own.
var shared = []string{"base.html", "parts.html", "form.html", "members.html", "chart.html", "volunteer.html"}

func newViews(cat *locale.Catalogue) (*views, error) {
	v := &views{cat: cat, pages: map[string]func() *template.Template{}, assets: map[string]asset{}, faces: newPreviewFaces()}
	if err := v.loadStatic(); err != nil {
		return nil, err
	}
	v.design.Store(v.newDesign(&undersigned.Settings{}))
	base := template.New("base.html").Funcs(template.FuncMap{
		"style":    func(dir string) template.CSS { return v.design.Load().styles[dir] },
		"script":   func() string { return v.assets["app.js"].Path },
		"verifier": func() string { return v.assets["verify.js"].Path },
		"icon":     func() string { return v.design.Load().assets["icon.svg"].Path },
		"lang":     langAttribute(cat),
	})
	for _, name := range shared {
		if err := parseTemplate(base, name); err != nil {
			return nil, err
		}
	}
	if err := v.addPages(base, "*.html"); err != nil {
		return nil, err
	}
	desk, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("clone the base template: %w", err)
	}
	for _, name := range []string{"desk/layout.html", "desk/write.html"} {
		if err := parseTemplate(desk, name); err != nil {
			return nil, err
		}
	}
	return v, v.addPages(desk, "desk/*.html")
}

// addPages makes a page of each file that the set itself does not consist of, when it is first drawn: each holds a copy of all
// that it shares, and of the fifty pages few are drawn on one day.
func (v *views) addPages(set *template.Template, pattern string) error {
	files, err := fs.Glob(templateFiles, "templates/"+pattern)
	if err != nil {
		return fmt.Errorf("list templates: %w", err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(file, "templates/")
		if set.Lookup(name) != nil {
			continue
		}
		v.pages[strings.TrimSuffix(name, ".html")] = sync.OnceValue(func() *template.Template {
			page, err := set.Clone()
			if err == nil {
				err = parseTemplate(page, name)
			}
			if err != nil {
				panic(err) // a file of our own: a test has read the same
			}
			return page
		})
	}
	return nil
}

// parseTemplate reads one file into the set. Indentation is for us, not for the reader's phone.
func parseTemplate(set *template.Template, name string) error {
	text, err := templateFiles.ReadFile("templates/" + name)
	if err != nil {
		return fmt.Errorf("read a template: %w", err)
	}
	t := set
	if set.Name() != name {
		t = set.New(name)
	}
	if _, err := t.Parse(indentation.ReplaceAllString(string(text), "\n")); err != nil {
		return fmt.Errorf("parse a template: %w", err)
	}
	return nil
}

var (
	indentation = regexp.MustCompile(`\n\s+`)
	cssComment  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace    = regexp.MustCompile(`\s*([{};,>])\s*|\s+`)
)

// loadStatic reads the static files. The style sheet goes into each page; every other file gets a path with its hash.
func (v *views) loadStatic() error {
	files, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return fmt.Errorf("list static files: %w", err)
	}
	for _, file := range files {
		body, err := staticFiles.ReadFile("static/" + file.Name())
		if err != nil {
			return fmt.Errorf("read a static file: %w", err)
		}
		switch file.Name() {
		case "style.css":
			v.style = minifyCSS(string(body))
		case "desk.css":
			v.deskStyle = minifyCSS(string(body))
			v.assets["desk.ltr.css"] = newAsset("desk.ltr.css", []byte(v.deskStyle))
			v.assets["desk.rtl.css"] = newAsset("desk.rtl.css", []byte(mirrorCSS(v.deskStyle)))
		default:
			v.assets[file.Name()] = newAsset(file.Name(), body)
		}
	}
	return nil
}

// minifyCSS takes out comments and the white space that says nothing. It knows no strings: our style sheet has none with
// more than one space.
func minifyCSS(css string) string {
	css = cssComment.ReplaceAllString(css, "")
	return strings.TrimSpace(cssSpace.ReplaceAllStringFunc(css, func(s string) string {
		if mark := strings.TrimSpace(s); mark != "" {
			return mark
		}
		return " "
	}))
}

// langAttribute gives the function that marks words which fell back to another language than the page's:
// <div{{lang .Lang}}>. It writes nothing for the empty string. In a language that the site itself does not speak, the browser
// sees from the letters which way they run.
func langAttribute(cat *locale.Catalogue) func(string) template.HTMLAttr {
	return func(lang string) template.HTMLAttr {
		if lang == "" {
			return ""
		}
		dir := "auto"
		if cat.Has(lang) {
			dir = cat.Locale(lang).Dir()
		}
		return template.HTMLAttr(` lang="` + template.HTMLEscapeString(lang) + `" dir="` + dir + `"`)
	}
}

// render draws the page called name; p is its view struct. Nothing is written where it fails.
func (v *views) render(w io.Writer, name string, p any) error {
	page, ok := v.pages[name]
	if !ok {
		return fmt.Errorf("draw a page: there is no template %q", name)
	}
	var buf bytes.Buffer
	if err := page().Execute(&buf, p); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	_, err := buf.WriteTo(w)
	return err
}
