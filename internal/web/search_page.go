package web

import (
	"time"

	"github.com/undersigned/undersigned/internal/search"
)

// searchView is the form to search with, and what was found.
type searchView struct {
	chrome
	Query string
	Error string // what is wrong with the query
	Says  string // how much was found
	Hits  []searchHit
	More  string // how much more there is
}

type searchHit struct {
	Kind   string
	Status string // of an ask that is not open
	Link   string
	Title  []search.Span
	Text   []search.Span
	// Lang is the title's language, TextLang the text's, where that is not the page's.
	Lang, TextLang string
}

// mostHits is how many hits a page shows.
const mostHits = 20

// newSearch is the form, filled in with what was typed.
func newSearch(c chrome, typed string, asked bool) searchView {
	v := searchView{chrome: c.titled(c.T("search.title"), c.T("search.lead")), Query: typed}
	if asked && typed == "" {
		v.Error = c.T("search.empty")
	}
	return v
}

func (v *searchView) find(x *siteIndex, now time.Time) {
	v.Title = v.T("search.title_of", "query", v.Query)
	f := x.Find(v.Query, mostHits)
	switch {
	case f.Terms == 0:
		v.Error = v.T("search.no_words")
		return
	case f.Total == 0:
		v.Says = v.T("search.none")
		return
	case f.All:
		v.Says = v.N("search.found", f.Total)
	default:
		v.Says = v.N("search.found_some", f.Total)
	}
	for _, h := range f.Hits {
		t := x.things[h.Entry]
		hit := searchHit{Kind: t.kind, Link: t.link, Lang: t.lang, TextLang: t.textLang, Title: h.Title, Text: h.Text}
		if t.action != nil {
			if status := newStatus(v.chrome, t.content, t.action, now); !status.Open {
				hit.Status = status.Label
			}
		}
		v.Hits = append(v.Hits, hit)
	}
	if f.Total > len(f.Hits) {
		v.More = v.N("search.more", f.Total-len(f.Hits))
	}
}
