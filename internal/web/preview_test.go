package web

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/shaping"

	"github.com/undersigned/undersigned"
)

// titles are in a script each; a word that its font cannot join up has other glyphs than letters.
var titles = []struct {
	name, lang, dir, title string
	joined                 bool
}{
	{"Latin", "es", "ltr", "Pida a su Representante que apoye la Ley de Dignidad: ¡firme hoy!", false},
	{"Arabic", "ar", "rtl", "كرامة المحتجزين: وقّعوا العريضة رقم 6397 اليوم", true},
	{"Hebrew", "he", "rtl", "כבוד לעצורים: חתמו על העצומה (H.R. 6397)", false},
	{"Devanagari", "hi", "ltr", "हिरासत में लिए गए लोगों की गरिमा के लिए हस्ताक्षर करें", true},
	{"Bengali", "bn", "ltr", "আটক মানুষের মর্যাদার জন্য স্বাক্ষর করুন", true},
	{"Ethiopic", "am", "ltr", "ለታሰሩ ሰዎች ክብር ይፈርሙ", false},
	{"Khmer", "km", "ltr", "សូមចុះហត្ថលេខាដើម្បីសេចក្តីថ្លៃថ្នូរ", true},
	{"Chinese", "zh", "ltr", "请在「法律面前人人平等」请愿书上签名：没有法官的审查，就不应有拘留（H.R. 6397）", false},
	{"Taiwan", "zh-Hant", "ltr", "請連署：法律之前人人平等，未經法官審查不得拘留。", false},
	{"Japanese", "ja", "ltr", "収容されている人々の尊厳のために、今日ここで署名してください。ＮＯ　裁判官ー", false},
	{"Korean", "ko", "ltr", "구금된 사람들의 존엄을 위해 오늘 청원에 서명해 주세요", false},
	{"Cyrillic", "ru", "ltr", "Подпишите петицию за достоинство задержанных", false},
}

func TestTitlesAreDrawnInEveryScriptWithNoLetterMissing(t *testing.T) {
	faces := newPreviewFaces()
	for _, test := range titles {
		t.Run(test.name, func(t *testing.T) {
			k := preview{Lang: test.lang, Dir: test.dir, Above: "Petition", Title: test.title, Below: "cause.example"}
			if !faces.has(k.Title) {
				t.Fatal("a letter has no glyph")
			}
			set := k.set(faces, k.Title, 72, 9)
			if set.cut || set.right != (test.dir == "rtl") {
				t.Errorf("cut: %t, on the right: %t", set.cut, set.right)
			}
			glyphs, own := 0, 0
			for _, line := range set.lines {
				for _, run := range line {
					if rtl := run.Direction == di.DirectionRTL; rtl && test.dir == "ltr" {
						t.Error("a run goes the other way")
					}
					for _, g := range run.Glyphs {
						if glyphs++; g.GlyphID == 0 {
							t.Errorf("no glyph for letter %d", g.TextIndex())
						}
						if nominal(run, []rune(k.Title), g) {
							own++
						}
					}
				}
			}
			if test.joined && own == glyphs {
				t.Error("every letter is drawn as if it stood alone")
			}
			picture, err := k.draw(faces)
			if err != nil {
				t.Fatal(err)
			}
			inkSide(t, picture, test.dir)
			keepPicture(t, "card-"+strings.ToLower(test.name)+".png", picture)
		})
	}
}

// nominal tells whether a glyph is the one that its letter has alone.
func nominal(run shaping.Output, text []rune, g shaping.Glyph) bool {
	alone, _ := run.Face.NominalGlyph(text[g.TextIndex()])
	return alone == g.GlyphID
}

// inkSide wants the title to begin at the side where its language begins.
func inkSide(t *testing.T, picture []byte, dir string) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, 1200, 630) || len(picture) > 150<<10 {
		t.Errorf("the picture is %v and %d bytes", img.Bounds(), len(picture))
	}
	column := func(x int) (ink int) {
		for y := range 630 {
			if img.At(x, y) != img.At(0, 0) {
				ink++
			}
		}
		return ink
	}
	left, right := 0, 0
	for x := range 40 {
		left += column(previewMargin + x)
		right += column(previewWidth - previewMargin - 1 - x)
		if column(x)+column(previewWidth-1-x) > 0 {
			t.Fatal("something is drawn in the margin")
		}
	}
	if dir == "rtl" && right <= left || dir == "ltr" && left <= right {
		t.Errorf("%s, and there is ink %d on the left, %d on the right", dir, left, right)
	}
}

// keepPicture writes a picture where a folder for them is named.
func keepPicture(t *testing.T, name string, picture []byte) {
	t.Helper()
	if dir := os.Getenv("UNDERSIGNED_TEST_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryFontCanBeReadAndHasItsScript(t *testing.T) {
	faces := newPreviewFaces()
	letters := "aяωعहհকአაગਗאಗកກഗကගகగก한請あアㄅ。"
	for _, script := range scripts {
		i := strings.IndexFunc(letters, func(r rune) bool { return unicode.Is(script.runes, r) })
		if i < 0 || !faces.has(string([]rune(letters[i:])[:1])) {
			t.Errorf("%s: no letter at %d", script.file, i)
		}
	}
}

// A server that never draws Chinese must not hold its letters, and one page in Latin no other.
func TestFontsAreReadWhenTheirScriptIs(t *testing.T) {
	faces := newPreviewFaces()
	for _, test := range []struct {
		title string
		read  int
	}{{"Dignity · 50 % — “now”…", 1}, {"Ünïted", 1}, {"כבוד", 2}, {"署名。", 3}, {"ー「」", 3}, {"서명", 4}} {
		if !faces.has(test.title) || len(faces.letters) != test.read || len(faces.faces) != 0 {
			t.Errorf("after %q the letters of %d fonts are read and %d whole, want %d and none", test.title, len(faces.letters), len(faces.faces), test.read)
		}
	}
	faces = newPreviewFaces()
	if faces.has("🙂") || faces.letters[hanFile] != nil || faces.letters[hangulFile] != nil {
		t.Error("a sign that nobody has makes the largest fonts be read")
	}
}

func TestALongTitleIsMadeSmallerAndThenCut(t *testing.T) {
	faces := newPreviewFaces()
	for _, title := range []string{"", "A", strings.Repeat("Dignity for all ", 30), strings.Repeat("x", 400), strings.Repeat("كرامة ", 100)} {
		k := preview{Lang: "en", Dir: "ltr", Title: title}
		if picture, err := k.draw(faces); err != nil || len(picture) > 150<<10 {
			t.Errorf("%d letters: %v, %d bytes", len(title), err, len(picture))
		}
		if set := k.set(faces, title, 47, 5); len(set.lines) > 5 || set.cut != (len(title) > 100) {
			t.Errorf("%d letters: %d lines, cut %t", len(title), len(set.lines), set.cut)
		}
	}
}

func TestOtherSitesAreToldWhatALinkLeadsTo(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct{ path, title, locale, description string }{
		{"/shelter", "Shelter", "en_US", "A roof for everyone."},
		{"/es/shelter", "Refugio", "es_US", "Un techo para todos."},
		{"/shelter/equality", "Equality under the law", "en_US", "No detention without a judge."},
		{"/es/shelter/equality", "Equality under the law (es)", "es_US", "No detention without a judge. (es)"},
	} {
		w := s.get(test.path)
		wantStatus(t, w, http.StatusOK)
		meta := func(name string) string { return s.between(w, `property="og:`+name+`" content="`, `"`) }
		if meta("title") != test.title || meta("description") != test.description || meta("locale") != test.locale ||
			meta("url") != "https://"+testHost+test.path || meta("image:alt") != test.title {
			t.Errorf("%s is told as %q, %q, %s, %s", test.path, meta("title"), meta("description"), meta("locale"), meta("url"))
		}
		if name := s.between(w, `name="twitter:card" content="`, `"`); name != "summary_large_image" {
			t.Errorf("%s is a card of kind %s", test.path, name)
		}
		image, err := url.Parse(meta("image"))
		if err != nil || image.Host != testHost || image.Path != test.path+"/card.png" {
			t.Fatalf("the picture of %s is at %s", test.path, image)
		}
		picture := s.get(image.RequestURI())
		wantStatus(t, picture, http.StatusOK)
		if kind := picture.Header().Get("Content-Type"); kind != "image/png" {
			t.Errorf("the picture is of type %s", kind)
		}
		wantStatus(t, s.get(image.RequestURI(), "If-None-Match", picture.Header().Get("Etag")), http.StatusNotModified)
	}
	for _, path := range []string{"/none/card.png", "/shelter/none/card.png", "/shelter/hidden/card.png"} {
		wantStatus(t, s.get(path), http.StatusNotFound)
	}
	for _, path := range []string{"/", "/learn", "/privacy"} {
		wantWords(t, s.get(path), `name="twitter:card" content="summary"`)
	}
}

func TestACardIsDrawnInTheDirectionOfItsTitleAndLeavesOutWhatItHasNoLettersFor(t *testing.T) {
	c := testViews(t).chrome("en", "https://example.org", "/detention/equality")
	content := sampleContent()
	content.Issue.Languages = []string{"ar"}
	content.Issue.Texts = map[string]undersigned.IssueText{"ar": {Title: "احتجاز"}}
	content.Issue.Publisher = "ᏣᎳᎩ" // Cherokee
	if k := newIssuePreview(c, content); k.Dir != "rtl" || k.Lang != "ar" || k.Above != "" {
		t.Errorf("%+v", k)
	}
	content.Issue.Texts = map[string]undersigned.IssueText{"ar": {Title: "ᏣᎳᎩ"}}
	if k := newActionPreview(c, content, content.Action("equality")); k.Dir != "ltr" || k.Above != "Petition" || k.Title != "Equality" {
		t.Errorf("%+v", k)
	}
}

func TestATitleInLettersWeDoNotHaveGetsNoCard(t *testing.T) {
	content := testContent()
	text := content.Actions[0].Texts["en"]
	text.Title = "ᏣᎳᎩ" // Cherokee
	content.Actions[0].Texts["en"] = text
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	if w := s.get("/shelter/equality"); strings.Contains(w.Body.String(), "og:image") {
		t.Error("a picture is promised")
	}
	wantStatus(t, s.get("/shelter/equality/card.png"), http.StatusNotFound)
	wantStatus(t, s.get("/es/shelter/equality/card.png"), http.StatusOK)
}
