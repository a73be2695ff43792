package web

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/undersigned/undersigned/internal/testenv"
)

// organiser is a new owner with a keyboard and docs/organisers.md, and nothing else.
type organiser struct {
	*reader
	pages, fields int
	seen          strings.Builder // all words of all pages
}

// The first ten minutes, as docs/organisers.md tells them, from a site that nobody runs yet to the first signature that counts:
// by keyboard alone, with the focus to be seen wherever it is. It makes the pictures of that document, and a word that the
// document quotes has to be on one of the pages.
func TestWalkOfTheFirstTenMinutesInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280, scripts: true, named: true, quick: true},
		{lang: "es", width: 360, scripts: true, named: true, dark: true, quick: true},
		{lang: "en", width: 360, named: true, quick: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			o := &organiser{reader: newReader(t, kind)}
			o.comesIn()
			o.writesAnIssue()
			o.writesAPetition()
			o.signs()
			if elsewhere := o.asked.Elsewhere(o.home); len(elsewhere) > 0 {
				t.Errorf("requests for elsewhere: %q", elsewhere)
			}
			if kind.lang == "en" && kind.scripts {
				o.wantsTheDocumentToBeTrue()
			}
		})
	}
}

func (o *organiser) comesIn() {
	o.t.Helper()
	o.run(testenv.Authenticator)
	o.goes(o.path("/admin/sign-in/" + o.actions.FirstOwnerToken()))
	o.types("#email", "ana@staff.example")
	o.types("#name", "Ana")
	o.enters("main form .button", http.StatusOK)
	o.wantText(".guide .next", o.T("guide.passkey"))
	o.picture("organisers-guide")
	o.wantNoFault()
	if o.scripts {
		o.enters(".guide .next .button", http.StatusOK)
		o.tabTo("[data-new-passkey] button")
		o.run(chromedp.KeyEvent(kb.Enter))
		o.waitFor(".notice", o.T("desk.done.passkey"))
		o.arrived()
		o.today("mail")
		o.enters(".guide .next button", http.StatusOK)
	} else { // no passkey, and the rest all the same
		o.enters(`.guide li button.link`, http.StatusOK)
	}
	o.wantText(".notice", o.T("desk.done.mailed"))
	o.link()
	o.settled()
	if o.scripts {
		o.today("name")
		o.enters(".guide .next .button", http.StatusOK)
	} else {
		o.enters(`.guide li a[href$="/admin/settings"]`, http.StatusOK)
	}
	o.types("#name", "Buses for all")
	o.enters(`form[action$="/look"] .button`, http.StatusOK)
	o.wantText(".brand", "Buses for all")
}

func (o *organiser) writesAnIssue() {
	o.t.Helper()
	o.today("issue")
	if o.scripts {
		o.enters(".guide .next .button", http.StatusOK)
	} else {
		o.enters(`.guide li a[href$="/admin/issues/new"]`, http.StatusOK)
	}
	first, second := "", "es-"
	if o.lang == "es" {
		second = "en-"
	}
	o.types("#f-"+first+"title", "Bus to the clinic")
	o.types("#f-"+second+"title", "Autobús a la clínica")
	o.types("#f-"+first+"summary", "The bus to the county clinic stops in January.")
	o.types("#f-"+second+"summary", "El autobús a la clínica deja de pasar en enero.")
	o.types("#f-"+first+"body", "Bus 12 is the only way to the clinic without a car.")
	o.types("#f-"+second+"body", "El autobús 12 es la única forma de llegar a la clínica sin coche.")
	o.picture("organisers-issue")
	o.enters("form.edit button[value=publish]", http.StatusOK)
	o.wantText("form.part", o.home+o.path("/bus-to-the-clinic"))
	o.enters("form.part button[value=publish]", http.StatusOK)
	o.wantText(".notice", o.T("desk.done.published"))
}

func (o *organiser) writesAPetition() {
	o.t.Helper()
	second := "es-"
	if o.lang == "es" {
		second = "en-"
	}
	o.enters(`a[href*="new/action?kind=petition"]`, http.StatusOK)
	o.types("#f-title", "Keep the bus to the clinic")
	o.types("#f-"+second+"title", "Que siga el autobús a la clínica")
	o.types("#f-ask", "We ask the county to keep bus 12 running.")
	o.types("#f-"+second+"ask", "Pedimos al condado que mantenga el autobús 12.")
	o.types("#f-closes", "01312027")
	o.enters("form.edit button[value=publish]", http.StatusOK)
	if faults := evaluate[int](o.reader, `document.querySelectorAll(".checks .warn, .checks .unmet").length`); faults > 0 {
		o.t.Errorf("%d lines of the list are not good", faults)
	}
	o.picture("organisers-checks")
	o.enters("form.part button[value=publish]", http.StatusOK)
	o.tick()
}

func (o *organiser) signs() {
	o.t.Helper()
	o.today("sign")
	page := o.path("/bus-to-the-clinic/keep-the-bus-to-the-clinic")
	o.tabTo(`.guide a[href="` + page + `"]`) // which opens a tab of its own
	o.goes(page)
	o.types("#given_name", "Ana")
	o.types("#email", "ana@staff.example")
	o.types("#postal_code", "02138")
	o.enters("form .button", http.StatusOK)
	o.goes(o.link())
	o.enters("main form .button", http.StatusOK)
	o.wantText("h1", o.T("confirm.counted.title"))
	o.tick()
	o.goes(page)
	if count := evaluate[string](o.reader, `document.querySelector(".number").getAttribute("data-count")`); count != "1" {
		o.t.Errorf("%s signatures count, want 1", count)
	}
	o.picture("organisers-first")
	o.goes(o.path("/admin"))
	if o.scripts {
		o.wantText(".guide", o.T("guide.over"))
	}
	o.wantNoFault()
	o.enters(`.guide form[action$="/guide"] button`, http.StatusOK)
	if evaluate[bool](o.reader, `!!document.querySelector(".guide")`) {
		o.t.Error("the guide is still there")
	}
}

// today goes back to the desk's first page by its navigation, where the guide is at a step.
func (o *organiser) today(step string) {
	o.t.Helper()
	o.enters(`.rooms a[href$="/admin"]`, http.StatusOK)
	if o.scripts {
		o.wantText(".guide .next", o.T("guide."+step))
	}
}

func (o *organiser) goes(path string) {
	o.t.Helper()
	o.open(path, http.StatusOK)
	o.arrived()
}

// arrived looks at a page.
func (o *organiser) arrived() {
	o.t.Helper()
	o.pages++
	o.seen.WriteString(evaluate[string](o.reader, "document.body.innerText") + "\n")
	o.check()
}

// wantNoFault looks at the guide with axe, which takes too long for every page; others have seen the rest.
func (o *organiser) wantNoFault() {
	o.t.Helper()
	for _, v := range testenv.Axe(o.t, o.tab) {
		o.t.Errorf("%s: %s", o.at(), v)
	}
}

// enters presses Enter on what leads to another page.
func (o *organiser) enters(selector string, status int) {
	o.t.Helper()
	o.tabTo(selector)
	o.arrive(status, chromedp.KeyEvent(kb.Enter))
	o.arrived()
}

func (o *organiser) types(selector, words string) {
	o.t.Helper()
	o.fields++
	o.tabTo(selector)
	o.run(chromedp.KeyEvent(words))
}

// tabTo presses Tab until the focus is where it should be, and wants to see it on the way.
func (o *organiser) tabTo(selector string) {
	o.t.Helper()
	where := fmt.Sprintf(`(function () {
		var e = document.activeElement, s = getComputedStyle(e);
		if (e.matches(%q)) return "there";
		return e === document.body || s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 ? "" : e.outerHTML.slice(0, 200);
	})()`, selector)
	for range 90 { // many more than a page has
		o.run(chromedp.KeyEvent(kb.Tab))
		switch hidden := evaluate[string](o.reader, where); hidden {
		case "there":
			return
		case "":
		default:
			o.t.Errorf("%s: the focus is not to be seen on %s", o.at(), hidden)
		}
	}
	o.t.Fatalf("%s: the keyboard does not reach %s", o.at(), selector)
}

var quoted = regexp.MustCompile(`\*\*([^*]+)\*\*`)

// wantsTheDocumentToBeTrue holds docs/organisers.md against what was seen.
func (o *organiser) wantsTheDocumentToBeTrue() {
	o.t.Helper()
	document, err := os.ReadFile("../../docs/organisers.md")
	o.must(err)
	_, text, _ := strings.Cut(string(document), "## "+o.T("guide.title"))
	text, rest, _ := strings.Cut(text, "\n## ")
	seen := strings.Join(strings.Fields(o.seen.String()), " ")
	words := quoted.FindAllStringSubmatch(text, -1)
	if len(words) < 10 || rest == "" {
		o.t.Fatalf("%d words are quoted", len(words))
	}
	for _, w := range words {
		if !strings.Contains(seen, w[1]) {
			o.t.Errorf("docs/organisers.md: no page says %q", w[1])
		}
	}
	if want := fmt.Sprintf("%d pages, and %d fields", o.pages, o.fields); !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
		o.t.Errorf("docs/organisers.md does not say that it takes %s", want)
	}
}

// Elsewhere in that document the words of the desk are quoted as the desk has them, and its pictures are there.
func TestDocumentForOrganisersQuotesTheDesk(t *testing.T) {
	document, err := os.ReadFile("../../docs/organisers.md")
	if err != nil {
		t.Fatal(err)
	}
	messages, err := os.ReadFile("../locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	words := quoted.FindAllStringSubmatch(string(document), -1)
	for _, w := range words {
		if !strings.Contains(string(messages), `"`+w[1]+`"`) {
			t.Errorf("no message is %q", w[1])
		}
	}
	pictures := regexp.MustCompile(`\((pictures/[^)]+)\)`).FindAllStringSubmatch(string(document), -1)
	for _, p := range pictures {
		if _, err := os.Stat("../../docs/" + p[1]); err != nil {
			t.Error(err)
		}
	}
	if len(words) < 20 || len(pictures) < 4 {
		t.Errorf("it has %d quotations and %d pictures", len(words), len(pictures))
	}
}
