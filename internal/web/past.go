package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
)

// dated serves a public page from its ready bytes, and the same page for another day where the query names one.
func (s *Server) dated(today http.Handler) http.Handler {
	past := s.handle(s.past)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" && r.URL.Query().Has("on") {
			past.ServeHTTP(w, r)
			return
		}
		today.ServeHTTP(w, r)
	})
}

// past shows how an issue's asks stood on a day. There are more days than ready bytes could hold; nobody needs to find
// them by searching.
func (s *Server) past(v *visit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	content, err := findIssue(site, r)
	if err != nil {
		return err
	}
	day, err := undersigned.ParseDay(r.URL.Query().Get("on"))
	if err != nil || day < "1789-03-04" || day > "2199-12-31" {
		return undersigned.Fail(undersigned.Invalid, "error.day")
	}
	v.Header().Set("X-Robots-Tag", "noindex")
	return s.show(v, http.StatusOK, "past", newPast(s.chrome(v), content, day, s.now()))
}
