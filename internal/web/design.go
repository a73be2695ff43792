package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"image/color"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// design is what owners have set of how the site looks, ready to be drawn with. It never changes once made; another one takes
// its place.
type design struct {
	settings *undersigned.Settings
	styles   map[string]template.CSS // the style sheet in each page, by direction
	// styleSource allows these in a Content-Security-Policy: 'sha256-…', quotes included.
	styleSource string
	assets      map[string]asset      // by file name: those of the program, and those that are this design's alone
	files       map[string]staticFile // the latter
	logo        *logoLink
	ink, faint  color.RGBA // of the cards that other sites show

	common      []header // of every answer
	commonLines []byte   // the same, as they are sent
	policy      []string // the Content-Security-Policy of pages for readers
	deskPolicy  []string // the Content-Security-Policy of the desk, whose style sheet is a file
	before      *design  // pages that were drawn with it are still on their way
}

// logoLink is a logo as a page shows it.
type logoLink struct {
	Path          string
	Width, Height int // CSS pixels
}

// The accents of the style sheets as they are written, and what else is mixed of them.
var (
	ownLight, _ = undersigned.ParseColor("#1f3a6e")
	ownDark, _  = undersigned.ParseColor("#a9c1f5")
	white       = undersigned.LightGrounds[0]
)

// recolor gives a style sheet, or the icon, the accents of a site.
func recolor(text string, light, dark, faint undersigned.Color) string {
	return strings.NewReplacer("#1f3a6e", light.String(), "#a9c1f5", dark.String(), "#d9e1f2", faint.String(),
		"#b9c4da", light.Mix(white, 0.69).String(), "#8fa3cc", light.Mix(white, 0.5).String(),
		"#1b2a4a", light.Mix(undersigned.DarkGrounds[0], 0.5).String()).Replace(text)
}

// newDesign makes a design of settings.
func (v *views) newDesign(settings *undersigned.Settings) *design {
	l := &design{settings: settings, assets: maps.Clone(v.assets), files: map[string]staticFile{}, ink: previewInk, faint: previewFaint}
	style := v.style
	if light, dark, ok := settings.Accents(); ok {
		faint := light.Mix(white, 0.84)
		if faint.Contrast(light) < undersigned.MinContrast {
			faint = white
		}
		style = recolor(style, light, dark, faint)
		l.add("desk.ltr.css", []byte(recolor(v.deskStyle, light, dark, faint)))
		l.add("desk.rtl.css", []byte(mirrorCSS(recolor(v.deskStyle, light, dark, faint))))
		l.add("icon.svg", []byte(recolor(string(v.assets["icon.svg"].Body), light, dark, faint)))
		l.ink, l.faint = color.RGBA{light.R, light.G, light.B, 0xff}, color.RGBA{faint.R, faint.G, faint.B, 0xff}
	}
	if logo := settings.Logo; logo != nil {
		name := "logo.png"
		if logo.Type == "image/svg+xml" {
			name = "logo.svg"
		}
		l.add(name, logo.Data)
		l.logo = &logoLink{Path: l.assets[name].Path, Width: logo.Width, Height: logo.Height}
	}
	l.styles, l.styleSource = v.directions(style)
	return l
}

func (l *design) add(name string, body []byte) {
	a := newAsset(name, body)
	if l.assets[name].Path != a.Path {
		l.assets[name] = a
		l.files[name] = newStaticFile(name, a)
	}
}

func newAsset(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	return asset{Path: "/static/" + hex.EncodeToString(sum[:8]) + "/" + name, Body: body}
}

// file finds a file of this design, or of the one before it.
func (l *design) file(name, hash string) (staticFile, bool) {
	for ; l != nil; l = l.before {
		if f, ok := l.files[name]; ok && f.hash == hash {
			return f, true
		}
	}
	return staticFile{}, false
}

// directions gives the style sheet for each direction that a language of ours runs in, and what allows them.
func (v *views) directions(style string) (styles map[string]template.CSS, source string) {
	both := map[string]string{"ltr": style, "rtl": mirrorCSS(style)}
	styles = map[string]template.CSS{}
	for _, lang := range v.cat.Languages() {
		dir := v.cat.Locale(lang).Dir()
		if styles[dir] != "" {
			continue
		}
		styles[dir] = template.CSS(both[dir])
		sum := sha256.Sum256([]byte(both[dir]))
		source = strings.TrimSpace(source + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return styles, source
}

// dress makes the site look as settings say, from now on. Pages that are drawn already are right until they are drawn anew:
// the policy allows the style sheet before too.
func (s *Server) dress(settings *undersigned.Settings) {
	l := s.views.newDesign(settings)
	source := l.styleSource
	if before := s.views.design.Load(); before != nil {
		last := *before
		last.before = nil
		l.before = &last
		if last.styleSource != source {
			source += " " + last.styleSource
		}
	}
	l.common = s.commonHeaders(source)
	l.commonLines = lines(l.common)
	l.policy, l.deskPolicy = []string{policy(source)}, []string{policy(source + " 'self'")}
	s.views.design.Store(l)
}

// offered is the language in which a reader is shown a page that they asked for in another: that one where the site shows it,
// or else its first.
func (s *Server) offered(lang string) string {
	settings := s.views.design.Load().settings
	if settings.Shows(lang) {
		return lang
	}
	return settings.Languages[0]
}

// geocodes tells whether readers may find their district by street address: what the program was told wins.
func (s *Server) geocodes() bool {
	return s.geocoder != nil && cmp.Or(s.given.Geocoder, s.views.design.Load().settings.Geocoder) == "on"
}

// shown are the languages that readers are offered, in their order.
func (v *views) shown() []string {
	shown := slices.DeleteFunc(slices.Clone(v.design.Load().settings.Languages), func(lang string) bool { return !v.cat.Has(lang) })
	if len(shown) == 0 {
		return v.cat.Languages()
	}
	return shown
}

// personalPaths begin the paths of what is about one person.
var personalPaths = []string{"/admin", "/confirm/", "/my/", "/offers/", "/unsubscribe/"}

// forAll tells whether a path is that of a page for every reader, in words: of none about one person, which goes on in the
// language that it began in, and of nothing that programs read.
func forAll(p string) bool {
	if path.Ext(p) != "" || slices.Contains([]string{"/healthz", "/readyz", "/metrics"}, p) {
		return false
	}
	for _, first := range append(personalPaths, "/log/", "/static/", "/dev/") {
		if strings.HasPrefix(p, first) {
			return false
		}
	}
	return true
}

// sendOffered sends a reader to the same page in a language that the site shows, where it does not show this one.
func (s *Server) sendOffered(v *visit, r *http.Request) bool {
	lang := s.offered(v.lang)
	if lang == v.lang || r.Method != http.MethodGet && r.Method != http.MethodHead || !forAll(v.path) {
		return false
	}
	to := *r.URL
	to.Scheme, to.Host, to.Path, to.RawPath = "", "", LocalPath(lang, v.path), ""
	v.Header()["Location"] = []string{to.String()}
	v.Header()["Cache-Control"] = noCache
	v.WriteHeader(http.StatusFound)
	return true
}
