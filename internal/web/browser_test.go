package web

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/testenv"
	"github.com/undersigned/undersigned/packs"
)

// browserKind is what readers' browsers differ in.
type browserKind struct {
	lang    string
	width   int // CSS pixels
	scripts bool
	dark    bool
	quick   bool // without axe, which takes half of the time
	named   bool // the site has a name, which passkeys need; otherwise it is 127.0.0.1
}

// reader is somebody with a browser, before the whole site with the starter issue.
type reader struct {
	*testSite
	browserKind
	tab   context.Context
	home  string // scheme and host of the site
	asked *testenv.Requests
}

const starter = "/immigration-detention"

func newReader(t *testing.T, kind browserKind) *reader {
	t.Helper()
	return newReaderIn(t, locale.Load(), starterContent(t), kind)
}

// newReaderIn is somebody before a site with other languages.
func newReaderIn(t *testing.T, catalogue *locale.Catalogue, content *undersigned.Content, kind browserKind) *reader {
	t.Helper()
	tab := testenv.Chromium(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	home := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	if kind.named {
		home.Host = "localhost:" + home.Port()
	}
	r := &reader{testSite: newSiteIn(t, catalogue, content, home), browserKind: kind, tab: tab, home: home.String()}

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})

	scale := 1.0
	if kind.width < 600 {
		scale = 2
	}
	r.run(testenv.Viewport(kind.width, scale))
	if kind.dark {
		r.run(testenv.DarkMode)
	}
	r.asked = testenv.RecordRequests(t, tab)
	return r
}

// starterContent is the starter issue, where one Representative has put her name to the bill that is alive.
func starterContent(t *testing.T) *undersigned.Content {
	t.Helper()
	content, err := pack.Read(packs.Starter)
	if err != nil {
		t.Fatal(err)
	}
	bill := content.Bill(undersigned.BillID{Congress: 119, Type: "hr", Number: 6397})
	bill.SponsorID, bill.CosponsorIDs, bill.Cosponsors = "J000298", []string{"P000617"}, 1
	return content
}

func (r *reader) run(steps ...chromedp.Action[chromedp.Void]) {
	r.t.Helper()
	r.must(chromedp.Do(r.tab, steps...))
}

// open goes to a page and wants its status.
func (r *reader) open(path string, status int) {
	r.t.Helper()
	r.arrive(status, chromedp.Navigate(r.home+path))
}

// press clicks on what leads to another page.
func (r *reader) press(selector string) {
	r.t.Helper()
	if !evaluate[bool](r, "!!document.querySelector(`"+selector+"`)") {
		r.t.Fatalf("%s: there is no %s", r.at(), selector)
	}
	r.arrive(http.StatusOK, chromedp.Click(chromedp.CSS(selector)))
}

// arrive does what leads to another page, and waits for it.
func (r *reader) arrive(status int, step chromedp.Action[chromedp.Void]) {
	r.t.Helper()
	if !r.scripts {
		r.run(testenv.JavaScriptOff)
	}
	answer, err := chromedp.RunResponse(r.tab, step)
	r.must(err)
	if answer.Status != int64(status) {
		r.t.Fatalf("%s: status %d, want %d", answer.URL, answer.Status, status)
	}
}

func evaluate[T any](r *reader, expression string) T {
	r.t.Helper()
	v, err := chromedp.Run(r.tab, chromedp.Evaluate[T](expression))
	if err != nil {
		r.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (r *reader) wantText(selector string, words ...string) {
	r.t.Helper()
	text := evaluate[string](r, `[].map.call(document.querySelectorAll("`+selector+`"), function (e) { return e.textContent }).join(" ")`)
	text = strings.Join(strings.Fields(text), " ")
	for _, want := range words {
		if !strings.Contains(text, want) {
			r.t.Errorf("%s: %s does not say %q but %q", r.at(), selector, want, text)
		}
	}
}

func (r *reader) at() string { return evaluate[string](r, "location.pathname + location.search") }

// T gives words in the reader's language.
func (r *reader) T(key string, args ...any) string { return r.catalogue.Locale(r.lang).T(key, args...) }

// path is a page in the reader's language.
func (r *reader) path(path string) string { return LocalPath(r.lang, path) }

// check looks at the page as it stands, with what is folded away opened: nothing is wider than the screen, and axe finds
// no fault.
func (r *reader) check() {
	r.t.Helper()
	evaluate[int](r, `[].map.call(document.querySelectorAll("details"), function (d) { d.open = true }).length`)
	if width := evaluate[int](r, "document.scrollingElement.scrollWidth"); width > r.width {
		r.t.Errorf("%s is %d pixels wide", r.at(), width)
	}
	if r.quick {
		return
	}
	for _, v := range testenv.Axe(r.t, r.tab) {
		r.t.Errorf("%s: %s", r.at(), v)
	}
}

// leaves wants that the visit has left nothing in the browser, and has asked nobody else for anything.
func (r *reader) leaves() {
	r.t.Helper()
	if kept := evaluate[string](r, `document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)`); kept != "{}{}" {
		r.t.Errorf("the browser keeps %s", kept)
	}
	if len(r.asked.URLs()) == 0 {
		r.t.Error("no request was recorded")
	}
	if elsewhere := r.asked.Elsewhere(r.home); len(elsewhere) > 0 {
		r.t.Errorf("requests for elsewhere: %q", elsewhere)
	}
}

// fillIn types values into the fields by name and sends the form, by keyboard alone.
func (r *reader) fillIn(status int, values map[string]string) {
	r.t.Helper()
	const focused = `document.activeElement.name || document.activeElement.type || ""`
	const most = 60 // presses of Tab before the button: many more than there are links and fields
	seen := 0
	for range most {
		r.run(chromedp.KeyEvent(kb.Tab))
		name := evaluate[string](r, focused)
		if value, ok := values[name]; ok {
			seen++
			r.run(chromedp.KeyEvent(value))
		}
		if name == "submit" && seen > 0 {
			break
		}
	}
	if seen != len(values) {
		r.t.Fatalf("%s: the keyboard reached %d of %d fields", r.at(), seen, len(values))
	}
	r.arrive(status, chromedp.KeyEvent(kb.Enter))
}

// picture keeps what the reader sees now, where a folder for pictures is named.
func (r *reader) picture(name string) {
	r.t.Helper()
	dir := os.Getenv("UNDERSIGNED_TEST_PICTURES")
	if dir == "" || r.lang != "en" || !r.scripts {
		return
	}
	if r.width < 600 {
		name += "-phone"
	}
	shot, err := chromedp.Run(r.tab, chromedp.CaptureScreenshot())
	r.must(err)
	small, err := testenv.FewColours(shot)
	r.must(err)
	r.must(os.WriteFile(filepath.Join(dir, name+".png"), small, 0o644))
}
