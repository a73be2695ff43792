package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
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

// siteIndex is the index of a site in one language, as it stands for a day: entries, events and members of Congress that the
// clock alone brings or takes are found, or found no more, from the next day on.
type siteIndex struct {
	findable
	things []thing // beside the entries of the index
	*search.Index
}

// findable is all that readers can find.
type findable struct {
	site    *store.Site
	now     time.Time
	table   *congress.Table
	events  []undersigned.Event
	answers []undersigned.Answer
	past    []undersigned.Legislator      // to whose offices something was handed over
	texts   map[string][]store.ActionText // of each petition and pledge, by pid, the last one first
}

// index gives the index of the site as it stands. Whoever comes while it is made waits for it. A signature changes nothing
// that it holds.
func (s *Server) index(ctx context.Context, c chrome, site *store.Site) (*siteIndex, error) {
	s.indexes.mu.Lock()
	defer s.indexes.mu.Unlock()
	x, f := s.indexes.of[c.Lang()], findable{site: site, now: s.now(), table: s.congress.Table()}
	if x != nil && x.site.Revision >= site.Revision && x.day() == f.day() && x.table == f.table {
		return x, nil
	}
	if err := s.db.View(ctx, f.read); err != nil {
		return nil, fmt.Errorf("read what can be found: %w", err)
	}
	x = newSiteIndex(c, f)
	s.indexes.of[c.Lang()] = x
	return x, nil
}

func newSiteIndex(c chrome, f findable) *siteIndex {
	things := newThings(c, f)
	return &siteIndex{findable: f, things: things, Index: search.New(entriesOf(things))}
}

// day is the one that an index is for, in Washington.
func (f *findable) day() undersigned.Day { return dayIn(f.now, undersigned.Eastern) }

// until is its end: another node's clock may be ahead of ours.
func (f *findable) until() time.Time { return f.day().End(undersigned.Eastern) }

// read reads what is not in the site.
func (f *findable) read(tx *store.Tx) (err error) {
	if f.events, err = tx.Events("", f.until(), maxEvents); err != nil {
		return err
	}
	if f.answers, err = tx.Answers(); err != nil {
		return err
	}
	if f.past, err = tx.OfficesHandedOver(); err != nil {
		return err
	}
	f.texts = map[string][]store.ActionText{}
	for _, content := range f.site.Contents {
		for i := range content.Actions {
			if a := &content.Actions[i]; a.Kind.Signable() && a.PID != "" {
				if f.texts[a.PID], err = tx.ActionVersions(a.PID); err != nil {
					return err
				}
			}
		}
	}
	return nil
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
		x, err := s.index(r.Context(), s.views.chrome(v.lang, s.baseURL, "/"), site)
		if err != nil {
			return err
		}
		page.find(x, s.now())
	}
	return s.show(v, http.StatusOK, "search", page)
}
