package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

func TestBadNameOfOnesOwnIsToldBesideItsFieldAndKept(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleCoordinator, "bo@staff.example")
	long := strings.Repeat("Bo ", 60)
	w := c.post("/es/admin/me", url.Values{"name": {long}, "language": {"pt"}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, `value="`+long+`"`, `aria-invalid="true"`, `id="name-error"`, `<option value="pt" selected>`, "bo@staff.example")
	wantStatus(t, c.post("/admin/me", url.Values{"name": {"Bo\x00"}, "language": {"pt"}}), http.StatusUnprocessableEntity)
	wantStatus(t, c.post("/admin/me", url.Values{"name": {"Bo"}, "language": {"pt"}}), http.StatusSeeOther)
}

// A line about one of the staff shows a name where the row has an id.
func TestAuditLogFindsStaffByWhatItCallsThem(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantStatus(t, c.post("/admin/users", url.Values{"email": {"bo@staff.example"}, "name": {"Bo Diaz"}, "role": {"editor"}}), http.StatusSeeOther)
	bo, err := s.actions.UserByEmail(t.Context(), "bo@staff.example")
	s.must(err)
	for _, subject := range []string{"Bo Diaz", " bo ", "BO@staff.example", action.UserName(bo.ID)} {
		query := "subject=" + url.QueryEscape(subject)
		wantWords(t, c.get("/admin/audit?"+query), "<td>Bo Diaz <")
		w := c.post("/admin/exports/audit", url.Values{"subject": {subject}, "reason": {"For the auditor."}})
		if text := w.Body.String(); !strings.Contains(text, "user_added,"+action.UserName(bo.ID)) || strings.Contains(text, "exported") {
			t.Errorf("%s: %s", subject, text)
		}
	}
	wantWords(t, c.get("/admin/audit?subject=bob"), "There are no such lines.")
}

func TestTextThatIsGivenBackIsCalledAsItsFieldWas(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleCoordinator, "bo@staff.example")
	long := strings.Repeat("A long text. ", 20)
	for _, test := range []struct{ path, name, label string }{
		{"/es/admin/issues/shelter/action/equality", "es:body", "Por qué (español)"},
		{"/es/admin/issues/shelter/new/organization", "campaigns[2].body", "Qué es 2"},
		{"/es/admin/issues/new", "summary", "En una frase"},
		{"/es/admin/issues/action/organization/dwn", "address", "Dirección"},
		{"/es/admin/news", "body_pt", "Texto (portugués)"},
		{"/es/admin/exports/audit", "reason", "Por qué"},
		{"/es/admin/exports/audit", "<script>", "Texto"},
	} {
		form := url.Values{test.name: {long}}
		refused := c.post(test.path, form)
		wantStatus(t, refused, http.StatusForbidden)
		wantWords(t, refused, `">`+test.label+"</label>")
		held := s.post(test.path, form)
		wantStatus(t, held, http.StatusUnauthorized)
		wantWords(t, held, `">`+test.label+"</label>")
	}
}
