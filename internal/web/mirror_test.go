package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"
	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
)

func TestStyleSheetsAreMirroredRuleByRule(t *testing.T) {
	for css, want := range map[string]string{
		".a{padding-left:1px;color:red}":                   ".a{padding-right:1px;color:red}",
		".right{left:0;border-right:1px solid}":            ".right{right:0;border-left:1px solid}",
		".a{margin:1px 2px 3px 4px;padding:0 2px}":         ".a{margin:1px 4px 3px 2px;padding:0 2px}",
		".a{border-radius:1px 2px 3px 4px}":                ".a{border-radius:2px 1px 4px 3px}",
		"td{text-align:left}":                              "td{text-align:right}",
		"@media print{.a:hover{right:0}b{float:left}}":     "@media print{.a:hover{left:0}b{float:right}}",
		".a{border-width:2px 0;text-align:center}":         ".a{border-width:2px 0;text-align:center}",
		".a{direction:ltr;content:\"left\";white-space:x}": ".a{direction:ltr;content:\"left\";white-space:x}",
	} {
		if got := mirrorCSS(css); got != want {
			t.Errorf("%s becomes %s, want %s", css, got, want)
		}
		if back := mirrorCSS(mirrorCSS(css)); back != css {
			t.Errorf("%s, mirrored twice, is %s", css, back)
		}
	}
}

// What mirrorCSS does not know would stay on its side.
func TestTheStyleSheetCanBeMirrored(t *testing.T) {
	style, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	sided := regexp.MustCompile(`translate|rotate\(|background-position|background:[^;}]*(left|right)|text-shadow|box-shadow: ?(inset )?[^0i ]`)
	if found := sided.FindString(minifyCSS(string(style))); found != "" {
		t.Errorf("the style sheet uses %s", found)
	}
}

// rightToLeft is the catalogue with two languages for tests: he is English that runs from right to left, so that a page in
// it is the mirror of the English one; ar has Arabic letters in the place of English ones.
func rightToLeft(t *testing.T) *locale.Catalogue {
	t.Helper()
	files := fstest.MapFS{}
	add := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text)} }
	english, err := os.ReadFile("../locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	rtl := strings.Replace(string(english), `"language.dir": "ltr"`, `"language.dir": "rtl"`, 1)
	add("en.json", string(english))
	add("he.json", rtl)
	message := regexp.MustCompile(`(: ")((?:[^"\\]|\\.)*)(")`)
	word := regexp.MustCompile(`\{[a-z0-9_]+\}|\\.|[A-Za-z]`)
	add("ar.json", regexp.MustCompile(`(?m)^  "(?:language|date\.long)[^\n]*\n|[^\n]*\n`).ReplaceAllStringFunc(rtl, func(line string) string {
		switch {
		case strings.Contains(line, `"language.tag"`):
			return `  "language.tag": "ar",` + "\n"
		case strings.Contains(line, `"language.name"`):
			return `  "language.name": "العربية",` + "\n"
		case strings.Contains(line, `"language.dir"`):
			return line
		}
		return message.ReplaceAllStringFunc(line, func(m string) string {
			parts := message.FindStringSubmatch(m)
			return parts[1] + word.ReplaceAllStringFunc(parts[2], func(letter string) string {
				if len(letter) > 1 {
					return letter
				}
				return string([]rune("ابجدهوزحطيكلمنسعفصقرشتثخذض")[strings.ToLower(letter)[0]-'a'])
			}) + parts[3]
		})
	}))
	catalogue, err := locale.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// mirroredContent is the starter issue whose English texts stand in he too, so that nothing falls back.
func mirroredContent(t *testing.T) *undersigned.Content {
	t.Helper()
	content := starterContent(t)
	content.Issue.Languages = append(content.Issue.Languages, "he")
	raw, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var translate func(node any)
	translate = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, child := range node {
				translate(child)
			}
		case map[string]any:
			if english, ok := node["en"]; ok {
				node["he"] = english
			}
			for _, child := range node {
				translate(child)
			}
		}
	}
	translate(tree)
	if raw, err = json.Marshal(tree); err != nil {
		t.Fatal(err)
	}
	var mirrored undersigned.Content
	if err := json.Unmarshal(raw, &mirrored); err != nil {
		t.Fatal(err)
	}
	return &mirrored
}

// boxes lists what stands where: every box that no line of text moves. Pictures keep their direction.
const boxes = `[].map.call(document.querySelectorAll("body *"), function (e) {
	var r = e.getBoundingClientRect(), display = getComputedStyle(e).display
	if (e.closest("svg, head, .vh, .skip, .languages") || display === "inline" || display === "none" || r.width === 0) return null
	return [e.tagName + "." + e.className, Math.round(r.left), Math.round(r.right), Math.round(document.documentElement.clientWidth)]
}).filter(Boolean)`

type box struct {
	name        string
	left, right int
	page        int
}

func (r *reader) boxes() (found []box) {
	for _, b := range evaluate[[][]any](r, boxes) {
		at := func(i int) int { return int(b[i].(float64)) }
		found = append(found, box{b[0].(string), at(1), at(2), at(3)})
	}
	return found
}

// mainPages are those whose layout differs, and wordyPages those whose words do.
var (
	mainPages = []string{"", starter, starter + "/equality-under-the-law", starter + "/sheet", "/organizations", "/bills/112/hr/1932",
		"/legislators?zip=02138"}
	wordyPages = []string{starter, starter + "/equality-under-the-law", starter + "/sheet", "/facts/people-held", "/facts/alternatives-enrolment", "/legislators?zip=02138"}
)

func TestPagesAreMirroredForLanguagesFromRightToLeftInABrowser(t *testing.T) {
	for _, width := range []int{360, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			r := newReaderIn(t, rightToLeft(t), mirroredContent(t), browserKind{lang: "he", width: width, quick: true})
			for _, path := range mainPages {
				r.open("/"+strings.TrimPrefix(path, "/"), http.StatusOK)
				english := r.boxes()
				r.open("/he"+path, http.StatusOK)
				mirrored := r.boxes()
				if len(english) != len(mirrored) || len(english) < 20 {
					t.Fatalf("%s: %d boxes, mirrored %d", path, len(english), len(mirrored))
				}
				for i, b := range english {
					m := mirrored[i]
					if away := m.left - (b.page - b.right); away < -2 || away > 2 {
						t.Errorf("%s: %s from %d to %d is mirrored from %d to %d", path, b.name, b.left, b.right, m.left, m.right)
					}
				}
			}
		})
	}
}

func TestTourFromRightToLeftInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "ar", width: 360, scripts: true}, {lang: "ar", width: 1280, dark: true, quick: true}} {
		t.Run(fmt.Sprint(kind.width), func(t *testing.T) {
			r := newReaderIn(t, rightToLeft(t), starterContent(t), kind)
			for _, path := range wordyPages {
				r.open("/ar"+path, http.StatusOK)
				if dir := evaluate[string](r, `getComputedStyle(document.body).direction`); dir != "rtl" {
					t.Errorf("%s runs %s", path, dir)
				}
				r.check()
				if os.Getenv("UNDERSIGNED_TEST_PICTURES") != "" {
					picture, err := chromedp.Run(r.tab, chromedp.FullScreenshot(100))
					r.must(err)
					keepPicture(t, fmt.Sprintf("rtl-%d-%s.png", kind.width, path[strings.LastIndexByte(path, '/')+1:]), picture)
				}
			}
			r.leaves()
		})
	}
}
