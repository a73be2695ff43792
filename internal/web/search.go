package web

import (
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/undersigned/undersigned/internal/search"
	"github.com/undersigned/undersigned/internal/store"
)

// maxQuery is the longest query, in characters.
const maxQuery = 200

// indexes are what readers search in, one for each language: made when somebody first searches after a change.
type indexes struct {
	mu sync.Mutex
	of map[string]*siteIndex
}

// siteIndex is the index of a site in one language.
type siteIndex struct {
	site   *store.Site
	things []thing // beside the entries of the index
	*search.Index
}

// index gives the index of the site as it stands. Whoever comes while it is made waits for it.
func (s *Server) index(c chrome, site *store.Site) *siteIndex {
	s.indexes.mu.Lock()
	defer s.indexes.mu.Unlock()
	x := s.indexes.of[c.Lang()]
	if x == nil || x.site.Revision < site.Revision {
		things := newThings(c, site)
		x = &siteIndex{site: site, things: things, Index: search.New(entriesOf(things))}
		s.indexes.of[c.Lang()] = x
	}
	return x
}

// search answers with what was found. What somebody looks for is in the address, which nobody logs, and the page is kept
// nowhere.
func (s *Server) search(v *visit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	typed := strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(asked.Get("q"), "\x00", " "), " ")), " ")
	c := s.chrome(v).private()
	page := newSearch(c, typed, asked.Has("q"))
	if utf8.RuneCountInString(typed) > maxQuery {
		page.Error = c.T("search.long", "max", maxQuery)
		return s.show(v, http.StatusUnprocessableEntity, "search", page)
	}
	if typed != "" {
		for i := range page.Languages {
			page.Languages[i].Link += "?" + asked.Encode()
		}
		x := s.index(s.views.chrome(v.lang, s.baseURL, "/"), site)
		page.find(x, s.now())
	}
	return s.show(v, http.StatusOK, "search", page)
}
