package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/undersigned/undersigned"
)

// sheets answers with the sheet that is the same to everyone or, where the query says where its readers live or in which
// other language they want it, with one made for them.
func (s *Server) sheets(all http.Handler) http.Handler {
	own := s.personal(s.ownSheet)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); r.URL.RawQuery != "" && (tellsPlace(query) || query.Has("with")) {
			own.ServeHTTP(w, r)
			return
		}
		all.ServeHTTP(w, r)
	})
}

func (s *Server) sheet(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	content, err := findIssue(site, r)
	if err != nil {
		return nil, err
	}
	page, err := newSheet(s.chrome(v), s.otherChrome(v, content, ""), content, s.nowhereTold())
	if err != nil {
		return nil, err
	}
	return s.html("sheet", page)
}

// ownSheet is the sheet with the numbers of those who represent a ZIP code.
func (s *Server) ownSheet(v *visit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	content, err := findIssue(site, r)
	if err != nil {
		return err
	}
	p, err := s.place(r)
	if err != nil {
		return err
	}
	page, err := newSheet(s.placeChrome(v, r), s.otherChrome(v, content, r.URL.Query().Get("with")), content, p)
	if err != nil {
		return err
	}
	return s.showPlace(v, p, "sheet", page)
}

// otherChrome speaks the second language of a sheet: the one that is wanted, else the first of the issue's in which the page
// does not have its words already.
func (s *Server) otherChrome(v *visit, content *undersigned.Content, wanted string) *chrome {
	_, shown := content.Issue.Text(v.lang)
	others := slices.DeleteFunc(slices.Clone(content.Issue.Languages), func(lang string) bool { return lang == shown })
	for _, lang := range slices.Concat([]string{wanted}, others, content.Issue.Languages) {
		if lang != v.lang && s.catalogue.Has(lang) {
			c := s.views.chrome(lang, s.baseURL, v.path)
			return &c
		}
	}
	return nil
}
