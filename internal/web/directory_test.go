package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// directorySite is a site with four organisations, known to one issue.
func directorySite(t *testing.T) *testSite {
	content := testContent()
	words := map[string]undersigned.OrganizationText{"en": {Body: "Words of it."}}
	content.Organizations = []undersigned.Organization{
		{Slug: "north", Name: "North", Region: "New England", Languages: []string{"en", "es"}, Kind: undersigned.LegalHelp, AsOf: "2026-11-22", Order: 1, Texts: words},
		{Slug: "south", Name: "South", Region: "Texas & Gulf", Languages: []string{"es"}, Kind: undersigned.LegalHelp, AsOf: "2026-11-22", Order: 2, Texts: words},
		{Slug: "east", Name: "East", Region: "New England", Languages: []string{"ht"}, Kind: undersigned.Research, AsOf: "2026-11-22", Order: 3, Texts: words,
			FormerNames: []undersigned.FormerName{{Name: "Orient", Until: "2024-01-15"}}, Phone: "1-617-555-0100", Email: "hello@east.example", Address: "1 Street\nBoston"},
		{Slug: "west", Name: "West", AsOf: "2026-11-22", Order: 4, Texts: words},
	}
	content.Issue.Contact = "editor@cause.example"
	return newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
}

func TestDirectoryIsChosenFromWithoutAScript(t *testing.T) {
	s := directorySite(t)
	for query, want := range map[string]string{
		"":                         "North South East West",
		"?region=&language=&kind=": "North South East West",
		"?region=New+England":      "North East",
		"?region=Texas+%26+Gulf":   "South",
		"?language=es":             "North South",
		"?kind=legal&language=es&region=New+England":           "North",
		"?kind=research&language=es":                           "",
		"?region=Atlantis":                                     "North South East West",
		"?region=Atlantis&kind=legal":                          "North South",
		"?region=%00%ff&language=" + strings.Repeat("x", 5000): "North South East West",
		"?unheard=of":                                          "North South East West",
	} {
		w := s.get("/es/organizations" + query)
		wantStatus(t, w, http.StatusOK)
		var shown []string
		for _, name := range []string{"North", "South", "East", "West"} {
			if strings.Contains(w.Body.String(), `<article class="card" id="organization-`+strings.ToLower(name)+`"`) {
				shown = append(shown, name)
			}
		}
		if got := strings.Join(shown, " "); got != want {
			t.Errorf("%s shows %q, want %q", query, got, want)
		}
		if strings.Contains(query, "Atlantis") {
			wantWords(t, w, "esa parte se dejó fuera")
		}
	}
	wantWords(t, s.get("/organizations?kind=legal&language=es&region=New+England"), "1 of 4 organizations", `<option value="legal" selected>Legal help`)
}

// made tells how many pages are made while something is done.
func (s *testSite) made(do func()) int64 {
	before := s.ready.made.Load()
	do()
	return s.ready.made.Load() - before
}

func TestDirectoryKeepsAPageForEachChoiceAndNoneForWhatNobodyIs(t *testing.T) {
	s := directorySite(t)
	choose := func(queries ...string) {
		for _, query := range queries {
			wantStatus(t, s.get("/organizations"+query), http.StatusOK)
		}
	}
	if n := s.made(func() {
		choose("", "?region=New+England", "?region=New+England&language=es", "?kind=research&language=ht")
	}); n != 4 {
		t.Errorf("%d pages are made of 4 choices", n)
	}
	kept := s.ready.len()
	if n := s.made(func() {
		for i := range 100 {
			choose(fmt.Sprintf("?region=r%d&x=%d", i, i), "?region=New+England&language=es", "?language=es&kind=&region=New+England",
				fmt.Sprintf("?region=New+England&x=%d", i))
		}
	}); n != 0 || s.ready.len() != kept {
		t.Errorf("%d more pages are made, %d kept, before there were %d", n, s.ready.len(), kept)
	}
}

func TestDirectoryOfVeryManyChoicesKeepsSingleOnes(t *testing.T) {
	content := testContent()
	for i := range 20 {
		content.Organizations = append(content.Organizations, undersigned.Organization{Slug: fmt.Sprintf("o%d", i), Name: "O", AsOf: "2026-11-22", Order: i + 9,
			Kind: undersigned.LegalHelp, Region: fmt.Sprintf("r%d", i), Languages: []string{fmt.Sprintf("a%c", 'a'+i)},
			Texts: map[string]undersigned.OrganizationText{"en": {Body: "Words."}}})
	}
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	for query, want := range map[string]int64{"": 1, "?region=r7": 1, "?region=r7&language=ah": 0, "?kind=legal&language=ah&region=r7": 0} {
		if n := s.made(func() { wantWords(t, s.get("/organizations"+query), "organization-o7") }); n != want {
			t.Errorf("%q: %d pages are kept, want %d", query, n, want)
		}
	}
}

func TestOrganizationHasAPage(t *testing.T) {
	s := directorySite(t)
	w := s.get("/organizations/east")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "Formerly Orient, until January 15, 2024.", "tel:+16175550100", "mailto:hello@east.example", "1 Street\nBoston", "Haitian Creole",
		"Not verified with the organization itself yet.", `href="/shelter"`,
		"mailto:editor@cause.example?subject=Correction:%20East&body=https:%2F%2Fcause.example%2Forganizations%2Feast")
	wantWords(t, s.get("/es/organizations/east"), "Antes: Orient", "criollo haitiano")
	wantStatus(t, s.get("/organizations/nobody"), http.StatusNotFound)
	wantStatus(t, s.get("/organizations/"+strings.Repeat("x", 3000)), http.StatusNotFound)
}

func TestOrganizationOfTwoIssuesIsOne(t *testing.T) {
	cause := func(slug, asOf, body string) *undersigned.Content {
		return &undersigned.Content{Issue: undersigned.Issue{Slug: slug, Languages: []string{"en"}},
			Organizations: []undersigned.Organization{{Slug: "dwn", Name: "DWN", AsOf: undersigned.Day(asOf),
				Texts: map[string]undersigned.OrganizationText{"en": {Body: body}}}}}
	}
	list := directory(&store.Site{Contents: []*undersigned.Content{cause("a", "2025-01-01", "old"), cause("b", "2026-01-01", "new")}})
	if len(list) != 1 || len(list[0].causes) != 2 || list[0].Texts["en"].Body != "new" {
		t.Errorf("the directory is %+v", list)
	}
}
