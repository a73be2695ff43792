package web

import (
	"net/http"
	"net/url"
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
