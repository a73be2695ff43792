package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func TestEntriesOfTwoIssuesUnderOneNameStandApartInTheLibrary(t *testing.T) {
	other := sampleContent()
	other.Issue.Slug = "other"
	site := &store.Site{Contents: []*undersigned.Content{sampleContent(), other}}
	groups := newLearn(testViews(t).chrome("en", "https://example.org", "/learn"), site, sampleNow).Groups
	if len(groups) != 2 || groups[0].Resources[0].ID == groups[1].Resources[0].ID {
		t.Errorf("both are found at %q", groups[0].Resources[0].ID)
	}
}

func TestNobodyIsPreparedForAnAskThatHasEnded(t *testing.T) {
	content := sampleContent()
	read := func(slug string) *readyFor {
		content.Resources[0].Prepares = slug
		site := &store.Site{Contents: []*undersigned.Content{content}}
		return newLearn(testViews(t).chrome("en", "https://example.org", "/learn"), site, sampleNow).Groups[0].Resources[0].Prepares
	}
	for slug, want := range map[string]readyFor{
		"equality": {Title: "Equality", Link: "/detention/equality"},
		"oppose":   {Title: "Equality", Link: "/detention/equality"}, // which goes on
		"ended":    {Title: "Ended", Link: "/detention/ended", Status: "Closed"},
		"paused":   {Title: "Paused", Link: "/detention/paused", Status: "Paused"},
	} {
		if got := read(slug); got == nil || got.Title != want.Title || got.Link != want.Link || got.Status != want.Status {
			t.Errorf("%s: %+v, want %+v", slug, got, want)
		}
	}
	if got := read("draft"); got != nil {
		t.Errorf("a draft is named: %+v", got)
	}
}

func TestWhatAPackSaysInNoOtherLanguageIsMarked(t *testing.T) {
	s := newSiteOf(t, starterContent(t), &url.URL{Scheme: "https", Host: testHost})
	w := s.get("/pt" + starter + "/help")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, `rel="external noopener" lang="en" dir="ltr">EOIR case information</a>`)
	wantWords(t, s.get("/pt/organizations"), `<span lang="en" dir="ltr">New England</span>`, `<option value="New England" lang="en" dir="ltr">New England</option>`)
	wantWords(t, s.get("/pt/facts/people-held"), `<dd lang="en" dir="ltr">Public domain`)
}
