package web

import (
	"fmt"
	"net/http"
	"testing"
)

// Somebody in a ZIP code of two districts finds who represents them, and is told to thank her; by keyboard, with scripts
// and without.
func TestWalkFromASplitZIPCodeToThanksInABrowser(t *testing.T) {
	for i, kind := range []browserKind{
		{lang: "en", width: 360, scripts: true},
		{lang: "es", width: 1280, dark: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v dark=%v", kind.lang, kind.width, kind.scripts, kind.dark), func(t *testing.T) {
			r := newReader(t, kind)
			r.findsLegislators()
			r.thanks()
			if i == 0 {
				r.readsOfADeadBill()
			}
			r.leaves()
		})
	}
}

const (
	toTheSeventh = `.choices a[href*="MA-07"]`
	aliveLetter  = starter + "/support-hr-6397"
)

func (r *reader) findsLegislators() {
	r.t.Helper()
	r.open(r.path("/legislators"), http.StatusOK)
	r.check()
	r.fillIn(http.StatusUnprocessableEntity, map[string]string{"zip": "0213"})
	r.wantText("#zip-error", r.T("error.zip.form"))
	r.check()
	r.open(r.path("/legislators"), http.StatusOK)
	r.fillIn(http.StatusOK, map[string]string{"zip": "02138"})
	r.wantText("#where h2", r.T("where.choose"))
	r.wantText(".choices", "Katherine M. Clark", "Ayanna Pressley")
	r.check()
	r.press(toTheSeventh)
	r.wantText(".member h3", "Ayanna Pressley", "Elizabeth Warren", "Edward J. Markey")
	r.check()
}

func (r *reader) thanks() {
	r.t.Helper()
	r.open(r.path(aliveLetter), http.StatusOK)
	r.check()
	r.fillIn(http.StatusOK, map[string]string{"zip": "02138"})
	r.wantText("#where h2", r.T("where.choose"))
	r.check()
	r.press(toTheSeventh)
	r.wantText(".member", r.T("part.support.cosponsor", "name", "Ayanna Pressley", "bill", "H.R. 6397"))
	r.wantText("#thanks h2", r.T("words.thank"))
	if asked := evaluate[int](r, `document.querySelectorAll("#words").length`); asked != 0 {
		r.t.Error("who is thanked is asked as well")
	}
	if call := evaluate[string](r, `document.querySelector(".member .button").href`); call != "tel:+12022255111" {
		r.t.Errorf("the first button leads to %s", call)
	}
	r.check()
}

func (r *reader) readsOfADeadBill() {
	r.t.Helper()
	r.open(r.path("/bills/112/hr/1932"), http.StatusOK)
	r.wantText(".way .end", r.T("stage.died"))
	r.wantText("main", "Laken Riley Act", "S. 4370")
	r.check()
}
