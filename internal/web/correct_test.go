package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

// An organisation says what is wrong with its entry; its mailbox is proved; one of the staff makes it a draft.
func TestOrganizationCorrectsItsEntry(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleEditor, "bo@staff.example")
	const path = "/organizations/dwn/correct"
	wantWords(t, s.get("/organizations/dwn"), `href="/organizations/dwn/correct"`)
	form := url.Values{formTokenField: {s.between(s.get("/es"+path), `name="form_token" value="`, `"`)}, "name": {"Detention Watch Network"},
		"url": {"javascript:alert(1)"}, "phone": {""}, "body": {"A coalition of **many**."}, "sender": {"ana@dwn.example"}, "note": {"Se mudaron.\r\n"}}
	w := s.post("/es"+path, form)
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "Aquí hace falta una dirección que empiece por https:// o http://", `value="javascript:alert(1)"`, "A coalition of **many**.", `value="ana@dwn.example"`, "Se mudaron.")
	form.Set("url", "https://dwn.example/")
	w = s.post("/es"+path, form)
	wantStatus(t, w, http.StatusSeeOther)
	wantStatus(t, s.get(w.Header().Get("Location")), http.StatusOK)
	link := s.link()
	wantWords(t, s.get(link), "https://dwn.example/", "A coalition of **many**.", "Se mudaron.")
	wantWords(t, c.get("/admin/corrections"), "None are waiting.")
	wantStatus(t, s.post(link, nil), http.StatusOK)
	wantWords(t, s.get(link), "Gracias")

	wantWords(t, c.get("/admin"), "An organisation wants its entry corrected")
	list := c.get("/admin/corrections")
	one := "/admin/corrections/" + s.between(list, `href="/admin/corrections/`, `"`)
	wantWords(t, c.get(one), "ana@dwn.example", "The mailbox is proved.", "Se mudaron.", "<ins>", "**many**")
	w = c.post(one, url.Values{"do": {"accept"}})
	wantStatus(t, w, http.StatusSeeOther)
	wantWords(t, c.get(w.Header().Get("Location")), "It is a draft now.", "A coalition of **many**.", `value="https://dwn.example/"`)
	// Pressed twice, or by two.
	for _, do := range []string{"accept", "decline"} {
		again := c.post(one, url.Values{"do": {do}})
		wantStatus(t, again, http.StatusSeeOther)
		wantWords(t, c.get(again.Header().Get("Location")), "Nothing was left to do")
	}
	s.tick()
	if w := s.get("/organizations/dwn"); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	wantStatus(t, s.get("/organizations/nobody/correct"), http.StatusNotFound)
}

// Somebody is writing the entry when its organisation corrects it: whoever accepts sees both, and chooses.
func TestWhoAcceptsACorrectionSeesTheDraftThatSaysOtherwise(t *testing.T) {
	s := newSite(t)
	c, other := s.hire(undersigned.RoleEditor, "bo@staff.example"), s.hire(undersigned.RoleEditor, "bea@staff.example")
	const path = "/organizations/dwn/correct"
	form := url.Values{formTokenField: {s.between(s.get(path), `name="form_token" value="`, `"`)}, "name": {"Detention Watch Network"}, "url": {"https://dwn.example/"},
		"phone": {"1-800-555-0100"}, "body": {"A coalition of **many**."}, "sender": {"ana@dwn.example"}}
	wantStatus(t, s.post(path, form), http.StatusSeeOther)
	wantStatus(t, s.post(s.link(), nil), http.StatusOK)
	one := "/admin/corrections/" + s.between(c.get("/admin/corrections"), `href="/admin/corrections/`, `"`)
	if strings.Contains(c.get(one).Body.String(), "to that draft") {
		t.Error("there is no draft yet")
	}
	entry := "/admin/issues/shelter/organization/dwn"
	wantStatus(t, other.post(entry, typed(filled(t, other.get(entry)), "save", "short", "DWN", "body", "A coalition of few.")), http.StatusSeeOther)
	wantWords(t, c.get(one), "to that draft", "few", "**many**", `href="`+entry+`"`)

	w := c.post(one, url.Values{"do": {"accept"}})
	wantStatus(t, w, http.StatusConflict)
	wantWords(t, w, "Nothing was saved yet", "bea@staff.example", "few", "**many**", "The organisation's", `value="1-800-555-0100"`, `value="DWN"`)
	wantWords(t, c.get("/admin"), "An organisation wants its entry corrected")
	both := filled(t, w)
	// The buttons that save nothing keep it in mind.
	w = c.post(entry, typed(both, "preview"))
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, `name="correction" value="`+both.Get("correction")+`"`)
	wantStatus(t, c.post(entry, typed(both, "save", "take.body", "theirs")), http.StatusSeeOther)
	wantWords(t, c.get(entry), "A coalition of few.", `value="1-800-555-0100"`, `value="DWN"`)
	wantWords(t, c.get("/admin/corrections"), "None are waiting.")
}

func TestWhoCorrectsARegionCorrectsTheWordThatTheFormShows(t *testing.T) {
	content := sampleContent()
	for lang, region := range map[string]string{"en": "New England", "es": "Nueva Inglaterra"} {
		text := content.Organizations[0].Texts[lang]
		text.Region = region
		content.Organizations[0].Texts[lang] = text
	}
	l := listing{Organization: &content.Organizations[0], content: content}
	for lang, want := range map[string][2]string{"en": {"New England", "region"}, "es": {"Nueva Inglaterra", "es:region"}, "pt": {"New England", "region"}} {
		form := newCorrect(testViews(t).chrome(lang, "https://example.org", "/"), l, "token")
		if shown, field := form.Inputs[1].Value, correctedField(l, "region", lang); shown != want[0] || field != want[1] {
			t.Errorf("%s: the form shows %s and corrects %s", lang, shown, field)
		}
	}
}
