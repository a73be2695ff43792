package web

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/undersigned/undersigned"
)

// Somebody offers to help, confirms it, and takes it back after the coordinator has answered.
func TestWalkOfAnOfferAndItsAnswerInABrowser(t *testing.T) {
	for _, kind := range []browserKind{
		{lang: "en", width: 360, scripts: true},
		{lang: "es", width: 1280, dark: true},
		{lang: "es", width: 360, quick: true},
		{lang: "en", width: 1280, scripts: true, quick: true},
	} {
		t.Run(fmt.Sprintf("%s %d scripts=%v", kind.lang, kind.width, kind.scripts), func(t *testing.T) {
			r := newReader(t, kind)
			r.takeOffers()
			r.volunteers()
			desk := r.sendsOffer()
			r.coordinates(desk)
			r.takesOfferBack(desk)
			r.leaves()
		})
	}
}

const volunteering = starter + "/volunteer"

// takeOffers gives the starter's project a coordinator, and what it asks.
func (r *reader) takeOffers() {
	r.t.Helper()
	asked := volunteerContent().Action("translate")
	content := starterContent(r.t.(*testing.T))
	a := content.Action("volunteer")
	a.Opportunity = asked.Opportunity
	for lang, text := range a.Texts {
		text.Opportunity = asked.Texts[lang].Opportunity
		a.Texts[lang] = text
	}
	_, err := r.actions.Import(r.t.Context(), undersigned.UserID{}, content, true)
	r.must(err)
	r.tick()
}

func (r *reader) volunteers() {
	r.t.Helper()
	r.open(r.path(volunteering), http.StatusOK)
	r.wantText("main", "Rosa Díaz")
	r.check()
	r.fillIn(http.StatusUnprocessableEntity, map[string]string{"given_name": "www.example.com", "email": "ana@mail.example",
		"comment": "I can translate.", "answer_why": "Because.", "answer_when": " "})
	r.wantText(".mistakes", r.T("error.name.link"))
	if kept := evaluate[string](r, `document.getElementById("answer_why").value + document.querySelector("[name=answer_when]:checked").value`); kept != "Because.1" {
		r.t.Errorf("of what was typed there is left %q", kept)
	}
	r.check()
	r.fillIn(http.StatusOK, map[string]string{"given_name": "Ana"})
	r.wantText("main", r.T("offer.check_mail.lead"))
	r.check()
}

// sendsOffer gives the path of the coordinator's page.
func (r *reader) sendsOffer() (desk string) {
	r.t.Helper()
	r.open(r.link(), http.StatusOK)
	r.wantText("h1", r.T("offer.confirm.unpressed.title"))
	r.wantText(".offer", "Ana", "I can translate.", "Weekdays")
	r.check()
	r.press("main form .button")
	r.wantText("h1", r.T("offer.confirm.made.title"))
	r.check()
	return r.pathIn(r.letter())
}

func (r *reader) coordinates(desk string) {
	r.t.Helper()
	mine := evaluate[string](r, `document.querySelector('main a[href*="/my/"]').getAttribute("href")`)
	r.open(desk, http.StatusOK)
	r.wantText(".offer", "Ana", "ana@mail.example", "I can translate.", "Because.", "Weekdays")
	r.check()
	r.press("button[value=" + string(undersigned.SubmissionInTouch) + "]")
	r.wantText(".facts", r.catalogue.Locale("en").T("offer.state.in_touch"))
	r.check()
	r.open(mine, http.StatusOK)
	r.wantText(".card", r.T("offer.state.in_touch"))
	r.check()
}

func (r *reader) takesOfferBack(desk string) {
	r.t.Helper()
	r.press(`form[action$="/withdraw-offer"] .button`)
	r.wantText(".notice", r.T("my.done.offer"))
	r.check()
	r.open(desk, http.StatusOK)
	r.wantText("main", r.catalogue.Locale("en").T("offer.gone"))
	r.check()
	r.letter()
}
