package web

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestDirectorySearchAndLibraryInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "en", width: 1280, scripts: true}, {lang: "es", width: 360}} {
		t.Run(kind.lang, func(t *testing.T) {
			r := newReader(t, kind)
			r.chooses()
			r.searches()
			r.learns()
			r.leaves()
		})
	}
}

// chooses picks organisations by their region, and reads of one.
func (r *reader) chooses() {
	r.t.Helper()
	r.open(r.path("/organizations"), http.StatusOK)
	r.picture("organizations")
	r.run(chromedp.SendKeys(chromedp.CSS("#region"), "New"))
	r.press(".filters button")
	r.wantText("article h3", "(MIRA)")
	if shown := evaluate[int](r, `document.querySelectorAll("article").length`); shown != 1 {
		r.t.Errorf("%d organisations of New England", shown)
	}
	r.press("article h3 a")
	r.wantText("h1", "(MIRA)")
	r.picture("organization")
	r.check()
}

// searches finds an organisation by the name that it had once.
func (r *reader) searches() {
	r.t.Helper()
	r.open(r.path("/"), http.StatusOK)
	r.run(chromedp.SendKeys(chromedp.CSS("#q"), "LUTHERAN refugee"))
	r.press(".find button")
	r.wantText(".hits h2", "Global Refuge")
	r.wantText(".hits mark", "Lutheran", "Refugee")
	r.picture("search")
	r.check()
	r.press(".hits h2 a")
	r.wantText("h1", "Global Refuge")
}

// learns ticks what was seen, where there are scripts; the browser keeps it until it is unticked.
func (r *reader) learns() {
	r.t.Helper()
	r.open(r.path("/learn"), http.StatusOK)
	if !r.scripts {
		if boxes := evaluate[int](r, `[].filter.call(document.querySelectorAll("[data-seen]"), function (b) { return b.offsetParent }).length`); boxes != 0 {
			r.t.Errorf("%d boxes do nothing", boxes)
		}
		return
	}
	tick := func(n string) { r.run(chromedp.Click(chromedp.CSS("article:nth-of-type(" + n + ") [data-seen]"))) }
	tick("1")
	tick("3")
	r.open(r.path("/learn"), http.StatusOK)
	r.wantText("[data-seen-of] strong", "2 of 4 seen.")
	r.picture("learn")
	r.check()
	tick("1")
	tick("3")
	if hidden := evaluate[bool](r, `document.querySelector("[data-seen-of]").hidden`); !hidden {
		r.t.Error("it still says how many were seen")
	}
}
