package web

import (
	"context"
	"net/http"

	"github.com/undersigned/undersigned"
)

// maxDirectoryPages is how many choices of several things at once are kept, at most, in one language.
const maxDirectoryPages = 256

// organizations is the directory, or what of it the address asks for: a ready page. Of a large directory whose choices are
// too many to keep them all, the whole and each single choice are.
func (s *Server) organizations(v *visit, r *http.Request) error {
	if r.URL.RawQuery == "" {
		return s.keepDirectory(v, r, filter{})
	}
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	list := directory(site)
	f, unknown := readFilter(list, r.URL.Query())
	set := 0
	for _, field := range filterFields {
		if f.get(field) != "" {
			set++
		}
	}
	if unknown || set > 1 && choices(list) > maxDirectoryPages {
		return s.show(v, http.StatusOK, "organizations", newDirectory(s.chrome(v).chosen(f.query()), list, f, unknown))
	}
	return s.keepDirectory(v, r, f)
}

func (s *Server) keepDirectory(v *visit, r *http.Request, f filter) error {
	name := v.path
	if query := f.query(); query != "" {
		name += "?" + query
	}
	return s.keep(v, r, name, func(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
		site, err := s.db.Site(ctx)
		if err != nil {
			return nil, err
		}
		return s.html("organizations", newDirectory(s.chrome(v).chosen(f.query()), directory(site), f, false))
	})
}

// chosen keeps what was chosen in the links to the same page in other languages. Search engines know the whole page.
func (c chrome) chosen(query string) chrome {
	if query == "" {
		return c
	}
	c = c.private()
	for i := range c.Languages {
		c.Languages[i].Link += "?" + query
	}
	return c
}

func (s *Server) organization(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range directory(site) {
		if l.Slug == r.PathValue("organization") {
			return s.html("organization", newOrganizationPage(s.chrome(v), l))
		}
	}
	return nil, undersigned.Fail(undersigned.NotFound, "")
}
