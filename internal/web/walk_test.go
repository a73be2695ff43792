package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Every combination of language, width and scripts is walked once. The first and the last, which have nothing in common,
// are looked at with axe.
func TestWalkFromSigningToWithdrawingInABrowser(t *testing.T) {
	for i := range 8 {
		kind := browserKind{lang: "en", width: 360, scripts: i&4 == 0, dark: i == 7, quick: i != 0 && i != 7}
		if i&1 != 0 {
			kind.lang = "es"
		}
		if i&2 != 0 {
			kind.width = 1280
		}
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.signs()
			r.shares()
			r.withdraws()
			r.leaves()
		})
	}
}

const petition = starter + "/equality-under-the-law"

func (r *reader) signs() {
	r.t.Helper()
	r.open(r.path(starter), http.StatusOK)
	r.picture("issue")
	r.check()
	r.press(".first .button")
	r.check()

	r.fillIn(http.StatusUnprocessableEntity, map[string]string{"given_name": "Ana", "email": "ana@mail.example", "postal_code": "wrong!"})
	if r.scripts != evaluate[bool](r, `document.activeElement.className == "mistakes"`) {
		r.t.Errorf("reading does not begin at what is wrong")
	}
	if name := evaluate[string](r, `document.getElementById("given_name").value`); name != "Ana" {
		r.t.Errorf("the name that was typed is now %q", name)
	}
	r.check()
	r.fillIn(http.StatusOK, map[string]string{"given_name": "Ana", "email": "ana@mail.example", "postal_code": "02138"})
	r.wantText("h1", r.T("check_mail.title"))
	r.check()

	r.confirms(r.link())
}

func (r *reader) confirms(link string) {
	r.t.Helper()
	r.open(link, http.StatusOK)
	r.wantText("h1", r.T("confirm.title"))
	r.check()
	r.wantCount(0) // the link alone changes nothing
	r.open(link, http.StatusOK)
	r.press("main form .button")
	r.wantText("h1", r.T("confirm.counted.title"))
	r.check()
	r.wantCount(1)
	r.picture("petition")
	r.open(link, http.StatusOK)
	r.wantText("h1", r.T("confirm.already.title"))
}

// wantCount waits for the log's next second and reads the number on the petition's page.
func (r *reader) wantCount(want int) {
	r.t.Helper()
	r.tick()
	r.pass(time.Second)
	r.open(r.path(petition), http.StatusOK)
	if count := evaluate[string](r, `document.querySelector(".number").getAttribute("data-count")`); count != strconv.Itoa(want) {
		r.t.Errorf("%s counts %s, want %d", r.at(), count, want)
	}
}

// shares begins at the page that thanks.
func (r *reader) shares() {
	r.t.Helper()
	r.check()
	const button = `document.querySelector("#share [data-copy]")`
	if hidden := evaluate[bool](r, `getComputedStyle(`+button+`).display == "none"`); hidden == r.scripts {
		r.t.Errorf("the button that copies is hidden: %v", hidden)
	}
	if r.scripts {
		r.run(chromedp.Click(chromedp.CSS("#share [data-copy]")))
		r.wantText("#share [data-copy]", r.T("share.copied"))
		if got := evaluate[string](r, `getSelection().toString()`); got != r.home+r.path(petition) {
			r.t.Errorf("copied: %q", got)
		}
	}
	for _, selector := range []string{`#share a[href^="mailto:"]`, `#share a[href^="https://wa.me/"]`} {
		link, err := url.Parse(evaluate[string](r, `document.querySelector('`+selector+`').href`))
		r.must(err)
		if !strings.Contains(link.Query().Encode(), url.QueryEscape(r.home+r.path(petition))) {
			r.t.Errorf("%s leads to %s", selector, link)
		}
	}
}

func (r *reader) withdraws() {
	r.t.Helper()
	confirmation := r.at()
	r.press(`main a[href*="/my/"]`)
	r.wantText("h1", r.T("my.title"))
	r.check()
	r.press(`form[action$="/withdraw"] .button`)
	r.check()
	r.wantCount(0)
	r.open(confirmation, http.StatusOK)
	r.wantText("h1", r.T("confirm.withdrawn.title"))
	r.check()
}
