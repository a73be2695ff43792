package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/undersigned/undersigned"
)

// Somebody in a ZIP code of two districts chooses, writes in their own words, copies the letter, and says that it was sent;
// then calls and says how that ended.
func TestWalkFromASplitZIPCodeToTheLedgerInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 360, scripts: true},
		{lang: "es", width: 1280, dark: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.writes()
			r.sends()
			r.calls()
			r.leaves()
		})
	}
}

const ownWords = "My cousin has raised her sister's children since the spring. "

func (r *reader) writes() {
	r.t.Helper()
	r.open(r.path(familyLetter), http.StatusOK)
	r.fillIn(http.StatusOK, map[string]string{"zip": "02138"})
	r.press(toTheSeventh)
	r.wantText(".member h3", "Ayanna Pressley")
	r.check()
	r.fillIn(http.StatusOK, map[string]string{"text": ownWords})
	r.wantText("h1", r.T("letter.title"))
	if text := evaluate[string](r, `document.getElementById("letter-text").value`); !strings.Contains(text, strings.TrimSpace(ownWords)) {
		r.t.Errorf("the letter is %q", text)
	}
	if first := evaluate[string](r, `document.querySelector(".by .button").href`); first != "tel:+12022255111" {
		r.t.Errorf("the first way leads to %s", first)
	}
	r.check()
}

func (r *reader) sends() {
	r.t.Helper()
	if hidden := evaluate[bool](r, `getComputedStyle(document.querySelector("[data-copy]")).display == "none"`); hidden == r.scripts {
		r.t.Errorf("the button that copies is hidden: %v", hidden)
	}
	if r.scripts {
		r.run(chromedp.Click(chromedp.CSS(".by [data-copy]")))
		r.wantText(".by [data-copy]", r.T("share.copied"))
		if got := evaluate[string](r, `getSelection().toString()`); !strings.Contains(got, strings.TrimSpace(ownWords)) {
			r.t.Errorf("copied: %q", got)
		}
	}
	r.press(`button[value="P000617/web form"]`)
	r.wantText(".notice", r.T("letter.done"))
	r.check()
	ledger := r.deliveriesTo("P000617")
	if len(ledger) != 1 || ledger[0].N != 1 || ledger[0].Method != undersigned.ByWebForm || ledger[0].State != undersigned.DeliveryByHand {
		r.t.Errorf("the ledger says %+v", ledger)
	}
	r.press(`button[name="change"]`)
	if text := evaluate[string](r, `document.getElementById("words-text").value`); !strings.Contains(text, strings.TrimSpace(ownWords)) {
		r.t.Errorf("changing it begins with %q", text)
	}
}

func (r *reader) calls() {
	r.t.Helper()
	r.open(r.path(starter+"/call-hr-6397")+"?zip=02138&district=MA-05", http.StatusOK)
	r.wantText(".member h3", "Katherine M. Clark")
	r.check()
	r.press(`button[value="C001101/spoke"]`)
	r.wantText("#called", r.T("call.noted"))
	r.check()
}
