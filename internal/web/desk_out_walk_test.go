package web

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/undersigned/undersigned"
)

// An owner takes a packet out, and reads of it in the mail; notes that it was handed over, and what was answered; and sees that on
// the office's page. By keyboard alone.
func TestWalkOfAnOwnerWhoHandsAPetitionOverInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 1280, scripts: true},
		{lang: "es", width: 360, scripts: true, dark: true},
		{lang: "en", width: 360, quick: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.fill()
			r.enters(undersigned.RoleOwner, "ana@staff.example")
			r.open(r.path("/admin/exports"), http.StatusOK)
			r.check()
			r.shot("exports")
			r.open(r.path(handOverPath), http.StatusOK)
			r.check()
			r.press(`a[href="` + r.path(handOverPath+signed) + `"]`)
			r.check()
			r.press(".part .button")
			r.wantText("h1", r.T("export.packet"))
			r.check()
			r.shot("export")
			r.takesOut("Vigil on Monday.")
			r.handsOver()
			if elsewhere := r.asked.Elsewhere(r.home); len(elsewhere) > 0 {
				t.Errorf("requests for elsewhere: %q", elsewhere)
			}
		})
	}
}

// takesOut says why, and waits for the file and for the mail about it.
func (r *reader) takesOut(reason string) {
	r.t.Helper()
	dir := r.t.TempDir()
	r.run(downloads(dir))
	for range 40 {
		r.run(chromedp.KeyEvent(kb.Tab))
		if evaluate[string](r, `document.activeElement.name || ""`) == "reason" {
			break
		}
	}
	r.run(chromedp.KeyEvent(reason), chromedp.KeyEvent(kb.Enter))
	if m := r.letter(); m.To != "ana@staff.example" || !strings.Contains(m.Text, reason) {
		r.t.Errorf("to %s:\n%s", m.To, m.Text)
	}
	late := time.After(20 * time.Second)
	for {
		files, err := os.ReadDir(dir)
		r.must(err)
		if len(files) == 1 && strings.HasSuffix(files[0].Name(), ".zip") {
			data, err := os.ReadFile(dir + "/" + files[0].Name())
			r.must(err)
			if !strings.Contains(string(rowsOfPacket(r.t.(*testing.T), data, true)), "Ana Álvarez") {
				r.t.Error("the packet has no names")
			}
			return
		}
		select {
		case <-late:
			r.t.Fatalf("no file came: %v", files)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// downloads lets a browser keep files.
func downloads(dir string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, _ *chromedp.Target) (void chromedp.Void, err error) {
		here, err := chromedp.Call(ctx, target.GetTargetInfo, target.GetTargetInfoParams{})
		if err != nil {
			return void, err
		}
		_, err = chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow,
			BrowserContextID: here.TargetInfo.BrowserContextID, DownloadPath: dir})
		return void, err
	}
}

func (r *reader) handsOver() {
	r.t.Helper()
	page := r.path(handOverPath + signed)
	r.open(page, http.StatusOK)
	r.fillIn(http.StatusOK, map[string]string{"bioguide": "Katherine", "how": strings.Fields(r.T("handover.in_person"))[0], "paper": "12"})
	r.wantText(".notice", r.T("desk.done.handed_over"))
	r.wantText("article", "Katherine M. Clark", r.T("office.silence.today"))
	r.check()
	r.open(page+"?form=answered&bioguide=C001101#answered", http.StatusOK)
	r.fillIn(http.StatusOK, map[string]string{"text": "Thank you for the names."})
	r.wantText(".notice", r.T("desk.done.answered"))
	r.wantText("article", "Thank you for the names.")
	r.check()
	r.shot("handed-over")
	r.tick()
	r.open(r.path("/offices/C001101"), http.StatusOK)
	r.wantText(".inset", "Thank you for the names.", "12")
	r.check()
	r.shot("office")
}
