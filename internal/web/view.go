package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/undersigned/undersigned/internal/locale"
)

//go:embed templates/*.html templates/desk/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// views draws every page. It never changes once made and may be used by many goroutines at once.
type views struct {
	pages  map[string]func() *template.Template // by the template's file name without .html
	cat    *locale.Catalogue
	assets map[string]asset // by file name
	faces  *previewFaces
	// styleSource allows the inline style sheets in a Content-Security-Policy: 'sha256-…', quotes included.
	styleSource string
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
	style, err := v.loadStatic()
	if err != nil {
		return nil, err
	}
	styles := v.directions(style)
	base := template.New("base.html").Funcs(template.FuncMap{
		"style":    func(dir string) template.CSS { return styles[dir] },
		"script":   func() string { return v.assets["app.js"].Path },
		"verifier": func() string { return v.assets["verify.js"].Path },
		"icon":     func() string { return v.assets["icon.svg"].Path },
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
func (v *views) loadStatic() (style string, err error) {
	files, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return "", fmt.Errorf("list static files: %w", err)
	}
	for _, file := range files {
		body, err := staticFiles.ReadFile("static/" + file.Name())
		if err != nil {
			return "", fmt.Errorf("read a static file: %w", err)
		}
		switch file.Name() {
		case "style.css":
			style = minifyCSS(string(body))
		case "desk.css":
			css := minifyCSS(string(body))
			v.addAsset("desk.ltr.css", []byte(css))
			v.addAsset("desk.rtl.css", []byte(mirrorCSS(css)))
		default:
			v.addAsset(file.Name(), body)
		}
	}
	return style, nil
}

func (v *views) addAsset(name string, body []byte) {
	sum := sha256.Sum256(body)
	v.assets[name] = asset{Path: "/static/" + hex.EncodeToString(sum[:8]) + "/" + name, Body: body}
}

// directions gives the style sheet for each direction that a language of ours runs in, and allows them.
func (v *views) directions(style string) map[string]template.CSS {
	both := map[string]string{"ltr": style, "rtl": mirrorCSS(style)}
	styles := map[string]template.CSS{}
	for _, lang := range v.cat.Languages() {
		dir := v.cat.Locale(lang).Dir()
		if styles[dir] != "" {
			continue
		}
		styles[dir] = template.CSS(both[dir])
		sum := sha256.Sum256([]byte(both[dir]))
		v.styleSource = strings.TrimSpace(v.styleSource + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return styles
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
// <div{{lang .Lang}}>. It writes nothing for the empty string.
func langAttribute(cat *locale.Catalogue) func(string) template.HTMLAttr {
	return func(lang string) template.HTMLAttr {
		if !cat.Has(lang) {
			return ""
		}
		return template.HTMLAttr(` lang="` + lang + `" dir="` + cat.Locale(lang).Dir() + `"`)
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
