package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
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
