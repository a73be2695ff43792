package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

// found saves what was found of a link on the following days.
func (s *testSite) found(url string, findings ...undersigned.Finding) {
	s.t.Helper()
	for _, f := range findings {
		s.must(s.actions.SaveLooks(s.t.Context(), []undersigned.Look{{URL: url, At: s.now(), Finding: f}}))
		s.must(s.actions.NoticeAsks(s.t.Context()))
		s.pass(24 * time.Hour)
	}
	s.tick()
}

func TestReadersSeeWhatIsKnownOfALink(t *testing.T) {
	const film, pledge = "https://films.example/lost", "https://other.example/pledge"
	content := testContent()
	content.Resources[0].Links = []undersigned.ResourceLink{{URL: film, Archived: "https://archive.example/lost"}}
	content.Actions = append(content.Actions, undersigned.Action{Issue: "shelter", Slug: "theirs", Kind: undersigned.Elsewhere, State: undersigned.ActionOpen,
		Order: 9, URL: pledge, Owner: "Somebody", Texts: content.Actions[0].Texts})
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	wantWords(t, s.get("/learn"), "Link not checked yet.")

	s.found(film, undersigned.FoundWorking)
	wantWords(t, s.get("/learn"), "Last seen to work on November 22, 2026.")
	if page := s.get("/learn").Body.String(); strings.Contains(page, "archive.example") {
		t.Error("a copy is offered beside a link that works")
	}
	s.found(film, undersigned.FoundNothing)
	wantWords(t, s.get("/learn"), "Did not answer when we last looked, on November 23, 2026. We will look again. It last worked on November 22, 2026.")
	s.found(film, undersigned.FoundNothing, undersigned.FoundNothing)
	wantWords(t, s.get("/learn"), "This link has been failing since November 23, 2026. It last worked on November 22, 2026.",
		`<a href="https://archive.example/lost" rel="external noopener">An archived copy</a>`)
	wantWords(t, s.get("/es/learn"), "Este enlace no funciona desde el 23 de noviembre de 2026.", "Una copia archivada")
	wantWords(t, s.get("/diary"), "Lost in Detention</a>: <span>Its link no longer answers")

	wantWords(t, s.get("/shelter/theirs"), `class="button" href="`+pledge+`"`)
	s.found(pledge, undersigned.FoundFrontPage)
	wantWords(t, s.get("/shelter/theirs"), "On November 26, 2026 it led to the other site's front page: what we mean may not be there any more.")
	s.found(pledge, undersigned.FoundWorking)
	s.found(pledge, undersigned.FoundNoHost, undersigned.FoundNothing, undersigned.FoundNoAnswer)
	w := s.get("/shelter/theirs")
	wantStatus(t, w, http.StatusOK)
	wantWords(t, w, "Paused", "We have not found its page on the other site since November 28, 2026. When it is back, we will ask for this again.")
	if strings.Contains(w.Body.String(), `href="`+pledge+`"`) {
		t.Error("a page that has vanished is still asked for")
	}
	wantWords(t, s.get("/diary"), "Paused: its page on the other site is not to be found any more")
	s.found(pledge, undersigned.FoundWorking)
	wantWords(t, s.get("/shelter/theirs"), `class="button" href="`+pledge+`"`)
}
