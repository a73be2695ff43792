package web

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"rsc.io/qr"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/testenv"
)

// sheetStates are the sheet with everything, with less and with next to nothing.
func sheetStates(t *testing.T, v *views, at func(string) chrome, content *undersigned.Content) (states []pageState) {
	t.Helper()
	other := v.chrome("es", "https://example.org", "/detention/sheet")
	if at("/").Lang() == "es" {
		other = v.chrome("en", "https://example.org", "/detention/sheet")
	}
	add := func(name string, other *chrome, content *undersigned.Content, zip string) {
		query := url.Values{}
		if zip != "" {
			query.Set("zip", zip)
		}
		p, err := readPlace(congress.SampleTable(), query, sampleNow)
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := newSheet(at("/detention/sheet"), other, content, p)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, pageState{"sheet, " + name, "sheet", sheet})
	}
	add("nowhere", &other, content, "")
	add("one district", &other, content, "02139")
	add("several districts", &other, content, "02138")
	add("a wrong ZIP code", &other, content, "0213")
	bare := content.Clone()
	bare.Actions, bare.Issue.Languages = nil, []string{"en"}
	add("one language and no asks", nil, bare, "")
	add("its own addressees", &other, callContent(), "02119")
	return states
}

// callContent asks for a call to people who sit in no seat of Congress, with what to say in its first language alone.
func callContent() *undersigned.Content {
	content := sampleContent()
	call := *content.Action("dignity")
	call.Bill, call.Position, call.Targets = undersigned.BillID{}, "", nil
	call.Addressees = []undersigned.Addressee{{Slug: "sheriff", Name: "Ana Lee", Role: "Sheriff", Phone: "617-555-0100"}, {Slug: "clerk", Name: "Bo Roe", Role: "Clerk"}}
	content.Actions = []undersigned.Action{call}
	return content
}

// drawSheet draws the sheet for a ZIP code of a table.
func drawSheet(t *testing.T, content *undersigned.Content, table *congress.Table, zip string) string {
	t.Helper()
	v := testViews(t)
	p, err := readPlace(table, url.Values{"zip": {zip}}, sampleNow)
	if err != nil {
		t.Fatal(err)
	}
	other := v.chrome("es", "https://example.org", "/detention/sheet")
	sheet, err := newSheet(v.chrome("en", "https://example.org", "/detention/sheet"), &other, content, p)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := v.render(&b, "sheet", sheet); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheSheetOfACallToOthersThanCongressHasTheirNumbersAlone(t *testing.T) {
	page := drawSheet(t, callContent(), congress.SampleTable(), "02119")
	for _, want := range []string{`href="tel:&#43;16175550100"`, "<strong>Ana Lee</strong>", `<span lang="en" dir="ltr">Sheriff</span>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the sheet lacks %s", want)
		}
	}
	for _, wrong := range []string{"224-3121", "Bo Roe", "Pressley", "we cannot say for certain"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the sheet has %s", wrong)
		}
	}
}

func TestTheSwitchboardIsAskedForWhomTheCallIsFor(t *testing.T) {
	for targets, want := range map[string]string{"house": "ask for your Representative<", "senate": "ask for one of your senators<", "house senate": "ask for your Representative or a senator<"} {
		content := sampleContent()
		content.Action("dignity").Targets = strings.Fields(targets)
		if page := drawSheet(t, content, congress.SampleTable(), "02119"); !strings.Contains(page, want) {
			t.Errorf("%s: the sheet lacks %s", targets, want)
		}
	}
}

func TestTheSheetSaysWhatToSayInAnotherLanguageWhereATranslationHasNoWords(t *testing.T) {
	page := drawSheet(t, callContent(), congress.SampleTable(), "")
	if !strings.Contains(page, "Llame a uno de los números de abajo y diga:") || strings.Count(page, "I ask for Dignity.") != 2 ||
		!strings.Contains(page, `<blockquote lang="en" dir="ltr">`) {
		t.Error("the Spanish side does not say what to say")
	}
	content := callContent()
	for lang, text := range content.Actions[0].Texts {
		text.Words = ""
		content.Actions[0].Texts[lang] = text
	}
	page = drawSheet(t, content, congress.SampleTable(), "")
	if strings.Contains(page, "<blockquote") || strings.Contains(page, "y diga:") || !strings.Contains(page, "Llame a uno de los números de abajo.") {
		t.Error("without words the sheet still quotes some")
	}
}

func TestTheSheetThanksWhoSupportsTheBillAlready(t *testing.T) {
	content := sampleContent()
	content.Bill(openBill).CosponsorIDs = []string{"P000617"}
	page := drawSheet(t, content, congress.SampleTable(), "02119")
	if !strings.Contains(page, "Your Representative: supports the bill already, so say thank you") ||
		!strings.Contains(page, "Representa su distrito: ya apoya el proyecto de ley, así que dele las gracias") || strings.Contains(page, "Senate: supports") {
		t.Error("the sheet does not tell whom to thank")
	}
}

func TestTheSheetSaysThatASeatIsVacant(t *testing.T) {
	content := sampleContent()
	content.Action("dignity").Targets = []string{"house"}
	v := testViews(t)
	other := v.chrome("es", "https://example.org", "/detention/sheet")
	p := place{table: congress.SampleTable(), now: sampleNow, ZIP: "02119", asked: true, Answer: congress.Answer{ZIP: "02119", State: "MA",
		Seats: []congress.Seat{{Share: congress.Share{District: undersigned.District{State: "MA", Number: 7}}, Vacant: true}}}}
	sheet, err := newSheet(v.chrome("en", "https://example.org", "/detention/sheet"), &other, content, p)
	if err != nil {
		t.Fatal(err)
	}
	if sheet.Note != "" || len(sheet.Numbers) != 2 || sheet.Numbers[0].Phone != nil ||
		sheet.Numbers[0].Roles[0].Words != "The seat is vacant · Massachusetts, 7th district" {
		t.Errorf("a vacant seat: %q, %+v", sheet.Note, sheet.Numbers)
	}
}

func TestTheSheetHasTheNumbersOfAPlaceAndSpeaksTwoLanguages(t *testing.T) {
	s := newSite(t)
	w := s.get("/shelter/sheet")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "Shelter", "Refugio", "(202) 224-3121", testHost+"/shelter", "Names on paper are counted apart", "se cuentan aparte")
	if strings.Contains(w.Body.String(), "Pressley") {
		t.Error("the sheet for everyone names somebody's member")
	}
	w = s.get("/shelter/sheet?zip=02119")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "Ayanna Pressley", "Your Representative", "Representa su distrito", "(202) 224-3121")
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("the sheet of a place is kept: %s", got)
	}
	wantWords(t, s.get("/shelter/sheet?zip=02138"), "we cannot say for certain")
	wantStatus(t, s.get("/shelter/sheet?zip=0213"), http.StatusUnprocessableEntity)
	wantWords(t, s.get("/es/shelter/sheet?with=en"), "Refugio", "Shelter")
	wantWords(t, s.get("/es/shelter/sheet?with=xx"), "Refugio", "Shelter")
	wantWords(t, s.get("/pt/shelter/sheet"), "Shelter", "Refugio") // a language that the issue is not written in
	wantStatus(t, s.get("/none/sheet"), http.StatusNotFound)
}

// On paper from either side of the sea, with the longest texts that it has room for, and with none.
func TestTheSheetIsOnePageOfPaperInABrowser(t *testing.T) {
	r := newReader(t, browserKind{lang: "en", width: 1280, quick: true})
	paths := []string{starter + "/sheet"}
	for _, lang := range r.catalogue.Languages() {
		for _, with := range r.catalogue.Languages() {
			if lang != with {
				paths = append(paths, LocalPath(lang, starter+"/sheet?zip=02119&with="+with))
			}
		}
	}
	for _, path := range paths {
		for name, inches := range map[string][2]float64{"Letter": {8.5, 11}, "A4": {8.27, 11.69}} {
			r.open(path, http.StatusOK)
			r.onePage(path+" on "+name, inches)
			r.fits(path+" on "+name, inches)
		}
		const longer = `document.querySelectorAll(".poster-side p").forEach(function (p) { p.textContent += " " + p.textContent })`
		evaluate[any](r, longer)
		r.fits(path+" with twice the words", [2]float64{8.5, 11})
	}
}

// fits wants all of the sheet's words on the paper, and room for some people to sign.
func (r *reader) fits(what string, inches [2]float64) {
	r.t.Helper()
	const margins, inch = 0.8, 96 // Chromium's own, both sides; in pixels
	r.run(testenv.PrintMedia, chromedp.EmulateViewport(int64((inches[0]-margins)*inch), int64((inches[1]-margins)*inch)))
	seen := evaluate[struct{ Over, Lines int }](r, `(function () {
		var sheet = document.querySelector(".poster"), lines = document.querySelector(".poster-lines"), end = lines.getBoundingClientRect().bottom
		return {Over: sheet.scrollHeight - sheet.clientHeight, Lines: Array.from(lines.querySelectorAll("td:first-child")).filter(function (td) { return td.getBoundingClientRect().bottom <= end }).length}
	})()`)
	if seen.Over > 0 || seen.Lines < 5 {
		r.t.Errorf("%s: the words are %d pixels too long, and there are %d lines to sign", what, seen.Over, seen.Lines)
	}
	r.run(testenv.Viewport(r.width, 1), testenv.DarkMode)
}

func (r *reader) onePage(what string, inches [2]float64) {
	r.t.Helper()
	r.pages(what, inches, 1)
}

// pages prints, and wants so many pages.
func (r *reader) pages(what string, inches [2]float64, want int) {
	r.t.Helper()
	printed, err := chromedp.Call(r.tab, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: inches[0], PaperHeight: inches[1]})
	r.must(err)
	count := regexp.MustCompile(`/Count (\d+)`).FindSubmatch(printed.Data)
	if count == nil || string(count[1]) != strconv.Itoa(want) {
		r.t.Errorf("%s: %s pages, want %d", what, count, want)
	}
}

func TestTheWordsOfASheetAreCutBetweenParagraphs(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"One.\n\nTwo.", []string{"One.", "Two."}},
		{"One.\n\n" + strings.Repeat("x", 30), []string{"One."}},
		{"one two three four five", []string{"one two three four …"}},
		{strings.Repeat("x", 30), []string{strings.Repeat("x", 20) + " …"}},
	} {
		if got := shorten(test.text, 20); strings.Join(got, "|") != strings.Join(test.want, "|") {
			t.Errorf("%q is cut to %q, want %q", test.text, got, test.want)
		}
	}
}

func TestQRCodesHoldTheAddressOfTheirPage(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/shelter", "/es/shelter", "/shelter/equality", "/es/shelter/letter"} {
		code, err := qr.Encode("https://"+testHost+path, qrLevel)
		if err != nil {
			t.Fatal(err)
		}
		drawn := s.get(path + "/qr.svg")
		wantStatus(t, drawn, http.StatusOK)
		if kind := drawn.Header().Get("Content-Type"); kind != "image/svg+xml; charset=utf-8" {
			t.Errorf("%s is of type %s", path, kind)
		}
		black := map[[2]int]bool{}
		for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(drawn.Body.String(), -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for i := range n {
				black[[2]int{x + i - quietZone, y - quietZone}] = true
			}
		}
		picture := s.get(path + "/qr.png")
		wantStatus(t, picture, http.StatusOK)
		img, err := png.Decode(bytes.NewReader(picture.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for y := range code.Size {
			for x := range code.Size {
				grey, _, _, _ := img.At((x+quietZone)*qrScale+1, (y+quietZone)*qrScale+1).RGBA()
				if want := code.Black(x, y); black[[2]int{x, y}] != want || (grey == 0) != want {
					t.Fatalf("%s: module %d, %d is wrong", path, x, y)
				}
			}
		}
	}
	for _, path := range []string{"/none/qr.svg", "/shelter/none/qr.png", "/shelter/hidden/qr.svg"} {
		wantStatus(t, s.get(path), http.StatusNotFound)
	}
}
