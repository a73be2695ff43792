package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned/internal/testenv"
)

// Every page of the desk, in every state, fits a phone and a laptop, and axe finds nothing.
// UNDERSIGNED_TEST_SHOTS names a folder for pictures of all of them.
func TestEveryPageOfTheDeskFitsItsScreenInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "es", width: 360, dark: true}, {lang: "en", width: 1280}} {
		t.Run(fmt.Sprintf("%s %d", kind.lang, kind.width), func(t *testing.T) {
			var r *reader
			v, drawnHere := testViews(t), 0
			for i, state := range pageStates(t, v, kind.lang) {
				if !strings.HasPrefix(state.template, "desk/") {
					continue
				}
				if drawnHere++; drawnHere%30 == 1 { // a tab has a minute
					r = newReader(t, kind)
					r.open(r.path("/admin/sign-in"), http.StatusOK)
				}
				var b bytes.Buffer
				r.must(v.render(&b, state.template, state.view))
				r.run(drawn(b.String()))
				if width := evaluate[int](r, "document.scrollingElement.scrollWidth"); width > r.width {
					t.Errorf("%s is %d pixels wide", state.name, width)
				}
				for _, v := range testenv.Axe(r.t, r.tab) {
					t.Errorf("%s: %s", state.name, v)
				}
				if os.Getenv("UNDERSIGNED_TEST_SHOTS") != "" {
					r.shot(fmt.Sprintf("%03d %s", i, strings.ReplaceAll(state.name, ",", "")))
				}
			}
		})
	}
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
