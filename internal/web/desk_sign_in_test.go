package web

import (
	"net/http"
	"testing"

	"github.com/undersigned/undersigned"
)

// Whoever shows who they are, or signs in, comes back to what they wanted to see, not only to its page.
func TestSigningInLeadsBackToWhatWasAskedFor(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	const page = "/admin/exports/signatures?ask=equality&issue=shelter"
	s.pass(undersigned.SessionProof)
	w := c.get(page)
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, `href="`+page+`"`)
	to := s.get(page).Header().Get("Location")
	wantWords(t, s.get(to), `"`+page+`"`)
	if got := c.get(to).Header().Get("Location"); got != page {
		t.Errorf("signed in already: to %s", got)
	}
	for asked, want := range map[string]string{"/admin/news?x=%0d%0aSet-Cookie:y": "/admin/news?x=%0D%0ASet-Cookie%3Ay", "/admin/news?%zz": "/admin/news", "//evil.example/admin/": "/admin",
		"/admin/me#x?y=1": "/admin", "/admin/sign-in?x=1": "/admin", "https://evil.example/?/admin/": "/admin"} {
		if got := deskPath(asked); got != want {
			t.Errorf("%s leads to %s", asked, got)
		}
	}
}
