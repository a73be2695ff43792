package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned/internal/testenv"
)

// Every page of the desk, in every state, fits a phone and a laptop, and axe finds nothing in the first state of each.
// UNDERSIGNED_TEST_SHOTS names a folder for pictures of all of them, and then axe looks at all.
func TestEveryPageOfTheDeskFitsItsScreenInABrowser(t *testing.T) {
	const atOnce = 30 // a tab has a minute
	for _, kind := range []browserKind{{lang: "es", width: 360, dark: true}, {lang: "en", width: 1280}} {
		states := slices.DeleteFunc(pageStates(t, testViews(t), kind.lang), func(s pageState) bool { return !strings.HasPrefix(s.template, "desk/") })
		seen := map[string]bool{}
		for part := range slices.Chunk(states, atOnce) {
			t.Run(fmt.Sprintf("%s %d from %s", kind.lang, kind.width, part[0].name), func(t *testing.T) {
				r := newReader(t, kind)
				r.open(r.path("/admin/sign-in"), http.StatusOK)
				for _, state := range part {
					r.looksAt(state, !seen[state.template] || os.Getenv("UNDERSIGNED_TEST_SHOTS") != "")
					seen[state.template] = true
				}
			})
		}
	}
}

func (r *reader) looksAt(state pageState, axe bool) {
	r.t.Helper()
	var b bytes.Buffer
	r.must(r.views.render(&b, state.template, state.view))
	r.run(drawn(b.String()))
	if width := evaluate[int](r, "document.scrollingElement.scrollWidth"); width > r.width {
		r.t.Errorf("%s is %d pixels wide", state.name, width)
	}
	if axe {
		for _, v := range testenv.Axe(r.t, r.tab) {
			r.t.Errorf("%s: %s", state.name, v)
		}
	}
	r.shot(strings.ReplaceAll(state.name, ",", ""))
}

// drawn is an action that puts a page in the place of the one that is open.
func drawn(html string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (void chromedp.Void, err error) {
		tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return void, err
		}
		_, err = chromedp.Call(ctx, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: tree.FrameTree.Frame.ID, HTML: html})
		return void, err
	}
}
